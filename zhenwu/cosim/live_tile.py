"""Stimuli of the live cells whose blocks are the tile's: words that a program may or may not have, and loads."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random

from hdl.bench.memory import unwritten
from zhenwu.cosim.tile.mover import CORNERS, some_load
from zhenwu.cosim.tile.trap_check import some_words
from zhenwu.cycle.tile.mover import Mover
from zhenwu.golden.tile.layout import plan
from zhenwu.golden.tile.trap_check import trap_check
from zhenwu.spec.isa import INSTRUCTION_BITS, STEP_ROWS, Load, Mma, Store, Wait, encode

HALF_STEPS = 8  # of the cells' tile, as of the simulated one
FORMATS = ("mxfp4", "w4a8")  # that it has built in: one product for each way to read its operands but BF16's
WORDS = 30  # of each instruction, valid and not quite
OUTSTANDING = 6
CYCLES = 900
LATENCY = 9  # cycles, at least

Row = dict[str, int | None]


def words(random: Random) -> list[int]:
    """A load that just fits, the same with a row more; each instruction once; then words of every kind."""
    a, _, c = plan(4 * STEP_ROWS, STEP_ROWS, 2 * a_line())
    fits = Load(0, 0, a.rows, a.steps, a.element_base, a.element_stride, a.scale_base, a.scale_stride)
    first = [fits, replace(fits, rows=fits.rows + 1), Mma(0, 0, 1, 1, 0, 0, 16, 16, 4, 0, 0), Store(16, 16, c.base, 2),
             Wait()]
    return [*map(encode, first), *some_words(random, HALF_STEPS, FORMATS, WORDS)]


def a_line() -> int:
    """Elements of MXFP4 in a line."""
    return plan(1, 1, 1)[0].fmt.line_elements


def legal(word: int) -> int:
    """What the check must say of a word."""
    return int(trap_check(word, HALF_STEPS, FORMATS))


@dataclass
class Reads:
    """Memory, which answers in order and not at once, and the halves that are in use."""

    random: Random
    due: deque  # (cycle, line address) of reads that were taken
    in_use: dict[int, int]  # flag: cycles until it is given back
    offered: bool = False

    def offers(self, at: int) -> bool:
        """Whether a line is offered; one that is not taken stays."""
        ready = bool(self.due) and self.due[0][0] <= at
        self.offered = ready and (self.offered or at < 60 or self.random.random() < 0.8)
        return self.offered


def movements(random: Random, loads_more: int) -> Iterator[Row]:
    """Cycle after cycle of a mover: two small loads with nobody in the way, then the bench's corners and some more."""
    model = Mover(OUTSTANDING, HALF_STEPS)
    small = [Load(0, 0, 3, 2, 100, 2, 40, 2), Load(1, 0, STEP_ROWS + 2, 1, 500, 4, 60, 1)]
    corners = [each for each in CORNERS if -(-each.rows // STEP_ROWS) * each.k_steps <= HALF_STEPS]
    loads = deque([*small, *corners, *fitting(random, loads_more)])
    reads, at, offering = Reads(random, deque(), {}), 0, False
    while at < CYCLES and (loads or model.reads or model.waiting.valid):
        calm = at < 60
        offering = bool(loads) and (offering or calm or random.random() < 0.7)
        word = encode(loads[0]) if offering else random.getrandbits(INSTRUCTION_BITS)
        reserved = sum(1 << flag for flag in reads.in_use)
        load = loads[0] if offering and model.takes(loads[0], reserved) else None
        cmd_ready, line_ready = calm or random.random() < 0.7, calm or random.random() < 0.8
        offers, expected, cmd = reads.offers(at), model.expected, model.cmd
        marked = offers and not calm and random.random() < 0.1
        data = unwritten(reads.due[0][1]) if offers else at
        moves = offers and line_ready
        row: Row = {"instr_valid": int(offering), "instr_word": word, "reserved": reserved, "cmd_ready": int(cmd_ready),
                    "rdata_valid": int(offers), "rdata_data": data, "rdata_error": int(marked),
                    "line_ready": int(line_ready)}
        row |= {"expected instr_ready": int(load is not None) if offering else None,
                "expected reserve": 0 if load is None else model.flag(load),
                "expected cmd_valid": int(cmd is not None), "expected cmd_line_address": cmd,
                "expected line_valid": int(offers), "expected rdata_ready": int(line_ready and expected is not None)}
        row |= {f"expected line_{name}": getattr(expected, name) if offers else None
                for name in ("operand", "half", "step", "row", "scale", "last")}
        row |= {"expected line_data": data if offers else None, "expected poison": int(moves and marked),
                "expected load_done": int(moves and bool(expected.last)),
                "expected poison_address": expected.line_address if moves and marked else None}
        yield row
        issued = cmd is not None and cmd_ready
        if moves:
            reads.due.popleft()
            reads.offered = False
            if expected.last:
                reads.in_use[2 * expected.operand + expected.half] = random.choice((1, 4, 20))
        if issued:
            reads.due.append((at + LATENCY, cmd))
        reads.in_use = {flag: left - 1 for flag, left in reads.in_use.items() if left}
        if load is not None:
            reads.in_use[2 * load.operand + load.half] = CYCLES  # until its last line
            loads.popleft()
            offering = False
        model.step(load, issued, moves)
        at += 1


def fitting(random: Random, count: int) -> Iterator[Load]:
    """Some loads that fit a half and are soon done."""
    while count:
        load = some_load(random)
        if -(-load.rows // STEP_ROWS) * load.k_steps <= HALF_STEPS and load.rows * load.k_steps < 60:
            count -= 1
            yield load
