"""Cosimulation of the direction: counts that drift, ages on both sides of the limit, a clock that runs round."""

from random import Random

from hdl.bench.coverage import Coverage
from hdl.hbm.direction import direction, ports
from zhenwu.cosim.evidence import Evidence, merge
from zhenwu.cosim.lockstep import Pair, check_lockstep
from zhenwu.cycle.hbm import direction as model
from zhenwu.cycle.hbm.request_queue import RequestQueue
from zhenwu.spec.hbm_controller import CONTROLLER

ORACLE = "cycle model direction, in every cycle"
NOT_CHECKED = "queues other than 16 + 16, 5 + 2 and 1 + 1"
BINS = {
    "cp_high": "enough writes wait: to writes, although reads wait too",
    "cp_no_read": "no read waits: to writes below the watermark",
    "cp_low": "few writes are left: back to reads",
    "cp_stays": "between the watermarks it stays as it was",
    "cp_read_overdue": "an old read turns it from writes",
    "cp_write_overdue": "an old write turns it from reads",
    "cp_both_overdue": "both are too old: the older one decides",
    "cp_exact_age": "a request of exactly max_age is not overdue yet",
    "cp_tie": "both are equally old: the read goes first",
}
NOW_BITS = 10
MAX_AGE = 100


def run(seed: int, quick: bool = False) -> Evidence:
    """Three sizes of the queues."""
    coverage = Coverage(BINS)
    cycles = 1500 if quick else 6000
    sizes = ((16, 16), (5, 2), (1, 1))
    return merge("direction", *(check_size(*size, seed, cycles, coverage) for size in sizes))


def check_size(read_entries: int, write_entries: int, seed: int, cycles: int, coverage: Coverage) -> Evidence:
    """One size."""
    high, low = CONTROLLER.watermarks(write_entries)

    def make() -> Pair:
        pins = ports(read_entries=read_entries, write_entries=write_entries, now_bits=NOW_BITS)
        bench = Bench(read_entries, write_entries, f"{seed}/{write_entries}", coverage)
        return Pair(
            direction(**pins, high=high, low=low, max_age=MAX_AGE), pins, bench.begin, lambda _: bench.expected(),
            bench.advance,
        )

    return check_lockstep(
        "direction", make, seed=seed, cycles=cycles, coverage=coverage, oracle=ORACLE, not_checked=NOT_CHECKED
    )


class Bench:
    """The model, and two queues of which only the stamps matter."""

    def __init__(self, read_entries: int, write_entries: int, seed: str, coverage: Coverage):
        self.sizes, self.seed, self.coverage = (read_entries, write_entries), seed, coverage
        self.high, self.low = CONTROLLER.watermarks(write_entries)

    def begin(self) -> dict[str, int]:
        """As after a reset: nothing waits."""
        self.random = Random(self.seed)
        self.model = model.Direction(self.high, self.low, MAX_AGE)
        self.now = 0
        self.queues = RequestQueue(), RequestQueue()
        self.rates = [(0.3, 0.3)] * 2
        return self.inputs()

    def inputs(self) -> dict[str, int]:
        """Counts and oldest stamps."""
        (reads, writes), cks = self.queues, 1 << NOW_BITS
        return {
            "now": self.now % cks, "reads": reads.ready, "writes": writes.ready,
            "read_stamp": reads.stamps[0] % cks if reads.ready else self.now % cks,
            "write_stamp": writes.stamps[0] % cks if writes.ready else 0,
        }

    def expected(self) -> dict[str, int]:
        """The direction now."""
        writing, overdue = self.model.choose(self.now, *self.queues)
        return {"writing": int(writing), "overdue": int(overdue)}

    def advance(self, _) -> dict[str, int]:
        """One CK: at most one request comes to each queue and one leaves it, and none stays for half a round."""
        writing, overdue = self.model.choose(self.now, *self.queues)
        self.count(writing, overdue)
        self.model.step(writing)
        random = self.random
        if random.random() < 0.02:  # how often one comes to each queue, and leaves it
            self.rates = [(random.choice((0.0, 0.02, 0.3)), random.choice((0.0, 0.02, 0.3))) for _ in self.queues]
        if random.random() < 0.008:  # two alone, of one age
            self.rates = [(0.0, 0.0)] * 2
            for queue in self.queues:
                queue.stamps[:] = [self.now]
        for queue, entries, (come, leave) in zip(self.queues, self.sizes, self.rates, strict=True):
            too_old = queue.ready and self.now - queue.stamps[0] > (1 << NOW_BITS) // 2 - 3
            if queue.ready and (too_old or random.random() < leave):
                queue.stamps.pop(0 if too_old else random.randrange(queue.ready))
            if queue.ready < entries and random.random() < come:
                queue.stamps.append(self.now)
        self.now += 1
        return self.inputs()

    def count(self, writing: bool, overdue: bool) -> None:
        """The situations of this CK."""
        hit, was = self.coverage.hit, self.model.was_writing
        reads, writes = self.queues
        ages = [self.now - queue.stamps[0] if queue.ready else -1 for queue in self.queues]
        hit("cp_exact_age", MAX_AGE in ages)
        if overdue:
            late = [age > MAX_AGE for age in ages]
            hit("cp_read_overdue", was and late == [True, False])
            hit("cp_write_overdue", not was and late == [False, True])
            hit("cp_both_overdue", all(late))
            hit("cp_tie", all(late) and ages[0] == ages[1])
            return
        hit("cp_high", writing and not was and reads.ready > 0)
        hit("cp_no_read", writing and not was and writes.ready < self.high)
        hit("cp_low", was and not writing)
        hit("cp_stays", was == writing and self.low < writes.ready < self.high and reads.ready > 0)
