"""The pins of an emitted module, and a trace as rows of 32-bit words, which is what compiled code takes."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hdl.bench.trace import Column, Trace

PORT = re.compile(r"^(input|output) (?:signed )?(?:\[(\d+):0\] )?(\w+);$", re.MULTILINE)
INSTANCE = re.compile(r"^(\w+) (\w+) \($", re.MULTILINE)
WORD_BITS = 32


class PinError(Exception):
    """One sentence on a trace that does not fit the Verilog."""


class Pin(NamedTuple):
    """A port: its place is that of its lowest word in a row."""

    name: str
    width: int
    place: int

    @property
    def words(self) -> int:
        """32-bit words that it takes."""
        return -(-self.width // WORD_BITS)


def directions(verilog: str) -> dict[str, tuple[str, int]]:
    """(input or output, width) of each port of the first module in an emitted file."""
    first = verilog.partition("\nendmodule")[0]
    return {name: (way, int(high or 0) + 1) for way, high, name in PORT.findall(first)}


def instantiated(verilog: str) -> set[str]:
    """The names of the modules that an emitted file instantiates."""
    return {module for module, _ in INSTANCE.findall(verilog) if module != "module"}


def sources(verilog: Path) -> list[Path]:
    """The file, and those of the modules that it instantiates, which stand beside it."""
    text = verilog.read_text(encoding="utf-8")
    return [verilog, *(verilog.parent / f"{name}.v" for name in sorted(instantiated(text)))]


def laid_out(verilog: str, way: str) -> list[Pin]:
    """The pins of one direction (without `clk`), one after another in a row."""
    pins, place = [], 0
    for name, (direction, width) in directions(verilog).items():
        if direction == way and name != "clk":
            pins.append(Pin(name, width, place))
            place += pins[-1].words
    return pins


def row_words(pins: Sequence[Pin]) -> int:
    """32-bit words of a row; at least one."""
    return max(1, sum(pin.words for pin in pins))


def packed(trace: Trace, pins: Sequence[Pin], name: str) -> NDArray[np.uint32]:
    """The pins' values, a row a cycle: uint32[cycles, words]. A pin that the trace lacks raises PinError."""
    rows = np.zeros((trace.cycles, row_words(pins)), np.uint32)
    widths = trace.widths
    for pin in pins:
        if widths.get(pin.name) != pin.width:
            found = widths.get(pin.name)
            raise PinError(f"{name}: pin {pin.name} has {pin.width} bits in Verilog, {found} in the trace")
        mask, size = (1 << pin.width) - 1, 4 * pin.words
        line = b"".join([(value & mask).to_bytes(size, "little") for value in trace[pin.name].values])
        rows[:, pin.place : pin.place + pin.words] = np.frombuffer(line, "<u4").reshape(-1, pin.words)
    return rows


def unpacked(rows: NDArray[np.uint32], pins: Sequence[Pin]) -> list[Column]:
    """The columns of such rows; values are unsigned."""
    columns = []
    for pin in pins:
        words = np.ascontiguousarray(rows[:, pin.place : pin.place + pin.words])
        if pin.words == 1:
            values = words[:, 0].tolist()
        else:
            line, size = words.tobytes(), 4 * pin.words
            values = [int.from_bytes(line[at : at + size], "little") for at in range(0, len(line), size)]
        columns.append(Column(pin.name, pin.width, values))
    return columns
