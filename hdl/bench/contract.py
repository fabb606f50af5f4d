"""The stream contract: the four rules of `hdl/bundle.py`, checked on every stream in every cycle.

1. The transfer is decided at the rising edge: `valid` and `ready` may not move in the half cycle before it.
2. `valid` never waits for `ready`: `probe` turns `ready` over between two edges and `valid` must not follow. A
   source that waits through a register is found by a sink with `wait_for_valid` and the watchdog.
3. A payload that is offered and not taken must be there unchanged at the next edge.
4. At the edge after a reset edge `valid` is low.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from myhdl import delay

from hdl.bench.clock import PERIOD, cycle
from hdl.bundle import Stream


@dataclass(frozen=True)
class ContractViolation:
    """Rule `rule` broken on `stream` at `cycle`; only the first of each stream and rule is kept."""

    stream: str
    rule: int
    cycle: int
    what: str

    def __str__(self) -> str:
        return f"stream {self.stream} breaks rule {self.rule} in cycle {self.cycle}: {self.what}"


def contract(clk, rst, streams: Mapping[str, Stream], violations: list[ContractViolation]) -> Iterator:
    """Check rules 1, 3 and 4 on `streams`; append what is found to `violations`."""
    watched = [_Watched(name, stream) for name, stream in streams.items()]
    after_reset = False
    while True:
        yield clk.posedge
        in_reset = bool(rst)
        for stream in watched:
            broken = stream.edge(in_reset, after_reset)
            if broken:
                _record(violations, stream.name, *broken)
        after_reset = in_reset
        yield clk.negedge
        for stream in watched:
            stream.settle()


class _Watched:
    """One stream and what the contract remembers of it from edge to edge."""

    def __init__(self, name: str, stream: Stream):
        self.name = name
        self.valid = stream.valid
        self.ready = stream.ready
        self.names = tuple(stream.payload())
        self.fields = tuple(stream.payload().values())
        self.settled: tuple[bool, bool] | None = None
        self.offered: list[int] | None = None

    def settle(self) -> None:
        self.settled = (self.valid.val, self.ready.val)

    def edge(self, in_reset: bool, after_reset: bool) -> tuple[int, str] | None:
        """Look at the wires at a rising edge; the rule broken and how, or None."""
        valid, ready = self.valid.val, self.ready.val
        offered = self.offered
        waits = valid and not ready and not in_reset
        payload = [int(signal.val) for signal in self.fields] if waits or offered else None
        self.offered = payload if waits else None
        if self.settled not in (None, (valid, ready)):
            return 1, "valid or ready moved between the falling and the rising edge"
        if after_reset and valid:
            return 4, "valid is high after reset"
        if offered and not in_reset:
            if not valid:
                return 3, "valid fell before the transfer"
            for name, before, after in zip(self.names, offered, payload, strict=True):
                if before != after:
                    return 3, f"{name} changed from {before:#x} to {after:#x} before the transfer"
        return None


def probe(name: str, stream: Stream, violations: list[ContractViolation], every_cycles: int = 13) -> Iterator:
    """Check rule 2 on a stream whose `ready` the bench drives.

    Once in `every_cycles`, after a falling edge, turn `ready` over for a tenth of a cycle; `valid` must stay.
    """
    yield delay(PERIOD + PERIOD // 5)
    while True:
        before = bool(stream.valid)
        stream.ready.next = not stream.ready
        yield delay(PERIOD // 10)
        if bool(stream.valid) != before:
            _record(violations, name, 2, "valid follows ready within the cycle")
        stream.ready.next = not stream.ready
        yield delay(every_cycles * PERIOD - PERIOD // 10)


def _record(violations: list[ContractViolation], stream: str, rule: int, what: str) -> None:
    if not any(known.stream == stream and known.rule == rule for known in violations):
        violations.append(ContractViolation(stream, rule, cycle(), what))
