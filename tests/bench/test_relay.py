"""The relay: payloads pass in order under any stalls, the contract holds on both sides, a reset drops what waits."""

import pytest
from myhdl import ResetSignal

from hdl.bench.contract import contract
from hdl.bench.monitor import monitor
from hdl.bench.relay import DEPTH, port_relays, relay
from hdl.bench.run import simulate
from hdl.bench.sink import sink
from hdl.bench.source import source
from hdl.bench.stalls import bursts, never, random_stalls
from hdl.bundle import MemoryPort, Stream, wire

ITEMS = [{"data": 7 * index % 256, "id": index % 16} for index in range(60)]


def passed(stalls, *, cycles=600, reset_at=(), items=ITEMS):
    """What comes out behind the relay, the cycles in which it does, and broken rules."""
    clk, rst = wire(1), ResetSignal(0, active=1, isasync=False)
    src, dst = Stream(data=8, id=4), Stream(data=8, id=4)
    seen, violations = [], []
    parts = [
        source(clk, rst, src, items, random_stalls("source", 0.2)), relay(clk, rst, src, dst, stalls),
        sink(clk, rst, dst, random_stalls("sink", 0.3)), monitor(clk, rst, dst, seen.append),
        contract(clk, rst, {"src": src, "dst": dst}, violations),
    ]
    simulate(parts, clk=clk, rst=rst, budget_cycles=cycles, reset_at=reset_at)
    return [transfer.payload for transfer in seen], [transfer.cycle for transfer in seen], violations


@pytest.mark.parametrize("stalls", [never, lambda: random_stalls(3, 0.6), lambda: bursts(5, 12)])
def test_every_payload_passes_once_and_in_order(stalls):
    payloads, _, violations = passed(stalls())
    assert payloads == ITEMS and violations == []


def test_without_stalls_it_holds_nothing_back_for_long():
    clk, rst = wire(1), ResetSignal(0, active=1, isasync=False)
    src, dst, seen = Stream(data=8), Stream(data=8), []
    parts = [source(clk, rst, src, range(40), never()), relay(clk, rst, src, dst, never()),
             sink(clk, rst, dst, never()), monitor(clk, rst, dst, seen.append)]
    simulate(parts, clk=clk, rst=rst, budget_cycles=60)
    assert [transfer.payload["data"] for transfer in seen] == list(range(40))
    assert seen[-1].cycle - seen[0].cycle == 39, "a payload a cycle"


def test_a_reset_drops_what_waits_in_it():
    payloads, cycles, _ = passed(random_stalls(1, 0.5), reset_at=(40,))
    before = [payload for payload, cycle in zip(payloads, cycles, strict=True) if cycle < 40]
    assert payloads[len(before) :] == ITEMS, "the source begins again, and nothing old comes first"


def test_the_streams_of_a_port_are_relayed_the_right_way_round():
    clk, rst, master, memory = wire(1), ResetSignal(0, active=1, isasync=False), MemoryPort(), MemoryPort()
    assert len(port_relays(clk, rst, master, memory, lambda name: never())) == 3
    assert DEPTH == 2
    seen = {"cmd": [], "wdata": [], "rdata": []}
    parts = [
        *port_relays(clk, rst, master, memory, lambda name: never()),
        source(clk, rst, master.cmd, [(1, 5, 2)], never()), source(clk, rst, master.wdata, [9], never()),
        source(clk, rst, memory.rdata, [(8, 3, 1)], never()),
        *(sink(clk, rst, stream, never()) for stream in (memory.cmd, memory.wdata, master.rdata)),
        monitor(clk, rst, memory.cmd, seen["cmd"].append), monitor(clk, rst, memory.wdata, seen["wdata"].append),
        monitor(clk, rst, master.rdata, seen["rdata"].append),
    ]
    simulate(parts, clk=clk, rst=rst, budget_cycles=20)
    assert [tuple(transfers[0].payload.values()) for transfers in seen.values()] == [(1, 5, 2), (9,), (8, 3, 1)]
