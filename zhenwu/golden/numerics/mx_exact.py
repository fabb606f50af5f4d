"""The matrix product of MX operands, "MX-exact": every bit of it defined, for each pair of elements.

Per output and per block b of 32, in ascending k:

    t_b = RNE_f32(D_b * 2^(sa_b + sb_b - 254))        acc = RNE_f32(acc + t_b), acc from +0

D_b is the exact dot product of the elements. Scale first, then round once. `golden.tile.matmul` has the same for the
tile's own format in integers; `grid_matmul` is the fast twin.
"""

import numpy as np
from numpy.typing import NDArray

from zhenwu.golden.arguments import require_dtype
from zhenwu.golden.numerics.element import element_decode
from zhenwu.spec.formats import BLOCK_SIZE, CANONICAL_NAN, E2M1, E4M3, E5M2, E8M0_BIAS, E8M0_NAN, FloatFormat


def mx_exact(
    a_codes: NDArray[np.uint8],
    a_scale: NDArray[np.uint8],
    b_codes: NDArray[np.uint8],
    b_scale: NDArray[np.uint8],
    a_element: FloatFormat = E2M1,
    b_element: FloatFormat = E2M1,
) -> NDArray[np.uint32]:
    """A times B transposed: codes uint8[m, k] and uint8[n, k], scales uint8[., k / 32] -> float32 bits uint32[m, n].

    Exact to the bit by the definition above. Subnormals are kept, overflow gives infinity, no zero is negative, and
    every NaN (a scale byte of 255, a NaN element, infinity less infinity) is CANONICAL_NAN. The elements are E2M1 or
    E4M3, each side its own. TypeError for another dtype, ValueError for shapes that do not fit, a code that is too
    wide or another element. Source: our definition, since OCP MX v1.0, section 6.1, leaves precision and order open.
    """
    a, b = operand("a", a_codes, a_scale, a_element), operand("b", b_codes, b_scale, b_element)
    if a.shape[1] != b.shape[1]:
        raise ValueError(f"a has {a.shape[1]} blocks but b has {b.shape[1]}: expected the same k")

    total = np.zeros((len(a), len(b)), np.float32)  # (m, n)
    for block in range(a.shape[1]):
        # The widest product, E4M3 by E4M3, has 37 bits and a sum of 32 of them 42: float64 holds every partial sum,
        # so BLAS may take any order.
        dot = a[:, block] @ b[:, block].T
        sa, sb = a_scale[:, None, block], b_scale[None, :, block]
        exact = np.ldexp(dot, sa.astype(np.int32) + sb - 2 * E8M0_BIAS)
        exact = np.where((sa == E8M0_NAN) | (sb == E8M0_NAN), np.nan, exact)
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):
            total = total + exact.astype(np.float32)
    return np.where(np.isnan(total), np.uint32(CANONICAL_NAN), total.view(np.uint32))


def require_exact(name: str, element: FloatFormat) -> None:
    """ValueError for an element whose products have no exact sum here."""
    if element not in (E2M1, E4M3):
        raise ValueError(
            f"{name} is {'E5M2' if element == E5M2 else element}: expected E2M1 or E4M3, for an exact sum of 32 "
            f"products takes 56 bits where E5M2 meets E4M3, and 70 where it meets itself"
        )


def operand(
    name: str, codes: NDArray[np.uint8], block_scale: NDArray[np.uint8], element: FloatFormat
) -> NDArray[np.float64]:
    """The elements by block, float64[rows, blocks, 32], once both arrays are found in order."""
    require_exact(f"{name}_element", element)
    require_dtype(f"{name}_codes", codes, np.uint8)
    require_dtype(f"{name}_scale", block_scale, np.uint8)
    if codes.ndim != 2 or codes.shape[1] % BLOCK_SIZE:
        raise ValueError(f"{name}_codes has shape {codes.shape}: expected (rows, a multiple of {BLOCK_SIZE})")
    expected = (codes.shape[0], codes.shape[1] // BLOCK_SIZE)
    if block_scale.shape != expected:
        raise ValueError(f"{name}_scale has shape {block_scale.shape}: expected {expected}")
    return element_decode(codes, element).astype(np.float64).reshape(*expected, BLOCK_SIZE)
