"""A tile on a memory that brings a line every so many cycles, and nothing else of a memory: a knob to starve an array.

    code, start ══ [ tile without dot units ] ══ MemoryPort ══ a line in CYCLES_PER_LINE cycles
                              └── counts ──> busy, starved, blocked, draining

Chapter: the array and its utilisation.
"""

from myhdl import ResetSignal, Signal, always_comb, always_seq, block

from hdl.bundle import MemoryPort, Stream, wire
from hdl.tile.counters import COUNT_BITS, Counts
from hdl.tile.sequencer import INDEX_BITS
from hdl.tile.tile import tile
from zhenwu.spec.isa import INSTRUCTION_BITS, STATUS_BITS
from zhenwu.spec.tile import TILE

CYCLES_PER_LINE = 1  # the knob: 1 or more
PROGRAM_DEPTH = 64
FORMATS = ("mxfp4",)


def ports() -> dict:
    """Fresh ports."""
    return {
        "clk": Signal(bool(0)),
        "rst": ResetSignal(0, active=1, isasync=False),
        "code": Stream(index=INDEX_BITS, word=INSTRUCTION_BITS),
        "start": wire(1),
        "length": wire(INDEX_BITS),
        "busy": wire(1),
        "starved": wire(1),
        "blocked": wire(1),
        "draining": wire(1),
        "kinds": wire(3),
        "counted": wire(COUNT_BITS),
    }


@block
def starved_tile(clk, rst, code, start, length, busy, starved, blocked, draining, kinds, counted, *, rows, cols,
                 half_steps, latency):
    """Run a program and show what the array does.

    code, start, length              : as in `tile`
    busy, starved, blocked, draining : 1 bit out each, what the array did in the cycle before
    kinds                            : 3 bits out, how many of these four are high
    counted                          : 32 bits out, all four kinds of cycles so far

    rows, cols, half_steps, latency  : as in `tile`

    A line comes a cycle after its command, and the next command is taken CYCLES_PER_LINE cycles later. All lines read
    as 0, and what is written is lost.
    """
    done, status = wire(1), wire(STATUS_BITS)
    counts, port = Counts(), MemoryPort()
    rest = wire(8)  # cycles until the next command is taken
    was_busy, was_starved, was_blocked, was_draining = (wire(COUNT_BITS) for _ in range(4))

    dut = tile(
        clk, rst, code, start, length, done, status, counts, port, rows=rows, cols=cols, half_steps=half_steps,
        program_depth=PROGRAM_DEPTH, queue_depth=int(TILE.queue_depth), outstanding=int(TILE.outstanding),
        formats=FORMATS, latency=latency, timing_only=True,
    )

    @always_comb
    def accept():
        port.cmd.ready.next = rest == 0 and (port.rdata.ready or not port.rdata.valid)
        port.wdata.ready.next = True

    @always_seq(clk.posedge, rst)
    def serve():
        if port.rdata.ready:
            port.rdata.valid.next = False
        if rest != 0:
            rest.next = rest - 1
        if port.cmd.valid and port.cmd.ready:
            rest.next = CYCLES_PER_LINE - 1
            port.rdata.valid.next = not port.cmd.write

    @always_seq(clk.posedge, rst)
    def remember():
        was_busy.next = counts.busy
        was_starved.next = counts.starved
        was_blocked.next = counts.blocked
        was_draining.next = counts.draining

    @always_comb
    def look():
        busy.next = counts.busy != was_busy
        starved.next = counts.starved != was_starved
        blocked.next = counts.blocked != was_blocked
        draining.next = counts.draining != was_draining

    @always_comb
    def add_up():
        kinds.next = int(busy) + int(starved) + int(blocked) + int(draining)
        counted.next = counts.busy + counts.starved + counts.blocked + counts.draining

    return dut, accept, serve, remember, look, add_up
