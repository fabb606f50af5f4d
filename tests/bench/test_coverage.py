"""Coverage: planned bins only, and the empty ones are named."""

import pytest
from myhdl import ResetSignal

from hdl.bench.coverage import Coverage, watch
from hdl.bench.run import simulate
from hdl.bundle import wire

PLAN = {"cp_high": "the wire is high", "cp_never": "cannot happen here"}


def test_an_unplanned_bin_is_refused():
    with pytest.raises(KeyError, match="cp_other.*cp_high, cp_never"):
        Coverage(PLAN).hit("cp_other")


def test_bins_count_and_the_empty_ones_keep_their_reason():
    coverage = Coverage(PLAN)
    coverage.hit("cp_high", 3)
    coverage.hit("cp_high")
    assert coverage.hits == {"cp_high": 4, "cp_never": 0}
    assert coverage.unhit == {"cp_never": "cannot happen here"}


def test_a_watch_counts_cycles_outside_reset():
    clk, rst, line = wire(1), ResetSignal(0, active=1, isasync=False), wire(1)
    coverage = Coverage(PLAN)

    def drive():
        line.next = True
        for _ in range(6):
            yield clk.posedge
        line.next = False
        yield clk.posedge

    parts = [drive(), watch(clk, rst, coverage, {"cp_high": lambda: bool(line), "cp_never": lambda: False})]
    simulate(parts, clk=clk, rst=rst, budget_cycles=20)
    assert coverage.hits == {"cp_high": 4, "cp_never": 0}  # edges 0 .. 5, of which 0 and 1 are in reset
