"""One dot unit: exact dot products of groups, rounded once and added to one of many accumulators."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zhenwu.golden.numerics import element_decode, fp32_add
from zhenwu.golden.numerics.bf16_matmul import group_term
from zhenwu.spec.formats import CANONICAL_NAN, E8M0_BIAS, E8M0_NAN
from zhenwu.spec.mma_formats import MXFP4_MMA, MmaFormat


@dataclass(frozen=True)
class Operation:
    """A group of products that a dot unit adds to an accumulator; of two passes it is both.

    The operands may carry further axes in front, that broadcast: then it is what an array of dot units does. An
    array of different slots stands for that many independent operations, along the first of these axes.
    """

    slot: int | NDArray[np.int64]
    first: int  # 1: add to +0 instead of to the accumulator
    a: NDArray[np.unsignedinteger]  # element codes [..., 32], or uint16[..., 8] of BF16
    b: NDArray[np.unsignedinteger]
    a_scale: NDArray[np.uint8]  # E8M0 codes [...]; BF16 does not look at them
    b_scale: NDArray[np.uint8]
    fmt: MmaFormat = MXFP4_MMA


def dot_unit(operations: Iterable[Operation], accumulators: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """The accumulators uint32[slots, ...] (float32 bits) after the operations, from those before them.

    accumulators[slot] = RNE(accumulators[slot] + term(operation)). A slot that no operation names keeps its value.
    """
    accumulators = accumulators.copy()
    for operation in operations:
        psum = np.uint32(0) if operation.first else accumulators[operation.slot]
        accumulators[operation.slot] = fp32_add(psum, term(operation))
    return accumulators


def term(operation: Operation) -> NDArray[np.uint32]:
    """What an operation adds: float32 bits uint32[...], every NaN as CANONICAL_NAN.

    MX: RNE_f32(dot(a, b) * 2^(a_scale + b_scale - 254)). The widest sum, of E4M3 by E4M3, has 42 bits, so float64 holds
    it and every power of two of it here, and the cast is the only rounding. BF16: as in `bf16_matmul`.
    """
    fmt = operation.fmt
    if not fmt.a.scaled:
        value = group_term(operation.a, operation.b)
        return np.where(np.isnan(value), np.uint32(CANONICAL_NAN), value.view(np.uint32))
    a, b = (
        element_decode(codes, side.element).astype(np.float64)
        for codes, side in ((operation.a, fmt.a), (operation.b, fmt.b))
    )
    exponent = operation.a_scale.astype(np.int32) + operation.b_scale - 2 * E8M0_BIAS
    with np.errstate(over="ignore", under="ignore"):
        value = np.ldexp((a * b).sum(axis=-1), exponent).astype(np.float32)
    nan = (operation.a_scale == E8M0_NAN) | (operation.b_scale == E8M0_NAN) | np.isnan(value)
    return np.where(nan, np.uint32(CANONICAL_NAN), value.view(np.uint32))
