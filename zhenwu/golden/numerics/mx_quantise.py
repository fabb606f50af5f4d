"""MXFP4: a block of 32 float32 values becomes 32 four-bit codes and one scale byte.

The scale comes from the exponent field of the block's largest magnitude, never from a logarithm: in float32
log2 of a value just under a power of two gives the next exponent, and the block's scale doubles. Elements are
not divided by the scale. The seven midpoints between neighbouring E2M1 values are scaled instead, which is
exact, and as positive floats order like their bits, an element's code is the number of midpoints below it.
"""

import numpy as np
from numpy.typing import NDArray

from zhenwu.golden.arguments import require_dtype
from zhenwu.golden.numerics.e2m1_decode import VALUES, e2m1_decode
from zhenwu.golden.numerics.e8m0_decode import e8m0_decode
from zhenwu.spec.formats import BLOCK_SIZE, E2M1, E8M0_BIAS, E8M0_NAN, FLOAT32

SIGN_CODE = 1 << E2M1.magnitude_bits
NON_FINITE = (1 << FLOAT32.exponent_bits) - 1

POSITIVE = VALUES[:SIGN_CODE]  # 0, 0.5, 1, 1.5, 2, 3, 4, 6
MIDPOINTS = (POSITIVE[:-1] + POSITIVE[1:]) / 2  # 0.25 .. 5
# A tie goes to the even code, so an odd upper code is reached only by the next float32 above its midpoint.
TO_UPPER = np.arange(1, SIGN_CODE, dtype=np.uint32) % 2


def mx_quantise(x: NDArray[np.float32]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """MXFP4 along the last axis: x float32[..., k] -> (codes uint8[..., 32 * blocks], block_scale uint8[..., blocks]).

    blocks = ceil(k / 32); the last block is filled up with +0, which leaves its scale to its real elements.
    Floor rule: scale = 2^(floor(log2(amax)) - 2), byte 0 (2^-127) at least. Elements are rounded to nearest,
    ties to the even code, and saturate at 6 scales; the sign of zero is kept. A block that holds NaN or
    infinity becomes NaN as a whole: scale byte 255, codes 0. Another dtype raises TypeError, a scalar
    ValueError. Source: OCP MX v1.0, section 6.3.
    """
    x = require_dtype("x", x, np.float32)
    if x.ndim == 0:
        raise ValueError("x is a scalar: expected an axis to divide into blocks")
    blocks = -(-x.shape[-1] // BLOCK_SIZE)
    padding = [(0, 0)] * (x.ndim - 1) + [(0, blocks * BLOCK_SIZE - x.shape[-1])]
    bits = np.pad(x, padding).view(np.uint32).reshape(*x.shape[:-1], blocks, BLOCK_SIZE)
    magnitude = bits & (2**FLOAT32.magnitude_bits - 1)

    # Float32 and E8M0 share the bias 127, so the exponent field less emax is the scale byte. Field 0, zero and
    # the subnormals, is far below the smallest scale.
    exponent = (magnitude.max(axis=-1) >> FLOAT32.mantissa_bits).astype(np.int32)
    finite = exponent != NON_FINITE
    scale = np.where(finite, np.maximum(exponent - E2M1.emax, 0), 0)

    lowest = np.ldexp(MIDPOINTS, scale[..., None] - E8M0_BIAS).view(np.uint32) + TO_UPPER  # (..., blocks, 7)
    codes = (bits >> FLOAT32.magnitude_bits).astype(np.uint8) * SIGN_CODE
    for step in range(MIDPOINTS.size):
        codes += magnitude >= lowest[..., step, None]
    codes *= finite[..., None]
    block_scale = np.where(finite, scale, E8M0_NAN).astype(np.uint8)
    return codes.reshape(*x.shape[:-1], blocks * BLOCK_SIZE), block_scale


def mx_dequantise(codes: NDArray[np.uint8], block_scale: NDArray[np.uint8]) -> NDArray[np.float32]:
    """codes uint8[..., 32 * blocks], block_scale uint8[..., blocks] -> float32[..., 32 * blocks].

    Exact but where a scale byte above 252, which mx_quantise never gives, carries a value past the largest
    float32: infinity. A block with scale byte 255 is NaN. Another dtype raises TypeError; shapes that do not
    fit, or a code above 15, ValueError.
    """
    element, scale = e2m1_decode(codes), e8m0_decode(block_scale)
    if scale.ndim == 0 or element.shape != (*scale.shape[:-1], BLOCK_SIZE * scale.shape[-1]):
        raise ValueError(f"{element.shape} codes with {scale.shape} scales: expected {BLOCK_SIZE} codes to a scale")
    with np.errstate(over="ignore"):
        return (element.reshape(*scale.shape, BLOCK_SIZE) * scale[..., None]).reshape(element.shape)
