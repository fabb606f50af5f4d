"""The debug mode of int locals: a simulation stops where a value does not fit what Verilog computes it in.

A Python int grows as needed; the int local that MyHDL makes of it is a signed 32-bit `integer`, and the bits beyond are
lost without a word. With ZHENWU_RANGES=1 in the environment (`zhenwu sim --ranges` sets it) each module of the hardware
is rewritten as it is imported: in its processes and tasks

    x = (x << 20) >> 10     runs as     x = check(check(x << 20, 1) >> 10, 0)

where 0 and 1 are places in the source (`hdl/range_rewrite.py` has which). The type decides when it runs: bools pass,
and signals and intbv of a width, which cannot overflow in silence; ints must lie in -2**31 .. 2**31 - 1. An int that
comes of an unsigned bus passes if the bus is wider than 32 bits or no int local takes part, as in
`int(bus + 1) & 0xFFFF`: Verilog computes that at the bus's width, which `hdl/verilog_widths.py` knows and judges. What
it cannot know, and takes for granted (`clipped` there), is that int locals and what is computed from them stay within
31 bits. That is what is checked here, on the safe side: a shifted local beside a wide bus is refused although Verilog
may have room for it.

MyHDL reads a block's text from its file, which stays as it is, as do the line numbers: only what runs is another.
"""

import ast
import functools
import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, FrameType, ModuleType

from myhdl import SignalType, intbv

from hdl.range_rewrite import HELPER, Place, rewrite
from hdl.scan import called_names, is_hardware

ROOT = Path(__file__).resolve().parents[1]
LOWEST, HIGHEST = -(1 << 31), (1 << 31) - 1
EXPECTED = "an int local is a signed 32-bit integer in Verilog, expected -2**31 .. 2**31 - 1"


class OutOfRange(ArithmeticError):
    """One sentence: file, line, local or expression, value."""


places: list[Place] = []
counts: list[int] = []  # checks made at each place
broken: list[str] = []  # what was raised, should somebody catch it


def check(value: object, index: int) -> object:
    """`value` as it came; OutOfRange if it is an int that Verilog would cut at place `index`."""
    counts[index] += 1
    number = value
    if isinstance(value, intbv) and not len(value):  # a shifted or masked bus: without width, an int to MyHDL
        number = int(value)
    if type(number) is not int or LOWEST <= number <= HIGHEST:
        return value
    if at_width_of_bus(places[index], sys._getframe(1)):
        return value
    broken.append(f"{places[index]} = {number}: {EXPECTED}")
    raise OutOfRange(broken[-1])


def at_width_of_bus(place: Place, frame: FrameType) -> bool:
    """Whether Verilog computes the expression at the width of an unsigned bus, given what the names in it stand for."""
    values = {text: eval(text, frame.f_globals, frame.f_locals) for text in place.operands}
    buses = [value for value in values.values() if isinstance(value, intbv | SignalType)]
    with_local = any(text in place.local and type(value) is int for text, value in values.items())
    return any((bus.min or 0) >= 0 for bus in buses) and (not with_local or max(map(len, buses)) > 32)


@functools.cache
def tasks() -> frozenset[str]:
    """The names of all functions that processes of the hardware call."""
    files = {path.relative_to(ROOT).with_suffix(""): path for path in ROOT.glob("hdl/**/*.py")}
    blocks = [path for name, path in files.items() if is_hardware(".".join(name.parts))]
    return frozenset(called_names(path.read_text(encoding="utf-8") for path in blocks))


class CheckedLoader(SourceFileLoader):
    """Loads a module with its checks; neither from `__pycache__` nor into it."""

    def get_code(self, fullname: str) -> CodeType:
        return self.source_to_code(self.get_data(self.path), self.path)

    def source_to_code(self, data: bytes, path: str, *, _optimize: int = -1) -> CodeType:
        source = Path(path).resolve()
        shown = source.relative_to(ROOT).as_posix() if source.is_relative_to(ROOT) else str(source)
        converted = tasks() | called_names([data.decode("utf-8")])
        tree = rewrite(ast.parse(data), shown, converted, places)
        counts.extend([0] * (len(places) - len(counts)))
        return compile(tree, path, "exec", dont_inherit=True, optimize=_optimize)

    def exec_module(self, module: ModuleType) -> None:
        vars(module)[HELPER] = check
        super().exec_module(module)


class Finder(MetaPathFinder):
    """Finds the modules of the hardware, and has them loaded with their checks."""

    def find_spec(self, fullname: str, path=None, target=None) -> ModuleSpec | None:
        spec = PathFinder.find_spec(fullname, path, target) if is_hardware(fullname) else None
        if spec is not None:
            spec.loader = CheckedLoader(fullname, spec.origin)
        return spec


def install() -> None:
    """Check whatever is imported of the hardware from now on."""
    if not installed():
        sys.meta_path.insert(0, Finder())


def installed() -> bool:
    """Whether the mode is on in this process."""
    return any(isinstance(finder, Finder) for finder in sys.meta_path)


def begin() -> None:
    """Count anew."""
    counts[:] = [0] * len(places)
    broken.clear()


def made() -> dict[str, int]:
    """The checks made since then at each place that was reached."""
    total: dict[str, int] = {}
    for place, count in zip(map(str, places), counts, strict=True):
        total[place] = total.get(place, 0) + count
    return {place: count for place, count in total.items() if count}
