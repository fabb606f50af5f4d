"""Cosimulation of the refresher: REFab in time, late, and in the CK in which the next falls due."""

from random import Random

from hdl.bench.coverage import Coverage
from hdl.hbm.refresher import ports, refresher
from zhenwu.cosim.evidence import Evidence, merge
from zhenwu.cosim.lockstep import Pair, check_lockstep
from zhenwu.cycle.hbm import refresher as model
from zhenwu.spec.hbm3 import ACT, NOP, REFAB

ORACLE = "cycle model refresher, in every cycle"
NOT_CHECKED = "intervals other than 40, 7 and 97 CK"
BINS = {
    "cp_start": "the first refresh falls due at its start value, not at the interval",
    "cp_in_time": "a REFab clears the call",
    "cp_late": "the count runs on while a refresh waits",
    "cp_with_the_next": "a REFab in the CK in which the next falls due does not swallow that one",
    "cp_disabled": "without refresh_enable it never calls",
}
SIZES = ((40, 11, True), (7, 7, True), (97, 1, True), (40, 11, False))  # interval, start, enable


def run(seed: int, quick: bool = False) -> Evidence:
    """Every size."""
    coverage = Coverage(BINS)
    cycles = 400 if quick else 2000
    return merge("refresher", *(check_size(*size, seed, cycles, coverage) for size in SIZES))


def check_size(interval: int, start: int, enable: bool, seed: int, cycles: int, coverage: Coverage) -> Evidence:
    """One size."""

    def make() -> Pair:
        pins = ports()
        bench = Bench(interval, start, enable, f"{seed}/{interval}/{enable}", coverage)
        block = refresher(**pins, interval=interval, start=start, enable=enable)
        return Pair(block, pins, bench.begin, lambda _: {"due": int(bench.model.due)}, bench.advance)

    return check_lockstep(
        "refresher", make, seed=seed, cycles=cycles, coverage=coverage, oracle=ORACLE, not_checked=NOT_CHECKED
    )


class Bench:
    """The model; a REFab some time after each call, and other commands between."""

    def __init__(self, interval: int, start: int, enable: bool, seed: str, coverage: Coverage):
        self.interval, self.start, self.enable, self.seed, self.coverage = interval, start, enable, seed, coverage

    def begin(self) -> dict[str, int]:
        """As after a reset."""
        self.random = Random(self.seed)
        self.model = model.Refresher(self.interval, self.start, self.enable)
        self.now = self.wait = 0
        return {"rise_op": NOP}

    def advance(self, driven: dict[str, int]) -> dict[str, int]:
        """One CK."""
        hit, was_due = self.coverage.hit, self.model.due
        refresh = driven["rise_op"] == REFAB
        hit("cp_with_the_next", refresh and self.model.count == 0 and self.enable)
        hit("cp_in_time", refresh and was_due)
        hit("cp_late", was_due and self.model.count < self.interval // 2)
        self.model.step(driven["rise_op"])
        self.now += 1
        hit("cp_start", self.model.due and not was_due and self.now == self.start < self.interval)
        hit("cp_disabled", not self.enable and self.now > 2 * self.interval)
        if self.model.due and not was_due:
            self.wait = self.random.choice((self.random.randrange(self.interval), self.interval))
        self.wait = max(0, self.wait - 1)
        if self.model.due and self.wait == 0:
            return {"rise_op": REFAB}
        return {"rise_op": self.random.choice((NOP, NOP, ACT))}
