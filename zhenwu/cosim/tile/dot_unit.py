"""Cosimulation of the dot unit: accumulators after random operations, slots in any order."""

from collections.abc import Iterator

import numpy as np

from hdl.bench.clock import cycle
from hdl.bench.coverage import Coverage
from hdl.bench.monitor import Transfer
from hdl.bench.scoreboard import Scoreboard
from hdl.bench.script import script
from hdl.bench.stalls import Stalls
from hdl.tile.dot_unit import dot_unit, ports
from zhenwu.cosim.evidence import Evidence
from zhenwu.cosim.numbers import float32
from zhenwu.cosim.stream_bench import Bench, check_streams
from zhenwu.golden.tile import dot_unit as golden
from zhenwu.golden.tile.layout import pack_codes
from zhenwu.spec.formats import BLOCK_SIZE, CANONICAL_NAN, E8M0_NAN

ORACLE = "golden dot_unit: exact dot, one rounding, one float32 add"
NOT_CHECKED = "slot counts other than 32, the default of a 4 x 4 array"
BINS = {
    "cp_same_slot_next_cycle": "the sum must be passed on before it stands in memory",
    "cp_same_slot_after_gap": "and read from memory when it stands there",
    "cp_first_after_other": "a slot that starts anew forgets its old sum",
    "cp_no_operands": "operands that do not count must change nothing",
    "cp_infinite": "a sum beyond float32 becomes infinite",
    "cp_nan": "a NaN scale, or infinities that cancel, give the one NaN",
    "cp_zero": "a sum that cancels is +0",
}
SLOTS = 32
INFINITY = 0x7F800000


def operations(rng: np.random.Generator, count: int) -> list[golden.Operation]:
    """Each slot starts with `first`; a third of the operations stay on the slot before."""
    a, b = rng.integers(0, 16, (2, count, BLOCK_SIZE), np.uint8)
    scales = rng.integers(124, 131, (2, count), np.uint8)
    scales[:, rng.random(count) < 0.03] = 190  # to float32's end
    scales[rng.random((2, count)) < 0.004] = E8M0_NAN
    scales[0, -1] = E8M0_NAN
    started: set[int] = set()
    slot, result = 0, []
    for i in range(count):
        if rng.random() > 1 / 3:
            slot = int(rng.integers(SLOTS))
        elif result and rng.random() < 0.2:  # what came, with a's signs turned: it cancels if nothing was there
            a[i], b[i] = a[i - 1] ^ 8, b[i - 1]
            scales[:, i] = scales[:, i - 1]
        first = slot not in started or rng.random() < 0.1
        started.add(slot)
        result.append(golden.Operation(slot, int(first), a[i], b[i], scales[0, i], scales[1, i]))
    return result


def run(seed: int, quick: bool = False) -> Evidence:
    """Operations in a row or with gaps, then every accumulator that was used is read."""
    coverage = Coverage(BINS)
    rng = np.random.default_rng(seed)
    batches = [operations(rng, 60) for _ in range(4 if quick else 25)]
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
            return drive(pins, batches, gaps, board, finished, coverage)

        return Bench(
            dot_unit(**pins, slots=SLOTS), pins, extra=[script(pins["clk"], pins["rst"], steps)],
            done=lambda: finished[0], after=lambda: {"accumulators": board},
        )

    return check_streams(
        "dot_unit", bench, seed=seed, coverage=coverage, budget_cycles=20_000, oracle=ORACLE,
        not_checked=NOT_CHECKED, numbers={"value": float32},
    )


def count_bins(batches, expected, coverage: Coverage) -> None:
    """The situations that the stimulus holds."""
    for batch in batches:
        for before, operation in zip(batch, batch[1:], strict=False):
            coverage.hit("cp_same_slot_next_cycle", before.slot == operation.slot and not operation.first)
            coverage.hit("cp_same_slot_after_gap", before.slot != operation.slot and not operation.first)
            coverage.hit("cp_first_after_other", before.slot == operation.slot and operation.first)
    values = [item["value"] for item in expected]
    coverage.hit("cp_infinite", sum(value & ~(1 << 31) == INFINITY for value in values))
    coverage.hit("cp_nan", values.count(CANONICAL_NAN))
    coverage.hit("cp_zero", values.count(0))


def drive(pins, batches, stalls: Stalls, board: Scoreboard, finished: list[bool], coverage: Coverage) -> Iterator:
    """Operands at one edge, the fetch of their accumulator at the next, the addition at the one after."""
    board.restart()
    for batch in batches:
        pending = list(batch)
        fetch = add = None  # what the operands of one and of two cycles before were
        while pending or fetch or add:
            now = pending.pop(0) if pending and not next(stalls) else None
            operands(pins, now)
            pins["fetch_slot"].next = fetch.slot if fetch else 0
            pins["first"].next = bool(fetch and fetch.first)
            pins["accumulate"].next = add is not None
            pins["slot"].next = add.slot if add else 0
            coverage.hit("cp_no_operands", bool(pending) and now is None)
            fetch, add = now, fetch
            yield
        pins["accumulate"].next = False
        for slot in sorted({operation.slot for operation in batch}):
            pins["read"].next = True
            pins["read_slot"].next = slot
            yield
            yield
            board.receive(Transfer(cycle(), {"value": int(pins["read_value"].val)}))
    finished[0] = True


def operands(pins, operation: golden.Operation | None) -> None:
    """Drive the operands, or noise where none count."""
    if operation is None:
        pins["a"].next = pins["b"].next = (1 << 128) - 1
        pins["a_scale"].next = pins["b_scale"].next = 0x7F
        return
    pins["a"].next = int.from_bytes(pack_codes(operation.a).tobytes(), "little")
    pins["b"].next = int.from_bytes(pack_codes(operation.b).tobytes(), "little")
    pins["a_scale"].next = int(operation.a_scale)
    pins["b_scale"].next = int(operation.b_scale)
