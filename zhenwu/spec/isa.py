"""The tile's instruction set: four instructions of 128 bits, and the status word that ends a program.

The encoding is ours (assumed): T-Head publishes the MMA shapes, not the instructions. Addresses and strides
count 32-byte lines; a step is 16 rows x 64 elements of k, the m16n16k64 shape of one MMA step. Every bit
that no field covers must be zero, so that a later instruction set can use it. Chapter: the sequencer and
the tile mover.
"""

from dataclasses import dataclass, fields
from typing import NamedTuple

INSTRUCTION_BITS = 128
OPCODE_BITS = 4
STEP_ROWS = 16
STEP_BLOCKS = 2


class Field(NamedTuple):
    """Bits `lsb .. lsb + width - 1` of an instruction word."""

    lsb: int
    width: int


class LoadFields:
    """Fill one half of one operand's scratchpad: ceil(rows / 16) panels of `k_steps` steps each."""

    opcode = Field(0, 4)
    operand = Field(4, 1)  # 0: A, 1: B
    half = Field(5, 1)
    rows = Field(8, 12)
    k_steps = Field(20, 8)
    element_base = Field(32, 23)
    element_stride = Field(64, 16)  # lines from one row to the next
    scale_stride = Field(80, 16)  # lines from one panel of 16 rows to the next
    scale_base = Field(96, 23)


class MmaFields:
    """Multiply one panel of A by one panel of B over `k_blocks` blocks of 32, adding to the accumulators."""

    opcode = Field(0, 4)
    a_half = Field(4, 1)
    b_half = Field(5, 1)
    first = Field(6, 1)  # start from +0
    last = Field(7, 1)  # hand the accumulators to the store path
    release_a = Field(8, 1)  # last user of the half: clear its full flag
    release_b = Field(9, 1)
    m = Field(16, 5)
    n = Field(21, 5)
    k_blocks = Field(32, 9)
    a_step = Field(64, 8)  # first step of the panel within the half
    b_step = Field(72, 8)


class StoreFields:
    """Write the next handed-off m x n result as float32 rows of whole lines."""

    opcode = Field(0, 4)
    m = Field(16, 5)
    n = Field(21, 5)
    base = Field(32, 23)
    stride = Field(64, 16)  # lines from one row to the next


class WaitFields:
    """Issue nothing more until every store before it is in memory."""

    opcode = Field(0, 4)


@dataclass(frozen=True)
class Load:
    operand: int
    half: int
    rows: int
    k_steps: int
    element_base: int
    element_stride: int
    scale_base: int
    scale_stride: int


@dataclass(frozen=True)
class Mma:
    a_half: int
    b_half: int
    first: int
    last: int
    release_a: int
    release_b: int
    m: int
    n: int
    k_blocks: int
    a_step: int
    b_step: int


@dataclass(frozen=True)
class Store:
    m: int
    n: int
    base: int
    stride: int


@dataclass(frozen=True)
class Wait:
    pass


Instruction = Load | Mma | Store | Wait

LOAD, MMA, STORE, WAIT = 1, 2, 3, 4  # 0 stays invalid: an unwritten program word must trap
OPCODES = {LOAD: (Load, LoadFields), MMA: (Mma, MmaFields), STORE: (Store, StoreFields), WAIT: (Wait, WaitFields)}

# The status word: a code in bits 3..0 and a value in bits 30..8.
STATUS_BITS = 32
STATUS_CODE = Field(0, 4)
STATUS_VALUE = Field(8, 23)
RUNNING = 0  # also: never started
FINISHED = 1  # value 0
BAD_INSTRUCTION = 2  # value: the index of the instruction
POISONED = 3  # value: the line address whose data came back marked


def field_table(layout: type) -> dict[str, Field]:
    """The fields of one instruction's layout by name."""
    return {name: value for name, value in vars(layout).items() if isinstance(value, Field)}


def used_bits(layout: type) -> int:
    """The mask of the bits that the layout's fields cover."""
    mask = 0
    for lsb, width in field_table(layout).values():
        mask |= ((1 << width) - 1) << lsb
    return mask


def encode(instruction: Instruction) -> int:
    """The 128-bit word of an instruction; a value that its field cannot hold raises ValueError."""
    opcode = next((code for code, (record, _) in OPCODES.items() if isinstance(instruction, record)), None)
    if opcode is None:
        raise ValueError(f"{instruction!r} is no instruction: expected Load, Mma, Store or Wait")
    record, layout = OPCODES[opcode]
    word = opcode
    table = field_table(layout)
    for entry in fields(instruction):
        value = getattr(instruction, entry.name)
        lsb, width = table[entry.name]
        if not 0 <= value < 1 << width:
            raise ValueError(f"{record.__name__}.{entry.name} = {value}: expected 0 .. {(1 << width) - 1}")
        word |= int(value) << lsb
    return word


def decode(word: int) -> Instruction:
    """The instruction of a word; an unknown opcode or a set reserved bit raises ValueError."""
    opcode = word & ((1 << OPCODE_BITS) - 1)
    if opcode not in OPCODES:
        raise ValueError(f"opcode {opcode}: expected {', '.join(map(str, OPCODES))}")
    record, layout = OPCODES[opcode]
    if word & ~used_bits(layout):
        raise ValueError(f"{record.__name__} word {word:#034x} sets a reserved bit: expected them all zero")
    table = field_table(layout)
    return record(**{f.name: (word >> table[f.name].lsb) & ((1 << table[f.name].width) - 1) for f in fields(record)})


def fault(instruction: Instruction, half_steps: int) -> str | None:
    """Why a decoded instruction traps on a tile with `half_steps` steps per scratchpad half, or None."""
    if isinstance(instruction, Load):
        panels = -(-instruction.rows // STEP_ROWS)
        if not instruction.rows or not instruction.k_steps:
            return "a load of nothing"
        if panels * instruction.k_steps > half_steps:
            return f"{panels} panels x {instruction.k_steps} steps exceed a half of {half_steps} steps"
    shaped = isinstance(instruction, Mma | Store)
    if shaped and not (1 <= instruction.m <= STEP_ROWS and 1 <= instruction.n <= STEP_ROWS):
        return f"m = {instruction.m}, n = {instruction.n}: expected 1 .. {STEP_ROWS}"
    if isinstance(instruction, Mma):
        if not instruction.k_blocks:
            return "an mma over no blocks"
        for step in (instruction.a_step, instruction.b_step):
            if STEP_BLOCKS * step + instruction.k_blocks > STEP_BLOCKS * half_steps:
                return f"step {step} + {instruction.k_blocks} blocks exceed a half of {half_steps} steps"
    return None


def status(code: int, value: int = 0) -> int:
    """A status word."""
    return code << STATUS_CODE.lsb | value << STATUS_VALUE.lsb
