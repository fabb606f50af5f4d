"""The compute tile: everything between a program and a memory port. Chapter: the sequencer and the tile mover.

    code ─> sequencer ─┬─ load ──> mover ──────lines──> scratchpad
                       ├─ mma ───> mma_issue ──steps──> mac_array ──> drain ─┐
                       └─ store ─> store_path <─────────────beats────────────┘
    port  <═══ commands of mover and store_path, in turn
"""

from myhdl import ResetSignal, Signal, always_comb, block, intbv

from hdl.bundle import ADDRESS_BITS, LINE_BITS, MemoryPort, Stream, command_stream, wire
from hdl.stream.arbiter import arbiter
from hdl.stream.fifo import fifo
from hdl.tile.counters import Counts, counters
from hdl.tile.drain import drain
from hdl.tile.fields import instruction_stream
from hdl.tile.mac_array import mac_array, result_stream
from hdl.tile.mma_issue import OPERAND_FLAGS, mma_issue, step_stream
from hdl.tile.mover import mover
from hdl.tile.residual_buffer import ADDRESS_BITS as RESIDUAL_BITS
from hdl.tile.scratchpad import FLAGS, load_line_stream, scratchpad
from hdl.tile.sequencer import INDEX_BITS, sequencer
from hdl.tile.store_path import store_path
from zhenwu.spec.isa import INSTRUCTION_BITS, STATUS_BITS, STEP_ROWS
from zhenwu.spec.mma_formats import WORD_BITS, require_formats

RESULT_DEPTH = 2  # one per accumulator buffer: mac_array relies on it


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
        "counts": Counts(),
        "port": MemoryPort(),
    }


@block
def tile(clk, rst, code, start, length, done, status, counts, port, *, rows, cols, half_steps, program_depth,
         queue_depth, outstanding, formats, latency, timing_only=False):
    """Run programs on matrices in memory.

    code          : stream of program words {index, word}, taken while no program runs
    start, length : 1 bit and 16 bits in: run `length` instructions from place 0; no effect while a program runs
    done          : 1 bit out, high from a program's end to the next start
    status        : 32 bits out, how it ended (`zhenwu/spec/isa.py`)
    counts        : Counts out, what the array did in each cycle of the program at work, or of the last one
    port          : MemoryPort, reads with id 0

    rows, cols    : dot units, each 2, 4 or 8
    half_steps    : steps of 16 rows x a line in each half of an operand's scratchpad
    program_depth : instructions
    queue_depth   : instructions that wait at each unit
    outstanding   : reads under way at most
    formats       : names of the number formats that are built in; instructions in others trap
    latency       : cycles of an accumulator's loop through the adder, 1 .. 4
    timing_only   : leave the dot units out: all results are 0, at their time
    """
    assert rows in (2, 4, 8) and cols in (2, 4, 8), f"array {rows} x {cols}: expected 2, 4 or 8 each"
    assert 1 <= half_steps <= 128, f"half_steps = {half_steps}: expected 1 .. 128"
    require_formats(formats)

    load, mma, store = instruction_stream(), instruction_stream(), instruction_stream()
    load_queued, mma_queued, store_queued = instruction_stream(), instruction_stream(), instruction_stream()
    load_done, mma_done, store_done = wire(1), wire(1), wire(1)
    poison, poison_address = wire(1), wire(ADDRESS_BITS)
    discard, suppress = wire(1), wire(1)

    reserve, free, reserved, full = wire(FLAGS), wire(FLAGS), wire(FLAGS), wire(FLAGS)
    operands_free, residual_free, residual_full = wire(OPERAND_FLAGS), wire(2), wire(2)
    residual_address, residual_line = wire(RESIDUAL_BITS), wire(LINE_BITS)
    line = load_line_stream()
    read_cmd, write_cmd = command_stream(), command_stream()

    step = step_stream(rows=rows, cols=cols, half_steps=half_steps)
    a_words, b_words = wire(rows * WORD_BITS), wire(cols * WORD_BITS)
    a_scales, b_scales = wire(WORD_BITS), wire(WORD_BITS)
    drain_read = wire(1)
    drain_slot = Signal(intbv(0, min=0, max=2 * (STEP_ROWS // rows) * (STEP_ROWS // cols)))
    drain_row = Signal(intbv(0, min=0, max=rows))
    drain_values = wire(cols * 32)
    result, result_queued = result_stream(), result_stream()
    freed = wire(2)
    beats = Stream(data=cols * 32)

    blocked, closing = wire(1), wire(1)
    running, busy, conflict = wire(1), wire(1), wire(1)
    accepted = wire(1)  # a start that the sequencer takes; others, while a program runs, change nothing

    @always_comb
    def accept():
        accepted.next = start and code.ready

    @always_comb
    def join_flags():
        free.next = (int(residual_free) << OPERAND_FLAGS) | int(operands_free)
        residual_full.next = int(full) >> OPERAND_FLAGS

    @always_comb
    def look():
        running.next = not code.ready
        busy.next = step.valid and step.ready
        conflict.next = line.valid and not line.ready

    control = sequencer(
        clk, rst, code, start, length, done, status, load, mma, store, load_done, mma_done, store_done, freed,
        poison, poison_address, discard, suppress, closing, program_depth=program_depth, half_steps=half_steps,
        formats=formats,
    )
    queues = [
        fifo(clk, rst, load, load_queued, depth=queue_depth),
        fifo(clk, rst, mma, mma_queued, depth=queue_depth),
        fifo(clk, rst, store, store_queued, depth=queue_depth),
        fifo(clk, rst, result, result_queued, depth=RESULT_DEPTH),
    ]
    fetch = mover(
        clk, rst, load_queued, reserved, reserve, read_cmd, port.rdata, line, load_done, poison, poison_address,
        outstanding=outstanding,
    )
    operands = scratchpad(
        clk, rst, accepted, line, reserve, free, reserved, full, step.a_address, step.a_scale_address, step.b_address,
        step.b_scale_address, a_words, a_scales, b_words, b_scales, residual_address, residual_line,
        rows=rows, cols=cols, half_steps=half_steps,
    )
    issue = mma_issue(
        clk, rst, mma_queued, full, operands_free, freed, step, mma_done, blocked, rows=rows, cols=cols,
        half_steps=half_steps, latency=latency,
    )
    array = mac_array(
        clk, rst, step, a_words, a_scales, b_words, b_scales, drain_read, drain_slot, drain_row, drain_values,
        result, rows=rows, cols=cols, formats=formats, latency=latency, timing_only=timing_only,
    )
    out = drain(
        clk, rst, result_queued, drain_read, drain_slot, drain_row, drain_values, freed, beats, rows=rows, cols=cols
    )
    write = store_path(
        clk, rst, store_queued, beats, residual_full, residual_address, residual_line, residual_free, discard, suppress,
        write_cmd, port.wdata, store_done, cols=cols,
    )
    share = arbiter(clk, rst, read_cmd, write_cmd, port.cmd)
    count = counters(clk, rst, accepted, running, busy, blocked, closing, conflict, counts)
    return accept, join_flags, look, count, control, queues, fetch, operands, issue, array, out, write, share
