"""Cosimulation of the ACT window: random ACTs, as the window allows, with a clock that runs round."""

from random import Random

from hdl.bench.coverage import Coverage
from hdl.hbm.activate_window import activate_window, ports
from hdl.hbm.controller import act_window
from zhenwu.cosim.evidence import Evidence, merge
from zhenwu.cosim.lockstep import Pair, check_lockstep
from zhenwu.cycle.hbm import activate_window as model
from zhenwu.spec.hbm3 import ACT, HBM3_6400, NOP
from zhenwu.spec.hbm3_rules import TIMING_RULES

ORACLE = "cycle model activate_window, in every cycle"
NOT_CHECKED = "an ACT while the window is full: the scheduler prevents it"
BINS = {
    "cp_full": "four ACTs within the window: the gate must shut",
    "cp_reopens_exactly": "an ACT in the very CK in which the oldest leaves the window",
    "cp_older_than_range": "the last ACTs are older than the clock's range: they must not look young",
}
NOW_BITS = 7


def run(seed: int, quick: bool = False) -> Evidence:
    """The window of the table, then one of a single ACT and an odd one."""
    coverage = Coverage(BINS)
    cycles = 800 if quick else 4000
    sizes = (act_window(TIMING_RULES, HBM3_6400), (1, 9), (3, 50))
    return merge("activate_window", *(check_window(*size, seed, cycles, coverage) for size in sizes))


def check_window(window: int, gap: int, seed: int, cycles: int, coverage: Coverage) -> Evidence:
    """One size."""

    def make() -> Pair:
        pins = ports(now_bits=NOW_BITS)
        bench = Bench(window, gap, f"{seed}/{window}", coverage)
        return Pair(
            activate_window(**pins, window=window, gap=gap), pins, bench.begin, lambda _: bench.expected(),
            bench.advance,
        )

    return check_lockstep(
        "activate_window", make, seed=seed, cycles=cycles, coverage=coverage, oracle=ORACLE, not_checked=NOT_CHECKED
    )


class Bench:
    """The model, the clock, and ACTs at random where none is on the pins and the gate stood open."""

    def __init__(self, window: int, gap: int, seed: str, coverage: Coverage):
        self.window, self.gap, self.seed, self.coverage = window, gap, seed, coverage

    def begin(self) -> dict[str, int]:
        """As after a reset: no ACT ever."""
        self.random = Random(self.seed)
        self.now = 0
        self.model = model.ActivateWindow(self.window, self.gap)
        self.activate = False
        self.rest = 0
        return self.inputs()

    def inputs(self) -> dict[str, int]:
        """The clock and the pins."""
        return {"now": self.now % (1 << NOW_BITS), "rise_op": ACT if self.activate else NOP}

    def expected(self) -> dict[str, int]:
        """Whether an ACT must not start in the next CK."""
        return {"shut": int(not self.model.opens(self.now + 1))}

    def advance(self, _) -> dict[str, int]:
        """One CK; what is on the pins now was decided while the gate was open."""
        allowed = self.model.opens(self.now + 1) and not self.activate
        starts = self.model.starts
        full = len(starts) == self.window
        self.coverage.hit("cp_full", full and starts[0] + self.gap > self.now)
        self.coverage.hit("cp_older_than_range", full and starts[0] < self.now - (1 << NOW_BITS))
        self.coverage.hit("cp_reopens_exactly", self.activate and full and starts[0] + self.gap == self.now)
        self.model.step(self.now, self.activate)
        self.now += 1
        self.rest = self.rest - 1 if self.rest else self.random.randrange(300) * (self.random.random() < 0.01)
        self.activate = allowed and not self.rest and self.random.random() < 0.7
        return self.inputs()
