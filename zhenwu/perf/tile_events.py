"""When each event of a program happens, from those before it: no cycle in which nothing is decided is looked at.

Every event is the latest of what it waits for, plus a constant; one choice breaks that form, whose command the memory
port takes where the mover's and the store path's meet. So there are four units that say all that follows from what is
known, and a port that then takes one command, or all reads up to the next write. What is not known at that moment
follows from that command or from later ones, so it cannot come before it.

    dispatch    3 cycles an instruction, once its queue has room
    mover       a load once its half is free; a read a cycle
    array       an mma once its halves are full and its accumulators free; steps, and pauses for the adder
    store path  a beat a cycle; a line leaves once the one before it is gone
    memory      two commands wait, one is served in `cycles_per_line`; a read's line comes `memory_latency` after it was
                taken at the earliest, and later by one behind a line of its bank

Results are stored as they are, or by way of `tile_quantised`. Groups of one size make the state repeat, all times moved
by a period; then whole periods are left out, and their time added (`tile_periods`). Times are cycles since the start of
the program. Chapter: the array and its utilisation.
"""

from collections import deque

from zhenwu.perf.tile_instructions import FLOAT32, Load, Mma, Program, Store
from zhenwu.perf.tile_machine import Machine, banks, line_beats
from zhenwu.perf.tile_periods import Periods, state
from zhenwu.perf.tile_quantised import Block
from zhenwu.spec.isa import RESIDUAL

FETCH = 3  # cycles an instruction: fetch, decode, dispatch
RESULT = 4  # from the last step to the drain's queue, beside the adder's latency: registers of the array, and the queue
FIRST_BEAT = 2  # from the read of an accumulator to the beat on offer
ENDING = 5  # from the port's taking the last line to `done`
BUFFERS = 2  # of accumulators
HALVES = 2
OPERANDS = "A", "B", "residual"
LONG_AGO = -(1 << 40)
UNITS = (Load, Mma, Store)


class Timing:
    """One program on a machine, of whose memory the last two lines were `served` before it; it starts at `start`."""

    def __init__(
        self, program: Program, machine: Machine, served: tuple[int, int] = (LONG_AGO, LONG_AGO), start: int = 0
    ):
        self.machine = machine
        self.segments = deque(program)
        self.instructions: deque = deque()  # of the segment at hand, not dispatched
        self.periods = Periods()

        self.dispatched = start
        self.queues = {unit: deque() for unit in UNITS}  # (instruction, when the unit sees it)
        self.taken = {unit: deque([LONG_AGO] * machine.queue_depth, machine.queue_depth) for unit in UNITS}

        self.free = tuple(deque([LONG_AGO] * HALVES) for _ in OPERANDS)  # when halves were given back, not taken again
        self.full = tuple(deque() for _ in OPERANDS)  # when loads ended whose halves are in use
        self.load: Load | None = None  # whose reads are being issued
        self.banks: tuple[int, ...] = ()
        self.read = 0  # the next one's place in it
        self.read_at = 0  # it is offered no earlier
        self.mover_free = 0

        self.array_free = 0
        self.buffers = deque([LONG_AGO] * BUFFERS)  # when accumulators were given back
        self.results: deque[int] = deque()  # when each can be drained

        self.store_at = 0  # the store at work sees beats from then on
        self.store: Store | None = None
        self.adds = False  # it waits for its residual
        self.lines: tuple[int, ...] = ()  # beats of each of its lines
        self.line = 0  # the next one to be gathered
        self.draining = False  # its result's accumulators are being read
        self.drain_reads = LONG_AGO  # the last of them
        self.beats = LONG_AGO, LONG_AGO  # the last two that were taken
        self.row_line: tuple[int, bool, bool] | None = None  # of it: row, whether it ends its block, and its row
        self.complete: int | None = None  # when the line at hand was, until it leaves
        self.left = LONG_AGO  # when the last one did
        self.write_at: int | None = None  # the line on its way out is offered no earlier
        self.written = LONG_AGO
        self.block = Block(LONG_AGO)

        self.accepted = LONG_AGO  # a command
        self.served = served  # the last two
        self.write_last = False  # the last command is a write
        self.offered = LONG_AGO  # a line from memory
        self.arrived = deque([LONG_AGO] * machine.outstanding, machine.outstanding)
        self.bank: tuple[int, int] | None = None  # of the last one

    def run(self) -> tuple[int, tuple[int, int]]:
        """Cycles from the start to `done`, and when the last two lines were served, counted from `done`."""
        self.settle()
        while self.load is not None or self.write_at is not None:
            self.port()
            self.settle()
        done = self.done
        return done + self.periods.skipped, (self.served[0] - done, self.served[1] - done)

    def settle(self) -> None:
        """All that follows from what is known."""
        while self.dispatch() or self.take_load() or self.multiply() or self.gather():
            pass

    @property
    def done(self) -> int:
        """When `done` comes, once nothing is left for the port."""
        assert not any(self.queues.values()) and not self.results, "the program hangs"
        return max(self.dispatched + FETCH - 1, self.written + ENDING - FETCH) + FETCH

    def dispatch(self) -> bool:
        """Hand on the next instruction, if its queue has room."""
        if not self.instructions and not self.next_segment():
            return False
        instruction = self.instructions[0]
        unit = type(instruction)
        queue, depth = self.queues[unit], self.machine.queue_depth
        if len(queue) == depth:
            return False
        room = self.taken[unit][len(queue)] + 1
        self.dispatched = max(self.dispatched + FETCH, room)
        queue.append((self.instructions.popleft(), self.dispatched + 1))
        return True

    def next_segment(self) -> bool:
        """Begin another segment, of which some may be left out."""
        while self.segments:
            segment, count = self.segments.popleft()
            if count > 1:
                machine = self.machine
                oldest = min(self.dispatched, self.accepted) - machine.memory_latency - machine.cycles_per_line - FETCH
                count = self.periods.leave_out(count, self.dispatched, state(self, oldest))
            if count > 1:
                self.segments.appendleft((segment, count - 1))
            else:
                self.periods.seen.clear()
            self.instructions.extend(segment)
            if segment:
                return True
        return False

    def take_load(self) -> bool:
        """Begin the reads of the queued load."""
        if self.load is not None or not self.queues[Load]:
            return False
        load, seen = self.queues[Load][0]
        if not self.free[load.operand]:
            return False
        taken = max(seen, self.mover_free, self.free[load.operand].popleft() + 1)
        self.queues[Load].popleft()
        self.taken[Load].append(taken)
        machine = self.machine
        self.load, self.read, self.read_at = load, 0, taken + 1
        self.banks = banks(load, machine.cols if load.operand else machine.rows)
        return True

    def multiply(self) -> bool:
        """Run the queued mma."""
        if not (self.queues[Mma] and self.full[0] and self.full[1] and self.buffers):
            return False
        machine = self.machine
        mma, seen = self.queues[Mma].popleft()
        begin = max(seen, self.array_free, self.full[0][0] + 1, self.full[1][0] + 1, self.buffers[0] + 1)
        self.taken[Mma].append(begin)
        pause = machine.pause(mma)
        end = begin + mma.k_groups * (machine.steps(mma) + pause) - pause
        for operand, releases in enumerate(mma.releases):
            if releases:
                self.full[operand].popleft()
                self.free[operand].append(end)
        self.array_free = end + max(0 if mma.last else pause, int(any(mma.releases)))
        if mma.last:
            self.buffers.popleft()
            self.results.append(end + RESULT + machine.latency)
        return True

    def gather(self) -> bool:
        """The store path's next event: a line leaves, a store or a result is taken, or a line is gathered."""
        return self.leave() or self.quantise() or self.take_store() or self.take_result() or self.gather_line()

    def leave(self) -> bool:
        """The gathered line goes out, or to the quantiser."""
        if self.complete is None:
            return False
        if self.row_line is None:
            if self.write_at is not None:
                return False
            self.left = max(self.complete + 1, self.written)
            self.write_at = self.left + 1
        else:
            row, ends, completes = self.row_line
            free = LONG_AGO if ends else self.block.overwritten(row)
            if free is None:
                return False
            self.left = max(self.complete + 1, free)
            if ends and completes:
                self.block.complete.append(self.left)
        self.complete = None
        return True

    def quantise(self) -> bool:
        """A row is read, or a quantised line goes out."""
        block = self.block
        if block.done is not None:
            return False
        if block.read_row():
            return True
        before = block.row
        left = block.write(None if self.write_at is not None else self.written)
        if left is not None:
            self.write_at = left + 1
        return left is not None or block.row > before

    def take_store(self) -> bool:
        """The next store comes to work."""
        if self.line < len(self.lines) or not self.queues[Store]:
            return False
        store, seen = self.queues[Store][0]
        begins = store.ends_block
        if begins and self.block.done is None:
            return False
        self.queues[Store].popleft()
        self.store_at = max(seen, self.beats[1] + 1, self.block.done + 1 if begins else LONG_AGO) + 1
        self.taken[Store].append(self.store_at - 1)
        if begins:
            self.block.begin(store)
        self.store, self.adds = store, store.adds
        self.lines, self.line = line_beats(store, self.machine.cols), 0
        return True

    def take_result(self) -> bool:
        """The next result is drained."""
        if self.line == len(self.lines) or self.line or self.draining or not self.results:
            return False
        self.drain_reads = max(self.results.popleft(), self.drain_reads)
        self.draining = True
        return True

    def gather_line(self) -> bool:
        """The beats of a line, which follow one another; accumulators are read at most two beats ahead of them."""
        if not self.draining or self.complete is not None:
            return False
        if self.adds:
            if not self.full[RESIDUAL]:
                return False
            self.store_at, self.adds = max(self.store_at, self.full[RESIDUAL][0] + 2), False
        count = self.lines[self.line]
        for beat in range(count):
            self.drain_reads = max(self.drain_reads + 1, self.beats[0])
            first = max(self.store_at, self.left) if not beat else 0
            self.beats = self.beats[1], max(self.drain_reads + FIRST_BEAT, self.beats[1] + 1, first)
        self.complete = self.beats[1]
        store, row_lines = self.store, len(self.lines) // self.store.m
        row, place = divmod(self.line, row_lines)
        self.row_line = None if store.fmt == FLOAT32 else (row, store.ends_block, place == row_lines - 1)
        self.line += 1
        if self.line == len(self.lines):
            self.draining = False
            self.buffers.append(self.complete)
            if self.store.releases:
                self.full[RESIDUAL].popleft()
                self.free[RESIDUAL].append(self.complete)
        return True

    def port(self) -> None:
        """Take the write, or reads until it is the write's turn or the load's are all issued."""
        machine = self.machine
        rate, latency = machine.cycles_per_line, machine.memory_latency
        accepted, write_at, arrived = self.accepted, self.write_at, self.arrived
        earlier, served = self.served
        offered, last = self.offered, self.bank
        if self.load is not None:
            operand, place, read_at = self.load.operand, self.read, self.read_at
            banks, write_last = self.banks, self.write_last
            while place < len(banks):
                ready = max(read_at, accepted + 1, arrived[0] + 1)
                if write_at is not None:
                    write_ready = max(write_at, accepted + 1)
                    if write_ready < ready or (write_ready == ready and not write_last):
                        break
                write_last = False
                accepted = max(ready, earlier + 1)
                earlier, served = served, max(accepted + 1, served + rate)
                line = max(served + 1, accepted + latency, offered + rate, arrived[-1] + 1)
                offered = line
                bank = operand, banks[place]
                arrived.append(line + (bank == last and line == arrived[-1] + 1))
                last = bank
                place += 1
            self.read, self.bank, self.offered, self.write_last = place, last, offered, write_last
            if place == len(banks):
                self.full[operand].append(arrived[-1])
                self.load, self.mover_free = None, accepted + 1
                write_at = None
        if write_at is not None:
            accepted = max(write_at, accepted + 1, earlier + 1)
            earlier, served = served, max(accepted + 1, served + rate)
            self.written, self.write_at, self.write_last = accepted, None, True
        self.accepted, self.served = accepted, (earlier, served)
