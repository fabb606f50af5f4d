"""The tile cycle by cycle: everything between a program and a memory port but the numbers themselves.

    code ─> sequencer ─┬─ load ──> mover ──────lines──> scratchpad
                       ├─ mma ───> mma_issue ──steps──> mac_array ──> drain ─┐
                       └─ store ─> store_path <─────────────beats────────────┘
    port  <═══ commands of mover and store_path, in turn

Chapter: a slice that runs a matmul.
"""

from zhenwu.cycle.stream.arbiter import Arbiter
from zhenwu.cycle.stream.fifo import Fifo
from zhenwu.cycle.tile.counters import ACTIVITIES as COUNTED
from zhenwu.cycle.tile.counters import Counters, activity
from zhenwu.cycle.tile.drain import Drain
from zhenwu.cycle.tile.mac_array import MacArray, Result
from zhenwu.cycle.tile.mma_issue import MmaIssue
from zhenwu.cycle.tile.mover import Mover
from zhenwu.cycle.tile.scratchpad import Scratchpad
from zhenwu.cycle.tile.sequencer import Sequencer
from zhenwu.cycle.tile.store_path import StorePath
from zhenwu.spec.isa import Load, Mma, Store

RESULT_DEPTH = 2  # one per accumulator buffer
OPERAND_FLAGS = 4  # of the scratchpad; the residual's follow
ACTIVITIES = COUNTED | {"idle": "runs no program"}


class Tile:
    """Cycle for cycle what `hdl/tile/tile.py` does. `step` is one rising edge.

    rows, cols    : dot units
    half_steps    : steps of 16 rows x a line in each half of an operand's scratchpad
    program_depth : instructions
    queue_depth   : instructions that wait at each unit
    outstanding   : reads under way at most
    formats       : names of the number formats that are built in
    latency       : cycles of an accumulator's loop through the adder
    """

    def __init__(
        self, *, rows: int, cols: int, half_steps: int, program_depth: int, queue_depth: int, outstanding: int,
        formats: tuple[str, ...], latency: int,
    ):
        self.sequencer = Sequencer(program_depth, half_steps, formats)
        self.queues = {unit: Fifo(queue_depth) for unit in (Load, Mma, Store)}
        self.mover = Mover(outstanding, half_steps)
        self.scratchpad = Scratchpad(rows, cols)
        self.mma_issue = MmaIssue(rows, cols, latency)
        self.mac_array = MacArray(latency)
        self.results = Fifo(RESULT_DEPTH)
        self.drain = Drain(cols)
        self.store_path = StorePath(cols)
        self.arbiter = Arbiter()
        self.counters = Counters()

    @property
    def writes(self) -> bool:
        """Whether the port's command in this cycle is the store path's."""
        return self.arbiter.choice(self.mover.cmd is not None, self.store_path.cmd is not None)

    @property
    def cmd(self) -> tuple[bool, int] | None:
        """What the port offers to memory: (write, line address), or None."""
        address = self.store_path.cmd if self.writes else self.mover.cmd
        return None if address is None else (self.writes, address)

    @property
    def wdata(self) -> int | None:
        """The line address whose data the port offers, or None."""
        return self.store_path.wdata

    @property
    def rdata_ready(self) -> bool:
        """Whether a line from memory is taken."""
        expected = self.mover.expected
        return expected is not None and self.scratchpad.takes(expected)

    def beats_ready(self, cmd_ready: bool, wdata_ready: bool) -> bool:
        """Whether a beat of results is taken, given that the port takes commands and data."""
        out = self.store_path.room(cmd_ready and self.writes, wdata_ready)
        return self.store_path.takes(out) or (self.sequencer.discard and not self.store_path.active)

    @property
    def activity(self) -> str:
        """What the array does in this cycle, one of ACTIVITIES."""
        if self.sequencer.ready:
            return "idle"
        busy = self.mma_issue.valid and self.mac_array.ready
        blocked = self.mma_issue.blocked(self.queues[Mma].head, self.scratchpad.full)
        return activity(busy, blocked, self.sequencer.closing)

    @property
    def conflict(self) -> bool:
        """Whether a line from memory waits for its bank, if memory offers one."""
        expected = self.mover.expected
        return expected is not None and not self.scratchpad.takes(expected)

    def step(
        self, code: tuple[int, int] | None, start: bool, length: int, cmd_ready: bool, wdata_ready: bool, rdata: bool,
        error: bool = False,
    ) -> None:
        """One rising edge: `code` is (index, word) if valid, `rdata` says that memory offers a line, `error` that its
        data are marked.
        """
        sequencer, mover, scratchpad, issue = self.sequencer, self.mover, self.scratchpad, self.mma_issue
        array, drain, store_path = self.mac_array, self.drain, self.store_path

        # What moves in this cycle, from registers alone; then every block takes its step
        writes, read, write = self.writes, mover.cmd, store_path.cmd
        read_ready, write_ready = cmd_ready and not writes, cmd_ready and writes
        storing, beats_ready = store_path.active, self.beats_ready(cmd_ready, wdata_ready)
        beat = drain.beat is not None and beats_ready
        now, conflict = self.activity, rdata and self.conflict
        freed = drain.freed(beats_ready)
        line = mover.expected if rdata and self.rdata_ready else None
        load, mma, store = (self.queues[unit].head for unit in (Load, Mma, Store))
        load = load if mover.takes(load, scratchpad.reserved) else None
        mma = mma if issue.takes(mma, scratchpad.full, array.ready) else None
        store = store if store is not None and store_path.accepts(store) else None
        result = self.results.head if drain.takes(beats_ready) else None
        moved = issue.valid and array.ready
        ends = issue.mma if moved and issue.ending else None  # the mma whose last step this is
        finished = Result(issue.buffer, ends.m, ends.n) if ends is not None and ends.last else None
        handed_off = array.result if self.results.ready else None
        poison = line.line_address if line is not None and error else None
        offered = sequencer.offered
        room = {unit: queue.ready for unit, queue in self.queues.items()}
        ended = {Load: line is not None and bool(line.last), Mma: ends is not None, Store: store_path.done}

        started = start and sequencer.ready
        free = (issue.frees if ends is not None else 0) | store_path.freed(beat and storing) << OPERAND_FLAGS
        residual_full = scratchpad.full >> OPERAND_FLAGS
        self.counters.step(started, not sequencer.ready, now, conflict)
        scratchpad.step(line, 0 if load is None else mover.flag(load), free, started)
        self.arbiter.step(read is not None, write is not None, cmd_ready)
        mover.step(load, read is not None and read_ready, line is not None)
        suppress = sequencer.poisoned is not None
        store_path.step(store, beat and storing, write_ready, wdata_ready, suppress, residual_full)
        drain.step(result, beats_ready)
        self.results.step(handed_off, result is not None)
        array.step(finished, handed_off is not None)
        issue.step(mma, moved, freed)
        for unit, taken in ((Load, load), (Mma, mma), (Store, store)):
            self.queues[unit].step(offered if isinstance(offered, unit) else None, taken is not None)
        sequencer.step(code, start, length, room, ended, freed != 0, poison)
