"""The whole tile, one instruction after the other: what a program must leave in memory.

    words ──> sequencer ──┬─ load ──> mover ──> scratchpad
                          ├─ mma ───> mma_issue ──> mac_array
                          └─ store ─> drain ──> store_path ──> memory

The hardware works on several instructions at once; flags and queues make it look as if it did not, but for memory:
a load that reads what a store before it writes must follow a `wait`, and no store may write a line that a load
before it has perhaps not read yet: `check_order` refuses both. A compiled matmul keeps A, B and C apart.
"""

from collections import deque
from collections.abc import Collection, Iterable, Iterator
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from zhenwu.golden.tile.check_program import RESULT_BUFFERS
from zhenwu.golden.tile.dot_unit import Operation, dot_unit
from zhenwu.golden.tile.drain import drain
from zhenwu.golden.tile.layout import require_memory
from zhenwu.golden.tile.mac_array import groups, operation
from zhenwu.golden.tile.mma_issue import Step, mma_issue
from zhenwu.golden.tile.mover import mover
from zhenwu.golden.tile.scratchpad import Fill, Free, Reserve, Scratchpad, empty_scratchpad, flag, next_state
from zhenwu.golden.tile.sequencer import sequencer
from zhenwu.golden.tile.store_path import store_path
from zhenwu.golden.tile.syntax import OPERANDS
from zhenwu.spec.isa import POISONED, RESIDUAL, STEP_ROWS, Load, Mma, Store, status
from zhenwu.spec.mma_formats import ALL_FORMATS


def tile(
    words: Iterable[int],
    memory: NDArray[np.uint8],
    rows: int,
    cols: int,
    half_steps: int,
    poisoned: Collection[int] = frozenset(),
    formats: tuple[str, ...] = ALL_FORMATS,
) -> tuple[NDArray[np.uint8], int]:
    """The memory uint8[lines, 32] after a program of 128-bit words, and its status word; the argument is kept.

    The first line of `poisoned` that a load reads ends the program with POISONED and its address. What was
    stored before that load in program order is in memory here; hardware works on several at once, so that
    it may have stored less, or more, but nothing computed from marked data. A store heals the lines that it writes.
    `formats` are those that the tile has built in.
    ValueError for a program that hangs the tile, an address beyond memory, or a store whose m x n
    is not its result's. An mma without `first` on a fresh accumulator adds to +0 here and to anything in
    hardware, and one on rows that no load filled reads zeros here and anything there: `check_program` refuses these.
    """
    require_memory(memory)
    memory, marked = memory.copy(), set(poisoned)
    instructions, end = sequencer(words, half_steps, formats)
    halves = empty_scratchpad(rows, cols, half_steps)
    sub_tiles = (STEP_ROWS // rows) * (STEP_ROWS // cols)
    accumulators = np.zeros((RESULT_BUFFERS * sub_tiles, rows, cols), np.uint32)
    buffer = 0
    results: deque[tuple[int, int, int]] = deque()  # m, n and buffer of each result not yet stored
    gathered: list[NDArray[np.uint32]] = []  # what the parts of a quantised matrix hold so far
    for instruction in instructions:
        match instruction:
            case Load():
                halves = next_state(halves, Reserve(instruction.operand, instruction.half), half_steps)
                for write in mover(instruction, half_steps):
                    if write.line_address in marked:
                        return memory, status(POISONED, write.line_address)
                    line = memory[require_line(memory, write.line_address)]
                    halves = next_state(halves, Fill(write, line), half_steps)
            case Mma(m=m, n=n):
                require_full(halves, instruction, (0, instruction.a_half), (1, instruction.b_half))
                if len(results) == RESULT_BUFFERS:
                    raise ValueError(f"{instruction}: expected a store before it, as {RESULT_BUFFERS} results wait")
                steps = mma_issue(instruction, buffer, rows, cols, half_steps)
                accumulators = dot_unit(group_operations(steps, halves), accumulators)
                if instruction.release_a:
                    halves = next_state(halves, Free(0, instruction.a_half), half_steps)
                if instruction.release_b:
                    halves = next_state(halves, Free(1, instruction.b_half), half_steps)
                if instruction.last:
                    results.append((m, n, buffer))
                    buffer ^= 1
            case Store(m=m, n=n):
                if not results or results[0][:2] != (m, n):
                    raise ValueError(f"{instruction}: expected a finished result of {m} x {n} to store")
                beats = drain(accumulators, results.popleft()[2], m, n, rows, cols)
                residual = None
                if instruction.add:
                    require_full(halves, instruction, (RESIDUAL, instruction.add_half))
                    residual = halves.residual[instruction.add_half]
                for address, line in store_path(instruction, beats, residual, gathered):
                    memory[require_line(memory, address)] = line
                    marked.discard(address)
                if instruction.release:
                    halves = next_state(halves, Free(RESIDUAL, instruction.add_half), half_steps)
    return memory, end


def group_operations(steps: Iterable[Step], halves: Scratchpad) -> Iterator[Operation]:
    """The steps of an mma, those of one group of k at a time.

    The sub-tiles of a group stand in different slots, so that doing them together gives what `mac_array` gives,
    in a tenth of the time.
    """
    for _, same_group in groupby(groups(steps), key=lambda passes: passes[0].a_scale_address):
        operations = [operation(passes, halves.a_banks, halves.b_banks) for passes in same_group]
        yield Operation(
            slot=np.array([each.slot for each in operations]),
            first=operations[0].first,
            a=np.stack([each.a for each in operations]),  # (sub-tiles, rows, 1, elements)
            b=np.stack([each.b for each in operations]),  # (sub-tiles, 1, cols, elements)
            a_scale=np.stack([each.a_scale for each in operations]),
            b_scale=np.stack([each.b_scale for each in operations]),
            fmt=operations[0].fmt,
        )


def require_full(halves: Scratchpad, instruction: Mma | Store, *needed: tuple[int, int]) -> None:
    """Refuse an instruction on a half (operand, half) that holds nothing."""
    for operand, half in needed:
        if not halves.full & flag(operand, half):
            raise ValueError(f"{instruction}: expected half {half} of {OPERANDS[operand]} to be full")


def require_line(memory: NDArray[np.uint8], address: int) -> int:
    """The address, if memory reaches that far."""
    if address >= len(memory):
        raise ValueError(f"line {address} lies beyond the {len(memory)} lines of memory")
    return address
