"""Run a program: check each instruction, queue it at its unit, end with a status word.

Chapter: the sequencer and the tile mover.
"""

from myhdl import ConcatSignal, ResetSignal, Signal, always, always_comb, always_seq, block, intbv

from hdl.bundle import ADDRESS_BITS, Stream, wire
from hdl.tile.fields import cut, instruction_stream
from hdl.tile.trap_check import trap_check
from zhenwu.spec.isa import (
    BAD_INSTRUCTION,
    FINISHED,
    INSTRUCTION_BITS,
    LOAD,
    LOOP,
    LOOP_DEPTH,
    MMA,
    POISONED,
    RESIDUAL,
    STATUS_BITS,
    STATUS_VALUE,
    STORE,
    WAIT,
    LoadFields,
    LoopFields,
    MmaFields,
    StoreFields,
)
from zhenwu.spec.mma_formats import ALL_FORMATS

INDEX_BITS = 16
VALUE_LSB = STATUS_VALUE.lsb
FIRST, SECOND = LoadFields.element_base, LoadFields.scale_base  # the two addresses of a load or a store
STREAMS = 7  # advances of a loop side by side: two for each operand of a load, one for the residual, two for a store
ADVANCE = LoopFields.a_elements  # the first one
ADVANCE_MASK = (1 << ADVANCE.width) - 1

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
        "closing": wire(1),
    }


@block
def sequencer(clk, rst, code, start, length, done, status, load, mma, store, load_done, mma_done, store_done, freed,
              poison, poison_address, discard, suppress, closing, *, program_depth, half_steps, formats=ALL_FORMATS):
    """Fetch, check and dispatch; end when everything that was dispatched has ended.

    code           : stream of program words and their places, taken while no program runs
    start, length  : 1 bit and 16 bits in: run `length` instructions from place 0, at most `program_depth`; `length`
                     holds still until `done`; a start while a program runs has no effect
    done           : 1 bit out, high from a program's end to the next start
    status         : 32 bits out, how it ended (`zhenwu/spec/isa.py`)
    load, mma, store : streams of words to the units, addresses moved by the loops; every word that leaves is valid
    load_done, mma_done, store_done : 1 bit in, for one cycle: the oldest instruction of this unit ended
    freed          : 2 bits in, for one cycle: a result has left its accumulators
    poison, poison_address : a load met marked data; no later than its load_done
    discard        : 1 bit out: no store will come, results that none asked for are to be swallowed
    suppress       : 1 bit out: write nothing more
    closing        : 1 bit out: nothing is left to load or to multiply of what was handed out, and results leave
    formats        : names of the products that the tile has built in

    An instruction every 3 cycles. A loop takes 2 cycles where it begins, and none to go round or to end: its last
    instruction has the first one, or what comes behind the loop, as its successor. A bad instruction is not dispatched,
    nor is any after it. A program that waits for what never comes (an mma on a half that no load fills) waits for
    ever: `zhenwu/golden/tile/check_program.py` refuses it.
    """
    memory = [wire(INSTRUCTION_BITS) for _ in range(program_depth)]
    state = Signal(intbv(IDLE, min=0, max=5))
    index = wire(INDEX_BITS)
    word = wire(INSTRUCTION_BITS)
    trapped = wire(1)
    poisoned = wire(1)
    poisoned_at = wire(ADDRESS_BITS)
    loads, mmas, stores, results = (wire(8) for _ in range(4))  # dispatched, not ended

    opcode, operand = cut(word, LoadFields.opcode), cut(word, LoadFields.operand)
    first, second = cut(word, FIRST), cut(word, SECOND)
    assert (FIRST, SECOND) == (StoreFields.base, StoreFields.scale_base), "loads and stores have addresses in one place"
    hands_off = cut(word, MmaFields.last)
    body, count = cut(word, LoopFields.length), cut(word, LoopFields.count)

    # The loops at work, the outer one first: their bodies, the rounds that follow this one, how each address advances
    # in a round, and by how much it has, the loop round this one included
    depth, depth_there = (Signal(intbv(0, min=0, max=LOOP_DEPTH + 1)) for _ in range(2))
    begins, ends = ([wire(INDEX_BITS) for _ in range(LOOP_DEPTH)] for _ in range(2))
    rounds = [wire(len(count)) for _ in range(LOOP_DEPTH)]
    advances = [wire(ADVANCE.width) for _ in range(LOOP_DEPTH * STREAMS)]
    offsets = [wire(ADDRESS_BITS) for _ in range(LOOP_DEPTH * STREAMS)]
    moved_first, moved_second = wire(ADDRESS_BITS), wire(ADDRESS_BITS)
    moved = ConcatSignal(
        word(INSTRUCTION_BITS, SECOND.lsb + ADDRESS_BITS), moved_second,
        word(SECOND.lsb, FIRST.lsb + ADDRESS_BITS), moved_first, word(FIRST.lsb, 0),
    )

    fits, legal, sent, passed, entered = (wire(1) for _ in range(5))
    check = trap_check(word, fits, half_steps=half_steps, formats=formats)
    following, again = wire(INDEX_BITS), wire(1)  # what comes behind the instruction at hand; is it another round

    @always(clk.posedge)
    def remember():
        if code.valid and code.ready:
            memory[int(code.index)].next = code.word
        if index < program_depth:
            word.next = memory[int(index)]

    @always_comb
    def place_loop():
        last = 0
        last = int(index) + int(body)
        legal.next = fits and (
            opcode != LOOP or (depth == 0 and last < length) or (depth == 1 and last <= ends[0])
        )

    @always_comb
    def dispatch():
        load.valid.next = state == DISPATCH and opcode == LOAD
        mma.valid.next = state == DISPATCH and opcode == MMA
        store.valid.next = state == DISPATCH and opcode == STORE
        load.word.next = moved
        mma.word.next = moved
        store.word.next = moved
        sent.next = (
            (opcode == LOAD and load.ready) or (opcode == MMA and mma.ready) or (opcode == STORE and store.ready)
        )

    @always_comb
    def progress():
        passed.next = (state == DISPATCH and sent) or (
            state == DECODE and opcode == WAIT and legal and not poisoned and stores == 0
        )
        entered.next = state == DECODE and opcode == LOOP and legal and not poisoned

    @always_comb
    def follow():
        following.next = (int(index) + 1) % 2**INDEX_BITS
        depth_there.next = depth
        again.next = False
        if depth == 2 and index == ends[1] and rounds[1] != 0:
            again.next = True
            following.next = begins[1]
        elif depth != 0 and index == ends[0] and rounds[0] != 0:
            again.next = True
            following.next = begins[0]
            depth_there.next = 1
        elif depth != 0 and index == ends[0]:
            depth_there.next = 0
        elif depth == 2 and index == ends[1]:
            depth_there.next = 1

    @always(clk.posedge)
    def stack():
        top = 0
        if entered:
            top = int(depth)
            begins[top].next = index + 1
            ends[top].next = index + body
            rounds[top].next = count - 1
        elif passed and again:
            top = int(depth_there) - 1
            rounds[top].next = rounds[top] - 1

    @always(clk.posedge)
    def advance():
        here = 0
        if entered:
            here = int(depth) * STREAMS
            for i in range(STREAMS):
                advances[here + i].next = int((word >> (ADVANCE.lsb + ADVANCE.width * i)) & ADVANCE_MASK)
                if depth == 0:
                    offsets[here + i].next = 0
                else:
                    offsets[here + i].next = offsets[i]
        elif passed and again:
            here = (int(depth_there) - 1) * STREAMS
            for i in range(STREAMS):
                offsets[here + i].next = (int(offsets[here + i]) + int(advances[here + i])) % 2**ADDRESS_BITS

    @always(clk.posedge)
    def move():
        here = 0
        by_first = 0
        by_second = 0
        if state == DECODE:
            here = (int(depth) - 1) * STREAMS
            if depth != 0 and opcode == LOAD and operand <= RESIDUAL:
                by_first = int(offsets[here + 2 * int(operand)])
                if operand < RESIDUAL:
                    by_second = int(offsets[here + 2 * int(operand) + 1])
            elif depth != 0 and opcode == STORE:
                by_first = int(offsets[here + STREAMS - 2])
                by_second = int(offsets[here + STREAMS - 1])
            moved_first.next = (int(first) + by_first) % 2**ADDRESS_BITS
            moved_second.next = (int(second) + by_second) % 2**ADDRESS_BITS

    @always_comb
    def conditions():
        code.ready.next = state == IDLE
        suppress.next = poisoned
        closing.next = loads == 0 and mmas == 0 and (stores != 0 or results != 0 or state == FINISH)
        discard.next = state == FINISH and stores == 0

    @always_seq(clk.posedge, rst)
    def count_under_way():
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
                depth.next = 0
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
            elif opcode == LOOP:
                index.next = index + 1
                depth.next = depth + 1
                state.next = FETCH
            elif opcode != WAIT:
                state.next = DISPATCH
        elif state == FINISH and loads == 0 and mmas == 0 and stores == 0 and results == 0:
            state.next = IDLE
            done.next = True
            if poisoned:
                status.next = POISONED | (int(poisoned_at) << VALUE_LSB)
            elif trapped:
                status.next = BAD_INSTRUCTION | (int(index) << VALUE_LSB)
            else:
                status.next = FINISHED
        if passed:
            index.next = following
            depth.next = depth_there
            state.next = FETCH

    return (check, remember, place_loop, dispatch, progress, follow, stack, advance, move, conditions, count_under_way,
            watch, step)
