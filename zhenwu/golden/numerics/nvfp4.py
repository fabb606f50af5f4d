"""NVFP4: 16 E2M1 elements to an E4M3 scale, and one float32 scale for the whole tensor.

An E4M3 scale follows a block's largest magnitude far closer than a power of two does, but reaches over few binades;
the tensor's scale brings the largest block to E4M3's largest value. The order of the divisions can be observed, so it
is written down here:

    tensor scale   ts = RNE_f32(amax / 2688), 2688 = 6 * 448; 1 where that is zero
    block scale    s  = RNE_E4M3(RNE_f32(RNE_f32(amax_b / 6) / ts)), saturating at 448
    element        RNE_E2M1(RNE_f32(x / RNE_f32(s * ts))), saturating at 6; zero with x's sign where s * ts is zero
"""

import numpy as np
from numpy.typing import NDArray

from zhenwu.golden.arguments import require_dtype
from zhenwu.golden.numerics.element import element_decode, element_encode
from zhenwu.spec.formats import CANONICAL_NAN, NVFP4

BLOCK = NVFP4.block_size
LARGEST_ELEMENT = np.float32(NVFP4.element.value(NVFP4.element.largest_code))
LARGEST_SCALE = np.float32(NVFP4.scale.value(NVFP4.scale.largest_code))


def nvfp4_tensor_scale(x: NDArray[np.float32], axis: int | None = None) -> NDArray[np.float32]:
    """ts of a tensor, or with axis -1 of each row of one: x float32[..., k] -> float32[] or float32[...].

    amax is the largest finite magnitude. Weights take one scale a tensor. Activations take one a row: with one for a
    batch, a token's result would depend on its neighbours. Another dtype raises TypeError.
    """
    x = require_dtype("x", x, np.float32)
    amax = np.max(np.abs(x), axis=axis, initial=0, where=np.isfinite(x))
    scale = amax / (LARGEST_ELEMENT * LARGEST_SCALE)
    return np.where(scale == 0, np.float32(1), scale)


def nvfp4_quantise(
    x: NDArray[np.float32], tensor_scale: NDArray[np.float32]
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """x float32[..., k], ts float32[] or [...] -> (codes uint8[..., 16 * blocks], block_scale uint8[..., blocks]).

    blocks = ceil(k / 16), the last filled up with +0. The block scale is an E4M3 code. A block that holds NaN or
    infinity becomes NaN as a whole: scale code 0x7F, codes 0. Another dtype raises TypeError, a scalar x ValueError.
    Source: NVIDIA, "Introducing NVFP4" (2025), for the two scales; the order of the block scale's divisions as in
    torchao's nvfp4_quantize, which multiplies elements by a reciprocal and keeps the scale at 2^-6 or more.
    """
    x = require_dtype("x", x, np.float32)
    if x.ndim == 0:
        raise ValueError("x is a scalar: expected an axis to divide into blocks")
    ts = require_dtype("tensor_scale", tensor_scale, np.float32)[..., None]  # (..., 1)
    blocks = -(-x.shape[-1] // BLOCK)
    padding = [(0, 0)] * (x.ndim - 1) + [(0, blocks * BLOCK - x.shape[-1])]
    x = np.pad(x, padding).reshape(*x.shape[:-1], blocks, BLOCK)
    finite = np.isfinite(x).all(axis=-1)
    x = np.where(finite[..., None], x, np.float32(0))

    with np.errstate(over="ignore", under="ignore"):
        scale = element_encode(np.abs(x).max(axis=-1, initial=0) / LARGEST_ELEMENT / ts, NVFP4.scale)
        divisor = (element_decode(scale, NVFP4.scale) * ts)[..., None]
        divisor = np.where(divisor == 0, np.float32(np.inf), divisor)  # x / infinity is a zero with x's sign
        codes = element_encode(x / divisor, NVFP4.element)
    scale = np.where(finite, scale, np.uint8(min(NVFP4.scale.nan_codes)))
    return codes.reshape(*x.shape[:-2], blocks * BLOCK), scale


def nvfp4_dequantise(
    codes: NDArray[np.uint8], block_scale: NDArray[np.uint8], tensor_scale: NDArray[np.float32]
) -> NDArray[np.float32]:
    """RNE_f32(element * s * ts): codes uint8[..., 16 * blocks], scales as above -> float32[..., 16 * blocks].

    element * s is exact, so only the last product rounds. A block with scale code 0x7F is NaN.
    """
    ts = require_dtype("tensor_scale", tensor_scale, np.float32)[..., None, None]
    elements = element_decode(codes, NVFP4.element).reshape(*block_scale.shape, BLOCK)
    with np.errstate(over="ignore", under="ignore"):
        return (elements * element_decode(block_scale, NVFP4.scale)[..., None] * ts).reshape(codes.shape)


def nvfp4_exact(
    a_codes: NDArray[np.uint8],
    a_scale: NDArray[np.uint8],
    b_codes: NDArray[np.uint8],
    b_scale: NDArray[np.uint8],
    tensor_scales: NDArray[np.float32],
) -> NDArray[np.uint32]:
    """A times B transposed: codes uint8[m, k] and uint8[n, k], scales uint8[., k / 16] -> float32 bits uint32[m, n].

    Per block b of 16, in ascending k, and then once:

        t_b = D_b * sa_b * sb_b        acc = RNE_f32(acc + t_b), acc from +0        result = RNE_f32(acc * alpha)

    D_b is the exact dot product. It has 13 bits, a product of two E4M3 scales 8: t_b needs no rounding. alpha is
    RNE_f32(ts_a * ts_b), `tensor_scales`, float32 and broadcast to [m, n]. Every NaN is CANONICAL_NAN; a negative
    result that underflows is -0. Source: our definition, after the one of `mx_exact`.
    """
    a, b = (element_decode(codes, NVFP4.element).astype(np.float64) for codes in (a_codes, b_codes))
    sa, sb = (element_decode(scale, NVFP4.scale).astype(np.float64) for scale in (a_scale, b_scale))
    total = np.zeros((len(a), len(b)), np.float32)  # (m, n)
    for block in range(sa.shape[1]):
        span = slice(BLOCK * block, BLOCK * (block + 1))
        dot = a[:, span] @ b[:, span].T
        total = total + (dot * (sa[:, None, block] * sb[None, :, block])).astype(np.float32)
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        result = total * require_dtype("tensor_scales", tensor_scales, np.float32)
    return np.where(np.isnan(result), np.uint32(CANONICAL_NAN), result.view(np.uint32))
