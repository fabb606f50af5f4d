"""The scratchpad: the banks of A and of B, and for each half whether it is spoken for and whether it is full.

    reserve: the mover begins a load      reserved
    fill: its last line arrives           reserved, full      now an mma, or a store, may read the half
    free: its last user is done           neither             now the next load may begin

The residual, which a store adds, has two halves of its own beside the banks. A flag word has a bit per half: A0 A1
B0 B1 R0 R1 from bit 0, bit operand * 2 + half.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zhenwu.golden.tile.layout import LINE_BYTES
from zhenwu.golden.tile.mover import LineWrite
from zhenwu.golden.tile.operand_banks import HALVES, Banks, empty_banks, write_line
from zhenwu.golden.tile.syntax import OPERANDS
from zhenwu.spec.isa import RESIDUAL, RESIDUAL_STEPS, STEP_ROWS


@dataclass(frozen=True)
class Reserve:
    """A load for this half begins."""

    operand: int
    half: int


@dataclass(frozen=True)
class Fill:
    """A line uint8[32] arrives; the last one of its load makes the half full."""

    write: LineWrite
    line: NDArray[np.uint8]


@dataclass(frozen=True)
class Free:
    """The last user of this half is done."""

    operand: int
    half: int


Event = Reserve | Fill | Free


@dataclass(frozen=True)
class Scratchpad:
    """Both operands' banks and the flags; an event changes the banks in place and gives new flags."""

    a_banks: Banks
    b_banks: Banks
    residual: NDArray[np.uint8]  # [half, row, line, 32]
    reserved: int = 0
    full: int = 0


def empty_scratchpad(rows: int, cols: int, half_steps: int) -> Scratchpad:
    """The scratchpad of a rows x cols array at the start of a program: no flag set."""
    residual = np.zeros((HALVES, STEP_ROWS, RESIDUAL_STEPS, LINE_BYTES), np.uint8)
    return Scratchpad(empty_banks(rows, half_steps), empty_banks(cols, half_steps), residual)


def scratchpad(events: Iterable[Event], rows: int, cols: int, half_steps: int) -> Scratchpad:
    """The state after a sequence of events; one that its half does not allow raises ValueError (`next_state`)."""
    state = empty_scratchpad(rows, cols, half_steps)
    for event in events:
        state = next_state(state, event, half_steps)
    return state


def next_state(state: Scratchpad, event: Event, half_steps: int) -> Scratchpad:
    """The state after one event.

    ValueError for reserving a half that is reserved, for filling one that is not, and for freeing one that is
    not full: the mover and the sequencer wait, so that these never happen.
    """
    reserved, full = state.reserved, state.full
    target = event.write if isinstance(event, Fill) else event
    bit = flag(target.operand, target.half)
    half = f"half {OPERANDS[target.operand]}.{target.half}"
    match event:
        case Reserve():
            if reserved & bit:
                raise ValueError(f"{half} is reserved: expected it free before a load")
            reserved |= bit
        case Fill(write=write, line=line):
            if not reserved & bit:
                raise ValueError(f"{half} is not reserved: expected that before a line arrives")
            if write.operand == RESIDUAL:
                state.residual[write.half, write.row, write.step] = line
            else:
                write_line((state.a_banks, state.b_banks)[write.operand], write, line, half_steps)
            if write.last:
                full |= bit
        case Free():
            if not full & bit:
                raise ValueError(f"{half} is not full: expected that before it is freed")
            reserved &= ~bit
            full &= ~bit
    return Scratchpad(state.a_banks, state.b_banks, state.residual, reserved, full)


def flag(operand: int, half: int) -> int:
    """The flag word with only this half's bit set."""
    return 1 << (operand * 2 + half)
