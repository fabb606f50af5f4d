"""Cosimulation of the dot unit: accumulators after random operations, slots in any order."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hdl.bench.clock import cycle
from hdl.bench.coverage import Coverage
from hdl.bench.monitor import Transfer
from hdl.bench.scoreboard import Scoreboard
from hdl.bench.script import script
from hdl.bench.stalls import Stalls
from hdl.tile.dot_unit import dot_unit, ports
from zhenwu.cosim.evidence import Evidence, merge, until_one_fails
from zhenwu.cosim.numbers import float32
from zhenwu.cosim.stream_bench import Bench, check_streams
from zhenwu.golden.tile import dot_unit as golden
from zhenwu.golden.tile.layout import WORD_BYTES, pack_codes
from zhenwu.spec.formats import CANONICAL_NAN, E8M0_NAN
from zhenwu.spec.mma_formats import ALL_FORMATS, MMA_FORMATS, OperandFormat
from zhenwu.spec.tile import SLICE_FORMATS

ORACLE = "golden dot_unit: exact sum of a group, one rounding, one float32 add"
NOT_CHECKED = "slot counts other than 32, the default of a 4 x 4 array"
BINS = {
    "cp_same_slot_next_time": "the sum must be passed on before it stands in memory",
    "cp_same_slot_after_gap": "and read from memory when it stands there",
    "cp_first_after_other": "a slot that starts anew forgets its old sum",
    "cp_no_operands": "operands that do not count must change nothing",
    "cp_gap_in_group": "nor between the two passes over a block",
    "cp_infinite": "a sum beyond float32 becomes infinite",
    "cp_nan": "a NaN scale, or infinities that cancel, give the one NaN",
    "cp_zero": "a sum that cancels is +0",
    "cp_infinite_operand": "an infinity among eight of BF16, of either sign",
    "cp_nan_operand": "a NaN among them",
    "cp_nan_in_first_pass": "a NaN among the elements of the first pass alone: it outlasts the second",
    "cp_nan_in_second_pass": "and among those of the second alone",
    **{f"cp_{name}": f"a group in {name}" for name in ALL_FORMATS},
}
SLOTS = 32
INFINITY = 0x7F800000
BF16_INFINITIES = (0x7F80, 0xFF80)
BF16_NAN = 0x7F81
E4M3_NAN = 0x7F
CASES = ((ALL_FORMATS, 1), (ALL_FORMATS, 4), (SLICE_FORMATS, 1), (("mxfp8", "bf16"), 3))


def operations(rng: np.random.Generator, count: int, formats: tuple[str, ...]) -> list[golden.Operation]:
    """Each slot starts with `first`; a third of the operations stay on the slot before."""
    scales = rng.integers(124, 131, (2, count), np.uint8)
    scales[:, rng.random(count) < 0.03] = 190  # to float32's end
    scales[rng.random((2, count)) < 0.004] = E8M0_NAN
    scales[0, -1] = E8M0_NAN
    started: set[int] = set()
    slot, result = 0, []
    for i in range(count):
        fmt = MMA_FORMATS[formats[int(rng.integers(len(formats)))]]
        a, b = codes(rng, fmt.a, fmt.group), codes(rng, fmt.b, fmt.group)
        if rng.random() > 1 / 3:
            slot = int(rng.integers(SLOTS))
        elif result and rng.random() < 0.2:  # what came, with a's signs turned: it cancels if nothing was there
            fmt, a, b = result[-1].fmt, result[-1].a ^ sign(result[-1].fmt.a), result[-1].b
            scales[:, i] = scales[:, i - 1]
        first = slot not in started or rng.random() < 0.1
        started.add(slot)
        result.append(golden.Operation(slot, int(first), a, b, scales[0, i], scales[1, i], fmt))
    return result


def codes(rng: np.random.Generator, operand: OperandFormat, count: int) -> NDArray[np.unsignedinteger]:
    """Any codes of an operand; of BF16 mostly numbers near 1, or very large ones."""
    if operand.scaled:
        drawn = rng.integers(0, 1 << operand.element.bits, count, np.uint8)
        if operand.element.bits == 8 and rng.random() < 0.9:
            drawn &= 0xF7  # no NaN
            if rng.random() < 0.05:
                drawn[rng.integers(count)] |= E4M3_NAN
        return drawn
    if rng.random() < 0.05:
        return rng.integers(0, 1 << 16, count, np.uint16)
    exponent = (254 if rng.random() < 0.05 else 127) - rng.integers(0, 6, count)
    drawn = (rng.integers(0, 2, count) << 15 | exponent << 7 | rng.integers(0, 128, count)).astype(np.uint16)
    if rng.random() < 0.05:
        drawn[rng.integers(count)] = rng.choice((*BF16_INFINITIES, BF16_NAN))
    return drawn


def sign(operand: OperandFormat) -> np.unsignedinteger:
    """The sign bit of an operand's code."""
    return (np.uint8 if operand.scaled else np.uint16)(1 << operand.element.magnitude_bits)


def run(seed: int, quick: bool = False) -> Evidence:
    """Operations in a row or with gaps, then every accumulator that was used is read; several units."""
    return merge("dot_unit", *until_one_fails(check(*case, seed, 4 if quick else 12) for case in CASES))


def check(formats: tuple[str, ...], latency: int, seed: int, rounds: int) -> Evidence:
    """One unit with these formats and this adder."""
    coverage = Coverage(BINS)
    rng = np.random.default_rng([seed, latency])
    batches = [operations(rng, 60, formats) for _ in range(rounds)]
    expected = []
    for batch in batches:
        sums = golden.dot_unit(batch, np.zeros(SLOTS, np.uint32))
        expected += [{"value": int(sums[slot])} for slot in sorted({operation.slot for operation in batch})]

    def bench(stalls) -> Bench:
        pins = ports(slots=SLOTS)
        board = Scoreboard(expected)
        finished = [False]
        gaps = stalls("operands")
        count_bins(batches, expected, coverage)

        def steps() -> Iterator[None]:
            return drive(pins, batches, gaps, board, finished, coverage, latency)

        return Bench(
            dot_unit(**pins, slots=SLOTS, formats=formats, latency=latency), pins,
            extra=[script(pins["clk"], pins["rst"], steps)],
            done=lambda: finished[0], after=lambda: {"accumulators": board},
        )

    return check_streams(
        "dot_unit", bench, seed=seed, coverage=coverage, budget_cycles=40_000, oracle=ORACLE,
        not_checked=NOT_CHECKED, numbers={"value": float32},
    )


def count_bins(batches, expected, coverage: Coverage) -> None:
    """The situations that the stimulus holds."""
    for batch in batches:
        for before, operation in zip(batch, batch[1:], strict=False):
            coverage.hit("cp_same_slot_next_time", before.slot == operation.slot and not operation.first)
            coverage.hit("cp_same_slot_after_gap", before.slot != operation.slot and not operation.first)
            coverage.hit("cp_first_after_other", before.slot == operation.slot and operation.first)
            coverage.hit(f"cp_{operation.fmt.name}")
            if not operation.fmt.a.scaled:
                coverage.hit("cp_infinite_operand", np.isin(operation.a, BF16_INFINITIES).any())
                coverage.hit("cp_nan_operand", (operation.a == BF16_NAN).any())
            elif operation.fmt.passes == 2:
                first, second = ((operation.a & E4M3_NAN) == E4M3_NAN).reshape(2, -1).any(axis=1)
                coverage.hit("cp_nan_in_first_pass", first and not second)
                coverage.hit("cp_nan_in_second_pass", second and not first)
    values = [item["value"] for item in expected]
    coverage.hit("cp_infinite", sum(value & ~(1 << 31) == INFINITY for value in values))
    coverage.hit("cp_nan", values.count(CANONICAL_NAN))
    coverage.hit("cp_zero", values.count(0))


@dataclass(frozen=True)
class Pass:
    """The words of one cycle, and the operation that they belong to."""

    a: int
    b: int
    upper: int
    closes: bool
    operation: golden.Operation


def passes(operation: golden.Operation) -> list[Pass]:
    """The cycles of an operation."""
    fmt = operation.fmt
    a_words, b_words = words(operation.a, fmt.a), words(operation.b, fmt.b)
    return [
        Pass(a_words[index % fmt.a_words], b_words[index % fmt.b_words], index, index == fmt.passes - 1, operation)
        for index in range(fmt.passes)
    ]


def words(group: NDArray[np.unsignedinteger], operand: OperandFormat) -> list[int]:
    """The words of a group's codes."""
    packed = pack_codes(group, operand.element.bits).reshape(-1, WORD_BYTES)
    return [int.from_bytes(word.tobytes(), "little") for word in packed]


def drive(
    pins, batches, stalls: Stalls, board: Scoreboard, finished: list[bool], coverage: Coverage, latency: int
) -> Iterator:
    """Operands at one edge, the fetch of their accumulator at the next, the addition `latency` after it.

    A slot comes again `latency` cycles after its last operands, or later.
    """
    board.restart()
    for batch in batches:
        pending = [each for operation in batch for each in passes(operation)]
        behind: deque[Pass | None] = deque([None] * (1 + latency))  # what the operands of the last cycles were
        while pending or any(behind):
            recent = [each for each in list(behind)[: latency - 1] if each and each.closes]
            early = bool(pending) and pending[0].closes and pending[0].operation.slot in {
                each.operation.slot for each in recent
            }
            now = pending.pop(0) if pending and not early and not next(stalls) else None
            operands(pins, now)
            fetch, add = behind[0], behind[-1]
            pins["fetch_slot"].next = fetch.operation.slot if fetch else 0
            pins["first"].next = bool(fetch and fetch.operation.first)
            pins["accumulate"].next = bool(add and add.closes)
            pins["slot"].next = add.operation.slot if add else 0
            coverage.hit("cp_no_operands", bool(pending) and now is None)
            coverage.hit("cp_gap_in_group", bool(pending) and now is None and pending[0].upper)
            behind.appendleft(now)
            behind.pop()
            yield
        pins["accumulate"].next = False
        for slot in sorted({operation.slot for operation in batch}):
            pins["read"].next = True
            pins["read_slot"].next = slot
            yield
            yield
            board.receive(Transfer(cycle(), {"value": int(pins["read_value"].val)}))
    finished[0] = True


def operands(pins, now: Pass | None) -> None:
    """Drive the operands, or noise where none count."""
    pins["valid"].next = now is not None
    if now is None:
        pins["a"].next = pins["b"].next = (1 << 128) - 1
        pins["a_scale"].next = pins["b_scale"].next = 0x7F
        return
    pins["a"].next, pins["b"].next = now.a, now.b
    pins["a_scale"].next = int(now.operation.a_scale)
    pins["b_scale"].next = int(now.operation.b_scale)
    pins["fmt"].next = now.operation.fmt.code
    pins["upper"].next = now.upper
