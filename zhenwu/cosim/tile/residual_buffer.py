"""Cosimulation of the residual buffer: lines go in while others are read."""

from collections.abc import Iterator
from random import Random

import numpy as np
from myhdl import ResetSignal

from hdl.bench.clock import cycle
from hdl.bench.coverage import Coverage
from hdl.bench.monitor import Transfer
from hdl.bench.scoreboard import Scoreboard
from hdl.bundle import LINE_BITS
from hdl.tile.residual_buffer import ports, residual_buffer
from zhenwu.cosim.evidence import Evidence
from zhenwu.cosim.stream_bench import Bench, check_streams
from zhenwu.cosim.tile.store_work import to_int
from zhenwu.golden.tile.layout import LINE_BYTES
from zhenwu.golden.tile.residual_buffer import residual_buffer as golden
from zhenwu.spec.isa import RESIDUAL_STEPS, STEP_ROWS

ORACLE = "golden residual_buffer"
NOT_CHECKED = "a read at the edge at which its line is written: the flags of the scratchpad prevent it"
BINS = {
    "cp_every_place": "no two lines share a place",
    "cp_replaced": "a place written twice holds the later line",
    "cp_read_while_written": "a read must not be disturbed by what goes to other places",
    "cp_no_line": "nothing is written while no line is offered",
}
PLACES = [(half, row, step) for half in (0, 1) for row in range(STEP_ROWS) for step in range(RESIDUAL_STEPS)]


def run(seed: int, quick: bool = False) -> Evidence:
    """Every place in any order, then some again."""
    random = Random(seed)
    coverage = Coverage(BINS)
    places = random.sample(PLACES, len(PLACES)) + random.sample(PLACES, 20 if quick else 200)
    items = [
        {"half": half, "row": row, "step": step, "data": random.getrandbits(LINE_BITS)} for half, row, step in places
    ]

    def bench(stalls) -> Bench:
        pins = ports()
        board = Scoreboard([])
        coverage.hit("cp_every_place", set(places) == set(PLACES))
        coverage.hit("cp_replaced", len(places) > len(PLACES))
        unclocked = {"rst": ResetSignal(0, active=1, isasync=False)}
        return Bench(
            residual_buffer(**pins), pins | unclocked, inputs={"line": items},
            extra=[read(pins, board, coverage, seed)], after=lambda: {"words": board},
        )

    return check_streams(
        "residual_buffer", bench, seed=seed, coverage=coverage, budget_cycles=20_000, oracle=ORACLE,
        not_checked=NOT_CHECKED, achieved=lambda outcome: outcome.boards["line"].rate, bound=1.0,
        notes=("achieved, bound: lines a cycle",),
    )


def read(pins, board: Scoreboard, coverage: Coverage, seed: int) -> Iterator:
    """Read a random place that has been written at every edge; its line is there a cycle later. A reset clears none."""
    random = Random(seed)
    line, address, words = pins["line"], pins["address"], pins["words"]
    written: dict[int, tuple] = {}  # what golden is told, by place
    due: tuple[int, int] | None = None
    while True:
        yield pins["clk"].posedge
        if due is not None:
            board.expected.append({"address": due[0], "words": due[1]})
            board.receive(Transfer(cycle(), {"address": due[0], "words": int(words.val)}))
        place = None
        if line.valid:
            own = int(line.half.val), int(line.row.val), int(line.step.val)
            place = PLACES.index(own)
        asked = int(address.val)
        due = (asked, content(written[asked])) if asked in written and asked != place else None
        coverage.hit("cp_read_while_written", due is not None and place is not None)
        coverage.hit("cp_no_line", due is not None and place is None)
        if place is not None:
            written[place] = (*own, int(line.data.val))
        if written:
            address.next = random.choice(list(written))


def content(line: tuple[int, int, int, int]) -> int:
    """What golden says of a place after this line came."""
    half, row, step, data = line
    array = np.frombuffer(data.to_bytes(LINE_BYTES, "little"), np.uint8)
    return to_int(golden([(half, row, step, array)])[half, row, step])
