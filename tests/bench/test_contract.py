"""The stream contract: each of the four rules, broken on purpose, is caught; a clean stream is not accused."""

import pytest
from myhdl import ResetSignal, always_comb, always_seq, block, delay

from hdl.bench.clock import PERIOD
from hdl.bench.contract import contract, probe
from hdl.bench.run import simulate
from hdl.bench.sink import sink
from hdl.bench.source import source
from hdl.bench.stalls import bursts, random_stalls
from hdl.bench.watchdog import Deadlock, watchdog
from hdl.bundle import Stream, wire


def check(make_source, cycles=200, sink_stalls=None, wait_for_valid=False, reset_at=(), **limits):
    """Run `make_source(clk, rst, stream)` against a sink; the violations found."""
    clk, rst, stream = wire(1), ResetSignal(0, active=1, isasync=False), Stream(data=8)
    violations = []
    parts = [
        make_source(clk, rst, stream),
        sink(clk, rst, stream, sink_stalls or random_stalls(3), wait_for_valid),
        contract(clk, rst, {"dst": stream}, violations),
        probe("dst", stream, violations),
        watchdog(clk, rst, {"dst": stream}, **limits),
    ]
    simulate(parts, clk=clk, rst=rst, budget_cycles=cycles, reset_at=reset_at)
    return [(violation.stream, violation.rule) for violation in violations]


def clean(clk, rst, stream):
    return source(clk, rst, stream, range(250), random_stalls(4))


def test_a_clean_stream_breaks_no_rule():
    assert check(clean, reset_at=(50, 100)) == []


def test_rule_1_a_stream_that_moves_between_the_edges_is_caught():
    def late(clk, rst, stream):
        while True:
            yield delay(PERIOD + PERIOD // 5)
            stream.valid.next = not stream.valid

    assert ("dst", 1) in check(late)


def test_rule_2_valid_that_follows_ready_is_caught():
    @block
    def follows(clk, rst, stream):
        @always_comb
        def offer():
            stream.valid.next = stream.ready

        return offer

    assert check(follows, sink_stalls=random_stalls(5)) == [("dst", 2)]


def test_rule_2_valid_that_waits_for_ready_through_a_register_is_caught_as_a_deadlock():
    @block
    def waits(clk, rst, stream):
        @always_seq(clk.posedge, rst)
        def offer():
            stream.valid.next = stream.ready

        return offer

    with pytest.raises(Deadlock, match="dst is idle: .* rule 2"):
        check(waits, cycles=400, wait_for_valid=True, limit_cycles=100)


def test_rule_3_valid_that_falls_before_the_transfer_is_caught():
    def gives_up(clk, rst, stream):
        while True:
            yield clk.posedge
            stream.valid.next = not stream.valid and not rst

    assert check(gives_up) == [("dst", 3)]


def test_rule_3_a_payload_that_changes_before_the_transfer_is_caught():
    def changes(clk, rst, stream):
        count = 0
        while True:
            yield clk.posedge
            count += 1
            stream.valid.next = not rst
            stream.data.next = count % 256

    assert check(changes) == [("dst", 3)]


def test_rule_4_valid_after_reset_is_caught():
    def ignores_reset(clk, rst, stream):
        while True:
            yield clk.posedge
            stream.valid.next = True

    assert check(ignores_reset) == [("dst", 4)]


def test_a_stream_that_falls_with_reset_itself_breaks_no_rule():
    @block
    def gated(clk, rst, stream):
        held = wire(1)

        @always_seq(clk.posedge, rst)
        def offer():
            held.next = not (stream.valid and stream.ready)

        @always_comb
        def gate():
            stream.valid.next = held and not rst

        return offer, gate

    assert check(gated, sink_stalls=bursts(1, 10), reset_at=range(20, 180, 20)) == []


def test_a_violation_says_where_and_what():
    clk, rst, stream = wire(1), ResetSignal(0, active=1, isasync=False), Stream(data=8)
    violations = []

    def changes():
        for cycle in range(20):
            yield clk.posedge
            stream.valid.next = cycle >= 5
            stream.data.next = 1 if cycle < 9 else 7

    simulate([changes(), contract(clk, rst, {"x": stream}, violations)], clk=clk, rst=rst, budget_cycles=20)
    assert str(violations[0]) == (
        "stream x breaks rule 3 in cycle 10: data changed from 0x1 to 0x7 before the transfer"
    )
