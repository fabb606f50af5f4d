"""Lockstep: a block beside its cycle model, every output compared in every cycle.

    stimulus ──> inputs ──> [ block ] ──> outputs ─┐
                    └─────> ( model ) ──> expected ┴─> scoreboard, a transfer a cycle

The model is made afresh by every reset. A stimulus may look at it, so that what it drives makes sense.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from hdl.bench.clock import cycle
from hdl.bench.coverage import Coverage
from hdl.bench.monitor import Transfer
from hdl.bench.scoreboard import Scoreboard
from hdl.bench.stalls import Stalls
from zhenwu.cosim.evidence import Evidence
from zhenwu.cosim.profiles import NONE, RESET
from zhenwu.cosim.stream_bench import Bench, check_streams

Values = dict[str, int]


@dataclass
class Pair:
    """A block on fresh pins and its model.

    dut, pins : the block, with clk and rst among its pins
    begin     : called by every reset; makes the model anew and returns the values to drive first
    expected  : what the outputs must be in this cycle, under the inputs given; those that do not matter left out
    advance   : one edge of the model under these inputs; returns the values to drive next
    """

    dut: object
    pins: Mapping[str, object]
    begin: Callable[[], Values]
    expected: Callable[[Values], Values]
    advance: Callable[[Values], Values]


def pin(pins: Mapping[str, object], name: str):
    """The signal of a dotted name: `entering.read`, or `requests.3` for an entry of a list."""
    here = pins
    for part in name.split("."):
        here = here[part] if isinstance(here, Mapping) else here[int(part)] if part.isdecimal() else getattr(here, part)
    return here


def listed(name: str, values) -> Values:
    """`{name.0: .., name.1: ..}` of a sequence of ints."""
    return {f"{name}.{index}": int(value) for index, value in enumerate(values)}


class PinBoard:
    """Pins held against what they must be: `board` has a transfer a cycle."""

    AGREED: Values = {}  # stands for all cycles without a difference, so that a long run fits in memory

    def __init__(self, pins: Mapping[str, object]):
        self.pins = pins
        self.board = Scoreboard([])
        self.signals: dict[str, object] = {}

    def signal(self, name: str):
        """A pin, looked up once."""
        if name not in self.signals:
            self.signals[name] = pin(self.pins, name)
        return self.signals[name]

    def compare(self, expected: Values) -> None:
        """The pins named in `expected`, in this cycle."""
        actual = {name: int(self.signal(name).val) for name in expected}
        if actual == expected:
            actual = expected = self.AGREED
        self.board.expected.append(expected)
        self.board.receive(Transfer(cycle(), actual))


class Watch:
    """Drives and compares one pair; `board` has a transfer a cycle."""

    def __init__(self, pair: Pair, cycles: int):
        self.pair = pair
        self.cycles = cycles
        self.pins = PinBoard(pair.pins)
        self.board = self.pins.board

    def run(self) -> Iterator:
        """The generator: at every edge compare, step the model, drive."""
        clk, rst = self.pair.pins["clk"], self.pair.pins["rst"]
        driven = self.pair.begin()
        self.drive(driven)
        resetting = True
        while True:
            yield clk.posedge
            if rst:
                if not resetting:
                    driven = self.pair.begin()
                    self.drive(driven)
                resetting = True
                continue
            resetting = False
            self.pins.compare(self.pair.expected(driven))
            if self.board.wrong:  # from here on the two go different ways: offer no more
                self.drive({name: 0 for name in driven if not name.endswith((".valid", "now"))})
                return
            new = self.pair.advance(driven)
            self.drive({name: value for name, value in new.items() if driven.get(name) != value})
            driven = new

    def drive(self, values: Values) -> None:
        """Put values on input pins."""
        for name, value in values.items():
            self.pins.signal(name).next = value


def check_lockstep(
    block: str,
    make: Callable[[], Pair],
    *,
    seed: int,
    cycles: int,
    coverage: Coverage,
    oracle: str,
    not_checked: str,
    **evidence,
) -> Evidence:
    """Run the pair for `cycles` cycles, or up to the first difference; then once more with a reset in the middle."""

    def bench(stalls: Callable[[str], Stalls]) -> Bench:
        pair = make()
        watch = Watch(pair, cycles)
        return Bench(
            pair.dut, pair.pins, extra=[watch.run()], after=lambda: {"cycle by cycle": watch.board},
            done=lambda: watch.board.received >= cycles or watch.board.wrong > 0,
        )

    return check_streams(
        block, bench, seed=seed, coverage=coverage, budget_cycles=2 * cycles + 100, oracle=oracle,
        not_checked=not_checked, profiles=(NONE, RESET), **evidence,
    )
