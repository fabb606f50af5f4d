"""Run a program: check each instruction, queue it at its unit, end with a status word.

Chapter: the sequencer and the tile mover.
"""

from myhdl import ResetSignal, Signal, always, always_comb, always_seq, block, intbv

from hdl.bundle import ADDRESS_BITS, Stream, wire
from hdl.tile.fields import cut, instruction_stream
from zhenwu.spec.isa import (
    BAD_INSTRUCTION,
    FINISHED,
    INSTRUCTION_BITS,
    LOAD,
    MMA,
    POISONED,
    STATUS_BITS,
    STATUS_VALUE,
    STEP_BLOCKS,
    STEP_ROWS,
    STORE,
    WAIT,
    LoadFields,
    MmaFields,
    StoreFields,
    WaitFields,
    used_bits,
)

INDEX_BITS = 16
ALL_BITS = (1 << INSTRUCTION_BITS) - 1
LOAD_RESERVED = ALL_BITS & ~used_bits(LoadFields)
MMA_RESERVED = ALL_BITS & ~used_bits(MmaFields)
STORE_RESERVED = ALL_BITS & ~used_bits(StoreFields)
WAIT_RESERVED = ALL_BITS & ~used_bits(WaitFields)
VALUE_LSB = STATUS_VALUE.lsb

IDLE, FETCH, DECODE, DISPATCH, FINISH = range(5)


def ports() -> dict:
    """Fresh ports."""
    return {
        "clk": Signal(bool(0)),
        "rst": ResetSignal(0, active=1, isasync=False),
        "code": Stream(index=INDEX_BITS, word=INSTRUCTION_BITS),
        "start": wire(1),
        "length": wire(INDEX_BITS),
        "done": wire(1),
        "status": wire(STATUS_BITS),
        "load": instruction_stream(),
        "mma": instruction_stream(),
        "store": instruction_stream(),
        "load_done": wire(1),
        "mma_done": wire(1),
        "store_done": wire(1),
        "freed": wire(2),
        "poison": wire(1),
        "poison_address": wire(ADDRESS_BITS),
        "discard": wire(1),
        "suppress": wire(1),
    }


@block
def sequencer(clk, rst, code, start, length, done, status, load, mma, store, load_done, mma_done, store_done, freed,
              poison, poison_address, discard, suppress, *, program_depth, half_steps):
    """Fetch, check and dispatch; end when everything that was dispatched has ended.

    code           : stream of program words and their places, taken while no program runs
    start, length  : 1 bit and 16 bits in: run `length` instructions from place 0, at most `program_depth`; `length`
                     holds still until `done`; a start while a program runs has no effect
    done           : 1 bit out, high from a program's end to the next start
    status         : 32 bits out, how it ended (`zhenwu/spec/isa.py`)
    load, mma, store : streams of words to the units; every word that leaves here is valid
    load_done, mma_done, store_done : 1 bit in, for one cycle: the oldest instruction of this unit ended
    freed          : 2 bits in, for one cycle: a result has left its accumulators
    poison, poison_address : a load met marked data; no later than its load_done
    discard        : 1 bit out: no store will come, results that none asked for are to be swallowed
    suppress       : 1 bit out: write nothing more

    An instruction every 3 cycles. A bad one is not dispatched, nor is any after it. A program that waits for what
    never comes (an mma on a half that no load fills) waits for ever: the assembler refuses it.
    """
    memory = [wire(INSTRUCTION_BITS) for _ in range(program_depth)]
    state = Signal(intbv(IDLE, min=0, max=5))
    index = wire(INDEX_BITS)
    word = wire(INSTRUCTION_BITS)
    trapped = wire(1)
    poisoned = wire(1)
    poisoned_at = wire(ADDRESS_BITS)
    loads, mmas, stores, results = (wire(8) for _ in range(4))  # dispatched, not ended

    opcode = cut(word, LoadFields.opcode)
    rows, k_steps = cut(word, LoadFields.rows), cut(word, LoadFields.k_steps)
    m, n, k_blocks = cut(word, MmaFields.m), cut(word, MmaFields.n), cut(word, MmaFields.k_blocks)
    a_step, b_step = cut(word, MmaFields.a_step), cut(word, MmaFields.b_step)
    hands_off = cut(word, MmaFields.last)

    @always(clk.posedge)
    def remember():
        if code.valid and code.ready:
            memory[int(code.index)].next = code.word
        if index < program_depth:
            word.next = memory[int(index)]

    shape_fits = wire(1)
    load_fits = wire(1)
    mma_fits = wire(1)
    legal = wire(1)
    sent = wire(1)

    @always_comb
    def check_load():
        panels = 0
        panels = (int(rows) + STEP_ROWS - 1) // STEP_ROWS
        load_fits.next = rows != 0 and k_steps != 0 and panels * int(k_steps) <= half_steps

    @always_comb
    def check_mma():
        blocks = 0
        blocks = int(k_blocks)
        shape_fits.next = m != 0 and m <= STEP_ROWS and n != 0 and n <= STEP_ROWS
        mma_fits.next = (
            blocks != 0
            and int(a_step) * STEP_BLOCKS + blocks <= half_steps * STEP_BLOCKS
            and int(b_step) * STEP_BLOCKS + blocks <= half_steps * STEP_BLOCKS
        )

    @always_comb
    def check():
        legal.next = False
        if opcode == LOAD:
            legal.next = load_fits and (word & LOAD_RESERVED) == 0
        elif opcode == MMA:
            legal.next = shape_fits and mma_fits and (word & MMA_RESERVED) == 0
        elif opcode == STORE:
            legal.next = shape_fits and (word & STORE_RESERVED) == 0
        elif opcode == WAIT:
            legal.next = (word & WAIT_RESERVED) == 0

    @always_comb
    def dispatch():
        load.valid.next = state == DISPATCH and opcode == LOAD
        mma.valid.next = state == DISPATCH and opcode == MMA
        store.valid.next = state == DISPATCH and opcode == STORE
        load.word.next = word
        mma.word.next = word
        store.word.next = word
        sent.next = (
            (opcode == LOAD and load.ready) or (opcode == MMA and mma.ready) or (opcode == STORE and store.ready)
        )

    @always_comb
    def conditions():
        code.ready.next = state == IDLE
        suppress.next = poisoned
        discard.next = state == FINISH and stores == 0

    @always_seq(clk.posedge, rst)
    def count():
        if state == DISPATCH and sent and opcode == LOAD:
            if not load_done:
                loads.next = loads + 1
        elif load_done:
            loads.next = loads - 1
        if state == DISPATCH and sent and opcode == MMA:
            if not mma_done:
                mmas.next = mmas + 1
        elif mma_done:
            mmas.next = mmas - 1
        if state == DISPATCH and sent and opcode == STORE:
            if not store_done:
                stores.next = stores + 1
        elif store_done:
            stores.next = stores - 1
        if state == DISPATCH and sent and opcode == MMA and hands_off == 1:
            if freed == 0:
                results.next = results + 1
        elif freed != 0:
            results.next = results - 1

    @always_seq(clk.posedge, rst)
    def watch():
        if state == IDLE and start:
            poisoned.next = False
        elif poison and not poisoned:
            poisoned.next = True
            poisoned_at.next = poison_address

    @always_seq(clk.posedge, rst)
    def step():
        if state == IDLE:
            if start:
                state.next = FETCH
                index.next = 0
                trapped.next = False
                done.next = False
                status.next = 0
        elif state == FETCH:
            if index == length or poisoned:
                state.next = FINISH
            else:
                state.next = DECODE
        elif state == DECODE:
            if poisoned:
                state.next = FINISH
            elif not legal:
                trapped.next = True
                state.next = FINISH
            elif opcode != WAIT:
                state.next = DISPATCH
            elif stores == 0:
                index.next = index + 1
                state.next = FETCH
        elif state == DISPATCH:
            if sent:
                index.next = index + 1
                state.next = FETCH
        elif loads == 0 and mmas == 0 and stores == 0 and results == 0:
            state.next = IDLE
            done.next = True
            if poisoned:
                status.next = POISONED | (int(poisoned_at) << VALUE_LSB)
            elif trapped:
                status.next = BAD_INSTRUCTION | (int(index) << VALUE_LSB)
            else:
                status.next = FINISHED

    return remember, check_load, check_mma, check, dispatch, conditions, count, watch, step
