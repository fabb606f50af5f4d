"""The runner: reset, the end of a run, and that the next run can start."""

import pytest
from myhdl import ResetSignal, Signal, StopSimulation, intbv
from myhdl import _simulator as simulator

from hdl.bench.clock import cycle
from hdl.bench.run import forgotten_signals, simulate
from hdl.bundle import wire


def test_reset_comes_first_and_again_on_request():
    clk, rst = wire(1), ResetSignal(0, active=1, isasync=False)
    levels, calls = [], []

    def look():
        while True:
            yield clk.posedge
            levels.append("_-"[bool(rst)])

    simulate(
        [look()], clk=clk, rst=rst, budget_cycles=16, reset_cycles=3, reset_at=(8,), on_reset=lambda: calls.append(1)
    )
    assert "".join(levels) == "---_____---_____"
    assert calls == [1]


def test_a_run_ends_soon_after_it_is_done_and_counts_until_then():
    clk, rst = wire(1), ResetSignal(0, active=1, isasync=False)
    last = []

    def look():
        while True:
            yield clk.posedge
            last[:] = [cycle()]

    run = simulate([look()], clk=clk, rst=rst, budget_cycles=1000, done=lambda: cycle() >= 20, settle_cycles=5)
    assert run.cycles == 21
    assert last == [26]
    assert run.seconds > 0


def test_a_run_is_not_done_before_its_last_reset():
    clk, rst = wire(1), ResetSignal(0, active=1, isasync=False)
    run = simulate([], clk=clk, rst=rst, budget_cycles=1000, done=lambda: True, reset_at=(40, 60))
    assert run.cycles == 62


def test_an_error_in_a_part_comes_out_and_the_next_run_can_start():
    clk, rst = wire(1), ResetSignal(0, active=1, isasync=False)

    def fails():
        yield clk.posedge
        raise ArithmeticError("on purpose")

    with pytest.raises(ArithmeticError):
        simulate([fails()], clk=clk, rst=rst, budget_cycles=10)
    clk, rst = wire(1), ResetSignal(0, active=1, isasync=False)
    assert simulate([], clk=clk, rst=rst, budget_cycles=10).cycles == 10


def test_a_part_may_stop_the_simulation():
    clk, rst = wire(1), ResetSignal(0, active=1, isasync=False)

    def stops():
        yield clk.posedge
        raise StopSimulation

    assert simulate([stops()], clk=clk, rst=rst, budget_cycles=10).cycles == 10


def test_signals_made_inside_are_forgotten():
    kept = Signal(intbv(0)[8:])
    known = len(simulator._signals)
    with forgotten_signals():
        wire(8)
        wire(8)
    assert len(simulator._signals) == known
    assert any(signal is kept for signal in simulator._signals)


def test_a_budget_is_required_to_be_positive():
    with pytest.raises(ValueError, match="budget_cycles 0"):
        simulate([], clk=wire(1), rst=ResetSignal(0, active=1, isasync=False), budget_cycles=0)
