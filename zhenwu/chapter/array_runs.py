"""A product on the tile inside a chapter: what the array did in each cycle, by the hardware's own counters."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hdl.bench.memory import Memory, memory
from hdl.bench.run import forgotten_signals, simulate
from hdl.bench.script import script
from hdl.tile.tile import ports, tile
from zhenwu.chapter.figure import drawing
from zhenwu.chapter.show import Html
from zhenwu.cosim.slice import activity as pictures
from zhenwu.cosim.tile.host import Host
from zhenwu.cosim.tile.jobs import Wanted, matmul_job
from zhenwu.cosim.tile.sweep import Shape, job_of
from zhenwu.cosim.tile.tile_bench import follow
from zhenwu.cosim.tile.tile_follower import INNER, TileFollower
from zhenwu.cycle.tile.counters import ACTIVITIES
from zhenwu.perf.tile import LINE_BYTES
from zhenwu.perf.tile_program import Product, lines_moved, programs
from zhenwu.spec.mma_formats import MMA_FORMATS
from zhenwu.spec.tile import TILE

PAGE_COLUMNS = 130  # of a picture: as wide as a page's text
Operands = tuple[NDArray[np.float32], NDArray[np.float32]]


@dataclass(frozen=True)
class ArrayRun:
    """A product of one program: what the array did in each cycle from the one after the start to done, as the hardware
    counted it; what the cycle model beside it counted; with dot units, float32[m, n] as memory holds it.
    """

    activity: Sequence[str]
    model: dict[str, int]
    product: NDArray[np.float32] | None = None

    @property
    def counts(self) -> dict[str, int]:
        """Cycles of each kind, by the hardware."""
        return {kind: self.activity.count(kind) for kind in ACTIVITIES}

    @property
    def cycles(self) -> int:
        """From start to done: those counted, and the cycle of the start."""
        return len(self.activity) + 1

    def share(self, kind: str) -> float:
        """Of all cycles, those of one kind."""
        return self.activity.count(kind) / self.cycles


def on_hardware(shape: Shape, operands: Operands | None = None) -> ArrayRun:
    """The product of A[m, k] and B[n, k], or without them one of timing alone, whose results are all 0.

    RuntimeError if the cycle model beside the hardware differs in any cycle, or the product from its definition.
    """
    job = job_of(shape)
    if operands is not None:
        job = matmul_job(
            "array", *operands, rows=shape.rows, cols=shape.cols, half_steps=shape.half_steps,
            program_depth=shape.program_depth, wanted=Wanted(MMA_FORMATS[shape.fmt]),
        )
    (words,) = job.programs
    sizes = {
        "rows": shape.rows, "cols": shape.cols, "half_steps": shape.half_steps, "program_depth": shape.program_depth,
        "queue_depth": shape.queue_depth, "outstanding": shape.outstanding, "formats": (shape.fmt,),
        "latency": shape.latency,
    }
    store, found = Memory(), []
    with forgotten_signals():
        pins, host = ports(), Host([job], store)
        clk, rst = pins["clk"], pins["rst"]
        dut = tile(**pins, **sizes, timing_only=operands is None)
        follower = TileFollower(pins | {name: dut.symdict[name] for name in INNER}, sizes)
        parts = [
            dut, memory(clk, rst, pins["port"], store, latency_cycles=shape.memory_latency,
                        cycles_per_line=shape.cycles_per_line),
            script(clk, rst, lambda: host.steps(pins), [pins["code"]]), follow(clk, rst, follower),
            watch(clk, pins["counts"], found),
        ]
        budget = 2 * shape.predicted.cycles + 4 * len(words) + 2000
        simulate(parts, clk=clk, rst=rst, budget_cycles=budget, done=lambda: host.finished)
    boards = [follower.board] if operands is None else [follower.board, host.board]
    if any(board.mismatches for board in boards):
        raise RuntimeError(f"{shape}: {next(board.first for board in boards if board.mismatches)}")
    product = None if operands is None else host.product(job)
    return ArrayRun(found, dict(follower.model.counters.cycles), product)


def watch(clk, counts, found: list[str]) -> Iterator:
    """Append to `found` the kind whose count has risen."""
    before = dict.fromkeys(ACTIVITIES, 0)
    while True:
        yield clk.posedge
        for kind in ACTIVITIES:
            now = int(getattr(counts, kind).val)
            if now > before[kind]:
                found.append(kind)
            before[kind] = now


def activity(run: ArrayRun, caption: str, alt: str) -> Html:
    """What the array did from start to done."""
    lanes = {"array": (ACTIVITIES, run.activity)}
    return drawing(pictures.activity(lanes, 0, len(run.activity), caption, PAGE_COLUMNS), caption, alt)


def demand(m: int, n: int, k: int, fmt: str) -> float:
    """Bytes that the compiler's program moves for each multiply-add, with the scratchpad as published."""
    work = programs(Product(m, n, k, MMA_FORMATS[fmt], int(TILE.half_steps), int(TILE.program_depth)))
    return sum(map(lines_moved, work)) * LINE_BYTES / (m * n * k)
