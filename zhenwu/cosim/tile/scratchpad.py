"""Cosimulation of the scratchpad: random legal events, flags after each one, full halves read meanwhile.

The events are drawn in advance, in steps: at most one line, and pulses that come with it. A step is over when its
line has been taken; then the flags and the words read must be what golden `next_state` says.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from random import Random

import numpy as np

from hdl.bench.clock import cycle
from hdl.bench.coverage import Coverage
from hdl.bench.monitor import Transfer
from hdl.bench.scoreboard import Scoreboard
from hdl.bench.stalls import Stalls
from hdl.tile.scratchpad import FLAGS, ports, scratchpad
from zhenwu.cosim.evidence import Evidence, merge
from zhenwu.cosim.stream_bench import Bench, check_streams
from zhenwu.golden.tile.layout import LINE_BYTES
from zhenwu.golden.tile.mover import mover
from zhenwu.golden.tile.scratchpad import Event, Fill, Free, Reserve, Scratchpad, empty_scratchpad, flag, next_state
from zhenwu.spec.isa import RESIDUAL, RESIDUAL_STEPS, STEP_ROWS, Load
from zhenwu.spec.mma_formats import (
    BF16_OPERAND,
    FLOAT32_RESIDUAL,
    MXFP4_OPERAND,
    MXFP8_OPERAND,
    STEP_WORDS,
)

ORACLE = "golden scratchpad: next_state after every event"
NOT_CHECKED = "events that the mover and the sequencer prevent; a read of a half in the first cycle of its full flag"
BINS = {
    "cp_last_line": "a half becomes full with its last line, not before",
    "cp_all_full": "six full halves have six flags",
    "cp_free_and_reserve": "one half is given back while a load begins for another",
    "cp_free_with_last_line": "one half is given back in the cycle in which another becomes full",
    "cp_reserve_while_filling": "a load may begin while the last one's lines still come",
    "cp_other_operand": "a line of one operand must not wait for a line of another",
    "cp_residual_follows": "nor a line of the residual for one of its own: its buffer takes a line a cycle",
    "cp_residual_read_while_filling": "a store reads one half of the residual while lines come in",
    "cp_line_waits": "two lines for one bank: back-pressure passes through",
    "cp_last_line_waits": "a half is not full before its last line has moved",
    "cp_read_while_filling": "the array reads one half while the other is filled",
    "cp_start_clears": "a new program must not find the flags of the last one",
}
SIZES = ((2, 4, 1), (8, 2, 2))  # rows, cols, half_steps
OPERANDS = (0, 1, RESIDUAL)
SCALED = (MXFP4_OPERAND, MXFP8_OPERAND)
FORMATS = (*SCALED, BF16_OPERAND)
Half = tuple[int, int]  # operand, half
HALVES: tuple[Half, ...] = tuple((operand, half) for operand in OPERANDS for half in (0, 1))
SCALE_BANK = -1
ADDRESSES = ("a_address", "a_scale_address", "b_address", "b_scale_address", "residual_address")


@dataclass
class Step:
    """What is driven together; `after` is what the pins must show once it is over."""

    line: dict[str, int] | None = None
    reserve: int = 0
    free: int = 0
    start: int = 0
    addresses: dict[str, int] = field(default_factory=dict)
    after: dict[str, int] = field(default_factory=dict)


def run(seed: int, quick: bool = False) -> Evidence:
    """Two shapes of array, quick only the first."""
    coverage = Coverage(BINS)
    programs = 4 if quick else 5
    return merge("scratchpad", *(check_size(*size, seed, programs, coverage) for size in SIZES[: 1 if quick else 2]))


def check_size(rows: int, cols: int, half_steps: int, seed: int, programs: int, coverage: Coverage) -> Evidence:
    """One shape of array and depth of scratchpad."""
    steps = plan(rows, cols, half_steps, programs, Random(f"{seed}/{rows}/{cols}"))

    def bench(stalls) -> Bench:
        pins = ports(rows=rows, cols=cols, half_steps=half_steps)
        board = Scoreboard([step.after for step in steps])
        waits = Scoreboard([])
        watch = observe(pins, (rows, cols), waits, coverage)
        extra = [drive(pins, steps, stalls("line"), board, coverage, seed), watch]
        return Bench(
            scratchpad(**pins, rows=rows, cols=cols, half_steps=half_steps), pins, extra=extra,
            done=lambda: board.complete, after=lambda: {"state": board, "waits": waits},
        )

    return check_streams(
        "scratchpad", bench, seed=seed, coverage=coverage, budget_cycles=20_000, oracle=ORACLE, not_checked=NOT_CHECKED
    )


class Plan:
    """Steps, with the state of the golden scratchpad after the last one."""

    def __init__(self, rows: int, cols: int, half_steps: int, random: Random):
        self.state = empty_scratchpad(rows, cols, half_steps)
        self.half_steps = half_steps
        self.random = random
        self.settled = 0  # halves that are full and were so before the last step
        self.steps: list[Step] = []

    def step(self, *events: Event, start: bool = False) -> None:
        """Add a step with these events, or with a new program's start; full halves are read in it."""
        step = Step(start=int(start))
        for event in events:
            match event:
                case Fill():
                    step.line = line_fields(event)
                case Reserve(operand=operand, half=half):
                    step.reserve = flag(operand, half)
                case Free(operand=operand, half=half):
                    step.free = flag(operand, half)
        for operand in OPERANDS:
            choice = [half for half in (0, 1) if self.settled & ~step.free & flag(operand, half)]
            if choice:
                read_somewhere(step, self.state, operand, self.random.choice(choice), self.half_steps, self.random)
        full_before = self.state.full
        if start:
            self.state = replace(self.state, reserved=0, full=0)
        for event in events:
            self.state = next_state(self.state, event, self.half_steps)
        self.settled = full_before & self.state.full
        step.after |= {"reserved": self.state.reserved, "full": self.state.full, "full_early": 0}
        self.steps.append(step)


def plan(rows: int, cols: int, half_steps: int, programs: int, random: Random) -> list[Step]:
    """The steps of some programs; the first one's loads fill their halves wholly, so that all words are known."""
    result = Plan(rows, cols, half_steps, random)
    for program in range(programs):
        waiting = random.sample(HALVES, len(HALVES))
        left: dict[Half, list[Fill]] = {}  # lines to come of loads that have begun
        while waiting or left:
            events: list[Event] = []
            if left:
                half = random.choice(list(left))
                events.append(left[half].pop(0))
                left = {half: fills for half, fills in left.items() if fills}
            if waiting and (not left or random.random() < 0.2):
                half = waiting.pop()
                events.append(Reserve(*half))
                left[half] = load_lines(*half, half_steps, FORMATS, program == 0, random)
            result.step(*events)
        operand, half = OPERANDS[program % len(OPERANDS)], random.getrandbits(1)
        result.step(Free(operand, half))
        result.step(Free(operand, 1 - half), Reserve(operand, half))
        *fills, last = load_lines(operand, half, half_steps, SCALED, False, random)
        *other_fills, other_last = load_lines(operand, 1 - half, half_steps, SCALED, False, random)
        for fill in fills:
            result.step(fill)
        result.step(Reserve(operand, 1 - half))
        for fill in other_fills:
            result.step(fill)
        result.step(last, Free(random.choice([each for each in OPERANDS if each != operand]), random.getrandbits(1)))
        result.step(other_last)
        for _ in range(4):
            result.step()
        result.step(start=True)
    return result.steps


def load_lines(operand: int, half: int, half_steps: int, formats, whole: bool, random: Random) -> list[Fill]:
    """A load's lines, of random content and in one of these formats: the whole half, or some rows over some steps."""
    fmt, room = random.choice(formats), half_steps
    if operand == RESIDUAL:
        fmt, room = FLOAT32_RESIDUAL, RESIDUAL_STEPS
    elif whole:
        fmt = MXFP4_OPERAND  # which fills the scale words too
    k_steps = random.randrange(1, room + 1)
    panels = 1 if operand == RESIDUAL else room // k_steps
    rows = STEP_ROWS * (panels - 1) + random.choice((1, 2, 3, 4, STEP_ROWS))
    if whole:
        k_steps, rows = room, STEP_ROWS
    writes = mover(Load(operand, half, rows, k_steps, 0, 1, 0, 1, fmt=fmt.code), half_steps)
    return [Fill(write, np.frombuffer(random.randbytes(LINE_BYTES), np.uint8)) for write in writes]


def line_fields(fill: Fill) -> dict[str, int]:
    """The line as the stream's payload."""
    names = ("operand", "half", "step", "row", "scale", "last")
    return {name: getattr(fill.write, name) for name in names} | {"data": bits_of(fill.line)}


def bits_of(array: np.ndarray) -> int:
    """Bytes as one word, the first one lowest."""
    return int.from_bytes(array.tobytes(), "little")


def read_somewhere(step: Step, state: Scratchpad, operand: int, half: int, half_steps: int, random: Random) -> None:
    """Let the step read a place of this half in all element banks and one in the scale bank, or a residual's line."""
    if operand == RESIDUAL:
        row, place = random.randrange(STEP_ROWS), random.randrange(RESIDUAL_STEPS)
        step.addresses["residual_address"] = (half * STEP_ROWS + row) * RESIDUAL_STEPS + place
        step.after["residual_line"] = bits_of(state.residual[half, row, place])
        return
    elements, scales = (state.a_banks, state.b_banks)[operand]
    name = "ab"[operand]
    depth = elements.shape[1] // 2
    address = half * depth + random.randrange(depth)
    scale_address = (half * half_steps) * STEP_WORDS + random.randrange(half_steps * STEP_WORDS)
    step.addresses |= {f"{name}_address": address, f"{name}_scale_address": scale_address}
    step.after |= {f"{name}_words": bits_of(elements[:, address]), f"{name}_scales": bits_of(scales[scale_address])}


def drive(pins, steps: list[Step], stalls: Stalls, board: Scoreboard, coverage: Coverage, seed: int) -> Iterator:
    """Drive step after step, with noise where nothing counts, and note the pins an edge after each one's end."""
    clk, rst, line = pins["clk"], pins["rst"], pins["line"]
    payload = line.payload()
    seen = ("reserved", "full", "a_words", "a_scales", "b_words", "b_scales", "residual_line")
    noise = Random(seed)
    while True:
        board.restart()
        position, driving, ended, early, step = 0, False, False, 0, Step()
        while True:
            yield clk.posedge
            if rst:
                line.valid.next = False
                for name in ("start", "reserve", "free"):
                    pins[name].next = 0
                break
            if ended:
                board.receive(Transfer(cycle(), {name: int(pins[name].val) for name in seen} | {"full_early": early}))
            ended = driving and bool(not line.valid or line.ready)
            if driving:
                count(pins, step.addresses, coverage)
                early = int(step.line is not None and pins["full"] & flag(step.line["operand"], step.line["half"]) != 0)
            if driving and not ended:
                step = Step(line=step.line, addresses=step.addresses)  # it waits on, its pulses are over
            else:
                position += ended
                driving = position < len(steps) and not next(stalls)
                step = steps[position] if driving else Step()
            for name in ("start", "reserve", "free"):
                pins[name].next = getattr(step, name)
            if not (driving or ended):
                continue
            line.valid.next = step.line is not None
            for name, signal in payload.items():
                signal.next = step.line[name] if step.line else noise.getrandbits(len(signal))
            for name in ADDRESSES:
                pins[name].next = step.addresses.get(name, noise.randrange(pins[name].max))


def observe(pins, banks: tuple[int, int], waits: Scoreboard, coverage: Coverage) -> Iterator:
    """A line waits only behind one for its own bank, and a line of the residual never."""
    line = pins["line"]
    before: Half | None = None  # operand and bank of the line that moved at the last edge
    while True:
        yield pins["clk"].posedge
        if pins["rst"]:
            waits.expected.clear()
            waits.restart()
            before = None
            continue
        place = None
        if line.valid:
            operand = int(line.operand.val)
            bank = SCALE_BANK if line.scale or operand == RESIDUAL else int(line.row.val) % banks[operand]
            place = operand, bank
            waits.expected.append({"ready": int(operand == RESIDUAL or place != before)})
            waits.receive(Transfer(cycle(), {"ready": int(line.ready)}))
            coverage.hit("cp_other_operand", before is not None and operand != before[0])
            coverage.hit("cp_residual_follows", operand == RESIDUAL and place == before)
        before = place if line.ready else None


def count(pins, reads: dict[str, int], coverage: Coverage) -> None:
    """The situations of one cycle."""
    line = pins["line"]
    moves = bool(line.valid and line.ready)
    last = moves and bool(line.last)
    coverage.hit("cp_last_line", last)
    coverage.hit("cp_all_full", pins["full"] == (1 << FLAGS) - 1)
    coverage.hit("cp_free_and_reserve", bool(pins["free"] and pins["reserve"]))
    coverage.hit("cp_free_with_last_line", bool(last and pins["free"]))
    coverage.hit("cp_reserve_while_filling", bool(moves and pins["reserve"]))
    coverage.hit("cp_line_waits", bool(line.valid and not line.ready))
    coverage.hit("cp_last_line_waits", bool(line.valid and line.last and not line.ready))
    coverage.hit("cp_read_while_filling", moves and bool(reads.keys() - {"residual_address"}))
    coverage.hit("cp_residual_read_while_filling", moves and "residual_address" in reads)
    coverage.hit("cp_start_clears", bool(pins["start"] and pins["full"]))
