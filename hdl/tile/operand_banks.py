"""The scratchpad of one operand: element banks and a scale bank. Chapter: the array and its utilisation."""

from myhdl import ConcatSignal, ResetSignal, Signal, always, always_comb, always_seq, block, intbv

from hdl.bundle import LINE_BITS, Stream, wire
from zhenwu.spec.isa import STEP_ROWS
from zhenwu.spec.mma_formats import STEP_WORDS, WORD_BITS

PLACE_BITS = 14  # of a word in a bank, for any value of a line's fields


def line_stream() -> Stream:
    """A line on its way into one operand's banks."""
    return Stream(half=1, step=8, row=4, scale=1, data=LINE_BITS)


def bank_depth(banks: int, half_steps: int) -> int:
    """Words in one element bank: two halves of steps of two words of 16 rows, shared among the banks."""
    return 2 * half_steps * STEP_WORDS * (STEP_ROWS // banks)


def ports(*, banks: int, half_steps: int) -> dict:
    """Fresh ports."""
    return {
        "clk": Signal(bool(0)),
        "rst": ResetSignal(0, active=1, isasync=False),
        "line": line_stream(),
        "address": Signal(intbv(0, min=0, max=bank_depth(banks, half_steps))),
        "scale_address": Signal(intbv(0, min=0, max=2 * half_steps * STEP_WORDS)),
        "words": wire(banks * WORD_BITS),
        "scales": wire(WORD_BITS),
    }


@block
def operand_banks(clk, rst, line, address, scale_address, words, scales, *, banks, half_steps):
    """Take lines in at one a cycle, give a word of every bank a cycle.

    line          : stream of lines: two words of one row, or (`scale` = 1) the scales of 16 rows x 2 blocks, of which
                    `step` is the first block
    address       : in, the word read from every element bank
    scale_address : in, the word read from the scale bank
    words         : banks x 128 bits out, bank 0 lowest, one cycle after `address`
    scales        : 128 bits out, byte r the scale of row r, one cycle after `scale_address`

    Row r lives in bank r mod banks. A line is two words of one bank: the first is written at once, the second
    waits a cycle in a holding register; so `line.ready` falls only when two lines for one bank come back to back.
    Nothing stops a read of a word that is being written: the full flags of the scratchpad do.
    """
    assert banks in (2, 4, 8), f"banks = {banks}: expected 2, 4 or 8"
    sub_rows = STEP_ROWS // banks
    scale_bank = banks

    bank = Signal(intbv(0, min=0, max=banks + 1))  # of the offered line
    place = wire(PLACE_BITS)  # of its first word; anything while no line is offered
    take = wire(1)
    low, high = wire(WORD_BITS), wire(WORD_BITS)
    held = wire(1)
    held_bank = Signal(intbv(0, min=0, max=banks + 1))
    held_place = wire(PLACE_BITS)
    held_word = wire(WORD_BITS)

    @always_comb
    def locate():
        step = 0
        row = 0
        step = int(line.step)
        row = int(line.row)
        if line.scale:
            bank.next = scale_bank
            place.next = int(line.half) * (half_steps * STEP_WORDS) + step
        else:
            bank.next = row % banks
            place.next = (int(line.half) * half_steps + step) * (STEP_WORDS * sub_rows) + row // banks
        low.next = line.data[WORD_BITS:]
        high.next = line.data[LINE_BITS:WORD_BITS]

    @always_comb
    def handshake():
        line.ready.next = not (held and held_bank == bank)
        take.next = line.valid and not (held and held_bank == bank)

    @always_seq(clk.posedge, rst)
    def hold():
        held.next = take
        if take:
            held_bank.next = bank
            held_word.next = high
            if line.scale:
                held_place.next = place + 1
            else:
                held_place.next = place + sub_rows

    outputs = [wire(WORD_BITS) for _ in range(banks)]
    element_banks = [
        memory_bank(clk, take, bank, place, low, held, held_bank, held_place, held_word, address, outputs[i], i,
                    bank_depth(banks, half_steps))
        for i in range(banks)
    ]
    scale_words = memory_bank(clk, take, bank, place, low, held, held_bank, held_place, held_word, scale_address,
                              scales, scale_bank, 2 * half_steps * STEP_WORDS)
    joined = ConcatSignal(*reversed(outputs))

    @always_comb
    def widen():
        words.next = joined

    return locate, handshake, hold, element_banks, scale_words, widen


@block
def memory_bank(clk, take, bank, place, low, held, held_bank, held_place, held_word, address, word, index, depth):
    """One memory with one write and one read port: it writes what is meant for bank `index`."""
    memory = [wire(WORD_BITS) for _ in range(depth)]
    enable = wire(1)
    target = Signal(intbv(0, min=0, max=depth))
    incoming = wire(WORD_BITS)

    @always_comb
    def steer():
        enable.next = (take and bank == index) or (held and held_bank == index)
        target.next = 0
        if held and held_bank == index:
            target.next = held_place
            incoming.next = held_word
        else:
            if take and bank == index:
                target.next = place
            incoming.next = low

    @always(clk.posedge)
    def write():
        if enable:
            memory[int(target)].next = incoming

    @always(clk.posedge)
    def read():
        word.next = memory[int(address)]

    return steer, write, read
