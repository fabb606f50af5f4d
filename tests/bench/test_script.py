"""A script: one step an edge, started again by every reset."""

from myhdl import ResetSignal

from hdl.bench.clock import cycle
from hdl.bench.run import simulate
from hdl.bench.script import script
from hdl.bundle import Stream, wire


def test_a_reset_drops_the_script_lowers_valid_and_begins_again():
    clk, rst, stream = wire(1), ResetSignal(0, active=1, isasync=False), Stream(data=8)
    steps, levels = [], []

    def play():
        for step in range(4):
            steps.append((step, cycle()))
            stream.valid.next = True
            yield
        stream.valid.next = False

    def look():
        while True:
            yield clk.posedge
            levels.append("_-"[bool(stream.valid)])

    parts = [script(clk, rst, play, [stream]), look()]
    simulate(parts, clk=clk, rst=rst, budget_cycles=16, reset_at=(5,))
    assert steps == [(0, 2), (1, 3), (2, 4), (0, 7), (1, 8), (2, 9), (3, 10)]
    assert "".join(levels) == "___---__----____"
