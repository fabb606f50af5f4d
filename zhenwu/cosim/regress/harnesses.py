"""The three harnesses under one shape: how to make the twin of each, what its pins must show, where they lie."""

from collections.abc import Callable, Mapping
from typing import NamedTuple, Protocol

from hdl.designs import QUEUES, TILE, Design, design
from zhenwu.cosim.harness.controller import ControllerTwin
from zhenwu.cosim.harness.slice import SliceHarness
from zhenwu.cosim.harness.tile import TileHarness

Pins = Mapping[str, int | None]


class Twin(Protocol):
    """A harness in plain Python, copied by `copy.deepcopy`."""

    signature: int

    def step(self) -> None:
        """One rising edge."""


class Harness(NamedTuple):
    """A closed loop: the design, its twin, and what the pins of both show."""

    name: str  # as on the command line
    make: Callable[[int, bool], Twin]  # from seed and restless
    pins: Callable[[Twin], Pins]  # of this cycle, by their names in the design; None, or none: anything will do

    @property
    def design(self) -> Design:
        """What is written as Verilog."""
        return design(f"{self.name}_harness")


def controller_pins(twin: ControllerTwin) -> Pins:
    """Under a reset inside, pins count for nothing."""
    values = {} if twin.restarting else twin.values()
    return {name: value for name, value in values.items() if "." in name}


def faults(twin: Twin) -> list[str]:
    """What the twin's own checks find: broken timing rules, lines that memory lost; a tile has none."""
    return getattr(twin, "faults", [])


HARNESSES = {
    harness.name: harness
    for harness in (
        Harness("controller", lambda seed, restless: ControllerTwin(seed, restless, QUEUES), controller_pins),
        Harness("tile", lambda seed, restless: TileHarness(seed, restless, **TILE), TileHarness.pins),
        Harness(
            "slice",
            lambda seed, restless: SliceHarness(seed, restless, tile_sizes=TILE, controller_sizes=QUEUES),
            SliceHarness.pins,
        ),
    )
}
