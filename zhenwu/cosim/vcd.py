"""A Value Change Dump of a trace, for any waveform viewer (IEEE 1364-2005, section 18)."""

from collections.abc import Sequence

from hdl.bench.clock import PERIOD
from hdl.bench.trace import Column


def vcd(columns: Sequence[Column], first_cycle: int, scope: str) -> str:
    """The text of a VCD file.

    Times are those of the bench: edge c is at PERIOD * c + PERIOD / 2. A trace holds what an edge samples, so a
    value appears at the edge before. `clk` is drawn here, since at its own rising edge it is always 1.
    """
    codes = {column.name: _code(index + 1) for index, column in enumerate(columns)}
    lines = ["$timescale 1ns $end", f"$scope module {scope} $end", f"$var wire 1 {_code(0)} clk $end"]
    lines += [f"$var wire {column.width} {codes[column.name]} {column.name} $end" for column in columns]
    lines += ["$upscope $end", "$enddefinitions $end"]
    known: dict[str, int] = {}
    cycles = len(columns[0].values) if columns else 0
    for index in range(cycles):
        edge = PERIOD * (first_cycle + index) + PERIOD // 2
        lines.append(f"#{max(0, edge - PERIOD)}")
        lines.append(f"{int(index > 0)}{_code(0)}")
        for column in columns:
            value = column.values[index]
            if known.get(column.name) != value:
                known[column.name] = value
                lines.append(_change(column, value, codes[column.name]))
        lines += [f"#{edge - PERIOD // 2}", f"0{_code(0)}", f"#{edge}", f"1{_code(0)}"]
    return "\n".join(lines) + "\n"


def _change(column: Column, value: int, code: str) -> str:
    if column.width == 1:
        return f"{value}{code}"
    return f"b{value & (1 << column.width) - 1:b} {code}"


def _code(number: int) -> str:
    """A short identifier of printable characters ('!' .. '~')."""
    first, base = ord("!"), ord("~") - ord("!") + 1
    text = chr(first + number % base)
    while number >= base:
        number //= base
        text += chr(first + number % base)
    return text
