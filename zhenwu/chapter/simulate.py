"""Hardware run inside a chapter: drive a block and look at it, or build it anew from changed source."""

import importlib.util
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType

from myhdl import Simulation, delay

from hdl.bench.run import forgotten_signals, simulate
from hdl.bench.script import script
from hdl.bench.trace import Recorder

RESET_CYCLES = 2


def respond(module: ModuleType, output: str, inputs: Mapping[str, Sequence[int]], **replaced) -> list[int]:
    """What `output` of a combinational block shows for each vector of `inputs`, one value a vector and port.

    `module` holds the block, which has its name, and `ports`. `replaced` puts other signals in place of some
    ports, for example a narrower output.
    """
    block = getattr(module, module.__name__.rpartition(".")[2])
    with forgotten_signals():
        pins = module.ports() | replaced
        seen: list[int] = []

        def drive() -> Iterator:
            for vector in zip(*inputs.values(), strict=True):
                for name, value in zip(inputs, vector, strict=True):
                    pins[name].next = int(value)
                yield delay(1)
                seen.append(int(pins[output]))

        simulation = Simulation(block(**pins), drive())
        try:
            simulation.run(quiet=1)
        finally:
            simulation.quit()
    return seen


def changed(module: ModuleType, old: str, new: str) -> ModuleType:
    """`module` with one piece of its source text replaced, as a module of its own; the original stays as it is.

    The text goes into a file, because MyHDL reads a block's source. `old` must stand there exactly once, or
    ValueError says how often it does.
    """
    source = Path(module.__file__).read_text(encoding="utf-8")
    if source.count(old) != 1:
        raise ValueError(f'"{old}" stands {source.count(old)} times in {module.__name__}: expected once')
    name = module.__name__.rpartition(".")[2]
    path = Path(tempfile.mkdtemp(prefix="chapter-")) / f"{name}.py"
    path.write_text(source.replace(old, new), encoding="utf-8")
    spec = importlib.util.spec_from_file_location(name, path)
    fresh = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(fresh)
    return fresh


def record(
    block: object, pins: Mapping, steps: Callable[[], Iterator], names: Sequence[str], cycles: int
) -> dict[str, tuple[int, list[int]]]:
    """Run a clocked block under a script of its inputs and look inside.

    Returns each named signal's width in bits and its value at every rising edge after reset; "memory[3]" is a
    word of a memory. A name that the block does not have raises KeyError.
    """
    watched = {}
    for name in names:
        memory, _, index = name.rstrip("]").partition("[")
        watched[name] = block.memdict[memory].mem[int(index)] if index else block.sigdict[name]
    clk, rst = pins["clk"], pins["rst"]
    trace = Recorder(watched, RESET_CYCLES)
    parts = [block, script(clk, rst, steps), trace.record(clk)]
    simulate(parts, clk=clk, rst=rst, budget_cycles=RESET_CYCLES + cycles, reset_cycles=RESET_CYCLES)
    return {column.name: (column.width, column.values) for column in trace.columns}
