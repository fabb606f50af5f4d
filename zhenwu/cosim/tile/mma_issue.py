"""Cosimulation of the issue: every step of random mmas, in order, none too early, and none later than it need be."""

from collections.abc import Iterator
from random import Random

from hdl.bench.clock import cycle
from hdl.bench.coverage import Coverage
from hdl.bench.monitor import Transfer
from hdl.bench.scoreboard import Scoreboard
from hdl.bench.script import script
from hdl.tile.mma_issue import mma_issue, ports
from zhenwu.cosim.evidence import Evidence, merge, until_one_fails
from zhenwu.cosim.lockstep import PinBoard
from zhenwu.cosim.stream_bench import Bench, check_streams
from zhenwu.cycle.tile import mma_issue as model
from zhenwu.golden.tile.mma_issue import mma_issue as golden
from zhenwu.spec.isa import STEP_ROWS, Mma, encode
from zhenwu.spec.mma_formats import BF16_MMA, MMA_CODES, MXFP4_MMA, MXFP8_MMA, STEP_WORDS, W4A8_MMA

ORACLE = "golden mma_issue; cycle model mma_issue, in every cycle; flags and buffers kept by the bench"
NOT_CHECKED = "instructions that the sequencer refuses; a result whose mmas differ in m, n or format"
BINS = {
    "cp_half_not_full": "an mma must wait for both its halves",
    "cp_buffers_taken": "and for accumulators that have been drained",
    "cp_no_gap": "the next mma follows in the next cycle",
    "cp_gap_after_free": "but not behind one that freed a half: the flags would be old",
    "cp_skipped_rows": "sub-tile rows wholly outside m",
    "cp_skipped_cols": "sub-tile columns wholly outside n",
    "cp_one_step": "an mma of one step",
    "cp_step_stalled": "a step that is not taken must stand",
    "cp_words_follow": "MXFP8: both words of both operands in two passes",
    "cp_word_of_b_stands": "W4A8: both words of A on one of B",
    "cp_odd_step_of_scales": "a block a step: the scales of an odd first step",
    "cp_pause": "a group of fewer steps than the adder takes: the sub-tile must wait for its sum",
    "cp_pause_of_passes": "a second pass is a cycle of the wait",
    "cp_exact": "a group of exactly as many steps needs no pause",
    "cp_exact_distance": "a sub-tile recurs in the very cycle in which its sum stands",
    "cp_pause_between": "an mma that leaves its result open makes the next one wait, and no longer",
    "cp_pause_and_free": "and so does one that frees a half as well",
    "cp_no_pause_behind_result": "the next result's mma need not wait, as it has the other accumulators",
}
HALF_STEPS = 3
CONFIGURATIONS = (  # rows, cols, latency
    (4, 4, 4), (4, 4, 1), (2, 2, 4), (8, 8, 4), (8, 8, 2), (8, 8, 1), (4, 8, 2), (2, 2, 1), (8, 4, 8),
)  # fmt: skip


def run(seed: int, quick: bool = False) -> Evidence:
    """2 x 2, 4 x 4 and 8 x 8 arrays and two that are not square, with adders of one to eight cycles."""
    coverage = Coverage(BINS)
    configurations = CONFIGURATIONS[:-2] if quick else CONFIGURATIONS
    parts = (check_size(*configuration, seed, 2 if quick else 7, coverage) for configuration in configurations)
    return merge("mma_issue", *until_one_fails(parts))


def corners() -> list[Mma]:
    """Small results in all formats, in one mma or two, with and without a half freed between them; then a whole one."""
    small = {"a_half": 0, "b_half": 0, "release_a": 0, "release_b": 0, "m": 1, "n": 1}
    mxfp4, mxfp8, w4a8 = ({"fmt": fmt.code} for fmt in (MXFP4_MMA, MXFP8_MMA, W4A8_MMA))
    return [
        Mma(**small | mxfp4, first=1, last=0, k_groups=2, a_step=0, b_step=1),
        Mma(**small | mxfp4, first=0, last=1, k_groups=2, a_step=1, b_step=0),
        Mma(**small | mxfp8, first=1, last=1, k_groups=2, a_step=1, b_step=0),
        Mma(**small | w4a8 | {"release_a": 1}, first=1, last=0, k_groups=2, a_step=1, b_step=2),
        Mma(**small | w4a8, first=0, last=1, k_groups=1, a_step=2, b_step=1),
        Mma(1, 0, first=1, last=1, release_a=0, release_b=1, m=STEP_ROWS, n=STEP_ROWS, k_groups=3, a_step=0, b_step=1,
            fmt=BF16_MMA.code),
        Mma(**small | mxfp4, first=1, last=1, k_groups=1, a_step=0, b_step=1),
    ]  # fmt: skip


def random_result(random: Random) -> list[Mma]:
    """The mmas of any result, one to three; small and whole ones often. A later one may begin it anew."""
    m, n = (random.choice([1, STEP_ROWS, random.randint(1, STEP_ROWS)]) for _ in range(2))
    fmt = MMA_CODES[random.choice(list(MMA_CODES))]
    count = random.choice([1, 1, 2, 3])
    mmas = []
    for index in range(count):
        most = STEP_WORDS * HALF_STEPS // max(fmt.a_words, fmt.b_words)
        k_groups = random.choice([1, 1, 2, 3, most])
        a_step, b_step = (
            random.randint(0, (STEP_WORDS * HALF_STEPS - k_groups * words) // STEP_WORDS)
            for words in (fmt.a_words, fmt.b_words)
        )
        mmas.append(Mma(
            random.getrandbits(1), random.getrandbits(1), int(index == 0 or random.random() < 0.1),
            int(index == count - 1), int(random.random() < 0.3), int(random.random() < 0.3), m, n, k_groups, a_step,
            b_step, fmt.code,
        ))  # fmt: skip
    return mmas


def check_size(rows: int, cols: int, latency: int, seed: int, results: int, coverage: Coverage) -> Evidence:
    """One array: corners and random results while the flags come and go."""
    random = Random(f"{seed}/{rows}x{cols}/{latency}")
    mmas = corners()
    for _ in range(results):
        mmas += random_result(random)
    mmas += corners()[-1:]
    expected, buffer = [], 0
    for mma in mmas:
        for step in golden(mma, buffer, rows, cols, HALF_STEPS):
            expected.append({**vars(step), "buffer": buffer, "m": mma.m, "n": mma.n})
        buffer ^= mma.last

    def bench(stalls) -> Bench:
        pins = ports(rows=rows, cols=cols, half_steps=HALF_STEPS)
        round_it = Surroundings(pins, mmas, (rows, cols, latency), f"{seed}/flags", coverage)
        return Bench(
            mma_issue(**pins, rows=rows, cols=cols, half_steps=HALF_STEPS, latency=latency), pins,
            {"instr": [encode(mma) for mma in mmas]}, {"step": expected},
            extra=[script(pins["clk"], pins["rst"], round_it.run)], after=round_it.boards,
        )

    return check_streams(
        "mma_issue", bench, seed=seed, coverage=coverage, budget_cycles=60_000, oracle=ORACLE,
        not_checked=NOT_CHECKED, notes=("no bound: the bench holds it up with flags",),
    )


class Surroundings:
    """Plays the scratchpad's flags and the drain, with the cycle model beside the block, and counts.

    A freed half is full again some cycles later, a finished result is drained some cycles later.
    """

    def __init__(self, pins, mmas: list[Mma], sizes: tuple[int, int, int], seed: str, coverage: Coverage):
        self.pins, self.mmas, self.sizes, self.seed, self.coverage = pins, mmas, sizes, seed, coverage
        self.rows, self.cols, self.latency = sizes
        self.cycles = PinBoard(pins)
        self.ends = Scoreboard([{"mma_done": 1, "free": self.frees(mma)} for mma in mmas])
        within = [self.pause(mma) for mma in mmas for _ in range(mma.k_groups - 1)]
        self.pauses = Scoreboard([{"cycles": pause} for pause in within])
        self.early = Scoreboard([{"early": 0}])

    @staticmethod
    def frees(mma: Mma) -> int:
        """The flags of the halves that an mma frees."""
        return mma.release_a << mma.a_half | mma.release_b << 2 + mma.b_half

    def group_steps(self, mma: Mma) -> int:
        """Steps of one group."""
        return -(-mma.m // self.rows) * -(-mma.n // self.cols) * MMA_CODES[mma.fmt].passes

    def pause(self, mma: Mma) -> int:
        """Cycles without a step between two groups."""
        return max(0, self.latency - self.group_steps(mma))

    def boards(self) -> dict[str, Scoreboard]:
        """What the bench itself has seen."""
        if not self.early.received:
            self.early.receive(Transfer(cycle(), {"early": 0}))
        return {
            "ends": self.ends, "pauses": self.pauses, "early steps": self.early, "cycle by cycle": self.cycles.board,
        }  # fmt: skip

    def run(self) -> Iterator[None]:
        """A look at every edge, then the flags for the next one."""
        self.ends.restart()
        self.pauses.restart()
        self.model = model.MmaIssue(*self.sizes)
        self.random = Random(self.seed)
        self.refill = [0, 0, 0, 0]  # the cycle in which each half is full
        self.drained: dict[int, int] = {}  # buffer: the cycle in which it is free again
        self.closed: dict[int, int] = {}  # slot: the cycle in which its last sum was closed
        self.taken = self.index = self.moved = 0  # mmas taken; the mma of the next step, and how many of its moved
        self.closed_at: int | None = None  # the cycle in which the group before the next step ended
        self.ended_at = -9  # the cycle in which the mma before did
        self.stalled = False
        while True:
            now, step = cycle(), self.pins["step"]
            self.compare()
            if self.cycles.board.wrong:  # from here on the two go different ways
                return
            if step.valid:
                if self.moved == 0 and not self.stalled:
                    self.look_at_first(now)
                elif self.closed_at is not None:
                    self.pauses.receive(Transfer(now, {"cycles": now - self.closed_at - 1}))
                    self.coverage.hit("cp_exact", self.group_steps(self.mmas[self.index]) == self.latency > 1)
                self.closed_at = None
                self.coverage.hit("cp_step_stalled", self.stalled)
            self.stalled = bool(step.valid and not step.ready)
            self.count_waiting()
            if step.valid and step.ready:
                self.look_at_step(now)
            self.play(now)
            yield

    def look_at_first(self, now: int) -> None:
        """An mma's first step is offered."""
        mma, hit = self.mmas[self.index], self.coverage.hit
        buffer = int(self.pins["step"].buffer.val)
        used = 1 << mma.a_half | 4 << mma.b_half
        if int(self.pins["full"].val) & used != used or self.drained.get(buffer, -1) >= now:
            self.early.receive(Transfer(now, {"early": 1}))
        hit("cp_no_gap", now == self.ended_at + 1)
        hit("cp_skipped_rows", mma.m <= STEP_ROWS // 2)
        hit("cp_skipped_cols", mma.n <= STEP_ROWS // 2)
        hit("cp_words_follow", mma.fmt == MXFP8_MMA.code)
        hit("cp_word_of_b_stands", mma.fmt == W4A8_MMA.code)
        hit("cp_odd_step_of_scales", mma.fmt == MXFP8_MMA.code and mma.a_step % 2)
        if self.index == 0:
            return
        before = self.mmas[self.index - 1]
        pause, freed = self.pause(before), self.frees(before) != 0
        hit("cp_gap_after_free", freed and before.last)
        hit("cp_pause_between", pause and not before.last and now == self.ended_at + 1 + pause)
        hit("cp_pause_and_free", pause and not before.last and freed)
        hit("cp_no_pause_behind_result", pause and before.last and now == self.ended_at + 1)

    def look_at_step(self, now: int) -> None:
        """A step has moved; the sum of the last one on its slot must stand."""
        mma, step, hit = self.mmas[self.index], self.pins["step"], self.coverage.hit
        slot = int(step.slot.val)
        if step.closes:
            if not step.first:
                if now - self.closed.get(slot, now) < self.latency:
                    self.early.receive(Transfer(now, {"early": 1}))
                hit("cp_exact_distance", now - self.closed.get(slot, now) == self.latency > 1)
            self.closed[slot] = now
        self.moved += 1
        if self.moved % self.group_steps(mma) == 0:
            self.closed_at = now
            hit("cp_pause", self.pause(mma) and MMA_CODES[mma.fmt].passes == 1)
            hit("cp_pause_of_passes", self.pause(mma) and MMA_CODES[mma.fmt].passes > 1)
        if self.pins["mma_done"]:
            hit("cp_one_step", self.moved == 1)
            self.ends.receive(Transfer(now, {"mma_done": 1, "free": int(self.pins["free"].val)}))
            if mma.last:
                self.drained[int(step.buffer.val)] = now + self.random.choice([3, 5, 80])
            for half in range(4):
                if int(self.pins["free"].val) >> half & 1:
                    self.refill[half] = now + self.random.choice([1, 2, 30])
            self.index, self.moved, self.ended_at, self.closed_at = self.index + 1, 0, now, None

    def count_waiting(self) -> None:
        """Why an mma that is offered is not taken, with none at work."""
        instr, full = self.pins["instr"], int(self.pins["full"].val) & 15
        if instr.valid and not instr.ready and not self.pins["step"].valid:
            self.coverage.hit("cp_half_not_full", full != 15)
            self.coverage.hit("cp_buffers_taken", full == 15 and len(self.drained) == 2)

    def compare(self) -> None:
        """This cycle's pins against the model's, and one edge of it."""
        instr, step, mine = self.pins["instr"], self.pins["step"], self.model
        offered = self.mmas[self.taken] if instr.valid else None
        takes = mine.takes(offered, int(self.pins["full"].val), bool(step.ready))
        moves = mine.valid and bool(step.ready)
        ends = moves and mine.ending
        expected = {"step.valid": int(mine.valid), "mma_done": int(ends), "free": mine.frees if ends else 0}
        if offered is not None:
            expected["instr.ready"] = int(takes)
        self.cycles.compare(expected)
        mine.step(offered if takes else None, moves, int(self.pins["freed"].val))
        self.taken += takes

    def play(self, now: int) -> None:
        """The flags, the residual's anyhow, and a buffer that has been drained."""
        full = sum(1 << half for half in range(4) if self.refill[half] <= now)
        self.pins["full"].next = full | self.random.getrandbits(2) << 4
        ready = [buffer for buffer, when in self.drained.items() if when <= now]
        self.pins["freed"].next = 1 + ready[0] if ready else 0
        for buffer in ready[:1]:
            del self.drained[buffer]
