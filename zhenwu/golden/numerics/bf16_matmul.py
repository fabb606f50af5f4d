"""BF16 in the tile: groups of eight products, aligned to the largest, cut short, added, and rounded once.

    e_i = ea_i + eb_i       E = the largest e_i of a nonzero product
    q_i = p_i * 2^(24 - E), cut toward zero                      p_i the exact product
    t   = RNE_f32((q_1 + ... + q_8) * 2^(E - 24))                the sum fits 30 bits
    acc = RNE_f32(acc + t)                                       group by group in ascending k, acc from +0

The exponents are those of the fields, not of normalised numbers. Real tensor cores align and cut in this manner, each
family with its own count of bits (arXiv:2511.10909).
"""

import numpy as np
from numpy.typing import NDArray

from zhenwu.golden.arguments import require_dtype
from zhenwu.golden.numerics.bf16 import bf16_decode
from zhenwu.spec.formats import BF16, BF16_ALIGNED_BITS, BF16_GROUP, CANONICAL_NAN

NO_EXPONENT = -(1 << 12)  # of a zero: below every exponent that a product can have


def bf16_matmul(a: NDArray[np.uint16], b: NDArray[np.uint16]) -> NDArray[np.uint32]:
    """A times B transposed: codes uint16[m, k] and uint16[n, k] -> float32 bits uint32[m, n], exact by the definition.

    k is filled up with +0 to whole groups. No nonzero product: t = +0. A NaN, infinity times zero, and infinities of
    both signs in one sum give CANONICAL_NAN; another infinity gives infinity. TypeError for another dtype, ValueError
    for shapes that do not fit. Source: our definition.
    """
    for name, codes in (("a", a), ("b", b)):
        if require_dtype(name, codes, np.uint16).ndim != 2:
            raise ValueError(f"{name} has shape {codes.shape}: expected (rows, k)")
    if a.shape[1] != b.shape[1]:
        raise ValueError(f"a has k = {a.shape[1]} but b has k = {b.shape[1]}: expected the same")
    a, b = (np.pad(codes, [(0, 0), (0, -codes.shape[1] % BF16_GROUP)]) for codes in (a, b))

    total = np.zeros((len(a), len(b)), np.float32)  # (m, n)
    for start in range(0, a.shape[1], BF16_GROUP):
        term = group_term(a[:, None, start : start + BF16_GROUP], b[None, :, start : start + BF16_GROUP])
        with np.errstate(over="ignore", invalid="ignore"):
            total = total + term
    return np.where(np.isnan(total), np.uint32(CANONICAL_NAN), total.view(np.uint32))


def group_term(a: NDArray[np.uint16], b: NDArray[np.uint16]) -> NDArray[np.float32]:
    """t of each group: codes uint16[..., 8] each, broadcast -> float32[...]; any NaN may come out for NaN."""
    a_exponent, a_significand = unpack(a)
    b_exponent, b_significand = unpack(b)
    product = a_significand * b_significand  # an integer in units of 2^(e - 14)
    exponent = np.where(product == 0, NO_EXPONENT, a_exponent + b_exponent)
    largest = exponent.max(axis=-1, keepdims=True)
    shift = BF16_ALIGNED_BITS - 2 * BF16.mantissa_bits + exponent - largest  # 10 at most
    magnitude = np.abs(product) << np.maximum(shift, 0) >> np.minimum(np.maximum(-shift, 0), 63)
    total = np.where(product < 0, -magnitude, magnitude).sum(axis=-1)
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        term = np.ldexp(total.astype(np.float64), largest[..., 0] - BF16_ALIGNED_BITS).astype(np.float32)
        # Where an operand is no finite number, IEEE 754 has the answer, and finite products do not change it.
        x, y = bf16_decode(a), bf16_decode(b)
        special = ~(np.isfinite(x) & np.isfinite(y))
        infinite = np.where(special, x * y, np.float32(0)).sum(axis=-1)
    return np.where(special.any(axis=-1), infinite, term)


def unpack(codes: NDArray[np.uint16]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(exponent, significand) of each code: value = significand * 2^(exponent - 7), |significand| < 2^8."""
    bits = codes.astype(np.int64)
    field = (bits >> BF16.mantissa_bits) & ((1 << BF16.exponent_bits) - 1)
    fraction = bits & ((1 << BF16.mantissa_bits) - 1)
    significand = np.where(field == 0, fraction, fraction + (1 << BF16.mantissa_bits))
    return np.maximum(field, 1) - BF16.bias, np.where(bits >> BF16.magnitude_bits, -significand, significand)
