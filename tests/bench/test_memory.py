"""The ideal memory: latency, rate, order, poison, and what an unwritten line reads as."""

import pytest
from myhdl import ResetSignal

from hdl.bench.contract import contract
from hdl.bench.memory import Memory, memory, unwritten
from hdl.bench.monitor import monitor
from hdl.bench.run import simulate
from hdl.bench.sink import sink
from hdl.bench.source import source
from hdl.bench.stalls import bursts, random_stalls, wave
from hdl.bundle import MemoryPort, wire

READ, WRITE = 0, 1


def run(commands, beats=(), store=None, cycles=300, stalls=None, sink_stalls=None, wdata_stalls=None, reset_at=(),
        **parameters):
    """Offer commands (write, line, id) and write beats; the command and read transfers, and the memory."""
    clk, rst, port = wire(1), ResetSignal(0, active=1, isasync=False), MemoryPort()
    store = store or Memory()
    accepted, answered, violations = [], [], []
    streams = {"cmd": port.cmd, "wdata": port.wdata, "rdata": port.rdata}
    parts = [
        source(clk, rst, port.cmd, commands),
        source(clk, rst, port.wdata, beats, wdata_stalls),
        sink(clk, rst, port.rdata, sink_stalls),
        memory(clk, rst, port, store, stalls=stalls, **parameters),
        monitor(clk, rst, port.cmd, accepted.append),
        monitor(clk, rst, port.rdata, answered.append),
        contract(clk, rst, streams, violations),
    ]
    simulate(parts, clk=clk, rst=rst, budget_cycles=cycles, reset_at=reset_at)
    assert violations == []
    return accepted, answered, store


def test_an_unwritten_line_reads_as_a_hash_of_its_address_and_never_as_zero():
    lines = [unwritten(address) for address in range(2000)]
    assert len(set(lines)) == 2000
    assert all(0 < line < 1 << 256 for line in lines)
    assert all(line >> 64 * word & (2**64 - 1) for line in lines for word in range(4))
    assert unwritten(0) != 0 and unwritten(1) == unwritten(1)


@pytest.mark.parametrize("latency_cycles", [2, 20, 75])
def test_the_first_data_come_latency_cycles_after_acceptance(latency_cycles):
    accepted, answered, _ = run([(READ, 5, 3)], latency_cycles=latency_cycles)
    assert answered[0].cycle - accepted[0].cycle == latency_cycles
    assert answered[0].payload == {"data": unwritten(5), "id": 3, "error": 0}


@pytest.mark.parametrize("cycles_per_line", [1, 2, 5])
def test_a_line_takes_cycles_per_line(cycles_per_line):
    _, answered, _ = run([(READ, line, 0) for line in range(20)], cycles_per_line=cycles_per_line)
    gaps = {after.cycle - before.cycle for before, after in zip(answered, answered[1:], strict=False)}
    assert gaps == {cycles_per_line}
    assert [transfer.payload["data"] for transfer in answered] == [unwritten(line) for line in range(20)]


def test_writes_take_the_same_bus():
    commands = [(WRITE, line, 0) for line in range(10)] + [(READ, 0, 0)]
    accepted, answered, store = run(commands, range(10), cycles_per_line=4, latency_cycles=2)
    assert answered[0].cycle - accepted[0].cycle >= 40
    assert store.lines == dict(enumerate(range(10)))


def test_a_read_after_a_write_sees_it_and_a_read_before_does_not():
    commands = [(READ, 9, 0), (WRITE, 9, 0), (READ, 9, 1), (WRITE, 9, 0), (READ, 9, 2)]
    _, answered, store = run(commands, [111, 222], Memory({9: 5}), wdata_stalls=wave("-" * 30))
    assert [transfer.payload["data"] for transfer in answered] == [5, 111, 222]
    assert store.read(9) == 222


@pytest.mark.parametrize("late", [False, True])
def test_write_data_may_come_before_or_after_their_commands(late):
    _, _, store = run([(WRITE, 1, 0), (WRITE, 2, 0)], [10, 20], wdata_stalls=wave("-" * 40) if late else None)
    assert (store.read(1), store.read(2)) == (10, 20)


def test_a_poisoned_line_reads_with_error_until_it_is_written():
    commands = [(READ, 7, 0), (READ, 8, 0), (WRITE, 7, 0), (READ, 7, 0)]
    _, answered, _ = run(commands, [1], Memory(poisoned=[7]))
    assert [transfer.payload["error"] for transfer in answered] == [1, 0, 0]


def test_the_port_pushes_back_when_reads_are_not_taken():
    accepted, answered, _ = run(
        [(READ, line, 0) for line in range(40)], sink_stalls=wave("-" * 290), cycles=280, outstanding=8
    )
    # 8 wait to be taken, one stands on rdata, two stand in the input FIFO
    assert len(accepted) == 11 and answered == []


def test_cmd_ready_does_not_depend_on_the_payload_and_a_blocked_write_blocks_what_follows():
    accepted, answered, _ = run([(WRITE, 1, 0), (READ, 2, 0), (READ, 3, 0)])
    assert [transfer.payload["line_address"] for transfer in accepted] == [1, 2]
    assert answered == []


def test_everything_arrives_in_order_under_stalls():
    commands = [(line % 3 == 0, line % 11, line % 16) for line in range(150)]
    beats = list(range(50))
    content, expected, pending = {}, [], iter(beats)
    for write, line, tag in commands:
        if write:
            content[line] = next(pending)
        else:
            expected.append({"data": content.get(line, unwritten(line)), "id": tag, "error": 0})
    stalls = {"cmd": random_stalls(1), "wdata": bursts(2), "rdata": random_stalls(3)}
    _, answered, store = run(
        commands, beats, cycles=3000, stalls=stalls, sink_stalls=random_stalls(4), wdata_stalls=random_stalls(5)
    )
    assert [transfer.payload for transfer in answered] == expected
    assert store.against(content).mismatches == 0


def test_reset_drops_what_is_under_way_and_keeps_the_content():
    commands = [(WRITE, 1, 0)] + [(READ, line, 0) for line in range(1, 6)]
    _, answered, store = run(commands, [77], cycles=80, reset_at=(12,), latency_cycles=30)
    # all are accepted before the reset, none is answered before it; the source then starts over
    assert [transfer.payload["data"] for transfer in answered] == [77] + [unwritten(line) for line in range(2, 6)]
    assert store.read(1) == 77


def test_reset_drops_write_data_that_wait_for_their_command():
    # the first beat is in the port's queue when the reset comes; then both are sent again
    stalls = {"cmd": wave("-" * 60)}
    commands = [(WRITE, 1, 0), (WRITE, 2, 0)]
    _, _, store = run(commands, [10, 20], stalls=stalls, wdata_stalls=wave("_" + "-" * 20), reset_at=(12,))
    assert (store.read(1), store.read(2)) == (10, 20)


def test_content_is_held_against_the_lines_that_should_have_been_written():
    store = Memory({1: 10, 2: 20})
    store.write(3, 30)
    store.write(4, 40)
    assert store.against({3: 30, 4: 40}).mismatches == 0
    assert store.against({3: 30}).extra == 1
    assert store.against({3: 30, 4: 41}).wrong == 1
    first = store.against({3: 30, 4: 40, 5: 50}).first
    assert (first.field, first.expected, first.actual) == ("data", 50, unwritten(5))


def test_a_value_wider_than_a_line_is_refused():
    with pytest.raises(ValueError, match="line 0x2: value .* does not fit 256 bits"):
        Memory().write(2, 1 << 256)
