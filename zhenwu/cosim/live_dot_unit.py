"""Dot products for the live dot unit, in all formats, with the accumulators that its golden model gives.

First a few that a reader can check by hand, one after the other: while an accumulator is read, the operands that went
into it last still stand on the pins, though they count no more. Then the operations of the unit's own bench, close
behind each other with noise between, and every accumulator that they used is read.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from zhenwu.cosim.tile.dot_unit import SLOTS, operations, passes
from zhenwu.golden.numerics import bf16_encode
from zhenwu.golden.tile.dot_unit import Operation, dot_unit
from zhenwu.spec.formats import BF16_ALIGNED_BITS, BF16_GROUP, BLOCK_SIZE, E2M1, E4M3, E8M0_BIAS, E8M0_NAN
from zhenwu.spec.mma_formats import ALL_FORMATS, BF16_MMA, MXFP4_MMA, MXFP8_MMA, W4A8_MMA, WORD_BITS, MmaFormat

LATENCY = 1
COUNT = 60  # operations in a batch
ONE = {  # of each element: the code of 1
    E2M1: next(code for code in range(16) if E2M1.value(code) == 1),
    E4M3: next(code for code in range(256) if E4M3.value(code) == 1),
}
ALL_ONES = (1 << WORD_BITS) - 1
IDLE = {
    "valid": 0, "a": ALL_ONES, "b": ALL_ONES, "a_scale": E8M0_BIAS, "b_scale": E8M0_BIAS, "fmt": 0, "upper": 0,
    "fetch_slot": 0, "first": 0, "accumulate": 0, "slot": 0, "read": 0, "read_slot": 0, "expected read_value": None,
}
Row = dict[str, int | None]


def rows(seed: int, batches: int = 3) -> list[Row]:
    """The pins of `hdl/tile/dot_unit.py`, a row a cycle, for a unit of all formats with an adder of one cycle."""
    rng = np.random.default_rng(seed)
    found: list[Row] = []
    sums = np.zeros(SLOTS, np.uint32)
    for chosen in by_hand():
        sums = dot_unit(chosen, sums)
        found += streamed(chosen)
        last = {name: found[-1 - LATENCY - 1][name] for name in ("a", "b", "a_scale", "b_scale", "fmt", "upper")}
        found[-2:] = [row | last for row in found[-2:]]
        found += [row | last for row in read([chosen[-1].slot], sums)]
    for _ in range(batches):
        chosen = operations(rng, COUNT, ALL_FORMATS)
        sums = dot_unit(chosen, np.zeros(SLOTS, np.uint32))
        found += streamed(chosen, rng) + read(sorted({operation.slot for operation in chosen}), sums)
    return found


def by_hand() -> list[list[Operation]]:
    """Plain to see; in BF16 what lies a place too deep is cut off; infinity has a sign; a scale or element is NaN."""
    nan = block(MXFP8_MMA, 11, 1)
    nan.a[0] = E4M3.nan_codes[0]  # in the first pass alone
    deep = np.array([1] + [2.0 ** -(BF16_ALIGNED_BITS + 1)] * (BF16_GROUP - 1))
    return [
        [block(MXFP4_MMA, 1, 1)],
        [block(MXFP4_MMA, 10, 1), block(MXFP4_MMA, 10, 0)],  # twice the same, back to back: two
        [block(MXFP8_MMA, 2, 1, elements=BLOCK_SIZE)],
        [block(W4A8_MMA, 3, 1, elements=BLOCK_SIZE)],
        [block(MXFP8_MMA, 4, 1), block(MXFP4_MMA, 5, 1), block(W4A8_MMA, 4, 0)],
        [bf16(6, deep)],
        [bf16(7, np.array([np.inf]))],
        [bf16(8, np.array([1, -np.inf]))],
        [replace(block(MXFP4_MMA, 9, 1), b_scale=np.uint8(E8M0_NAN))],
        [nan],
    ]


def bf16(slot: int, values: NDArray) -> Operation:
    """The sum of a few values, each times one."""
    a = np.pad(values.astype(np.float32), (0, BF16_GROUP - len(values)))
    b, scale = np.ones(BF16_GROUP, np.float32), np.uint8(0)
    return Operation(slot, 1, bf16_encode(a), bf16_encode(b), scale, scale, BF16_MMA)


def block(fmt: MmaFormat, slot: int, first: int, elements: int = 1) -> Operation:
    """One times one, in so many elements of a block."""
    scale, counts = np.uint8(E8M0_BIAS), np.arange(BLOCK_SIZE) < elements
    a, b = (np.where(counts, ONE[side.element], 0).astype(np.uint8) for side in (fmt.a, fmt.b))
    return Operation(slot, first, a, b, scale, scale, fmt)


def streamed(chosen: Sequence[Operation], rng: np.random.Generator | None = None) -> list[Row]:
    """Operations until the last of them is added, with a pause now and then, or else before second passes."""
    taken = []
    for each in (each for operation in chosen for each in passes(operation)):
        taken += [None, each] if (each.upper if rng is None else rng.random() < 0.2) else [each]
    found: list[Row] = [dict(IDLE) for _ in range(len(taken) + 1 + LATENCY)]
    for at, each in enumerate(taken):
        if each is None:
            continue
        operation = each.operation
        found[at] |= {
            "valid": 1, "a": each.a, "b": each.b, "a_scale": int(operation.a_scale), "b_scale": int(operation.b_scale),
            "fmt": operation.fmt.code, "upper": each.upper,
        }
        found[at + 1] |= {"fetch_slot": operation.slot, "first": operation.first}
        found[at + 1 + LATENCY] |= {"accumulate": int(each.closes), "slot": operation.slot}
    return found


def read(slots: Sequence[int], sums: NDArray[np.uint32]) -> list[Row]:
    """Each of these accumulators is asked for, and shown a cycle later."""
    asked: list[Row] = [IDLE | {"read": 1, "read_slot": slot} for slot in slots] + [dict(IDLE)]
    for row, slot in zip(asked[1:], slots, strict=True):
        row["expected read_value"] = int(sums[slot])
    return asked
