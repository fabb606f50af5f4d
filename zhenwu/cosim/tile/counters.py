"""Cosimulation of the counters: programs of any length, whatever the array does in them."""

from random import Random

from hdl.bench.coverage import Coverage
from hdl.tile.counters import counters, ports
from zhenwu.cosim.evidence import Evidence
from zhenwu.cosim.lockstep import Pair, check_lockstep
from zhenwu.cycle.tile.counters import Counters, activity

ORACLE = "cycle model counters, in every cycle"
NOT_CHECKED = "2^32 cycles of one kind"
BINS = {
    "cp_busy": "a cycle in which the array multiplies",
    "cp_blocked": "in which it waits for accumulators",
    "cp_draining": "in which results leave",
    "cp_starved": "in which nothing of that holds",
    "cp_several_hold": "busy comes before blocked, blocked before draining",
    "cp_conflict": "a line waits for its bank",
    "cp_between_programs": "what happens while no program runs is not counted",
    "cp_kept": "the counts of a program stand until the next one starts",
    "cp_start": "a start clears all of them",
}


def run(seed: int, quick: bool = False) -> Evidence:
    """Programs with cycles between them."""
    coverage = Coverage(BINS)

    def make() -> Pair:
        pins = ports()
        bench = Bench(seed, coverage)
        return Pair(counters(**pins), pins, bench.begin, lambda _: bench.expected(), bench.advance)

    return check_lockstep(
        "counters", make, seed=seed, cycles=300 if quick else 3000, coverage=coverage, oracle=ORACLE,
        not_checked=NOT_CHECKED,
    )


class Bench:
    """The model, and what the tile may show it."""

    def __init__(self, seed: int, coverage: Coverage):
        self.seed, self.coverage = seed, coverage

    def begin(self) -> dict[str, int]:
        """As after a reset."""
        self.random = Random(self.seed)
        self.model = Counters()
        self.left = 0  # cycles of the program at work
        return dict.fromkeys(("start", "running", "busy", "blocked", "draining", "conflict"), 0)

    def expected(self) -> dict[str, int]:
        """All counts."""
        return {f"counts.{name}": cycles for name, cycles in self.model.cycles.items()} | {
            "counts.conflicts": self.model.conflicts
        }

    def advance(self, driven: dict[str, int]) -> dict[str, int]:
        """One edge; then a program goes on, ends, or begins."""
        hit, random = self.coverage.hit, self.random
        shown = driven["busy"], driven["blocked"], driven["draining"]
        now = activity(*map(bool, shown))
        running, start = bool(driven["running"]), bool(driven["start"])
        hit(f"cp_{now}", running)
        hit("cp_several_hold", running and sum(shown) > 1)
        hit("cp_conflict", running and driven["conflict"])
        hit("cp_between_programs", not running and not start and (any(shown) or driven["conflict"]))
        hit("cp_kept", not running and not start and sum(self.model.cycles.values()) > 0)
        hit("cp_start", start and sum(self.model.cycles.values()) > 0)
        self.model.step(start, running, now, bool(driven["conflict"]))
        begins = not self.left and random.random() < 0.2
        self.left = random.randint(1, 30) if start else max(0, self.left - 1)
        return {
            "start": int(begins), "running": int(self.left > 0), "conflict": random.getrandbits(1),
            **{name: random.getrandbits(1) for name in ("busy", "blocked", "draining")},
        }
