"""Cosimulation of the issue: every step of random mmas, in order, and none before its operands are there."""

from collections.abc import Iterator
from random import Random

from hdl.bench.clock import cycle
from hdl.bench.coverage import Coverage
from hdl.bench.monitor import Transfer
from hdl.bench.scoreboard import Scoreboard
from hdl.bench.script import script
from hdl.tile.mma_issue import mma_issue, ports
from zhenwu.cosim.evidence import Evidence, merge
from zhenwu.cosim.stream_bench import Bench, check_streams
from zhenwu.golden.tile.mma_issue import mma_issue as golden
from zhenwu.spec.isa import STEP_BLOCKS, STEP_ROWS, Mma, encode

ORACLE = "golden mma_issue; flags and buffers kept by the bench"
NOT_CHECKED = "instructions that the sequencer refuses"
BINS = {
    "cp_half_not_full": "an mma must wait for both its halves",
    "cp_buffers_taken": "and for accumulators that have been drained",
    "cp_no_gap": "the next mma follows in the next cycle",
    "cp_gap_after_free": "but not behind one that freed a half: the flags would be old",
    "cp_skipped_rows": "sub-tile rows wholly outside m",
    "cp_skipped_cols": "sub-tile columns wholly outside n",
    "cp_one_step": "an mma of one step",
    "cp_step_stalled": "a step that is not taken must stand",
}
HALF_STEPS = 3


def run(seed: int, quick: bool = False) -> Evidence:
    """2 x 2, 4 x 4 and 8 x 8 arrays, and one that is not square."""
    count = 6 if quick else 14
    return merge("mma_issue", *(check_size(*size, seed, count) for size in ((4, 4), (2, 2), (8, 8), (4, 8))))


def random_mma(random: Random) -> Mma:
    """Any mma that fits the halves; small and whole ones often."""
    k_blocks = random.choice([1, 1, 2, 3, STEP_BLOCKS * HALF_STEPS])
    room = (STEP_BLOCKS * HALF_STEPS - k_blocks) // STEP_BLOCKS
    m, n = (random.choice([1, STEP_ROWS, random.randint(1, STEP_ROWS)]) for _ in range(2))
    bit = random.getrandbits
    return Mma(
        bit(1), bit(1), bit(1), bit(1), int(random.random() < 0.3), int(random.random() < 0.3), m, n, k_blocks,
        random.randint(0, room), random.randint(0, room),
    )


def check_size(rows: int, cols: int, seed: int, count: int) -> Evidence:
    """One array: random mmas while the flags come and go."""
    random = Random(f"{seed}/{rows}x{cols}")
    coverage = Coverage(BINS)
    one_step = Mma(0, 0, first=1, last=1, release_a=0, release_b=0, m=1, n=1, k_blocks=1, a_step=0, b_step=1)
    mmas = [one_step, *(random_mma(random) for _ in range(count)), one_step]
    expected, buffer, frees = [], 0, []
    for mma in mmas:
        for step in golden(mma, buffer, rows, cols, HALF_STEPS):
            expected.append({**vars(step), "buffer": buffer, "m": mma.m, "n": mma.n})
        buffer ^= mma.last
        freed = mma.release_a << mma.a_half | mma.release_b << 2 + mma.b_half
        frees.append({"mma_done": 1, "free": freed})

    def bench(stalls) -> Bench:
        pins = ports(rows=rows, cols=cols, half_steps=HALF_STEPS)
        ends, early = Scoreboard(frees), Scoreboard([{"early": 0}])

        def steps() -> Iterator[None]:
            ends.restart()
            return surround(pins, mmas, Random(f"{seed}/flags"), (ends, early), coverage)

        def after() -> dict[str, Scoreboard]:
            if not early.received:
                early.receive(Transfer(cycle(), {"early": 0}))
            return {"ends": ends, "early steps": early}

        return Bench(
            mma_issue(**pins, rows=rows, cols=cols, half_steps=HALF_STEPS), pins,
            {"instr": [encode(mma) for mma in mmas]}, {"step": expected},
            extra=[script(pins["clk"], pins["rst"], steps)], after=after,
        )

    return check_streams(
        "mma_issue", bench, seed=seed, coverage=coverage, budget_cycles=60_000, oracle=ORACLE,
        not_checked=NOT_CHECKED, notes=("no bound: the bench holds it up with flags",),
    )


def surround(pins, mmas: list[Mma], random: Random, boards, coverage: Coverage) -> Iterator[None]:
    """Play the scratchpad's flags and the drain, and see that no step comes before what it needs.

    A freed half is full again some cycles later, a finished result is drained some cycles later.
    """
    ends, early = boards
    step = pins["step"]
    refill = [0, 0, 0, 0]  # the cycle in which each half is full
    drained: dict[int, int] = {}  # buffer: the cycle in which it is free again
    index, began, began_at, ended_at, freed_at, stalled = 0, False, -9, -9, -9, None
    while True:
        now = cycle()
        if step.valid and stalled is not None:
            coverage.hit("cp_step_stalled")
        stalled = True if step.valid and not step.ready else None
        if step.valid and not began:
            began, began_at = True, now
            mma = mmas[index]
            used = (1 << mma.a_half) | (4 << mma.b_half)
            taken = int(step.buffer.val) in drained and drained[int(step.buffer.val)] >= now
            if int(pins["full"].val) & used != used or taken:
                early.receive(Transfer(now, {"early": 1}))
            coverage.hit("cp_no_gap", now == ended_at + 1)
            coverage.hit("cp_gap_after_free", now > freed_at + 1 and freed_at == ended_at)
            coverage.hit("cp_skipped_rows", mma.m <= STEP_ROWS // 2)
            coverage.hit("cp_skipped_cols", mma.n <= STEP_ROWS // 2)
        if pins["instr"].valid and not pins["instr"].ready and not step.valid:
            coverage.hit("cp_half_not_full", int(pins["full"].val) != 15)
            coverage.hit("cp_buffers_taken", int(pins["full"].val) == 15 and len(drained) == 2)
        if pins["mma_done"]:
            free = int(pins["free"].val)
            ends.receive(Transfer(now, {"mma_done": 1, "free": free}))
            coverage.hit("cp_one_step", began_at == now)
            for half in range(4):
                if free >> half & 1:
                    refill[half] = now + random.choice([1, 2, 30])
            if mmas[index].last:
                drained[int(step.buffer.val)] = now + random.choice([3, 5, 80])
            index, began, ended_at = index + 1, False, now
            freed_at = now if free else freed_at
        pins["full"].next = sum(1 << half for half in range(4) if refill[half] <= now)
        ready = [buffer for buffer, when in drained.items() if when <= now]
        pins["freed"].next = 1 + ready[0] if ready else 0
        for buffer in ready[:1]:
            del drained[buffer]
        yield
