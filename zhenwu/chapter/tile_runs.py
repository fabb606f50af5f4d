"""Programs and products on the tile inside a chapter: in hardware on the ideal memory, beside its cycle model."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from hdl.bench.coverage import Coverage
from zhenwu.chapter.figure import drawing
from zhenwu.chapter.show import Html
from zhenwu.cosim.profiles import NONE
from zhenwu.cosim.slice.activity import activity as activity_svg
from zhenwu.cosim.stream_bench import Bench, run_once
from zhenwu.cosim.tile.host import Host, Job
from zhenwu.cosim.tile.jobs import Wanted, matmul_job
from zhenwu.cosim.tile.sweep import Shape, job_of
from zhenwu.cosim.tile.tile_bench import BINS, COLS, ROWS, budget, tile_bench, tile_sizes
from zhenwu.cycle.memory import Memory
from zhenwu.cycle.tile.counters import activity as activity_of
from zhenwu.cycle.tile.program_run import Ran, run_programs
from zhenwu.cycle.tile.tile import ACTIVITIES, Tile
from zhenwu.perf.tile import LINE_BYTES
from zhenwu.perf.tile_program import Product, lines_moved, programs
from zhenwu.spec.isa import FINISHED, STATUS_CODE, STATUS_VALUE, Instruction, encode
from zhenwu.spec.mma_formats import MMA_FORMATS
from zhenwu.spec.tile import SLICE_FORMATS, TILE

PORT = {"read": "a line is asked for", "write": "a line is sent", "quiet": "neither"}
PAGE_COLUMNS = 130  # of an activity picture: as wide as a page's text
PATIENCE = 300  # cycles without a transfer anywhere: more than the longest mma takes here, beside memory's latency
Operands = tuple[NDArray[np.float32], NDArray[np.float32]]
HANGS, FINISHES = "no end", "finished"


@dataclass(frozen=True)
class TileRun:
    """What one program did, cycle by cycle from the one in which its first instruction is fetched.

    took     : cycles from the start to `done`, 0 if that never came
    activity : of the array, one of ACTIVITIES, up to `done`
    asked    : (cycle, write, line address) of each command that memory took
    end      : in words, how it ended
    wrong    : lines of the result that memory does not hold as they should be; stray: lines written elsewhere
    counts   : the hardware's counters
    product  : float32[m, n] as memory holds it; None if it did not finish
    """

    took: int
    activity: Sequence[str]
    asked: Sequence[tuple[int, bool, int]]
    end: str
    wrong: int
    stray: int
    counts: Mapping[str, int]
    product: NDArray[np.float32] | None

    def share(self, kind: str) -> float:
        """Of all cycles, those in which the array did this."""
        return self.counts[kind] / self.took


class Watch:
    """What happens inside the tile and on its port."""

    def __init__(self, bench: Bench):
        self.pins, self.inside = bench.pins, bench.dut.symdict
        self.activity: list[str] = []
        self.asked: list[tuple[int, bool, int]] = []
        self.status = 0
        self.counts: dict[str, int] = {}

    def follow(self) -> Iterator:
        """Look at every edge."""
        running, busy, blocked, closing = (self.inside[name] for name in ("running", "busy", "blocked", "closing"))
        cmd, done, status, counts = self.pins["port"].cmd, *(self.pins[name] for name in ("done", "status", "counts"))
        while True:
            yield self.pins["clk"].posedge
            if done and not self.status:
                self.status = int(status.val)
                self.counts = {name: int(count.val) for name, count in vars(counts).items()}
            if cmd.valid and cmd.ready:
                self.asked.append((len(self.activity), bool(cmd.write), int(cmd.line_address.val)))
            if running:
                self.activity.append(activity_of(bool(busy), bool(blocked), bool(closing)))


def on_tile(
    job: Job, program: Sequence[Instruction] | Sequence[int] = (), formats: tuple[str, ...] = SLICE_FORMATS
) -> TileRun:
    """The job's one program, or another one in its place, on a tile of our size without stalls.

    As `run_job`.
    """
    words = [each if isinstance(each, int) else encode(each) for each in program] or job.programs[0]
    return run_job(replace(job, programs=[words]), tile_sizes([job], ROWS, COLS, formats))


def run_job(job: Job, sizes: Mapping[str, object], **how: object) -> TileRun:
    """The job's one program on a tile of these sizes; `how` is told to `tile_bench`.

    A program in which nothing moves any more is stopped by the bench. RuntimeError if the hardware and its cycle model
    differ in any cycle, or a stream breaks a rule.
    """
    hosts: list[Host] = []
    watches: list[Watch] = []
    make = tile_bench([job], Coverage(BINS), sizes, hosts, **how)

    def bench(stalls) -> Bench:
        made = make(stalls)
        watches.append(Watch(made))
        return replace(made, extra=[*made.extra, watches[0].follow()], patience=PATIENCE)

    outcome = run_once(bench, NONE, 1, budget([job]))
    model, broken = outcome.boards["cycle by cycle"], list(outcome.violations)
    hung = bool(broken) and broken[0].startswith("deadlock")
    if model.mismatches or broken[hung:]:
        raise RuntimeError(broken[hung:][0] if broken[hung:] else f"not as its cycle model: {model.first}")
    (watch,), (host,) = watches, hosts
    wrong = sum(host.store.read(line) != value for line, value in job.written.items())
    stray = len(host.store.written - job.written.keys())
    end = HANGS if hung else ended(watch.status)
    product = host.product(job) if end == FINISHES and job.written else None
    return TileRun(sum(host.cycles), watch.activity, watch.asked, end, wrong, stray, watch.counts, product)


def on_hardware(shape: Shape, operands: Operands | None = None) -> TileRun:
    """The product of A[m, k] and B[n, k], or without them one of timing alone, whose results are all 0.

    RuntimeError as `run_job`.
    """
    job = job_of(shape)
    if operands is not None:
        job = matmul_job(
            "array", *operands, rows=shape.rows, cols=shape.cols, half_steps=shape.half_steps,
            program_depth=shape.program_depth, wanted=Wanted(MMA_FORMATS[shape.fmt]),
        )
    return run_job(
        job, shape.sizes, timing_only=operands is None, latency_cycles=shape.memory_latency,
        cycles_per_line=shape.cycles_per_line,
    )


def on_model(shape: Shape) -> Ran:
    """The same product on the tile's cycle model alone."""
    memory = Memory(shape.memory_latency, shape.cycles_per_line)
    (found,) = run_programs(job_of(shape).programs, Tile(**shape.sizes), memory, budget=2 * shape.predicted.cycles)
    return found


def demand(m: int, n: int, k: int, fmt: str) -> float:
    """Bytes that the compiler's program moves for each multiply-add, with the scratchpad as published."""
    work = programs(Product(m, n, k, MMA_FORMATS[fmt], int(TILE.half_steps), int(TILE.program_depth)))
    return sum(map(lines_moved, work)) * LINE_BYTES / (m * n * k)


def ended(word: int) -> str:
    """A status word in words."""
    code = word >> STATUS_CODE.lsb & (1 << STATUS_CODE.width) - 1
    return FINISHES if code == FINISHED else f"trap at {word >> STATUS_VALUE.lsb}"


def activity(run: TileRun, caption: str, alt: str, cycles: int = 0) -> Html:
    """What the array and the port did, on an axis of `cycles` if the run is shorter."""
    last = max(len(run.activity), cycles)
    port = ["quiet"] * last
    for at, write, _ in run.asked:
        port[at] = "write" if write else "read"
    array = [*run.activity, *["idle"] * (last - len(run.activity))]
    return drawing(activity_svg({"array": (ACTIVITIES, array), "port": (PORT, port)}, 0, last, caption, PAGE_COLUMNS),
                   caption, alt)
