"""A harness in MyHDL beside its twin, cycle by cycle; and ways to plant a fault in it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from myhdl import Signal

from hdl.bench.contract import ContractViolation, contract
from hdl.bench.run import forgotten_signals, simulate
from hdl.bundle import Stream

RESET_CYCLES = 2


class Twin(Protocol):
    """A harness in plain Python."""

    signature: int

    def step(self) -> None:
        """One rising edge."""

    def pins(self) -> Mapping[str, int | None]:
        """All pins in this cycle by name."""


class Blocks:
    """The blocks of a design by the names of their functions: `signal("mover", "address")`."""

    def __init__(self, top):
        self.by_name: dict[str, object] = {}
        self.enter(top)

    def enter(self, instance) -> None:
        """This block and those in it; of several of a name the first counts."""
        self.by_name.setdefault(instance.func.__name__, instance)
        for inner in instance.subs:
            if hasattr(inner, "subs"):
                self.enter(inner)

    def named(self, block: str, name: str):
        """What a block calls so: a signal or a bundle, `port.cmd` for a part of one."""
        first, *parts = name.split(".")
        found = self.by_name[block].symdict[first]
        for part in parts:
            found = getattr(found, part)
        return found


Fault = Callable[[Blocks], bool]  # tries to spoil something; whether it could


@dataclass
class Beside:
    """`signatures` (hardware's, twin's) of each cycle, the first pin that differed and when, what broke the contract of
    the streams, in which cycle a fault was planted, how many cycles of resets inside there were.
    """

    signatures: list[tuple[int, int]] = field(default_factory=list)
    differs: tuple[int, str] | None = None
    violations: list[ContractViolation] = field(default_factory=list)
    planted: int | None = None
    resets: int = 0

    @property
    def first_wrong(self) -> int | None:
        """The first cycle with another signature."""
        return next((cycle for cycle, (shown, due) in enumerate(self.signatures) if shown != due), None)


def beside(
    harness: Callable, ports: Callable[[], dict], sizes: Mapping, twin: Twin, *, seed: int, restless: bool, cycles: int,
    streams: tuple[str, ...], fault: Fault | None = None, fault_from: int = 0,
) -> Beside:
    """Run both for so many cycles after `rst`; from cycle `fault_from` on `fault` is tried until it could spoil
    something.
    """
    found = Beside()
    with forgotten_signals():
        pins = ports()
        clk, rst = pins["clk"], pins["rst"]
        dut = harness(**pins, **sizes)
        blocks, top = Blocks(dut), harness.func.__name__ if hasattr(harness, "func") else harness.__name__
        reset: Signal = blocks.named(top, "reset")
        watched: dict[str, Stream] = {name: blocks.named(top, name) for name in streams}

        def watch() -> Iterator:
            pins["seed"].next, pins["restless"].next, pins["wipe"].next = seed, restless, True
            while True:
                yield clk.posedge
                if rst:
                    continue
                pins["wipe"].next = False
                if found.differs is None:
                    name = next((name for name, value in twin.pins().items() if wrong(name, value)), None)
                    found.differs = None if name is None else (len(found.signatures), name)
                found.signatures.append((int(pins["signature"].val), twin.signature))
                found.resets += bool(reset)
                twin.step()
                yield clk.negedge
                if fault is not None and found.planted is None and len(found.signatures) > fault_from and fault(blocks):
                    found.planted = len(found.signatures)

        def wrong(name: str, value: int | None) -> bool:
            shown = pins[name] if name in pins else blocks.named(top, name)
            return value is not None and int(shown.val) != value

        parts = [dut, watch(), contract(clk, reset, watched, found.violations)]
        simulate(parts, clk=clk, rst=rst, budget_cycles=cycles + RESET_CYCLES, reset_cycles=RESET_CYCLES)
    return found
