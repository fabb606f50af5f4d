"""The work of one operator: what a chip is asked to multiply and to move. Models count it, chips are timed with it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Work:
    """One operator of a step: C[m,n] = A[m,k] . B[n,k], as often as the operator needs it.

    op               : what is done, by the checkpoint's name of the weights where there are some
    m, n, k          : the shape of one product; k is 0 where nothing is multiplied along k, and C is then [m,n] alone
    formats          : of A and of B: activations and weights, or activations and what the session keeps
    flops            : additions, multiplications, divisions, exponentials and roots, of all products together
    weight_bytes     : of weights, each read once
    kv_bytes         : of what a session keeps (keys, values, recurrent state), read and written
    activation_bytes : of what comes in and goes out, each once: nothing is fused with its neighbour
    link_bytes       : to and from other chips
    """

    op: str
    m: int
    n: int
    k: int
    formats: tuple[str, str]
    flops: int
    weight_bytes: float
    kv_bytes: float
    activation_bytes: float
    link_bytes: float

    @property
    def memory_bytes(self) -> float:
        """What crosses the memory's pins."""
        return self.weight_bytes + self.kv_bytes + self.activation_bytes

    @property
    def flops_per_byte(self) -> float:
        """Operations for each byte of memory; 0 for a pure copy, and for what moves nothing."""
        return self.flops / self.memory_bytes if self.memory_bytes else 0.0
