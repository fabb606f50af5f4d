"""Loads through the mover, and lines into an operand's banks, both in hardware: how fast they pass."""

from collections.abc import Sequence
from typing import NamedTuple

from hdl.bench.memory import Memory, memory
from hdl.bundle import MemoryPort
from hdl.tile import mover as mover_rtl
from hdl.tile import operand_banks as banks_rtl
from zhenwu.cosim.profiles import NONE
from zhenwu.cosim.stream_bench import Bench, Outcome, run_once
from zhenwu.golden.tile.mover import LineWrite, mover
from zhenwu.spec.isa import Load, encode
from zhenwu.spec.tile import SIM_TILE

HALF_STEPS = int(SIM_TILE.half_steps)
BUDGET = 20_000  # cycles
MEMORY_READS = 256  # that the memory takes before it pushes back: more than any mover here asks for
RESET_CYCLES = 2


class Fetched(NamedTuple):
    """Lines a cycle between the first and the last; `pins` as `waves` takes them, where a window was asked for."""

    rate: float
    pins: dict[str, tuple[int, list[int]]]


def fetched(
    loads: Sequence[Load], outstanding: int, latency: int, cycles_per_line: int = 1, window: int = 0
) -> Fetched:
    """Loads into free halves, from an ideal memory of this latency and rate, with so many reads under way at most.

    `window`: so many cycles from the first on whose pins are kept. RuntimeError if a line comes in another order than
    the golden mover's, or to another place.
    """
    lines = [line for load in loads for line in mover(load, HALF_STEPS)]
    expected = [{"operand": each.operand, "half": each.half, "step": each.step, "row": each.row, "scale": each.scale,
                 "last": each.last} for each in lines]

    def bench(stalls) -> Bench:
        pins, port = mover_rtl.ports(), MemoryPort()
        port.cmd, port.rdata = pins["cmd"], pins["rdata"]
        behind = memory(pins["clk"], pins["rst"], port, Memory(), latency_cycles=latency,
                        cycles_per_line=cycles_per_line, outstanding=MEMORY_READS)
        inputs = {"instr": [encode(load) for load in loads]}
        return Bench(mover_rtl.mover(**pins, outstanding=outstanding), pins, inputs, {"line": expected}, [behind])

    span = (RESET_CYCLES, RESET_CYCLES + window - 1) if window else None
    outcome = sound(run_once(bench, NONE, 1, BUDGET, window=span))
    columns = outcome.trace.columns if outcome.trace else []
    return Fetched(outcome.boards["line"].rate, {each.name: (each.width, each.values) for each in columns})


def filled(lines: Sequence[LineWrite], banks: int) -> int:
    """Cycles in which these lines of one operand pass into its banks, offered back to back."""
    offered = [{"half": each.half, "step": each.step, "row": each.row, "scale": each.scale, "data": 1 + index}
               for index, each in enumerate(lines)]

    def bench(stalls) -> Bench:
        pins = banks_rtl.ports(banks=banks, half_steps=HALF_STEPS)
        dut = banks_rtl.operand_banks(**pins, banks=banks, half_steps=HALF_STEPS)
        return Bench(dut, pins, {"line": offered})

    board = sound(run_once(bench, NONE, 1, BUDGET)).boards["line"]
    return board.last_cycle - board.first_cycle + 1


def sound(outcome: Outcome) -> Outcome:
    """The outcome, or RuntimeError with the first thing that was wrong in it."""
    if outcome.ok:
        return outcome
    wrong = [f"{name}: {board.first}" for name, board in outcome.boards.items() if board.mismatches]
    raise RuntimeError([*outcome.violations, *wrong][0])
