"""The pins of a tile as words of 32 bits, for the signature. Chapter: down to Verilog.

A payload counts only while its `valid` is high: what stands there otherwise, nobody promised.
"""

from myhdl import ConcatSignal, always_comb, block, concat

from hdl.bundle import ADDRESS_BITS, ID_BITS, LINE_BITS, wire
from hdl.harness.signature import SIGNATURE_BITS
from hdl.tile.counters import COUNT_BITS
from hdl.tile.sequencer import INDEX_BITS
from zhenwu.spec.isa import INSTRUCTION_BITS, STATUS_BITS

HOST_WORDS = 12
PORT_WORDS = 18


@block
def host_words(code, start, length, done, status, counts, pins):
    """Those between host and tile.

    pins : 12 x 32 bits out, from the lowest: {start, done, code.ready, code.valid}, status, {length, code.index},
           4 words of code.word, and a word each of busy, starved, blocked, draining and conflicts
    """
    starts, ends, taken, offered = (wire(1) for _ in range(4))
    index, word = wire(INDEX_BITS), wire(INSTRUCTION_BITS)
    span, end = wire(INDEX_BITS), wire(STATUS_BITS)
    padding = wire(SIGNATURE_BITS - 4)
    busy, starved, blocked, draining, conflicts = (wire(COUNT_BITS) for _ in range(5))
    joined = ConcatSignal(
        conflicts, draining, blocked, starved, busy, word, span, index, end, padding, starts, ends, taken, offered
    )

    @always_comb
    def copy():
        starts.next = start
        ends.next = done
        taken.next = code.ready
        offered.next = code.valid
        span.next = length
        end.next = status
        padding.next = 0
        busy.next = counts.busy
        starved.next = counts.starved
        blocked.next = counts.blocked
        draining.next = counts.draining
        conflicts.next = counts.conflicts

    @always_comb
    def gate():
        index.next = 0
        word.next = 0
        if code.valid:
            index.next = code.index
            word.next = code.word

    @always_comb
    def join():
        pins.next = joined

    return copy, gate, join


@block
def port_words(port, pins):
    """Those of a MemoryPort.

    pins : 18 x 32 bits out, from the lowest: {rdata.error, rdata.valid, rdata.ready, wdata.valid, wdata.ready,
           cmd.valid, cmd.ready}, {rdata.id, cmd.write, cmd.id, cmd.line_address}, 8 words of wdata.data, 8 of
           rdata.data
    """
    handshakes, error = wire(6), wire(1)
    address, tag, write, answer_tag = wire(ADDRESS_BITS), wire(ID_BITS), wire(1), wire(ID_BITS)
    stored, loaded = wire(LINE_BITS), wire(LINE_BITS)
    padding = wire(SIGNATURE_BITS - 7)
    joined = ConcatSignal(loaded, stored, answer_tag, write, tag, address, padding, error, handshakes)

    @always_comb
    def copy():
        handshakes.next = concat(
            port.rdata.valid, port.rdata.ready, port.wdata.valid, port.wdata.ready, port.cmd.valid, port.cmd.ready
        )
        padding.next = 0

    @always_comb
    def gate_cmd():
        address.next = 0
        tag.next = 0
        write.next = False
        if port.cmd.valid:
            address.next = port.cmd.line_address
            tag.next = port.cmd.id
            write.next = port.cmd.write

    @always_comb
    def gate_wdata():
        stored.next = 0
        if port.wdata.valid:
            stored.next = port.wdata.data

    @always_comb
    def gate_rdata():
        error.next = False
        answer_tag.next = 0
        loaded.next = 0
        if port.rdata.valid:
            error.next = port.rdata.error
            answer_tag.next = port.rdata.id
            loaded.next = port.rdata.data

    @always_comb
    def join():
        pins.next = joined

    return copy, gate_cmd, gate_wdata, gate_rdata, join
