"""The harness of the controller against its twin, cycle by cycle; wrong controllers, whose signature must differ."""

from dataclasses import dataclass, field, replace

import pytest
from myhdl import always_comb, always_seq, block

from hdl.bench.contract import ContractViolation, contract
from hdl.bench.run import forgotten_signals, simulate
from hdl.bundle import DQ_BITS, ID_BITS, LINE_BITS, MemoryPort, Stream, wire
from hdl.designs import QUEUES, design
from hdl.harness import controller_harness as harness
from zhenwu.cosim.harness.controller import ControllerTwin
from zhenwu.cosim.lockstep import PinBoard
from zhenwu.cosim.pin_recording import inner_designs
from zhenwu.spec.hbm3 import HBM3_6400

CYCLES = 4000
SEED, RESTLESS_SEED = 8, 9  # much traffic in the first epochs; a reset inside comes early


@dataclass
class Run:
    """What a simulation showed: cycles with another signature, pins that differ, broken rules of streams."""

    twin: ControllerTwin
    differing: list[int] = field(default_factory=list)
    broken: list[ContractViolation] = field(default_factory=list)
    restarts: int = 0
    pins: PinBoard | None = None


def run(
    seed: int, restless: bool, cycles: int = CYCLES, reset_at: tuple[int, ...] = (), watch_inside: bool = False
) -> Run:
    """The harness beside its twin; `watch_inside`: look at the controller's pins too, not only at the signature."""
    return simulated(seed, restless, watch_inside, budget_cycles=cycles, reset_at=reset_at)


def differs(**faults) -> Run:
    """Up to the first difference under `faults`, arguments of the controller of which the twin knows nothing.

    BudgetExceeded if there is none.
    """
    return simulated(SEED, False, False, faults, budget_cycles=CYCLES)


def simulated(seed: int, restless: bool, watch_inside: bool, faults: dict | None = None, **limits) -> Run:
    with forgotten_signals():
        pins = harness.ports()
        clk, rst, wipe = pins["clk"], pins["rst"], pins["wipe"]
        result = Run(ControllerTwin(seed, restless, QUEUES))
        instance = harness.controller_harness(**pins, controller_sizes=QUEUES | (faults or {}))
        parts = [instance]
        if watch_inside:
            inner = inner_designs(instance, design("controller_harness"), pins)["controller"]
            result.pins = PinBoard(inner)
            port = inner["port"]
            streams = {"cmd": port.cmd, "wdata": port.wdata, "rdata": port.rdata}
            parts.append(contract(clk, inner["rst"], streams, result.broken))

        def watch():
            pins["seed"].next, pins["restless"].next, wipe.next = seed, restless, True
            while True:
                yield clk.posedge
                twin = result.twin
                wipe.next = bool(rst)
                if rst:
                    result.twin = ControllerTwin(seed, restless, QUEUES)
                    continue
                if int(pins["signature"].val) != twin.signature:
                    result.differing.append(twin.now)
                result.restarts += twin.restarting
                if result.pins is not None and not twin.restarting:
                    values = twin.values()
                    result.pins.compare({name: values[name] for name in values if "." in name})
                twin.step()

        parts.append(watch())
        done = None if faults is None else lambda: bool(result.differing)
        simulate(parts, clk=clk, rst=rst, done=done, **limits)
    return result


@pytest.mark.parametrize(("seed", "restless"), [(SEED, False), (1, True), (RESTLESS_SEED, True)])
def test_signature_and_pins_are_the_twin_s_in_every_cycle(seed, restless):
    result = run(seed, restless, watch_inside=True)
    assert result.differing == []
    assert result.pins.board.wrong == 0 and len(result.pins.board.expected) > CYCLES - 10
    assert result.broken == [] and result.twin.faults == []
    assert result.twin.now == CYCLES - 2
    assert (result.restarts > 1) == (seed == RESTLESS_SEED)


def test_another_seed_has_another_signature():
    seeds = 0, SEED, RESTLESS_SEED
    twins = [ControllerTwin(seed, False, QUEUES) for seed in seeds]
    for twin in twins:
        for _ in range(1500):
            twin.step()
    assert len({twin.signature for twin in twins}) == len(seeds)


def test_a_reset_from_outside_starts_all_anew():
    result = run(RESTLESS_SEED, False, cycles=2500, reset_at=(1200,))
    assert result.differing == [] and result.twin.now == 1298


def spoiled(spoil):
    """A controller whose lines reach the port as `spoil(rdata, port's rdata, clk)` has them."""
    right = harness.controller

    @block
    def controller(clk, rst, port, bus, dq, **sizes):
        inner = MemoryPort()
        inner.cmd, inner.wdata = port.cmd, port.wdata
        inner.rdata = Stream(data=LINE_BITS, id=ID_BITS, error=1)
        return right(clk, rst, inner, bus, dq, **sizes), copy(inner.rdata, port.rdata), spoil(clk, rst, inner, port)

    return controller


@block
def copy(src, dst):
    """All but the data."""

    @always_comb
    def wires():
        dst.valid.next = src.valid
        dst.id.next = src.id
        dst.error.next = src.error
        src.ready.next = dst.ready

    return wires


@block
def one_wrong_bit(clk, rst, inner, port):
    """Bit 77 of the hundredth line."""
    count = wire(16)

    @always_seq(clk.posedge, rst)
    def number():
        if port.rdata.valid and port.rdata.ready:
            count.next = count + 1

    @always_comb
    def turn_over():
        port.rdata.data.next = inner.rdata.data
        if count == 100:
            port.rdata.data.next = inner.rdata.data ^ (1 << 77)

    return number, turn_over


@block
def halves_exchanged(clk, rst, inner, port):
    """Each half in the other's place."""

    @always_comb
    def cross():
        line = int(inner.rdata.data)
        port.rdata.data.next = (line % (1 << DQ_BITS) << DQ_BITS) + (line >> DQ_BITS)

    return cross


@pytest.mark.parametrize("spoil", [one_wrong_bit, halves_exchanged])
def test_wrong_data_are_found(monkeypatch, spoil):
    monkeypatch.setattr(harness, "controller", spoiled(spoil))
    result = differs()
    assert result.differing and result.twin.faults == []
    assert result.differing == list(range(result.differing[0], result.twin.now)), "and the signature never recovers"


@pytest.mark.parametrize("limit", ["nRTP", "nWR", "nRCDRD", "nFAW", "nRTW"])
def test_a_gap_that_is_a_ck_longer_is_found(limit):
    longer = replace(HBM3_6400, **{limit: HBM3_6400.total(limit) + 1})
    assert differs(timing=longer).differing


def test_another_age_from_which_requests_come_first_is_found():
    assert differs(max_age=QUEUES["read_entries"]).differing
