"""The mathematics that the tile must reach bit for bit: a matrix product of MXFP4 operands, "MX-exact", in integers.

Per output and per block b of 32, in ascending k:

    t_b = RNE_f32(D_b * 2^-2 * 2^(sa_b + sb_b - 254))        acc = RNE_f32(acc + t_b), acc from +0

D_b is the exact dot product in quarters. Scale first, then round once. The other formats have their definitions in
`golden.numerics`; `product` chooses. Chapter: a dot product that is exact.
"""

import numpy as np
from numpy.typing import NDArray

from zhenwu.golden.arguments import require_dtype
from zhenwu.golden.numerics import bf16_encode, bf16_matmul, mx_exact, mx_quantise, scale_round
from zhenwu.spec.formats import BLOCK_SIZE, CANONICAL_NAN, E2M1_HALVES, SCALE_RULES
from zhenwu.spec.mma_formats import MXFP4_MMA, MmaFormat, OperandFormat

HALVES = np.array(E2M1_HALVES, dtype=np.float32)


def mx_matmul(
    a_codes: NDArray[np.uint8], a_scale: NDArray[np.uint8], b_codes: NDArray[np.uint8], b_scale: NDArray[np.uint8]
) -> NDArray[np.uint32]:
    """A times B transposed: codes uint8[m, k] and uint8[n, k], scales uint8[., k / 32] -> float32 bits uint32[m, n].

    Exact to the bit by the definition above; every NaN is CANONICAL_NAN, and no zero is negative. k is a whole
    number of blocks. TypeError for another dtype, ValueError for another shape or a code above 15. Source: our
    definition, since OCP MX v1.0, section 6.1, leaves precision and order open.
    """
    a_halves = operand_halves("a", a_codes, a_scale)
    b_halves = operand_halves("b", b_codes, b_scale)
    if a_codes.shape[1] != b_codes.shape[1]:
        raise ValueError(f"a has k = {a_codes.shape[1]} but b has k = {b_codes.shape[1]}: expected the same")

    total = np.zeros((len(a_codes), len(b_codes)), np.float32)  # (m, n)
    for block in range(a_scale.shape[1]):
        # At most 32 products of 12 x 12: float32 holds every partial sum, so BLAS may take any order.
        dot = (a_halves[:, block] @ b_halves[:, block].T).astype(np.int32)
        term = scale_round(dot, a_scale[:, None, block], b_scale[None, :, block]).view(np.float32)
        with np.errstate(over="ignore", invalid="ignore"):
            total = total + term
    return np.where(np.isnan(total), np.uint32(CANONICAL_NAN), total.view(np.uint32))


def operand_halves(name: str, codes: NDArray[np.uint8], block_scale: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The elements in halves by block, float32[rows, blocks, 32], once both arrays are found in order."""
    require_dtype(f"{name}_codes", codes, np.uint8)
    require_dtype(f"{name}_scale", block_scale, np.uint8)
    if codes.ndim != 2 or codes.shape[1] % BLOCK_SIZE:
        raise ValueError(f"{name}_codes has shape {codes.shape}: expected (rows, a multiple of {BLOCK_SIZE})")
    expected = (codes.shape[0], codes.shape[1] // BLOCK_SIZE)
    if block_scale.shape != expected:
        raise ValueError(f"{name}_scale has shape {block_scale.shape}: expected {expected}")
    if codes.max(initial=0) >= HALVES.size:
        raise ValueError(f"{name}_codes hold {codes.max()}: expected 0 .. {HALVES.size - 1}")
    return HALVES[codes].reshape(*expected, BLOCK_SIZE)


def encode_operand(
    x: NDArray[np.float32], fmt: OperandFormat, rule: str = SCALE_RULES[0]
) -> tuple[NDArray[np.unsignedinteger], NDArray[np.uint8] | None]:
    """x float32[rows, k] in an operand's format: (codes uint8[rows, 32 * blocks], block_scale uint8[rows, blocks]).

    BF16: (uint16[rows, k], None).
    """
    if not fmt.scaled:
        return bf16_encode(x), None
    return mx_quantise(x, fmt.element, rule)


def product(
    a: tuple[NDArray[np.unsignedinteger], NDArray[np.uint8] | None],
    b: tuple[NDArray[np.unsignedinteger], NDArray[np.uint8] | None],
    fmt: MmaFormat,
) -> NDArray[np.uint32]:
    """What the tile must reach in any of its formats, from what `encode_operand` gives: float32 bits uint32[m, n]."""
    if not fmt.a.scaled:
        return bf16_matmul(a[0], b[0])
    if fmt == MXFP4_MMA:
        return mx_matmul(*a, *b)
    return mx_exact(*a, *b, fmt.a.element, fmt.b.element)
