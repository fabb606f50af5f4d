"""The formula of `zhenwu/perf/tile.py` against the hardware: products of random shapes, timed and counted.

The hardware is the tile without its dot units: every result is 0, at its time. So a product takes seconds where
it would take minutes, and its cycles are the same. Behind `zhenwu bench` and the tests.
"""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from random import Random

import numpy as np

from hdl.bench.memory import Memory, memory
from hdl.bench.run import forgotten_signals, simulate
from hdl.bench.script import script
from hdl.tile.tile import ports, tile
from zhenwu.cosim.tile.host import Host, Job
from zhenwu.cosim.tile.jobs import Wanted, end_of, stored_place
from zhenwu.golden.tile.bound import lines_moved, mma_cycles
from zhenwu.golden.tile.compile_matmul import compile_matmul
from zhenwu.golden.tile.layout import Result, plan
from zhenwu.perf.tile import TileTime, matmul_cycles
from zhenwu.spec.isa import FINISHED, STORE_FORMATS, encode, status
from zhenwu.spec.mma_formats import ALL_FORMATS, MMA_FORMATS, MXFP4_OPERAND, MXFP8_OPERAND

SIDES = (2, 4, 8)
LATENCIES = (1, 4)  # of the adder
MEMORIES = tuple((latency, rate) for latency in (2, 20, 32, 60) for rate in (1, 2, 3))
HALVES = (4, 8, 16)  # steps in a half of the scratchpad
DEPTHS = (24, 64, 256)  # instructions in a program
MOST_CYCLES = 4000
RESIDUALS = 0.4  # share of the products to which one is added
LONGEST = {"m": 48, "n": 48, "k": 600}
STORED_OPERANDS = {"float32": None, "mxfp4": MXFP4_OPERAND, "mxfp8": MXFP8_OPERAND}
SLACK = 2000  # cycles of the budget beside twice what the formula says


@dataclass(frozen=True)
class Shape:
    """A product, the tile that it runs on and its memory, named as `matmul_cycles` names them."""

    m: int
    n: int
    k: int
    fmt: str
    rows: int
    cols: int
    half_steps: int = 8
    latency: int = 1
    memory_latency: int = 32
    cycles_per_line: int = 1
    program_depth: int = 256
    queue_depth: int = 2
    outstanding: int = 64
    store: str = "float32"
    residual: bool = False

    @property
    def sizes(self) -> dict[str, object]:
        """The arguments of the tile."""
        return {
            "rows": self.rows, "cols": self.cols, "half_steps": self.half_steps, "program_depth": self.program_depth,
            "queue_depth": self.queue_depth, "outstanding": self.outstanding, "formats": (self.fmt,),
            "latency": self.latency,
        }

    @property
    def predicted(self) -> TileTime:
        """What the formula says."""
        return matmul_cycles(**asdict(self))


@dataclass(frozen=True)
class Timed:
    """A product and how long the hardware took, beside what the formula says."""

    shape: Shape
    measured: int
    predicted: int


def shapes(seed: int, count: int, most_cycles: int = MOST_CYCLES) -> Iterator[Shape]:
    """Random products of at most so many cycles: every format, array and latency comes in turn, stored as may be."""
    random = Random(seed)
    turn = [(fmt, rows, latency) for rows in SIDES for latency in LATENCIES for fmt in ALL_FORMATS]
    random.shuffle(turn)
    found = 0
    while found < count:
        fmt, rows, latency = turn[found % len(turn)]
        memory_latency, cycles_per_line = random.choice(MEMORIES)
        m, n, k = (random.randint(1, most) for most in LONGEST.values())
        shape = Shape(
            random.choice((1, m)), n, k, fmt, rows, random.choice((rows, rows, random.choice(SIDES))),
            random.choice(HALVES), latency, memory_latency, cycles_per_line, random.choice(DEPTHS),
            store=random.choice(STORE_FORMATS), residual=random.random() < RESIDUALS,
        )
        try:
            cycles = shape.predicted.cycles
        except ValueError:  # one sum over k does not fit in a program
            continue
        if cycles <= most_cycles:
            found += 1
            yield shape


def job_of(shape: Shape) -> Job:
    """The programs of a product, in a memory of no content."""
    a, b, result = plan(shape.m, shape.n, shape.k, fmt=MMA_FORMATS[shape.fmt])
    c = stored_place(result, Wanted(store=STORED_OPERANDS[shape.store]))
    residual = Result(end_of(c), result.stride, shape.m, shape.n) if shape.residual else None
    programs = compile_matmul(a, b, c, shape.half_steps, shape.program_depth, residual=residual)
    everything = [instruction for program in programs for instruction in program]
    return Job(
        name=str(shape), programs=[[encode(instruction) for instruction in program] for program in programs],
        image={}, statuses=[status(FINISHED)] * len(programs), written={}, shape=(shape.m, shape.n, shape.k),
        product=np.zeros((shape.m, shape.n), np.uint32), result=c,
        mma_cycles=mma_cycles(everything, shape.rows, shape.cols), lines_moved=lines_moved(everything),
        program_depth=shape.program_depth,
    )


def hardware_cycles(shape: Shape) -> int:
    """Cycles from start to done, over all programs, on the hardware without dot units."""
    job, store = job_of(shape), Memory()
    words = sum(map(len, job.programs))
    with forgotten_signals():
        pins, host = ports(), Host([job], store)
        clk, rst = pins["clk"], pins["rst"]
        dut = tile(**pins, **shape.sizes, timing_only=True)
        behind = memory(
            clk, rst, pins["port"], store, latency_cycles=shape.memory_latency, cycles_per_line=shape.cycles_per_line
        )
        conductor = script(clk, rst, lambda: host.steps(pins), [pins["code"]])
        budget_cycles = 2 * shape.predicted.cycles + 2 * words + SLACK
        simulate([dut, behind, conductor], clk=clk, rst=rst, budget_cycles=budget_cycles, done=lambda: host.finished)
    return host.cycles[0]


def sweep(
    seed: int, count: int, progress: Callable[[int], None] = lambda done: None, most_cycles: int = MOST_CYCLES
) -> list[Timed]:
    """`count` random products; `progress` is told how many are done."""
    found = []
    for shape in shapes(seed, count, most_cycles):
        found.append(Timed(shape, hardware_cycles(shape), shape.predicted.cycles))
        progress(len(found))
    return found


def sentence(found: list[Timed]) -> str:
    """How many of the products the formula times exactly, and the one that it misses by most."""
    exact = sum(each.measured == each.predicted for each in found)
    text = f"{exact} of {len(found)} products take the cycles that zhenwu/perf/tile.py says"
    if exact == len(found):
        return f"{text}, {sum(each.measured for each in found):,} in all"
    worst = max(found, key=lambda each: abs(each.predicted - each.measured) / each.measured)
    return f"{text}; {worst.shape} takes {worst.measured:,}, not {worst.predicted:,}"
