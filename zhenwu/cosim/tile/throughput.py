"""How busy the array is once its operands are there: RTL without its dot units, the operands loaded before.

    load a | load b | ── first step ── mma, mma, ... ── last beat of results ──
                      └────────────── window ──────────────┘

The control is the whole tile's; only what it computes is left out (`timing_only`), and that steers nothing. The
scratchpad is as large as the operands, and at most the published shared memory.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from hdl.bench.clock import cycle
from hdl.bench.memory import Memory, memory
from hdl.bench.run import forgotten_signals, simulate
from hdl.bench.script import script
from hdl.tile.tile import ports, tile
from zhenwu.golden.tile.bound import mma_cycles
from zhenwu.golden.tile.compile_matmul import compile_matmul
from zhenwu.golden.tile.layout import plan
from zhenwu.spec.isa import encode
from zhenwu.spec.mma_formats import MmaFormat
from zhenwu.spec.tile import SIM_MEMORY_CYCLES_PER_LINE, SIM_MEMORY_LATENCY, TILE


@dataclass(frozen=True)
class Throughput:
    """Cycles from the first step to the last beat of results, and those that its steps need at least."""

    window: int
    steps: int

    @property
    def utilisation(self) -> float:
        """The share of the window in which the array multiplies."""
        return self.steps / self.window


def throughput(
    m: int, n: int, k: int, fmt: MmaFormat, *, rows: int, cols: int, latency: int = int(TILE.adder_latency)
) -> Throughput:
    """A[m, k] times B[n, k] with both in the scratchpad when the first mma begins; each must fit in a half of it.

    ValueError for a product that takes more than one load of each.
    """
    a, b, c = plan(m, n, k, fmt=fmt)
    half_steps = max(a.panels * a.steps, b.panels * b.steps)
    if half_steps > TILE.half_steps.value:
        most = int(TILE.half_steps.value)
        raise ValueError(f"{m} x {n} x {k} in {fmt.name}: expected operands that fit in halves of {most} steps")
    (program,) = compile_matmul(a, b, c, half_steps)
    words = [encode(instruction) for instruction in program]
    sizes = {
        "rows": rows, "cols": cols, "half_steps": half_steps, "latency": latency, "formats": (fmt.name,),
        "program_depth": len(words), "queue_depth": int(TILE.queue_depth), "outstanding": int(TILE.outstanding),
    }
    with forgotten_signals():
        pins = ports()
        clk, rst = pins["clk"], pins["rst"]
        dut = tile(**pins, **sizes, timing_only=True)
        step, beats = dut.symdict["step"], dut.symdict["beats"]
        seen: list[int] = []  # the first step, and the last beat so far

        def watch() -> Iterator:
            while True:
                yield clk.posedge
                if step.valid and step.ready and not seen:
                    seen[:] = [cycle(), cycle()]
                if beats.valid and beats.ready:
                    seen[1] = cycle()

        behind = memory(
            clk, rst, pins["port"], Memory(), latency_cycles=SIM_MEMORY_LATENCY.value,
            cycles_per_line=SIM_MEMORY_CYCLES_PER_LINE.value,
        )
        steps = mma_cycles(program, rows, cols)
        simulate(
            [dut, behind, script(clk, rst, lambda: host(pins, words), [pins["code"]]), watch()], clk=clk, rst=rst,
            budget_cycles=10_000 + 8 * steps, done=lambda: bool(seen) and bool(pins["done"]),
        )
    return Throughput(seen[1] - seen[0] + 1, steps)


def host(pins, words: list[int]) -> Iterator[None]:
    """Fill the program memory and start."""
    code = pins["code"]
    for index, word in enumerate(words):
        code.index.next, code.word.next, code.valid.next = index, word, True
        yield
        while not code.ready:
            yield
    code.valid.next = False
    pins["length"].next, pins["start"].next = len(words), True
    yield
    pins["start"].next = False
    while True:
        yield
