"""Cosimulation of the drain: the beats of random results, read from accumulators that the bench plays."""

from collections.abc import Iterator
from random import Random

import numpy as np
from myhdl import Signal

from hdl.bench.clock import cycle
from hdl.bench.coverage import Coverage
from hdl.bench.monitor import Transfer
from hdl.bench.scoreboard import Scoreboard
from hdl.tile.drain import drain, ports
from zhenwu.cosim.evidence import Evidence, merge
from zhenwu.cosim.numbers import float32
from zhenwu.cosim.stream_bench import Bench, check_streams
from zhenwu.golden.tile.drain import drain as golden
from zhenwu.spec.isa import STEP_ROWS

ORACLE = "golden drain"
NOT_CHECKED = "accumulators that change while they drain (mma_issue prevents it)"
BINS = {
    "cp_whole": "16 x 16",
    "cp_one_value": "1 x 1: the first beat is the last",
    "cp_cut_columns": "a beat whose last columns lie outside n must carry +0 there",
    "cp_back_to_back": "the next result's first read follows the last one's last",
    "cp_held_up": "a beat that is not taken must stand, and the one behind it too",
    "cp_freed": "a buffer is given back with its last beat, not before",
}


def run(seed: int, quick: bool = False) -> Evidence:
    """Three arrays."""
    count = 5 if quick else 12
    return merge("drain", *(check_size(*size, seed, count) for size in ((4, 4), (2, 2), (8, 8))))


def check_size(rows: int, cols: int, seed: int, count: int) -> Evidence:
    """One array: random results in alternating buffers."""
    random = Random(f"{seed}/{rows}x{cols}")
    coverage = Coverage(BINS)
    subtiles = (STEP_ROWS // rows) * (STEP_ROWS // cols)
    sums = np.random.default_rng(seed).integers(0, 2**32, (2 * subtiles, rows, cols), np.uint32)
    results = [{"buffer": 0, "m": STEP_ROWS, "n": STEP_ROWS}, {"buffer": 1, "m": 1, "n": 1}]
    for index in range(count):
        results.append({"buffer": index % 2, "m": random.randint(1, STEP_ROWS), "n": random.randint(1, STEP_ROWS)})
    beats, returns = [], []
    for result in results:
        for beat in golden(sums, result["buffer"], result["m"], result["n"], rows, cols):
            beats.append(int.from_bytes(beat.astype("<u4").tobytes(), "little"))
        returns.append({"freed": 1 + result["buffer"], "beat": len(beats)})

    def bench(stalls) -> Bench:
        pins = ports(rows=rows, cols=cols)
        freed = Scoreboard(returns)
        extra = [*accumulators(pins, sums), observe(pins, freed, cols, coverage)]
        return Bench(
            drain(**pins, rows=rows, cols=cols), pins, {"result": results}, {"dst": beats}, extra=extra,
            after=lambda: {"freed": freed},
        )

    return check_streams(
        "drain", bench, seed=seed, coverage=coverage, budget_cycles=40_000, oracle=ORACLE, not_checked=NOT_CHECKED,
        numbers={"data": lambda beat: " ".join(float32(beat >> 32 * c & 0xFFFFFFFF) for c in range(cols))},
        achieved=lambda outcome: outcome.boards["dst"].rate, bound=1.0, notes=("achieved, bound: beats a cycle",),
    )


def accumulators(pins, sums: np.ndarray) -> list[Iterator]:
    """Every dot unit holds what it read last; the row asked for now is shown."""
    packed = [[int.from_bytes(row.astype("<u4").tobytes(), "little") for row in slot] for slot in sums]
    held = Signal(0)

    def read() -> Iterator:
        while True:
            yield pins["clk"].posedge
            if pins["read"]:
                held.next = int(pins["slot"].val)

    def show() -> Iterator:
        while True:
            pins["values"].next = packed[held.val][int(pins["row"].val)]
            yield held, pins["row"]

    return [read(), show()]


def observe(pins, freed: Scoreboard, cols: int, coverage: Coverage) -> Iterator:
    """Hold each freed buffer against the number of beats that have left, and count situations."""
    clk, rst, result, dst = (pins[name] for name in ("clk", "rst", "result", "dst"))
    beats, reading = 0, False
    while True:
        yield clk.posedge
        if rst:
            freed.restart()
            beats = 0
            continue
        if dst.valid and dst.ready:
            beats += 1
        if pins["freed"]:
            freed.receive(Transfer(cycle(), {"freed": int(pins["freed"].val), "beat": beats}))
            coverage.hit("cp_freed")
        if result.valid and result.ready:
            m, n = int(result.m.val), int(result.n.val)
            coverage.hit("cp_whole", m == n == STEP_ROWS)
            coverage.hit("cp_one_value", m == n == 1)
            coverage.hit("cp_cut_columns", n % cols)
            coverage.hit("cp_back_to_back", bool(pins["read"]) and reading)
        coverage.hit("cp_held_up", bool(dst.valid and not dst.ready))
        reading = bool(pins["read"])
