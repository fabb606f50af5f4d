"""The trace: flat Verilog names, and the values that each edge samples."""

from myhdl import ResetSignal

from hdl.bench.run import simulate
from hdl.bench.sink import sink
from hdl.bench.source import source
from hdl.bench.trace import Recorder, flatten
from hdl.bundle import MemoryPort, Stream, wire


def test_bundles_are_spread_into_the_names_of_the_verilog():
    names = list(flatten({"clk": wire(1), "dst": Stream(data=8), "port": MemoryPort()}))
    assert names[:4] == ["clk", "dst_valid", "dst_ready", "dst_data"]
    assert "port_cmd_line_address" in names and "port_rdata_error" in names


def traced(first_cycle, last_cycle):
    clk, rst, stream = wire(1), ResetSignal(0, active=1, isasync=False), Stream(data=8)
    trace = Recorder({"rst": rst, "dst": stream}, first_cycle, last_cycle)
    parts = [source(clk, rst, stream, [7, 8, 9]), sink(clk, rst, stream), trace.record(clk)]
    simulate(parts, clk=clk, rst=rst, budget_cycles=9)
    return {column.name: (column.width, column.values) for column in trace.columns}


def test_a_trace_holds_what_each_edge_samples():
    columns = traced(0, None)
    assert columns["rst"] == (1, [1, 1, 0, 0, 0, 0, 0, 0, 0])
    assert columns["dst_valid"] == (1, [0, 0, 0, 1, 1, 1, 0, 0, 0])
    assert columns["dst_data"] == (8, [0, 0, 0, 7, 8, 9, 246, 246, 246])


def test_a_trace_can_be_a_window():
    assert traced(4, 6)["dst_data"] == (8, [8, 9, 246])
    assert traced(100, 110)["dst_data"] == (8, [])
