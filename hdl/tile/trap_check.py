"""Can the tile do what an instruction word says? Chapter: the sequencer and the tile mover."""

from myhdl import Signal, always_comb, block

from hdl.bundle import wire
from hdl.tile.fields import cut
from zhenwu.spec.formats import SCALE_RULES
from zhenwu.spec.isa import (
    INSTRUCTION_BITS,
    LOAD,
    LOOP,
    MMA,
    RESIDUAL,
    RESIDUAL_STEPS,
    STEP_ROWS,
    STORE,
    STORE_FORMATS,
    WAIT,
    LoadFields,
    LoopFields,
    MmaFields,
    StoreFields,
    WaitFields,
    used_bits,
)
from zhenwu.spec.mma_formats import (
    ALL_FORMATS,
    FLOAT32_RESIDUAL,
    MMA_CODES,
    MMA_FORMATS,
    STEP_WORDS,
    operand_codes,
    require_formats,
)

ALL_BITS = (1 << INSTRUCTION_BITS) - 1
LOAD_RESERVED = ALL_BITS & ~used_bits(LoadFields)
MMA_RESERVED = ALL_BITS & ~used_bits(MmaFields)
STORE_RESERVED = ALL_BITS & ~used_bits(StoreFields)
WAIT_RESERVED = ALL_BITS & ~used_bits(WaitFields)
LOOP_RESERVED = ALL_BITS & ~used_bits(LoopFields)
FLOAT32 = FLOAT32_RESIDUAL.code
FORMATS, RULES = len(STORE_FORMATS), len(SCALE_RULES)
A_WORDS = tuple(MMA_CODES[code].a_words for code in sorted(MMA_CODES))  # of a group, by format
B_WORDS = tuple(MMA_CODES[code].b_words for code in sorted(MMA_CODES))


def ports() -> dict:
    """Fresh ports."""
    return {"word": wire(INSTRUCTION_BITS), "legal": wire(1)}


@block
def trap_check(word: Signal, legal: Signal, *, half_steps: int, formats: tuple[str, ...] = ALL_FORMATS):
    """Check a word's opcode, its reserved bits and each field that could name what is not there.

    word       : 128 bits in
    legal      : 1 bit out; `zhenwu/spec/trap.py` says why not
    half_steps : steps in each half of an operand's scratchpad
    formats    : names of the products that the tile has built in

    Combinational. Where a loop stands, and whether what it runs is there, is the sequencer's to see.
    """
    assert 1 <= half_steps <= 256, f"half_steps = {half_steps}: expected 1 .. 256"
    require_formats(formats)
    operands = sum(1 << code for code in operand_codes(formats))  # a bit for each format that a load may have
    products = sum(1 << MMA_FORMATS[name].code for name in formats)  # and for each that an mma may have
    half_words = half_steps * STEP_WORDS

    seen = wire(INSTRUCTION_BITS)

    @always_comb
    def look():
        seen.next = word

    opcode = cut(seen, LoadFields.opcode)
    operand, rows, k_steps = cut(seen, LoadFields.operand), cut(seen, LoadFields.rows), cut(seen, LoadFields.k_steps)
    load_format, mma_format = cut(seen, LoadFields.fmt), cut(seen, MmaFields.fmt)
    m, n, k_groups = cut(seen, MmaFields.m), cut(seen, MmaFields.n), cut(seen, MmaFields.k_groups)
    a_step, b_step = cut(seen, MmaFields.a_step), cut(seen, MmaFields.b_step)
    store_format, rule = cut(seen, StoreFields.fmt), cut(seen, StoreFields.rule)
    length, count = cut(seen, LoopFields.length), cut(seen, LoopFields.count)

    load_fits, shape_fits, mma_fits, store_fits = (wire(1) for _ in range(4))

    @always_comb
    def check_load():
        panels = 0
        panels = (int(rows) + STEP_ROWS - 1) // STEP_ROWS
        load_fits.next = False
        if rows != 0 and k_steps != 0:
            if operand == RESIDUAL:
                load_fits.next = load_format == FLOAT32 and rows <= STEP_ROWS and k_steps <= RESIDUAL_STEPS
            elif operand < RESIDUAL:
                load_fits.next = ((operands >> int(load_format)) & 1) == 1 and panels * int(k_steps) <= half_steps

    @always_comb
    def check_mma():
        groups = 0
        fmt = 0
        a_words = 0
        b_words = 0
        groups = int(k_groups)
        fmt = int(mma_format)
        a_words = A_WORDS[fmt]
        b_words = B_WORDS[fmt]
        mma_fits.next = (
            ((products >> fmt) & 1) == 1
            and groups != 0
            and int(a_step) * STEP_WORDS + a_words * groups <= half_words
            and int(b_step) * STEP_WORDS + b_words * groups <= half_words
        )

    @always_comb
    def check_shape():
        shape_fits.next = m != 0 and m <= STEP_ROWS and n != 0 and n <= STEP_ROWS

    @always_comb
    def check_store():
        store_fits.next = store_format < FORMATS and rule < RULES

    @always_comb
    def check():
        legal.next = False
        if opcode == LOAD:
            legal.next = load_fits and (seen & LOAD_RESERVED) == 0
        elif opcode == MMA:
            legal.next = shape_fits and mma_fits and (seen & MMA_RESERVED) == 0
        elif opcode == STORE:
            legal.next = shape_fits and store_fits and (seen & STORE_RESERVED) == 0
        elif opcode == WAIT:
            legal.next = (seen & WAIT_RESERVED) == 0
        elif opcode == LOOP:
            legal.next = length != 0 and count != 0 and (seen & LOOP_RESERVED) == 0

    return look, check_load, check_mma, check_shape, check_store, check
