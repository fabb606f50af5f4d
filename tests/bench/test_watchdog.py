"""The watchdog: nothing moves, and it says who waits; slow is not stuck."""

import pytest
from myhdl import ResetSignal

from hdl.bench.run import BudgetExceeded, simulate
from hdl.bench.sink import sink
from hdl.bench.source import source
from hdl.bench.stalls import wave
from hdl.bench.watchdog import Deadlock, watchdog
from hdl.bundle import Stream, wire


def fresh():
    return wire(1), ResetSignal(0, active=1, isasync=False), Stream(data=8), Stream(data=8)


def test_a_deadlock_names_the_streams_that_wait():
    clk, rst, src, dst = fresh()
    # a block that takes nothing: the source waits for it, the sink waits for it
    parts = [
        source(clk, rst, src, [1]),
        sink(clk, rst, dst),
        watchdog(clk, rst, {"src": src, "dst": dst}, limit_cycles=50),
    ]
    with pytest.raises(Deadlock) as caught:
        simulate(parts, clk=clk, rst=rst, budget_cycles=1000)
    assert str(caught.value) == (
        "deadlock in cycle 51: no transfer for 50 cycles: "
        "src offers a payload that is not taken; dst is ready but nothing is offered"
    )


@pytest.mark.parametrize(("stalled_cycles", "dies"), [(48, False), (50, True)])
def test_slow_is_not_stuck(stalled_cycles, dies):
    clk, rst, src, _ = fresh()
    parts = [
        source(clk, rst, src, [1, 2] + [3] * 100),
        sink(clk, rst, src, wave("_" + "-" * stalled_cycles)),
        watchdog(clk, rst, {"src": src}, limit_cycles=50),
    ]
    if dies:
        with pytest.raises(Deadlock):
            simulate(parts, clk=clk, rst=rst, budget_cycles=100)
    else:
        simulate(parts, clk=clk, rst=rst, budget_cycles=100)


def test_a_run_that_is_not_done_in_its_budget_is_an_error():
    clk, rst, src, _ = fresh()
    with pytest.raises(BudgetExceeded, match="budget of 30 cycles"):
        simulate([source(clk, rst, src, [1])], clk=clk, rst=rst, budget_cycles=30, done=lambda: False)
