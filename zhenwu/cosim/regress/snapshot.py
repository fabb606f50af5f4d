"""The state of a compiled model in the midst of a run, loaded into the same design in MyHDL.

Verilator keeps every register and memory as a member of one C++ class, under a name that is made from the one in the
Verilog. So the class is read as text, and two functions are compiled along: one lists the members, one says where each
lies.
"""

import ctypes
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from myhdl import SignalType
from myhdl._ShadowSignal import _ShadowSignal
from numpy.typing import NDArray

from hdl.designs import Design
from zhenwu.cosim.backends import verilator
from zhenwu.cosim.backends.compiled import FAST, Library, Model, library
from zhenwu.cosim.regress.names import places, registers, verilog_names

State = dict[str, int]  # by place
CLASS = "Vtop___024root.h"
SIZES = {"CData": 1, "SData": 2, "IData": 4, "QData": 8}  # bytes of Verilator's types
TYPE = r"(?P<{0}>[CSIQ]Data|VlWide<(?P<{0}_words>\d+)>)/\*\d+:\d+\*/"
MEMORY = rf"VlUnpacked<{TYPE.format('element')}, (?P<depth>\d+)>"
MEMBER = re.compile(rf"^\s*(?:{TYPE.format('whole')}|{MEMORY}) (?P<name>\w+);$", re.MULTILINE)
PORT = re.compile(r"^\s*VL_(?:IN|OUT)(?P<bits>8|16|64|W|)\((?P<name>\w+),\d+,\d+(?:,(?P<words>\d+))?\);$", re.MULTILINE)
PORT_SIZES = {"8": 1, "16": 2, "": 4, "64": 8}
FUNCTIONS = """
extern "C" const char *members() {{ return "{listed}"; }}
extern "C" void *member(void *model, uint64_t index) {{
    auto &root = *static_cast<Model *>(model)->top.rootp;
    void *const places[] = {{{places}}};
    return places[index];
}}
"""


class Member(NamedTuple):
    """A register, a wire or a memory of the model; of a memory, `size` bytes belong to one element."""

    name: str
    size: int
    depth: int  # 0: no memory


def found_members(header: str) -> Iterator[Member]:
    """The members of a model's class."""
    for match in PORT.finditer(header):
        yield Member(match["name"], PORT_SIZES.get(match["bits"]) or 4 * int(match["words"]), 0)
    for match in MEMBER.finditer(header):
        words = match["whole_words"] or match["element_words"]
        size = 4 * int(words) if words else SIZES[match["whole"] or match["element"]]
        yield Member(match["name"], size, int(match["depth"] or 0))


def functions(folder: Path) -> str:
    """The C++ of both functions, for the model in `folder`."""
    found = list(found_members((folder / CLASS).read_text()))
    listed = ";".join(f"{member.name} {member.size} {member.depth}" for member in found)
    return FUNCTIONS.format(listed=listed, places=", ".join(f"&root.{member.name}" for member in found))


def in_verilog(name: str, top: str) -> str:
    """The name that a member has in the Verilog: `instance name` for what lies in an instance."""
    name = name.removeprefix(f"{top}__DOT__").replace("__DOT__", " ").replace("___05F", "__")
    return re.sub(r"__BRA__(\d+)__KET__", r"[\1]", name)


def load(file: Path, flags: str = FAST) -> Library:
    """The Verilator model of an emitted file, with both functions."""
    verilator.need()
    told = FUNCTIONS + PORT.pattern + MEMBER.pattern
    made = library(file, flags, verilator.version() + told, partial(verilator.build, more=functions))
    made.calls.members.restype = ctypes.c_char_p
    made.calls.member.argtypes, made.calls.member.restype = [ctypes.c_void_p, ctypes.c_uint64], ctypes.c_void_p
    return made


def values(model: Model, top: str) -> Iterator[tuple[str, int]]:
    """What each register, wire and element of a memory holds now, by its name in the Verilog."""
    calls = model.library.calls
    for index, line in enumerate(calls.members().decode().split(";")):
        mangled, size, depth = line.split()
        name, size, depth = in_verilog(mangled, top), int(size), int(depth)
        held = ctypes.string_at(calls.member(model.handle, index), size * max(1, depth))
        if not depth:
            yield name, int.from_bytes(held, "little")
        for element in range(depth):
            yield f"{name}[{element}]", int.from_bytes(held[size * element :][:size], "little")


def snapshots(
    design: Design, made: Library, reset: NDArray[np.uint32], run: NDArray[np.uint32], reset_cycles: int,
    cycles: Sequence[int],
) -> dict[int, State]:
    """The states in some cycles after the reset, in ascending order; `reset` and `run` are the inputs."""
    names, model = verilog_names(design), Model(made)
    states, now = {}, 0
    try:
        model.hold(reset, reset_cycles, 1)
        for cycle in cycles:
            if cycle > now:
                model.hold(run, cycle - now, cycle - now)
                now = cycle
            held = {names[name]: value for name, value in values(model, design.name) if name in names}
            states[cycle] = held
    finally:
        model.close()
    return states


def restore(instance, output: SignalType, state: Mapping[str, int]) -> str:
    """Give every register of a fresh design its value, before the simulation starts.

    What follows from registers settles by itself when the simulation starts. Where the design has other registers than
    the one that the state is of, as after a mend, a sentence says so; new ones begin as after power-on. Those with no
    bearing on `output` do not count.
    """
    by_place = dict(places(instance))
    done, gone = set(), []
    for place, value in state.items():
        signal = by_place.get(place)
        if signal is None:
            gone.append(place)
        elif not isinstance(signal, _ShadowSignal):
            put(signal, value)
            done.add(id(signal))
    new = [place for place, signal in registers(instance, output) if id(signal) not in done]
    told = [f"{len(found)} {what}, such as {found[0]}" for found, what in ((gone, "gone"), (new, "new")) if found]
    return f"of the signals of the state {' and '.join(told)}" if told else ""


def put(signal: SignalType, value: int) -> None:
    """Set a signal's value at once; what does not fit its range, as of a memory never written, is its first value."""
    if signal.min is not None and signal.min < 0 and value >> len(signal) - 1:
        value -= 1 << len(signal)
    try:
        signal.next = value
    except ValueError:
        signal.next = signal._init
    signal._update()
