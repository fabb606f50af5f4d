"""Which signal of a MyHDL design has which name in its Verilog.

MyHDL makes names up while it converts, and in an order that depends on the hashes of strings. So the design is
converted once more, as `hdl/emit.py` does it, in a fresh process with PYTHONHASHSEED=0, and MyHDL is asked between its
analysis and the first line that it writes. What comes out names each signal by its place in the design, which is the
same in every process: `controller.refresher:count` is what the refresher in the controller calls `count`,
`device:open_row[3]` the fourth signal of a list. Of several blocks of a name the second is `name[1]`.
"""

import json
import os
import pickle
import subprocess
import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from myhdl import SignalType
from myhdl._always_comb import _AlwaysComb
from myhdl._ShadowSignal import _SliceSignal
from myhdl.conversion import _toVerilog

from hdl.designs import Design, elaborate
from hdl.emit import ROOT
from hdl.hierarchy import LEAF, take_out


def places(instance) -> Iterator[tuple[str, SignalType]]:
    """Every signal of a design with each of its places."""
    for path, block in blocks(instance):
        for name, signal in block.sigdict.items():
            yield f"{path}:{name}", signal
        for name, memory in block.memdict.items():
            for index, signal in enumerate(memory.mem):
                yield f"{path}:{name}[{index}]", signal


def blocks(instance, path: str = "") -> Iterator[tuple[str, object]]:
    """Every block of a design with its path, the design itself first."""
    yield path, instance
    before = Counter[str]()
    for inner in (each for each in instance.subs if hasattr(each, "subs")):
        name = inner.func.__name__
        step = f"{name}[{before[name]}]" if before[name] else name
        before[name] += 1
        yield from blocks(inner, f"{path}.{step}" if path else step)


def registers(instance, output: SignalType) -> Iterator[tuple[str, SignalType]]:
    """Every signal that a clocked process writes and that has a bearing on `output`, with one place of it.

    The others are no state: a compiler may leave them out.
    """
    written: list[tuple[set[int], set[int], bool]] = []  # outputs, inputs, clocked
    signals = dict(places(instance))
    for _, block in blocks(instance):
        for process in (each for each in block.subs if not hasattr(each, "subs")):
            clocked = not isinstance(process, _AlwaysComb)
            written.append((identities(process, process.outputs), identities(process, process.inputs), clocked))
    for signal in {id(signal): signal for signal in signals.values()}.values():
        for part in sources(signal):
            written.append(({id(signal)}, {id(part)}, False))
    live, clocked_signals = {id(output)}, set()
    while written:
        bearing = [each for each in written if each[0] & live]
        if not bearing:
            break
        written = [each for each in written if not each[0] & live]
        for outputs, read, clocked in bearing:
            live |= read
            clocked_signals |= outputs if clocked else set()
    for place, signal in signals.items():
        if id(signal) in clocked_signals & live:
            clocked_signals.remove(id(signal))
            yield place, signal


def sources(signal: SignalType) -> list[SignalType]:
    """The signals that a slice or a concatenation shows."""
    if isinstance(signal, _SliceSignal):
        return [signal._sig]
    return list(getattr(signal, "_sigargs", []))


def identities(process, names: Iterable[str]) -> set[int]:
    """The identities of the signals that a process calls so, those in lists included."""
    found = set()
    for name in names:
        each = process.symdict.get(name)
        found |= set(map(id, each if isinstance(each, list) else [each]))
    return found


def verilog_names(design: Design) -> dict[str, str]:
    """{name in Verilog: place}; an element of a memory is `name[index]`, a signal of an instance `instance name`."""
    environment = {**os.environ, "PYTHONHASHSEED": "0", "PYTHONUTF8": "1"}
    call = [sys.executable, "-c", "from zhenwu.cosim.regress.names import main_one; main_one()"]
    done = subprocess.run(call, input=pickle.dumps(design), cwd=ROOT, env=environment, capture_output=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{design.name}: its signals cannot be named: {done.stderr.decode().strip()[-300:]}")
    return json.loads(done.stdout)


def main_one() -> None:
    """The body of that process: a design comes on standard input, the names go to standard output."""
    json.dump(named(pickle.load(sys.stdin.buffer)), sys.stdout)


def named(design: Design) -> dict[str, str]:
    """The names, from one conversion for the design and one for the module that it instantiates."""
    instance, _ = elaborate(design)
    first = first_places(instance)
    units = [(path, block) for path, block in blocks(instance) if block.func.__name__ == LEAF]
    leaf = take_out(instance)
    names = converted(design, instance, first)
    if leaf is not None:
        inner, _ = elaborate(leaf)
        inside = converted(leaf, inner, first_places(inner))
        for path, unit in units:
            for name, place in inside.items():
                below, _, last = place.partition(":")
                names[f"{unit.name} {name}"] = f"{path}.{below}:{last}" if below else f"{path}:{last}"
    return names


def first_places(instance) -> dict[int, str]:
    """The first place of each signal, by identity."""
    found: dict[int, str] = {}
    for place, signal in places(instance):
        found.setdefault(id(signal), place)
    return found


def converted(design: Design, instance, first: Mapping[int, str]) -> dict[str, str]:
    """The names that a conversion gives to the signals whose places are known."""
    names: dict[str, str] = {}

    def look(convertor, hierarchy, interface, signals, memories, processes) -> None:
        for signal in [*signals, *(signal for memory in memories if memory._used for signal in memory.mem)]:
            if id(signal) in first:
                names[signal._name.strip("\\ ")] = first[id(signal)]

    _toVerilog._ToVerilogConvertor._convert_filter = look
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        instance.convert(hdl="Verilog", path=folder, name=design.name, testbench=False, initial_values=False,
                         no_myhdl_header=True)
    return names
