"""The tile's instruction set: five instructions of 128 bits, and the status word that ends a program.

The encoding is ours (assumed): T-Head publishes the MMA shapes, not the instructions. Addresses and strides
count 32-byte lines; a step is 16 rows x one line of k, 64, 32 or 16 elements: the m16n16 shapes of one MMA step.
Every bit that no field covers must be zero, so that a later instruction set can use it. Chapter: the sequencer and
the tile mover.
"""

from dataclasses import dataclass, fields
from typing import NamedTuple

INSTRUCTION_BITS = 128
OPCODE_BITS = 4
STEP_ROWS = 16


class Field(NamedTuple):
    """Bits `lsb .. lsb + width - 1` of an instruction word."""

    lsb: int
    width: int


class LoadFields:
    """Fill one half of A's or B's scratchpad, or of the residual buffer: ceil(rows / 16) panels of `k_steps` steps."""

    opcode = Field(0, 4)
    operand = Field(4, 2)  # 0: A, 1: B, 2: what a store adds, one panel of at most 8 lines a row
    half = Field(6, 1)
    rows = Field(8, 12)
    k_steps = Field(20, 8)
    fmt = Field(28, 2)  # an OperandFormat's code
    element_base = Field(32, 23)
    element_stride = Field(64, 16)  # lines from one row to the next
    scale_stride = Field(80, 16)  # lines from one panel of 16 rows to the next
    scale_base = Field(96, 23)


class MmaFields:
    """Multiply one panel of A by one panel of B over `k_groups` groups of k, adding to the accumulators."""

    opcode = Field(0, 4)
    a_half = Field(4, 1)
    b_half = Field(5, 1)
    first = Field(6, 1)  # start from +0
    last = Field(7, 1)  # hand the accumulators to the store path
    release_a = Field(8, 1)  # last user of the half: clear its full flag
    release_b = Field(9, 1)
    fmt = Field(10, 2)  # an MmaFormat's code
    m = Field(16, 5)
    n = Field(21, 5)
    k_groups = Field(32, 9)
    a_step = Field(64, 8)  # first step of the panel within the half
    b_step = Field(72, 8)


class StoreFields:
    """Write the next m x n result to columns 16 * part .. of a matrix of 16 rows x 64 columns: float32 or quantised.

    What is quantised waits for the store that `closes`, the last of one to four with parts 0, 1 .. and one m: then 16 x
    64 elements are written as a load of MXFP4 or MXFP8 reads them, a line a row of two blocks or two lines of one, and
    a line of scales.
    """

    opcode = Field(0, 4)
    fmt = Field(4, 2)  # STORE_FORMATS
    rule = Field(6, 2)  # place in formats.SCALE_RULES, of a quantised store
    part = Field(8, 2)
    closes = Field(10, 1)  # of a quantised store
    add = Field(11, 1)  # add the residual of half `add_half` first: the same rows and columns of it
    add_half = Field(12, 1)
    release = Field(13, 1)  # last user of that half: clear its full flag
    m = Field(16, 5)
    n = Field(21, 5)
    base = Field(32, 23)
    stride = Field(64, 16)  # lines from one row to the next
    scale_base = Field(96, 23)  # the line of scales of a quantised store


class WaitFields:
    """Issue nothing more until every store before it is in memory."""

    opcode = Field(0, 4)


class LoopFields:
    """Run the `length` instructions that follow `count` times, advancing addresses after each time.

    Advances count lines and add to the bases of the loads and stores in the loop; they are forgotten where it ends.
    Loops stand in one another at most LOOP_DEPTH deep.
    """

    opcode = Field(0, 4)
    length = Field(4, 8)
    count = Field(12, 12)
    a_elements = Field(24, 14)
    a_scales = Field(38, 14)
    b_elements = Field(52, 14)
    b_scales = Field(66, 14)
    residual = Field(80, 14)
    result = Field(94, 14)
    result_scales = Field(108, 14)


@dataclass(frozen=True)
class Load:
    operand: int
    half: int
    rows: int
    k_steps: int
    element_base: int
    element_stride: int
    scale_base: int = 0
    scale_stride: int = 0
    fmt: int = 0


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
    k_groups: int
    a_step: int
    b_step: int
    fmt: int = 0


@dataclass(frozen=True)
class Store:
    m: int
    n: int
    base: int
    stride: int
    fmt: int = 0
    rule: int = 0
    part: int = 0
    closes: int = 0
    add: int = 0
    add_half: int = 0
    release: int = 0
    scale_base: int = 0


@dataclass(frozen=True)
class Wait:
    pass


@dataclass(frozen=True)
class Loop:
    length: int
    count: int
    a_elements: int = 0
    a_scales: int = 0
    b_elements: int = 0
    b_scales: int = 0
    residual: int = 0
    result: int = 0
    result_scales: int = 0


Instruction = Load | Mma | Store | Wait | Loop

RESIDUAL = 2  # a load's operand
RESIDUAL_STEPS = 8  # lines of a row of the residual: 64 float32, as many columns as a store has
STORE_FORMATS = ("float32", "mxfp4", "mxfp8")  # by code
STORE_PARTS = 4  # results side by side that stores write together
LOOP_DEPTH = 2

LOAD, MMA, STORE, WAIT, LOOP = 1, 2, 3, 4, 5  # 0 stays invalid: an unwritten program word must trap
OPCODES = {
    LOAD: (Load, LoadFields),
    MMA: (Mma, MmaFields),
    STORE: (Store, StoreFields),
    WAIT: (Wait, WaitFields),
    LOOP: (Loop, LoopFields),
}

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
        raise ValueError(f"{instruction!r} is no instruction: expected Load, Mma, Store, Wait or Loop")
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


def status(code: int, value: int = 0) -> int:
    """A status word."""
    return code << STATUS_CODE.lsb | value << STATUS_VALUE.lsb
