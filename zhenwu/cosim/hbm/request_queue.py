"""Cosimulation of a request queue: any ready request may leave, data come late, all places are used."""

from random import Random

from hdl.bench.coverage import Coverage
from hdl.hbm.request import BANKS, COLUMNS, ROWS, SLOTS
from hdl.hbm.request_queue import ports, request_queue
from zhenwu.cosim.evidence import Evidence, merge
from zhenwu.cosim.hbm.situ import request_word
from zhenwu.cosim.lockstep import Pair, check_lockstep
from zhenwu.cycle.hbm import request_queue as model
from zhenwu.cycle.hbm.commands import Request

ORACLE = "cycle model request_queue: every request and its place, in every cycle"
NOT_CHECKED = "sizes other than 1, 5 and 16"
BINS = {
    "cp_full": "all places are taken",
    "cp_oldest_leaves": "nobody moves up",
    "cp_youngest_leaves": "everybody moves up",
    "cp_wraps": "those that move up pass the end of the ring",
    "cp_enter_and_leave": "one comes as one goes",
    "cp_arrive_and_leave": "data come for a request as another leaves",
    "cp_only_one": "the only request leaves as its successor comes",
    "cp_data_wait": "requests stand in the queue without data",
}
NOW_BITS = 8


def run(seed: int, quick: bool = False) -> Evidence:
    """As reads use it, ready at once, and as writes do."""
    coverage = Coverage(BINS)
    cycles = 600 if quick else 3000
    sizes = ((16, False), (16, True), (5, True), (1, True))
    return merge("request_queue", *(check_size(*size, seed, cycles, coverage) for size in sizes))


def check_size(entries: int, late: bool, seed: int, cycles: int, coverage: Coverage) -> Evidence:
    """One size; with `late`, data come some time after their request."""

    def make() -> Pair:
        pins = ports(entries=entries, now_bits=NOW_BITS)
        bench = Bench(entries, late, f"{seed}/{entries}/{late}", coverage)
        return Pair(request_queue(**pins), pins, bench.begin, lambda _: bench.expected(), bench.advance)

    return check_lockstep(
        "request_queue", make, seed=seed, cycles=cycles, coverage=coverage, oracle=ORACLE, not_checked=NOT_CHECKED
    )


class Bench:
    """The model, and where its oldest request lies in the ring: a place further with each that left."""

    def __init__(self, entries: int, late: bool, seed: str, coverage: Coverage):
        self.entries, self.late, self.seed, self.coverage = entries, late, seed, coverage

    def begin(self) -> dict[str, int]:
        """As after a reset: empty."""
        self.random = Random(self.seed)
        self.model = model.RequestQueue()
        self.now = self.head = 0
        self.given: tuple = (None, False, None)
        self.rate = 0.5
        return self.inputs()

    def inputs(self) -> dict[str, int]:
        """What comes and what goes."""
        enter, arrive, leave = self.given
        values = {"now": self.now % (1 << NOW_BITS), "enter": int(enter is not None), "arrive": int(arrive)}
        if enter is not None:
            values["request"] = request_word(enter)
        return values | {"leave": int(leave is not None), "position": leave or 0}

    def expected(self) -> dict[str, int]:
        """Every request at its place."""
        queue = self.model
        values = {"count": queue.count, "ready": queue.ready, "head": self.head}
        for index, request in enumerate(queue.requests):
            values[f"requests.{(self.head + index) % self.entries}"] = request_word(request)
        if queue.ready:
            values["oldest_stamp"] = queue.stamps[0] % (1 << NOW_BITS)
        return values

    def advance(self, _) -> dict[str, int]:
        """One CK."""
        enter, arrive, leave = self.given
        self.count(*self.given)
        self.model.step(self.now, *self.given)
        self.head = (self.head + (leave is not None)) % self.entries
        self.now += 1
        random, queue = self.random, self.model
        if random.random() < 0.05:
            self.rate = random.choice((0.9, 0.5, 0.1))
        leave = random.randrange(queue.ready) if queue.ready and random.random() < 1 - self.rate else None
        enter = None
        if queue.count - (leave is not None) < self.entries and random.random() < self.rate:
            bank, row, column, slot = (random.randrange(size) for size in (BANKS, ROWS, COLUMNS, SLOTS))
            enter = Request(bank, row, column, slot)
        arrive = enter is not None
        if self.late:
            arrive = queue.ready < queue.count and random.random() < 0.5
        self.given = enter, arrive, leave
        return self.inputs()

    def count(self, enter: Request | None, arrive: bool, leave: int | None) -> None:
        """The situations of this CK."""
        hit, queue = self.coverage.hit, self.model
        hit("cp_full", queue.count == self.entries)
        hit("cp_data_wait", queue.ready < queue.count)
        if leave is not None:
            hit("cp_oldest_leaves", leave == 0 and queue.count > 1)
            hit("cp_youngest_leaves", 0 < leave == queue.count - 1)
            hit("cp_wraps", self.head + leave >= self.entries)
            hit("cp_enter_and_leave", enter is not None)
            hit("cp_arrive_and_leave", arrive and enter is None)
            hit("cp_only_one", queue.count == 1 and enter is not None)
