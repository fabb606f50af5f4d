"""A block of 32 float32 values becomes 32 codes and one scale byte: MXFP4 with E2M1 elements, MXFP8 with E4M3.

Dividing by the scale only moves the exponent, which float64 does exactly for every float32, so an element is rounded
just once, to its code.
"""

import numpy as np
from numpy.typing import NDArray

from zhenwu.golden.arguments import require_dtype
from zhenwu.golden.numerics.block_scale import block_scale as scale_byte
from zhenwu.golden.numerics.e8m0_decode import e8m0_decode
from zhenwu.golden.numerics.element import element_decode, element_encode
from zhenwu.spec.formats import BLOCK_SIZE, E2M1, E8M0_BIAS, E8M0_NAN, FLOAT32, FloatFormat


def mx_quantise(
    x: NDArray[np.float32], element: FloatFormat = E2M1, rule: str = "floor"
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """MX along the last axis: x float32[..., k] -> (codes uint8[..., 32 * blocks], block_scale uint8[..., blocks]).

    blocks = ceil(k / 32); the last block is filled up with +0, which leaves its scale to its real elements.
    `block_scale` has the rules; floor: scale = 2^(floor(log2(amax)) - emax), byte 0 (2^-127) at least. Elements are
    rounded to nearest, ties to the even code, and saturate at the largest element; the sign of zero is kept. A block
    that holds NaN or infinity becomes NaN as a whole: scale byte 255, codes 0. Another dtype raises TypeError, a
    scalar or an unknown rule ValueError. Source: OCP MX v1.0, section 6.3.
    """
    x = require_dtype("x", x, np.float32)
    if x.ndim == 0:
        raise ValueError("x is a scalar: expected an axis to divide into blocks")
    blocks = -(-x.shape[-1] // BLOCK_SIZE)
    padding = [(0, 0)] * (x.ndim - 1) + [(0, blocks * BLOCK_SIZE - x.shape[-1])]
    bits = np.pad(x, padding).view(np.uint32).reshape(*x.shape[:-1], blocks, BLOCK_SIZE)
    magnitude = bits & (2**FLOAT32.magnitude_bits - 1)

    scale = scale_byte(magnitude.max(axis=-1), element, rule)
    finite = (scale != E8M0_NAN)[..., None]
    exact = np.where(finite, bits, np.uint32(0)).view(np.float32).astype(np.float64)
    codes = element_encode(np.ldexp(exact, E8M0_BIAS - scale[..., None].astype(np.int32)), element)
    return codes.reshape(*x.shape[:-1], blocks * BLOCK_SIZE), scale


def mx_dequantise(
    codes: NDArray[np.uint8], block_scale: NDArray[np.uint8], element: FloatFormat = E2M1
) -> NDArray[np.float32]:
    """codes uint8[..., 32 * blocks], block_scale uint8[..., blocks] -> float32[..., 32 * blocks].

    Exact but where a scale byte near the top, which the floor rule never gives, carries a value past the largest
    float32: infinity. A block with scale byte 255 is NaN. Another dtype raises TypeError; shapes that do not fit, or
    a code that is too wide, ValueError.
    """
    values, scale = element_decode(codes, element), e8m0_decode(block_scale)
    if scale.ndim == 0 or values.shape != (*scale.shape[:-1], BLOCK_SIZE * scale.shape[-1]):
        raise ValueError(f"{values.shape} codes with {scale.shape} scales: expected {BLOCK_SIZE} codes to a scale")
    with np.errstate(over="ignore"):
        return (values.reshape(*scale.shape, BLOCK_SIZE) * scale[..., None]).reshape(values.shape)
