"""Play a stimulus to a block and hold what it answers against what it should: plain data in, plain data out.

It needs MyHDL and the standard library only, so the same code runs when the book is built and in the reader's browser.
A stimulus is a dict that JSON can hold:

module     : the block's module; the block has its name, and `ports` beside it makes its signals
ports      : arguments of `ports`, if any
parameters : further arguments of the block, if any
clocked    : whether it has `clk` and `rst`; without them each vector settles on its own
inputs     : {pin: one value for each vector or cycle}; field `data` of stream `src` is the pin `src_data`
expected   : {pin: one value for each vector or cycle, or None where any value will do}
begin      : the vector or cycle from which on a run that is right is shown, without it 0

A stall is a 0 among the values of a `valid` or `ready`. Whoever writes the stimulus keeps the rules of `hdl/bundle.py`:
a payload that is not taken is offered again in the next cycle. Pins that are not listed stay zero.
"""

import importlib
import importlib.util
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from types import ModuleType

from myhdl import BlockError, Simulation, delay

from hdl.bench.clock import cycle
from hdl.bench.run import forgotten_signals, simulate
from hdl.bench.trace import Recorder, flatten

RESET_CYCLES = 2
BUDGET = 20_000  # vectors or cycles of one run
FOLDER = "play-"  # how the name of a folder with replaced source begins


class BadStimulus(ValueError):
    """The stimulus does not fit the block, or is no stimulus."""


def play(stimulus: Mapping, source: str | None = None) -> dict:
    """The record of one run; with `source`, of the block that this text makes of its module.

    It has `cycles`; `begin`, as in the stimulus; `columns`, each `{name, width, values}` and for an output `expected`;
    `checked` and `wrong`, the numbers of values compared and found different; and `first`, the first difference, or
    None. Whatever the text raises comes out as it is.
    """
    cycles = _length(stimulus)
    with replaced(stimulus["module"], source) if source is not None else nullcontext() as module:
        with forgotten_signals():
            columns = _run(module or importlib.import_module(stimulus["module"]), stimulus)
    return _compared(stimulus, cycles, columns)


@contextmanager
def replaced(name: str, source: str) -> Iterator[ModuleType]:
    """While it lasts, `source` is the module `name`, for every block that imports it too.

    MyHDL reads a block's source from its file, so the text goes into one. Blocks imported before hold on to the old
    module; they are set aside, and put back in the end.
    """
    kept = {each: module for each, module in sys.modules.items() if _is_block_module(each)}
    _forget(kept)
    try:
        with tempfile.TemporaryDirectory(prefix=FOLDER) as folder:
            path = Path(folder, *name.split(".")).with_suffix(".py")
            path.parent.mkdir(parents=True)
            path.write_text(source, encoding="utf-8")
            importlib.import_module(name.rpartition(".")[0])
            spec = importlib.util.spec_from_file_location(name, path)
            module = importlib.util.module_from_spec(spec)
            sys.modules[name] = module
            spec.loader.exec_module(module)
            _attach(name, module)
            yield module
    finally:
        _forget([each for each in sys.modules if _is_block_module(each)])
        sys.modules.update(kept)
        for each, module in kept.items():
            _attach(each, module)


def _is_block_module(name: str) -> bool:
    """Whether a module may hold a block, or use one: the bench and the packages themselves stay as they are."""
    ours = name.startswith("hdl.") and not name.startswith("hdl.bench.") and name != "hdl.bundle"
    return ours and not hasattr(sys.modules[name], "__path__")


def _forget(names) -> None:
    for name in names:
        del sys.modules[name]
        package, _, stem = name.rpartition(".")
        vars(sys.modules[package]).pop(stem, None)


def _attach(name: str, module: ModuleType) -> None:
    package, _, stem = name.rpartition(".")
    setattr(sys.modules[package], stem, module)


def _length(stimulus: Mapping) -> int:
    missing = [part for part in ("module", "inputs", "expected") if not stimulus.get(part)]
    if missing:
        raise BadStimulus(f"stimulus: {missing[0]} is missing or empty")
    lengths = {pin: len(values) for part in ("inputs", "expected") for pin, values in stimulus[part].items()}
    first, count = next(iter(lengths.items()))
    for pin, length in lengths.items():
        if length != count:
            raise BadStimulus(f"stimulus: {pin} has {length} values, {first} has {count}; expected as many")
    if not 0 < count <= BUDGET:
        raise BadStimulus(f"stimulus: {count} vectors or cycles, expected 1 .. {BUDGET}")
    return count


def _run(module: ModuleType, stimulus: Mapping) -> list[dict]:
    """What is on each pin of interest, as `{name, width, values}`."""
    stem = stimulus["module"].rpartition(".")[2]
    for name in (stem, "ports"):
        if not callable(getattr(module, name, None)):
            raise BadStimulus(f"{stem}.py has no function {name}: the bench calls {stem}(...) and ports()")
    ports = module.ports(**stimulus.get("ports", {}))
    try:
        block = getattr(module, stem)(**ports, **stimulus.get("parameters", {}))
    except BlockError as error:
        raise BadStimulus(f"{stem} does not return its processes, as in `return look_up`") from error
    pins = flatten(ports)
    absent = [pin for part in ("inputs", "expected") for pin in stimulus[part] if pin not in pins]
    if absent:
        raise BadStimulus(f"{stem} has no pin {absent[0]}; its pins: {', '.join(pins)}")
    watched = {pin: pins[pin] for part in ("inputs", "expected") for pin in stimulus[part]}
    vectors = [
        [(pins[pin], value) for pin, value in zip(stimulus["inputs"], row, strict=True)]
        for row in zip(*stimulus["inputs"].values(), strict=True)
    ]
    if stimulus.get("clocked"):
        return _clocked(block, ports, watched, vectors)
    return _settled(block, watched, vectors)


def _settled(block: object, watched: Mapping, vectors: list) -> list[dict]:
    trace = Recorder(watched)

    def drive() -> Iterator:
        for vector in vectors:
            for signal, value in vector:
                signal.next = value
            yield delay(1)
            trace.rows.append([int(signal.val) for signal in watched.values()])

    simulation = Simulation(block, drive())
    try:
        simulation.run(quiet=1)
    finally:
        simulation.quit()
    return _columns(trace)


def _clocked(block: object, ports: Mapping, watched: Mapping, vectors: list) -> list[dict]:
    clk, rst = ports["clk"], ports["rst"]
    trace = Recorder(watched, RESET_CYCLES)

    def drive() -> Iterator:
        """At each edge, what the next one shall see; the last edge of the reset brings the first vector."""
        while True:
            yield clk.posedge
            coming = cycle() + 1 - RESET_CYCLES
            if 0 <= coming < len(vectors):
                for signal, value in vectors[coming]:
                    signal.next = value

    parts = [block, drive(), trace.record(clk)]
    simulate(parts, clk=clk, rst=rst, budget_cycles=RESET_CYCLES + len(vectors), reset_cycles=RESET_CYCLES)
    return _columns(trace)


def _columns(trace: Recorder) -> list[dict]:
    return [{"name": column.name, "width": column.width, "values": column.values} for column in trace.columns]


def _compared(stimulus: Mapping, cycles: int, columns: list[dict]) -> dict:
    """The record, from what the pins showed."""
    if len(columns[0]["values"]) != cycles:
        raise BadStimulus(f"the simulation ended after {len(columns[0]['values'])} of {cycles}: something stopped it")
    checked, differences = 0, []
    for column in columns:
        wanted = stimulus["expected"].get(column["name"])
        if wanted is None:
            continue
        column["expected"] = list(wanted)
        for at, (expected, actual) in enumerate(zip(wanted, column["values"], strict=True)):
            checked += expected is not None
            if expected is not None and expected != actual:
                differences.append((at, column["name"], expected, actual))
    first = min(differences, key=lambda each: each[0], default=None)
    return {
        "block": stimulus["module"].rpartition(".")[2],
        "clocked": bool(stimulus.get("clocked")),
        "cycles": cycles,
        "begin": stimulus.get("begin", 0),
        "columns": columns,
        "checked": checked,
        "wrong": len(differences),
        "first": first and dict(zip(("cycle", "pin", "expected", "actual"), first, strict=True)),
    }
