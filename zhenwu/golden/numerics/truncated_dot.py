"""A dot product as tensor cores are said to add it up: align to the largest exponent, cut toward zero, sum, cut again.

    products ──┐
               ├──> align to the largest exponent ──> cut at F bits ──> exact sum ──> cut at R bits ──> c
    c ─────────┘                                                                                       │
    └──────────────────────────────────────────────────────────────────────────────────────────────────┘

A model of what two studies found in NVIDIA's chips (arXiv:2511.10909, arXiv:2512.07004; the sizes stand in
`zhenwu/spec/tensor_cores.py`); no chip was run against it. `bf16_matmul`, the rule of our own tile for BF16, is of the
same family. It differs in one thing: c stays outside, and takes each group's sum by a float32 addition that rounds.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from zhenwu.golden.arguments import require_dtype
from zhenwu.golden.numerics.lane_dot import unpack
from zhenwu.spec.formats import E2M1_HALVES, E8M0_BIAS, E8M0_NAN, FLOAT32, PRODUCT_UNIT_EXPONENT, FloatFormat
from zhenwu.spec.tensor_cores import TensorCore

LOWEST = -(1 << 12)  # the exponent of a zero: below every other
SMALLEST_NORMAL = 1 - FLOAT32.bias


def truncated_dot(
    a: NDArray[np.unsignedinteger], b: NDArray[np.unsignedinteger], core: TensorCore
) -> NDArray[np.float32]:
    """c after each group: codes uint[..., k] of `core.element`, broadcast -> float32[..., k / group], from c = +0.

    The last along the last axis is the dot product; k is filled up with +0 to whole groups. Exponents are those of the
    fields, as `lane_dot` has them: a product of 1.5 by 1.5 has the exponent 0. A zero aligns nothing, and no zero that
    comes out is negative. The model knows finite numbers only: NaN, infinity and a sum beyond float32 raise ValueError.
    Error: each term and c lose less than one unit of the last aligned bit, toward zero, and what leaves less than one
    of the last bit that is kept. Source: see above.
    """
    fraction = 2 * core.element.mantissa_bits
    (x, x_exponent), (y, y_exponent) = (_numbers(name, codes, core.element) for name, codes in (("a", a), ("b", b)))
    exponent = x_exponent + y_exponent + 2 * (1 - core.element.bias)
    return _steps(x * y, exponent, fraction, core)


def truncated_mx_dot(
    a: NDArray[np.uint8], a_scale: NDArray[np.uint8], b: NDArray[np.uint8], b_scale: NDArray[np.uint8],
    core: TensorCore,
) -> NDArray[np.float32]:
    """The same for MXFP4: E2M1 codes uint8[..., k], E8M0 scales uint8[..., k / 32] -> float32[..., k / group].

    What is aligned is no product, but the exact sum of `core.exact` of them; its exponent is that of its two scales. k
    is a whole number of blocks. A scale of NaN raises ValueError.
    """
    halves = np.array(E2M1_HALVES)
    parts = (halves[a] * halves[b]).reshape(*np.broadcast_shapes(a.shape, b.shape)[:-1], -1, core.exact).sum(axis=-1)
    for name, scale in (("a_scale", a_scale), ("b_scale", b_scale)):
        if (require_dtype(name, scale, np.uint8) == E8M0_NAN).any():
            raise ValueError(f"{name} holds NaN: expected finite numbers, which is all that this model knows")
    exponent = a_scale.astype(np.int64) + b_scale - 2 * E8M0_BIAS
    exponent = exponent.repeat(parts.shape[-1] // exponent.shape[-1], axis=-1)
    return _steps(parts, exponent, -PRODUCT_UNIT_EXPONENT, core)


def _numbers(
    name: str, codes: NDArray[np.unsignedinteger], element: FloatFormat
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(significand, exponent field less one) of each code."""
    wanted = np.dtype(np.uint16 if element.bits > 8 else np.uint8)
    significand, exponent, nan, infinite = unpack(require_dtype(name, codes, wanted).astype(np.int64), element)
    if (nan | infinite).any():
        raise ValueError(f"{name} holds NaN or infinity: expected finite numbers, which is all that this model knows")
    return significand, exponent


def _steps(
    term: NDArray[np.int64], exponent: NDArray[np.int64], fraction: int, core: TensorCore
) -> NDArray[np.float32]:
    """c after each group of terms, whose values are term * 2^(exponent - fraction)."""
    group = int(core.group) // core.exact
    fill = [(0, 0)] * (term.ndim - 1) + [(0, -term.shape[-1] % group)]
    term, exponent = np.pad(term, fill), np.pad(exponent, fill)
    found = list(_accumulate(term, exponent, fraction, core, group))
    return np.stack(found, axis=-1) if found else np.zeros((*term.shape[:-1], 0), np.float32)


def _accumulate(
    term: NDArray[np.int64], exponent: NDArray[np.int64], fraction: int, core: TensorCore, group: int
) -> Iterator[NDArray[np.float32]]:
    aligned, kept = int(core.aligned_bits), int(core.kept_bits)
    c = np.zeros(term.shape[:-1], np.float32)
    for start in range(0, term.shape[-1], group):
        own = np.s_[..., start : start + group]
        wide = c[..., None].astype(np.float64)
        c_exponent = np.maximum(np.frexp(wide)[1] - 1, SMALLEST_NORMAL)
        significands = [term[own], np.ldexp(wide, FLOAT32.mantissa_bits - c_exponent).astype(np.int64)]
        exponents = [exponent[own], c_exponent]
        exponents = [np.where(s == 0, LOWEST, e) for s, e in zip(significands, exponents, strict=True)]
        largest = np.maximum(exponents[0].max(axis=-1, keepdims=True), exponents[1])
        total = sum(
            cut(s, aligned - places + e - largest).sum(axis=-1)
            for s, e, places in zip(significands, exponents, (fraction, FLOAT32.mantissa_bits), strict=True)
        )
        c = cut_float(total, largest[..., 0] - aligned, kept)
        if not np.isfinite(c).all():
            raise ValueError("a sum leaves float32: expected finite numbers, which is all that this model knows")
        yield c


def cut(significand: NDArray[np.int64], places: NDArray[np.int64]) -> NDArray[np.int64]:
    """significand * 2^places as a whole number, which fits 63 bits; what is beyond is cut off toward zero."""
    size = np.abs(significand) << np.maximum(places, 0) >> np.clip(-places, 0, 63)
    return np.where(significand < 0, -size, size)


def cut_float(total: NDArray[np.int64], exponent: NDArray[np.int64], kept: int) -> NDArray[np.float32]:
    """total * 2^exponent as float32 with `kept` fraction bits, cut toward zero; float64 holds |total| < 2^53."""
    exact = np.ldexp(total.astype(np.float64), exponent)
    unit = np.maximum(np.frexp(exact)[1] - 1, SMALLEST_NORMAL) - kept
    with np.errstate(over="ignore"):
        return np.ldexp(np.trunc(np.ldexp(exact, -unit)) + 0.0, unit).astype(np.float32)
