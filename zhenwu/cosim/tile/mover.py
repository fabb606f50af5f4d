"""Cosimulation of the mover on an ideal memory: every line of every load arrives in order, in its place."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from hdl.bench.clock import cycle
from hdl.bench.coverage import Coverage
from hdl.bench.memory import Memory, memory
from hdl.bench.monitor import Transfer
from hdl.bench.scoreboard import Scoreboard
from hdl.bundle import MemoryPort
from hdl.tile.mover import mover, ports
from zhenwu.cosim.evidence import Evidence, merge
from zhenwu.cosim.profiles import BURSTS, NONE, RANDOM, RESET
from zhenwu.cosim.stream_bench import Bench, check_streams
from zhenwu.golden.tile import mover as golden
from zhenwu.golden.tile.layout import MEMORY_LINES
from zhenwu.spec.isa import RESIDUAL, RESIDUAL_STEPS, STEP_ROWS, Load, LoadFields, encode
from zhenwu.spec.mma_formats import BF16_OPERAND, FLOAT32_RESIDUAL, MXFP4_OPERAND, MXFP8_OPERAND, STEP_WORDS

ORACLE = "golden mover: the lines of each load; the ideal memory's content"
NOT_CHECKED = "a memory that answers out of order: one id returns in order"
BINS = {
    "cp_waits_for_half": "a load whose half is in use must wait until that is given back",
    "cp_limit": "with all reads under way that are allowed, none may be issued",
    "cp_next_load_follows": "reads of the next load are issued before the last one has its answers",
    "cp_answer_waits": "the scratchpad holds an answer back",
    "cp_read_waits": "memory does not take a read at once",
    "cp_one_row": "a panel of one row: an element line and a scale line in turn",
    "cp_ragged": "the last of several panels has fewer rows",
    "cp_several_steps": "steps of one panel, then those of the next",
    "cp_wrap": "addresses wrap at the end of the address space",
    "cp_scales_wrap": "and so do those of scales",
    "cp_scales_each_step": "MXFP4: two blocks a step, a line of scales behind each",
    "cp_scales_each_two": "MXFP8: a block a step, a line of scales behind each second one",
    "cp_scales_of_one": "and behind a last one alone",
    "cp_scales_odd": "so the next panel's lines of scales begin at an odd block",
    "cp_no_scales": "BF16 has none",
    "cp_residual": "the residual has none either; its halves have flags of their own",
    "cp_format_changes": "the next load's format counts for its own reads only",
    "cp_poison": "a marked line is reported with its address",
    "cp_poison_in_a_row": "and so is each of two in successive cycles",
    "cp_poison_last": "marked data in a load's last line is known no later than the load's end",
}
HALF_STEPS = 128
CONFIGURATIONS = ((4, 9), (64, 80))  # reads under way at most, cycles of latency
RATE_CONFIGURATION = (64, 20)
ALL_PROFILES = (NONE, RANDOM, BURSTS, RESET)


MXFP4, MXFP8, BF16, FLOAT32 = (
    fmt.code for fmt in (MXFP4_OPERAND, MXFP8_OPERAND, BF16_OPERAND, FLOAT32_RESIDUAL)
)
CORNERS = [
    Load(0, 0, 1, 2, MEMORY_LINES - 1, 9, 500, 1, MXFP4),
    Load(1, 0, STEP_ROWS + 3, 2, MEMORY_LINES - 40, 3, MEMORY_LINES - 1, 2, MXFP4),
    Load(0, 1, 2 * STEP_ROWS, 1, 9000, 1, 8000, 1, MXFP4),
    Load(1, 0, STEP_ROWS + 2, 3, 100, 50, MEMORY_LINES - 2, 1, MXFP8),
    Load(1, 0, 2, 1, 100, 50, 200, 1, MXFP8),
    Load(RESIDUAL, 0, 2, 3, 300, 8, 0, 0, FLOAT32),
    Load(0, 1, 1, 4, 7000, 4, 7100, 2, MXFP8),
    Load(0, 0, STEP_ROWS + 1, 2, 400, 2, 7200, 1, BF16),
    Load(RESIDUAL, 1, STEP_ROWS, 2, MEMORY_LINES - 9, 3, 7300, 1, FLOAT32),
]
LONG = [Load(1, 1, 1, 100, 5000, 0, 6000, 0, MXFP4), Load(0, 1, 1, 101, 5000, 0, 6000, 0, MXFP8)]


@dataclass(frozen=True)
class Work:
    """Loads, the lines that they fetch, and for each line the load that it belongs to."""

    loads: list[Load]
    lines: list[golden.LineWrite]
    owner: list[int]


def run(seed: int, quick: bool = False) -> Evidence:
    """Loads into six free halves for the rate, then random loads with few and with many reads under way."""
    coverage = Coverage(BINS)
    formats = ((0, MXFP4), (1, MXFP8), (RESIDUAL, FLOAT32))
    free = [Load(operand, half, STEP_ROWS, 2, 64, 2, 32, 2, fmt) for half in (0, 1) for operand, fmt in formats]
    parts = [check_mover(free, *RATE_CONFIGURATION, seed, (NONE,), coverage)]
    for outstanding, latency in CONFIGURATIONS[:1] if quick else CONFIGURATIONS:
        random = Random(f"{seed}/{outstanding}")
        loads = CORNERS + [some_load(random) for _ in range(2 if quick else 6)] + ([] if quick else LONG)
        parts.append(check_mover(loads, outstanding, latency, seed, ALL_PROFILES, coverage))
    return merge("mover", *parts)


def some_load(random: Random) -> Load:
    """Any load that fits a half, a third of them near the end of the address space."""
    operand, fmt = random.choice((0, 1, 0, 1, RESIDUAL)), random.choice((MXFP4, MXFP8, BF16))
    k_steps = random.choice((1, 1, 2, 3, 8))
    rows = random.randint(1, (1 if k_steps == 8 else 3) * STEP_ROWS)
    if operand == RESIDUAL:
        fmt, k_steps, rows = FLOAT32, random.randint(1, RESIDUAL_STEPS), random.randint(1, STEP_ROWS)
    if random.random() < 0.3:
        rows = 1
    bases = [MEMORY_LINES - random.randint(1, 200) if random.random() < 1 / 3 else random.randrange(MEMORY_LINES)
             for _ in range(2)]
    strides = [random.choice((0, k_steps, random.randrange(1 << LoadFields.element_stride.width))) for _ in range(2)]
    half = random.getrandbits(1)
    return Load(operand, half, rows, k_steps, bases[0], strides[0], bases[1], strides[1], fmt)


def work(loads: list[Load]) -> Work:
    """What golden makes of these loads."""
    lines, owner = [], []
    for index, load in enumerate(loads):
        own = golden.mover(load, HALF_STEPS)
        lines += own
        owner += [index] * len(own)
    return Work(loads, lines, owner)


def check_mover(
    loads: list[Load], outstanding: int, latency_cycles: int, seed: int, profiles, coverage: Coverage
) -> Evidence:
    """These loads, with some lines of memory poisoned."""
    todo = work(loads)
    marked = {line.line_address for line in Random(seed).sample(todo.lines, 6)}
    marked |= {9004, 9005, next(line.line_address for line in todo.lines if line.last)}
    store = Memory(poisoned=marked)
    expected = [
        {"operand": line.operand, "half": line.half, "step": line.step, "row": line.row, "scale": line.scale,
         "last": line.last, "data": store.read(line.line_address)}
        for line in todo.lines
    ]  # fmt: skip

    def bench(stalls) -> Bench:
        pins = ports()
        port = MemoryPort()
        port.cmd, port.rdata = pins["cmd"], pins["rdata"]
        watch = Watch(pins, todo, marked, outstanding, coverage, seed)
        count_loads(todo, marked, coverage)
        extra = [
            memory(pins["clk"], pins["rst"], port, store, latency_cycles=latency_cycles, outstanding=outstanding + 2,
                   stalls={"cmd": stalls("cmd"), "rdata": stalls("rdata")}),
            watch.follow(),
        ]  # fmt: skip
        return Bench(
            mover(**pins, outstanding=outstanding), pins, {"instr": [encode(load) for load in todo.loads]},
            {"line": expected}, extra=extra, after=watch.boards,
        )

    return check_streams(
        "mover", bench, seed=seed, coverage=coverage, budget_cycles=20_000, oracle=ORACLE, not_checked=NOT_CHECKED,
        achieved=lambda outcome: outcome.boards["line"].rate, bound=1.0,
        profiles=profiles, notes=("achieved, bound: lines a cycle, loads into free halves",),
    )


class Watch:
    """The scratchpad's reserved flags, and what the mover says beside its streams."""

    def __init__(self, pins, todo: Work, marked: set[int], outstanding: int, coverage: Coverage, seed: int):
        self.pins = pins
        self.todo = todo
        self.outstanding = outstanding
        self.coverage = coverage
        self.seed = seed
        loads = [(load.operand * 2 + load.half) for load in todo.loads]
        self.reserve = Scoreboard([{"flags": 1 << flag, "was_free": 1, "load": i} for i, flag in enumerate(loads)])
        ends = [index for index, line in enumerate(todo.lines) if line.last]
        self.load_done = Scoreboard([{"line": index} for index in ends])
        hits = [(index, line.line_address) for index, line in enumerate(todo.lines) if line.line_address in marked]
        self.poison = Scoreboard([{"line": index, "address": address} for index, address in hits])
        self.restart()

    def restart(self) -> None:
        """Expect everything from the start."""
        for board in (self.reserve, self.load_done, self.poison):
            board.restart()
        self.reads = self.lines = self.loads = 0  # reads issued, lines arrived, loads taken
        self.most_under_way = 0
        self.in_use: dict[int, int | None] = {}  # flag -> cycles until it is given back, None before the last line
        self.random = Random(self.seed)

    def boards(self) -> dict[str, Scoreboard]:
        """The pulses, and the limit of the reads under way."""
        limit = Scoreboard([{"reads_too_many": 0}])
        limit.receive(Transfer(0, {"reads_too_many": max(0, self.most_under_way - self.outstanding)}))
        return {"reserve": self.reserve, "load_done": self.load_done, "poison": self.poison, "limit": limit}

    def follow(self) -> Iterator:
        """Look at every edge; a pulse belongs to the line that moves with it."""
        pins = self.pins
        instr, cmd, line = pins["instr"], pins["cmd"], pins["line"]
        while True:
            yield pins["clk"].posedge
            if pins["rst"]:
                pins["reserved"].next = 0
                self.restart()
                continue
            self.count()
            if pins["reserve"]:
                flags = int(pins["reserve"].val)
                free = int(flags & pins["reserved"] == 0)
                self.reserve.receive(Transfer(cycle(), {"flags": flags, "was_free": free, "load": self.loads}))
                self.in_use[flags.bit_length() - 1] = None
            if pins["load_done"]:
                self.load_done.receive(Transfer(cycle(), {"line": self.lines}))
            if pins["poison"]:
                address = int(pins["poison_address"].val)
                self.poison.receive(Transfer(cycle(), {"line": self.lines, "address": address}))
            if line.valid and line.ready and line.last:
                self.in_use[2 * int(line.operand.val) + int(line.half.val)] = self.random.choice((0, 3, 30))
            self.loads += bool(instr.valid and instr.ready)
            self.reads += bool(cmd.valid and cmd.ready)
            self.lines += bool(line.valid and line.ready)
            self.most_under_way = max(self.most_under_way, self.reads - self.lines)
            self.in_use = {flag: left and left - 1 for flag, left in self.in_use.items() if left != 0}
            pins["reserved"].next = sum(1 << flag for flag in self.in_use)

    def count(self) -> None:
        """The situations of one cycle."""
        instr, cmd, line, rdata = (self.pins[name] for name in ("instr", "cmd", "line", "rdata"))
        owner, reads, under_way = self.todo.owner, self.reads, self.reads - self.lines
        issued = reads >= len(owner) or owner[reads] >= self.loads  # all reads of the loads taken
        self.coverage.hit("cp_waits_for_half", bool(issued and instr.valid and not instr.ready))
        self.coverage.hit("cp_limit", not issued and under_way == self.outstanding)
        follows = not issued and under_way > 0 and owner[reads] > owner[self.lines]
        self.coverage.hit("cp_next_load_follows", bool(follows and cmd.valid and cmd.ready))
        self.coverage.hit("cp_answer_waits", bool(line.valid and not line.ready))
        self.coverage.hit("cp_read_waits", bool(cmd.valid and not cmd.ready))


def count_loads(todo: Work, marked: set[int], coverage: Coverage) -> None:
    """The situations that the loads hold."""
    for load in todo.loads:
        panels = -(-load.rows // STEP_ROWS)
        coverage.hit("cp_one_row", load.rows == 1)
        coverage.hit("cp_ragged", panels > 1 and load.rows % STEP_ROWS != 0)
        coverage.hit("cp_several_steps", panels > 1 and load.k_steps > 1)
        coverage.hit("cp_wrap", load.element_base + (load.rows - 1) * load.element_stride >= MEMORY_LINES)
        coverage.hit("cp_scales_each_step", load.fmt == MXFP4 and load.k_steps > 1)
        coverage.hit("cp_scales_each_two", load.fmt == MXFP8 and load.k_steps > 1)
        coverage.hit("cp_scales_of_one", load.fmt == MXFP8 and load.k_steps % 2)
        coverage.hit("cp_no_scales", load.fmt == BF16)
        coverage.hit("cp_residual", load.operand == RESIDUAL)
    for before, load in zip(todo.loads, todo.loads[1:], strict=False):
        coverage.hit("cp_format_changes", before.fmt != load.fmt)
    for line, index in zip(todo.lines, todo.owner, strict=True):
        coverage.hit("cp_scales_odd", line.scale and line.step % STEP_WORDS)
        coverage.hit("cp_scales_wrap", line.scale and line.line_address < todo.loads[index].scale_base)
    for before, line in zip(todo.lines, todo.lines[1:], strict=False):
        poisoned = line.line_address in marked
        coverage.hit("cp_poison", poisoned)
        coverage.hit("cp_poison_in_a_row", poisoned and before.line_address in marked)
        coverage.hit("cp_poison_last", poisoned and line.last)
