"""What `hdl/harness/signature.py` and `lfsr.py` compute, in plain Python."""

from hdl.harness.lfsr import AGAIN, LEFT, MASK, RIGHT
from hdl.harness.signature import SIGNATURE_BITS, TAPS

WORD = (1 << SIGNATURE_BITS) - 1


def first_draw(seed: int, salt: int) -> int:
    """The draw that follows a reset."""
    return seed ^ salt or salt | 1


def next_draw(draw: int) -> int:
    """The draw after this one."""
    draw ^= draw << LEFT & MASK
    draw ^= draw >> RIGHT
    return draw ^ draw << AGAIN & MASK


def folded(pins: int) -> int:
    """All 32-bit words of `pins`, XORed."""
    total = 0
    while pins:
        total ^= pins & WORD
        pins >>= SIGNATURE_BITS
    return total


def turned(value: int) -> int:
    """32 bits turned left by one."""
    return (value << 1 & WORD) | value >> SIGNATURE_BITS - 1


def advanced(value: int) -> int:
    """The signature after a cycle in which all pins were low."""
    return value << 1 & WORD ^ (value >> SIGNATURE_BITS - 1) * (TAPS | 1)


def next_signature(value: int, pins: int) -> int:
    """The signature after a cycle in which the pins showed this."""
    return advanced(value) ^ folded(pins)
