"""Cosimulation of the arbiter: both sides' commands arrive whole, in order, and in turn."""

from collections.abc import Iterator
from random import Random

from hdl.bench.clock import cycle
from hdl.bench.coverage import Coverage
from hdl.bench.monitor import Transfer
from hdl.bench.scoreboard import Scoreboard
from hdl.stream.arbiter import arbiter, ports
from zhenwu.cosim.evidence import Evidence
from zhenwu.cosim.stream_bench import Bench, check_streams

ORACLE = "each side's commands, in order; a turn count kept by the bench"
NOT_CHECKED = "timing inside a cycle: the paths from valid and ready are combinational"
BINS = {
    "cp_both_wait": "two offers at once: one must wait",
    "cp_first_after_second": "the turn passes from the second side to the first",
    "cp_second_after_first": "and back",
    "cp_stands_alone_then_other": "an untaken command must stand although the other side arrives",
}


def run(seed: int, quick: bool = False) -> Evidence:
    """Random commands from both sides; `write` tells them apart."""
    coverage = Coverage(BINS)
    count = 100 if quick else 700
    random = Random(seed)
    sides = {
        name: [
            {"write": write, "line_address": random.getrandbits(23), "id": random.getrandbits(4)} for _ in range(count)
        ]
        for write, name in enumerate(("first", "second"))
    }

    def bench(stalls) -> Bench:
        pins = ports()
        turns = Turns(coverage, sides)
        return Bench(
            arbiter(**pins), pins, sides, {"dst": [{} for _ in range(2 * count)]},
            extra=[turns.watch(**pins)], after=turns.boards,
        )

    return check_streams(
        "arbiter", bench, seed=seed, coverage=coverage, budget_cycles=60_000, oracle=ORACLE, not_checked=NOT_CHECKED,
        achieved=lambda outcome: outcome.boards["dst"].rate, bound=1.0, notes=("achieved, bound: commands a cycle",),
    )


class Turns:
    """What came out, by side, and how often a side was passed over while it waited."""

    def __init__(self, coverage: Coverage, sides: dict):
        self.coverage = coverage
        self.sides = sides
        self.restart()

    def restart(self) -> None:
        """Expect everything from the start again."""
        self.arrived = {name: Scoreboard(items) for name, items in self.sides.items()}
        self.passed_over = 1

    def watch(self, clk, rst, first, second, dst) -> Iterator:
        """Follow the three streams."""
        waited = [0, 0]
        last = standing = None
        while True:
            yield clk.posedge
            if rst:
                self.restart()
                waited, last, standing = [0, 0], None, None
                continue
            offers = [bool(first.valid), bool(second.valid)]
            self.coverage.hit("cp_both_wait", all(offers))
            if not dst.valid:
                continue
            if standing is not None and offers[1 - standing] and int(dst.write.val) == standing:
                self.coverage.hit("cp_stands_alone_then_other")
            standing = int(dst.write.val) if offers.count(True) == 1 and not dst.ready else None
            if not dst.ready:
                continue
            side = int(dst.write.val)
            payload = {name: int(signal.val) for name, signal in dst.payload().items()}
            self.arrived[("first", "second")[side]].receive(Transfer(cycle(), payload))
            waited[side] = 0
            waited[1 - side] = waited[1 - side] + 1 if offers[1 - side] else 0
            self.passed_over = max(self.passed_over, waited[1 - side])
            if last is not None and last != side:
                self.coverage.hit("cp_second_after_first" if side else "cp_first_after_second")
            last = side

    def boards(self) -> dict[str, Scoreboard]:
        """One scoreboard a side, and one for the turns: nobody may be passed over twice."""
        turns = Scoreboard([{"passed_over": 1}])
        turns.receive(Transfer(0, {"passed_over": self.passed_over}))
        return {**{f"dst from {name}": board for name, board in self.arrived.items()}, "turns": turns}
