"""A trace: the values of named pins at every rising edge, just before it takes effect.

Other simulators replay it, and the drawings are made from it. Names are those of the emitted Verilog: field
`data` of stream `dst` is `dst_data`, and `cmd` of port `port` is `port_cmd_valid`, ...
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from myhdl import SignalType

from hdl.bench.clock import cycle


@dataclass(frozen=True)
class Column:
    """One pin: its name, its width in bits, and its value in each recorded cycle.

    A simulator that knows four states also has `unknown`, the bits that are X or Z, in each cycle.
    """

    name: str
    width: int
    values: list[int]
    unknown: list[int] | None = None


@dataclass(frozen=True)
class Trace:
    """What was on some pins in each cycle; `seconds` is what simulating it took."""

    columns: list[Column]
    seconds: float = 0.0

    @property
    def cycles(self) -> int:
        """Recorded rising edges."""
        return len(self.columns[0].values) if self.columns else 0

    @property
    def widths(self) -> dict[str, int]:
        """The width of each pin."""
        return {column.name: column.width for column in self.columns}

    def __getitem__(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)


class Wide:
    """A list of signals as one pin, the first in the lowest bits, as `hdl/wide_ports.py` makes it."""

    def __init__(self, signals: Sequence):
        self.signals = tuple(signals)

    def __len__(self) -> int:
        return sum(map(len, self.signals))

    @property
    def val(self) -> int:
        """The value of all signals together."""
        value = 0
        for signal in reversed(self.signals):
            value = value << len(signal) | int(signal.val)
        return value


def flatten(pins: Mapping[str, object]) -> dict[str, object]:
    """Signals by name, with the bundles in `pins` (streams, memory ports) spread into their signals."""
    signals = {}
    for name, pin in pins.items():
        if isinstance(pin, SignalType):
            signals[name] = pin
        elif isinstance(pin, list):
            signals[name] = Wide(pin)
        else:
            signals.update({f"{name}_{inner}": signal for inner, signal in flatten(vars(pin)).items()})
    return signals


class Recorder:
    """Records `pins` from `first_cycle` to `last_cycle` inclusive (None: to the end)."""

    def __init__(self, pins: Mapping[str, object], first_cycle: int = 0, last_cycle: int | None = None):
        self.signals = flatten(pins)
        self.first_cycle = first_cycle
        self.last_cycle = last_cycle
        self.rows: list[list[int]] = []

    def record(self, clk) -> Iterator:
        """The generator that does it; leave it out of a run that needs no trace."""
        signals = tuple(self.signals.values())
        while True:
            yield clk.posedge
            now = cycle()
            if now >= self.first_cycle and (self.last_cycle is None or now <= self.last_cycle):
                self.rows.append([int(signal.val) for signal in signals])

    @property
    def columns(self) -> list[Column]:
        """One column a pin, in the order of `pins`."""
        values = zip(*self.rows, strict=True) if self.rows else ([] for _ in self.signals)
        return [
            Column(name, max(1, len(signal)), list(column))
            for (name, signal), column in zip(self.signals.items(), values, strict=True)
        ]
