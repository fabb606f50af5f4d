"""Cosimulation of the queue: what comes out is what went in, at every fill level."""

from collections.abc import Iterator
from random import Random

from hdl.bench.coverage import Coverage
from hdl.stream.fifo import fifo, ports
from zhenwu.cosim.evidence import Evidence, merge
from zhenwu.cosim.stream_bench import Bench, check_streams

ORACLE = "the payloads that went in, in order"
NOT_CHECKED = "depths other than 2, 3 and 64"
BINS = {
    "cp_full": "a full queue must refuse, not overwrite",
    "cp_full_and_taken": "a full queue gives without taking in the same cycle",
    "cp_straight_through": "a payload that finds the queue empty must not wait for a second one",
    "cp_replaced": "the only payload leaves as the next arrives: it goes to the output, not to memory",
    "cp_from_memory": "the next payload comes from memory, also after its places wrapped",
}
DEPTHS = (2, 3, 64)  # the least, one that is no power of two, and the mover's


def run(seed: int, quick: bool = False) -> Evidence:
    """Random payloads of two fields through every depth."""
    coverage = Coverage(BINS)
    return merge("fifo", *(check_depth(depth, seed, 60 if quick else 400, coverage) for depth in DEPTHS))


def check_depth(depth: int, seed: int, count: int, coverage: Coverage) -> Evidence:
    """One depth."""
    random = Random(f"{seed}/{depth}")
    items = [{"tag": random.randrange(16), "data": random.getrandbits(32)} for _ in range(count + 3 * depth)]

    def bench(stalls) -> Bench:
        pins = ports(tag=4, data=32)
        extra = [observe(pins["clk"], pins["rst"], pins["src"], pins["dst"], coverage)]
        return Bench(fifo(**pins, depth=depth), pins, {"src": items}, {"dst": items}, extra=extra)

    return check_streams(
        "fifo", bench, seed=seed, coverage=coverage, budget_cycles=40_000, oracle=ORACLE, not_checked=NOT_CHECKED,
        achieved=lambda outcome: outcome.boards["dst"].rate, bound=1.0, notes=("achieved, bound: payloads a cycle",),
    )


def observe(clk, rst, src, dst, coverage: Coverage) -> Iterator:
    """Count the situations, with a fill level of the bench's own."""
    level = 0
    while True:
        yield clk.posedge
        push, pop = bool(src.valid and src.ready), bool(dst.valid and dst.ready)
        if rst:
            level = 0
            continue
        coverage.hit("cp_full", bool(src.valid and not src.ready))
        coverage.hit("cp_full_and_taken", bool(src.valid and not src.ready and pop))
        coverage.hit("cp_straight_through", push and not pop and level == 0)
        coverage.hit("cp_replaced", push and pop and level == 1)
        coverage.hit("cp_from_memory", pop and level > 1)
        level += push - pop
