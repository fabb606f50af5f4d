"""Do the loads and stores of a program that share lines come in an order that the hardware keeps?

Each unit works through its own queue, and only half flags and results bind one to the other. So

    store S, load L   of the same line: only a `wait` between them holds L back until S is in memory
    load L, store S   of the same line: S does not ask whether L has read. It has, if the result of S, its residual or
                      that of a store before it was made from the half that L fills, or a load behind L fills

Chapter: the sequencer and the tile mover.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from zhenwu.golden.tile.assembly import disassembled_line
from zhenwu.golden.tile.check_program import Refused
from zhenwu.golden.tile.layout import LINE_FLOATS, MEMORY_LINES
from zhenwu.golden.tile.mover import mover
from zhenwu.golden.tile.mx_lines import BLOCK_PARTS, ends_block
from zhenwu.golden.tile.sequencer import until_trap
from zhenwu.golden.tile.store_path import PART_LINES
from zhenwu.spec.isa import RESIDUAL, STORE_FORMATS, Instruction, Load, Mma, Store, Wait, encode
from zhenwu.spec.mma_formats import ALL_FORMATS

FLOAT32, MXFP8 = STORE_FORMATS.index("float32"), STORE_FORMATS.index("mxfp8")


@dataclass
class Traffic:
    """What the instructions so far have moved; loads are numbered as they come."""

    stored: dict[int, int] = field(default_factory=dict)  # by line: the index of the store, since the last wait
    loads: int = 0
    unread: deque[tuple[int, int, frozenset[int]]] = field(default_factory=deque)  # number, index and lines of a load
    filled_by: dict[tuple[int, int], int] = field(default_factory=dict)  # by (operand, half): the load's number
    needed: int = 0  # the last load that a multiplication so far waits for
    results: deque[int] = field(default_factory=deque)  # `needed` of each that is not stored yet


def check_order(program: Iterable[Instruction | None], half_steps: int, formats: tuple[str, ...] = ALL_FORMATS) -> None:
    """Refused at the first load or store that may come too early.

    `check_program` has found nothing wrong with the program, or nothing before a trap, which ends it here as well.
    """
    traffic = Traffic()
    for index, _, instruction in until_trap(list(program), half_steps, formats):
        match instruction:
            case Load():
                found = early_load(traffic, index, instruction, half_steps)
            case Mma(a_half=a_half, b_half=b_half):
                users = (0, a_half), (1, b_half)
                traffic.needed = max(traffic.needed, *(traffic.filled_by[place] for place in users))
                if instruction.last:
                    traffic.results.append(traffic.needed)
                continue
            case Store():
                found = early_store(traffic, index, instruction)
            case Wait():
                traffic.stored.clear()
                continue
        if found:
            raise Refused(index, f"instruction {index} {found}: {disassembled_line(encode(instruction))}")


def early_load(traffic: Traffic, index: int, load: Load, half_steps: int) -> str | None:
    """What a load may read too early, or None."""
    lines = frozenset(write.line_address for write in mover(load, half_steps))
    traffic.loads += 1
    traffic.filled_by[load.operand, load.half] = traffic.loads
    traffic.unread.append((traffic.loads, index, lines))
    both = lines & traffic.stored.keys()
    if both:
        line = min(both)
        return f"loads line {line:#x}, which instruction {traffic.stored[line]} stores, with no wait between them"
    return None


def early_store(traffic: Traffic, index: int, store: Store) -> str | None:
    """What a store may overwrite too early, or None."""
    read = traffic.results.popleft()
    if store.add:
        read = max(read, traffic.filled_by[RESIDUAL, store.add_half])
    while traffic.unread and traffic.unread[0][0] <= read:
        traffic.unread.popleft()
    for line in stored_lines(store):
        for _, load, lines in traffic.unread:
            if line in lines:
                return f"stores line {line:#x}, which instruction {load} has perhaps not loaded yet"
        traffic.stored[line] = index
    return None


def stored_lines(store: Store) -> list[int]:
    """The lines that a store writes, in order: see `store_path` and, of a quantised part, `mx_lines`."""
    rows, block = range(store.m), store.part // BLOCK_PARTS
    lines: list[int] = []
    if store.fmt == FLOAT32:
        first, row_lines = store.base + PART_LINES * store.part, -(-store.n // LINE_FLOATS)
        lines = [first + row * store.stride + line for row in rows for line in range(row_lines)]
    elif ends_block(store) and (store.fmt == MXFP8 or block or store.closes):
        lines = [store.base + row * store.stride + (block if store.fmt == MXFP8 else 0) for row in rows]
    if store.fmt != FLOAT32 and store.closes:
        lines.append(store.scale_base)
    return [line % MEMORY_LINES for line in lines]
