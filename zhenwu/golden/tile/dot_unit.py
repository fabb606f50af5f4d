"""One dot unit: exact dot products of blocks, scaled, rounded once and added to one of many accumulators."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zhenwu.golden.numerics import fp32_add, mx_dot, scale_round


@dataclass(frozen=True)
class Operation:
    """What a dot unit does in one cycle.

    The operands may carry further axes in front, that broadcast: then it is what an array of dot units does. An
    array of different slots stands for that many independent operations, along the first of these axes.
    """

    slot: int | NDArray[np.int64]
    first: int  # 1: add to +0 instead of to the accumulator
    a: NDArray[np.uint8]  # E2M1 codes [..., 32]
    b: NDArray[np.uint8]
    a_scale: NDArray[np.uint8]  # E8M0 codes [...]
    b_scale: NDArray[np.uint8]


def dot_unit(operations: Iterable[Operation], accumulators: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """The accumulators uint32[slots, ...] (float32 bits) after the operations, from those before them.

    accumulators[slot] = RNE(accumulators[slot] + RNE(dot(a, b) * 2^-2 * 2^(a_scale + b_scale - 254))), each
    step bit for bit as in `golden.numerics`. A slot that no operation names keeps its value.
    """
    accumulators = accumulators.copy()
    for operation in operations:
        term = scale_round(mx_dot(operation.a, operation.b), operation.a_scale, operation.b_scale)
        psum = np.uint32(0) if operation.first else accumulators[operation.slot]
        accumulators[operation.slot] = fp32_add(psum, term)
    return accumulators
