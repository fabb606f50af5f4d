"""A harness in MyHDL from the midst of a run: from a state, beside what its pins must show."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from myhdl import StopSimulation

from hdl.bench.run import forgotten_signals, simulate
from hdl.designs import elaborate
from zhenwu.cosim.elaborate import elaborate as elsewhere
from zhenwu.cosim.harness.native import Blocks
from zhenwu.cosim.regress.harnesses import Harness, Pins
from zhenwu.cosim.regress.snapshot import put, restore

SIGNATURE = "signature"
AFTER = 7  # cycles that a run goes on after its first difference
MEASURED = 1000  # cycles, for the speed


@dataclass
class Resumed:
    """What MyHDL showed from cycle `start` on: a row of all pins for each cycle, and the first cycle in which one is
    not as it must be, with the names of all such. `stopped` is what the simulation raised, if it did; `other` says that
    the design has other registers than the state.
    """

    start: int
    rows: list[dict[str, int]] = field(default_factory=list)
    widths: dict[str, int] = field(default_factory=dict)
    cycle: int | None = None
    wrong: tuple[str, ...] = ()
    stopped: str = ""
    other: str = ""

    @property
    def agrees(self) -> bool:
        """Whether nothing differed to the end."""
        return self.cycle is None


def resumed(
    harness: Harness, state: Mapping[str, int], start: int, expected: Sequence[Pins], seed: int, restless: bool
) -> Resumed:
    """Go on from `state` in cycle `start` for as many cycles as there are `expected` pins, or to a few after the first
    difference.
    """
    found = Resumed(start)
    names = list(dict.fromkeys(name for row in expected for name in row))
    with forgotten_signals():
        instance, pins = elsewhere(elaborate, harness.design)
        found.other = restore(instance, pins[SIGNATURE], state)
        inputs = {"clk": 0, "rst": 0, "wipe": 0, "seed": seed, "restless": restless}
        for name, value in inputs.items():
            put(pins[name], value)
        by_block, clk, rst = Blocks(instance), pins["clk"], pins["rst"]
        signals = {name: pins[name] if name in pins else by_block.named(harness.design.name, name) for name in names}
        found.widths = {name: len(signal) or 1 for name, signal in signals.items()}

        def watch() -> Iterator:
            for due in expected:
                yield clk.posedge
                row = {name: int(signal.val) for name, signal in signals.items()}
                found.rows.append(row)
                now = start + len(found.rows) - 1
                wrong = tuple(name for name, value in due.items() if value is not None and row[name] != value)
                if wrong and found.agrees:
                    found.cycle, found.wrong = now, wrong
                if not found.agrees and now >= found.cycle + AFTER:
                    break
            raise StopSimulation

        try:
            simulate([instance, watch()], clk=clk, rst=rst, budget_cycles=len(expected) + 1, reset_cycles=0)
        except Exception as error:  # of a block: a value that does not fit its signal
            found.stopped = f"{type(error).__name__}: {error}"
            if found.agrees:
                found.cycle, found.wrong = start + len(found.rows), ()
    return found


def native_speed(harness: Harness) -> float:
    """Cycles a second of MyHDL on this harness, elaboration left out."""
    with forgotten_signals():
        instance, pins = elsewhere(elaborate, harness.design)

        def set_up() -> Iterator:
            pins["seed"].next, pins["wipe"].next = 1, True
            yield pins["rst"].negedge
            pins["wipe"].next = False

        ran = simulate([instance, set_up()], clk=pins["clk"], rst=pins["rst"], budget_cycles=MEASURED)
    return ran.cycles / ran.seconds
