"""How many cycles the compute tile takes for a matrix product, without going through them one by one.

    C[m, n] = A[m, k] . B[n, k]   on a rows x cols array and a memory of one latency and one rate

`matmul_cycles` is exact, cycle for cycle what the hardware takes: it follows the events of `tile_events`, whose state
repeats along the equal groups of a product, so that a large one takes little longer than a small one. Two formulas say
the same in closed form where one side alone decides:

    array   first loads + steps and pauses + a cycle a group + the last result's way out
    memory  all lines but the last results' + the last group's steps + the last result's way out

both for results of float32 to which nothing is added.

Cycles are those from `start` to `done`, over all programs; the host's between them are left out. Chapter: the array and
its utilisation.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from zhenwu.perf.tile_events import ENDING, FETCH, FIRST_BEAT, LONG_AGO, RESULT, Timing
from zhenwu.perf.tile_instructions import FLOAT32, Instruction, Load, Mma, Program, Store, Target
from zhenwu.perf.tile_machine import Machine, line_beats
from zhenwu.perf.tile_program import Product, lines_moved, programs
from zhenwu.spec.isa import STORE_FORMATS
from zhenwu.spec.mma_formats import STEP_WORDS, WORD_BITS, mma_format
from zhenwu.spec.tile import SIM_MEMORY_CYCLES_PER_LINE, SIM_MEMORY_LATENCY, SIM_TILE

ARRAY_SIDES = (2, 4, 8)  # what hdl/tile/tile.py takes
LATENCIES = range(1, 5)
LEAST_MEMORY_LATENCY = 2
MOST_READS = 64  # that the memory holds: hdl/bench/memory.py
POSTED = 3  # writes that memory may still have to do at `done`: one at work, two waiting
FIRST_READ = FETCH + 2  # cycles from a program's start to its first read
LINE_BYTES = STEP_WORDS * WORD_BITS // 8


@dataclass(frozen=True)
class TileTime:
    """How long a product takes, and the least that its array and its memory alone would take."""

    cycles: int  # from start to done, over all programs
    mma_cycles: int  # in which the array multiplies
    lines: int  # of 32 bytes, read and written
    bound: int  # cycles: the larger of mma_cycles and what memory takes for the lines, the last POSTED left out
    bounded_by: str  # array | memory
    rows: int  # m of the product
    multiply_adds: int  # m * n * k
    macs_per_cycle: int  # of the whole array, in this format

    @property
    def utilisation(self) -> float:
        """Multiply-adds of the product, of those that the array could have done."""
        return self.multiply_adds / (self.macs_per_cycle * self.cycles)

    @property
    def busy(self) -> float:
        """Share of the cycles in which the array multiplies, be it only in some of its rows."""
        return self.mma_cycles / self.cycles

    @property
    def bytes_per_multiply_add(self) -> float:
        """Bytes that cross the port for a multiply-add."""
        return self.lines * LINE_BYTES / self.multiply_adds


def matmul_cycles(
    m: int, n: int, k: int, fmt: str, rows: int = int(SIM_TILE.rows), cols: int = int(SIM_TILE.cols), *,
    half_steps: int = int(SIM_TILE.half_steps), latency: int = int(SIM_TILE.adder_latency),
    memory_latency: int = int(SIM_MEMORY_LATENCY), cycles_per_line: int = int(SIM_MEMORY_CYCLES_PER_LINE),
    program_depth: int = int(SIM_TILE.program_depth), queue_depth: int = int(SIM_TILE.queue_depth),
    outstanding: int = int(SIM_TILE.outstanding), store: str = FLOAT32, residual: bool = False,
) -> TileTime:
    """The time of a product in format `fmt`, exact.

    latency         : cycles of an accumulator's loop through the adder, 1 .. 4
    memory_latency  : cycles from taking a read to its line, 2 or more
    cycles_per_line : of the memory, read or written
    store           : float32, mxfp4 or mxfp8
    residual        : whether a matrix of float32 is added before
    others          : the tile's, as in `hdl/tile/tile.py`; `outstanding` at most the 64 reads that the memory holds.
                      Smaller queues and larger halves than the hardware has are timed as the cycle model has them

    ValueError for an array, a latency, a format or a size that the tile does not take. Source: the compiler's order of
    work, and the registers between the tile's blocks, counted in `zhenwu/cycle/tile`.
    """
    product = Product(m, n, k, mma_format(fmt), half_steps, program_depth, target_of(store, residual))
    machine = machine_of(product, rows, cols, latency, queue_depth, outstanding, memory_latency, cycles_per_line)
    work = programs(product)
    mma_cycles = sum(machine.steps(mma) * mma.k_groups * count for mma, count in mmas(work))
    lines = sum(map(lines_moved, work))
    of_memory = lines * cycles_per_line
    return TileTime(
        run(work, machine), mma_cycles, lines, max(mma_cycles, of_memory - POSTED * cycles_per_line),
        "array" if mma_cycles >= of_memory else "memory", m, m * n * k, rows * cols * product.fmt.lanes,
    )


def target_of(store: str, residual: bool) -> Target:
    """How results are stored; ValueError for a format that there is not."""
    if store not in STORE_FORMATS:
        raise ValueError(f"a result in {store!r}: expected one of {', '.join(STORE_FORMATS)}")
    return Target(store, residual)


def batch_for_full_array(n: int, k: int, fmt: str, rows: int, cols: int, *, most: int = 256, **sizes: int) -> TileTime:
    """The product of the fewest rows m up to `most` that array and not memory limits, and its time.

    A decode step of one session has m = 1: every weight is read for one multiply-add. `sizes` are those of
    `matmul_cycles`. ValueError where memory limits all of them.
    """
    for m in range(1, most + 1, rows):  # rows of the array that would idle cost nothing
        time = matmul_cycles(m, n, k, fmt, rows, cols, **sizes)
        if time.bounded_by == "array":
            return time
    raise ValueError(f"n = {n}, k = {k} in {fmt}: memory limits every batch of up to {most} rows")


def machine_of(
    product: Product, rows: int, cols: int, latency: int, queue_depth: int, outstanding: int, memory_latency: int,
    cycles_per_line: int,
) -> Machine:
    """The tile and its memory; ValueError for those that there are not."""
    if rows not in ARRAY_SIDES or cols not in ARRAY_SIDES:
        raise ValueError(f"array {rows} x {cols}: expected 2, 4 or 8 each")
    if latency not in LATENCIES:
        raise ValueError(f"latency = {latency}: expected {LATENCIES[0]} .. {LATENCIES[-1]}")
    for name, value, least in (
        ("queue_depth", queue_depth, 1), ("outstanding", outstanding, 1),
        ("memory_latency", memory_latency, LEAST_MEMORY_LATENCY), ("cycles_per_line", cycles_per_line, 1),
    ):
        if value < least:
            raise ValueError(f"{name} = {value}: expected at least {least}")
    if outstanding > MOST_READS:
        raise ValueError(f"outstanding = {outstanding}: expected at most {MOST_READS}, what the memory holds")
    return Machine(
        rows, cols, product.fmt.passes, latency, queue_depth, outstanding, memory_latency, cycles_per_line
    )


def run(work: list[Program], machine: Machine) -> int:
    """Cycles of programs, one after another; equal ones are timed once."""
    known: dict[tuple, tuple[int, tuple[int, int]]] = {}
    total, served = 0, (LONG_AGO, LONG_AGO)
    for program in work:
        # a host writes a word a cycle between two programs; what memory still has to do may reach into the next one
        filling = 2 + sum(len(segment) * count for segment, count in program)
        served = served[0] - filling, served[1] - filling
        if served[1] + machine.cycles_per_line <= FIRST_READ + 1:
            served = LONG_AGO, LONG_AGO
        if (program, served) not in known:
            known[program, served] = Timing(program, machine, served).run()
        cycles, served = known[program, served]
        total += cycles
    return total


def mmas(work: list[Program]) -> Iterable[tuple[Mma, int]]:
    """The mmas of programs, each with how often it occurs in a row."""
    for program in work:
        for segment, count in program:
            yield from ((each, count) for each in segment if isinstance(each, Mma))


def array_bound_cycles(program: Program, machine: Machine) -> int:
    """Of a program in which the array never waits once it has begun: the first two loads, every mma's steps and pauses,
    a cycle where a half is given back, and the last result's way to memory.

    Exact where each group's mmas outlast the loads and stores beside them and each result's last mma the beats and
    lines of a result, both by some 20 cycles; `outstanding` lines cover memory's latency; and, of a line a cycle, none
    waits for its bank.
    """
    first, _ = program[0]
    begin = first_lines(first, machine)
    steps = sum(count * occupied(segment, machine) for segment, count in program)
    handed_back = sum(count for segment, count in program if any(isinstance(each, Mma) for each in segment)) - 1
    return begin + steps + handed_back + way_out(program, machine)


def memory_bound_cycles(program: Program, machine: Machine) -> int:
    """Of a program in which memory never waits until it has read everything: all lines but those of the last group's
    results, then that group's steps, and the last result's way to memory.

    Exact where a line takes 2 cycles or more and each group's loads outlast the mmas, beats and stores beside them, by
    some 40 cycles and memory's latency.
    """
    *_, (last, _) = program
    rate, latency = machine.cycles_per_line, machine.memory_latency
    stored = sum(each.lines for each in last if isinstance(each, Store))
    lines, reads = lines_moved(program) - stored, lines_read(program)
    # Two commands wait, so the last read is taken two lines before it is served; but no read comes sooner behind the
    # first than lines can follow one another.
    queued = max(2, latency + 2 - 2 * rate) + (lines - 1) * rate
    read = FIRST_READ + max(queued, latency + (reads - 1) * rate) + 1
    return read + occupied(last, machine) + way_out(program, machine)


def lines_read(program: Program) -> int:
    """Lines of all its loads."""
    return sum(count * sum(each.lines for each in segment if isinstance(each, Load)) for segment, count in program)


def first_lines(loads: Iterable[Load], machine: Machine) -> int:
    """The cycle in which an mma begins that waits for the first loads alone."""
    lines = sum(load.lines for load in loads)
    between = machine.cycles_per_line == 1  # a read a cycle, and none in the cycle between two loads
    return FIRST_READ + machine.memory_latency + (lines - 1) * machine.cycles_per_line + between + 1


def occupied(segment: Iterable[Instruction], machine: Machine) -> int:
    """Cycles of its mmas' steps, and of the pauses between their groups."""
    return sum(
        each.k_groups * (machine.steps(each) + machine.pause(each)) - each.last * machine.pause(each)
        for each in segment if isinstance(each, Mma)
    )


def way_out(program: Program, machine: Machine) -> int:
    """Cycles from the last step to `done`: the adder, the result's beats, and the lines that memory then takes."""
    *_, (last, _) = program
    beats = line_beats(last[-1], machine.cols)
    first_beat = RESULT + machine.latency + 1 + FIRST_BEAT
    taken = first_beat + sum(beats) - 1 + 2  # the last line, by a memory that keeps pace
    first_served = first_beat + beats[0] - 1 + 2 + 1
    slow = first_served + (len(beats) - 3) * machine.cycles_per_line + 1  # two lines wait in memory
    return max(taken, slow) + ENDING
