"""A device on the pins, and nothing else: the controller in RTL reads back what was written through it."""

import pytest

from hdl.bench.monitor import monitor
from hdl.bench.run import forgotten_signals, simulate
from hdl.bench.sink import sink
from hdl.bench.source import source
from hdl.hbm.controller import controller, ports
from zhenwu.cosim.elaborate import elaborate
from zhenwu.cosim.hbm.pins import device_on_pins
from zhenwu.cycle.hbm.device import Content, Device
from zhenwu.cycle.hbm.patterns import accesses
from zhenwu.cycle.hbm.traffic import expected_lines


@pytest.mark.parametrize("pattern", ["few_rows", "read_back"])
def test_lines_come_back_as_a_dictionary_holds_them(pattern):
    traffic, lines, device = accesses(pattern, 150, 3), [], Device(Content())
    with forgotten_signals():
        pins = ports()
        clk, rst, port = pins["clk"], pins["rst"], pins["port"]
        parts = [
            elaborate(lambda: controller(**pins, read_entries=8, write_entries=8, refresh_start=300)),
            device_on_pins(clk, rst, pins["bus"], pins["dq"], device),
            source(clk, rst, port.cmd, [(access.write, access.line_address, access.id) for access in traffic]),
            source(clk, rst, port.wdata, [access.data for access in traffic if access.write]),
            sink(clk, rst, port.rdata), monitor(clk, rst, port.rdata, lambda transfer: lines.append(transfer.payload)),
        ]
        expected = expected_lines(traffic)
        simulate(parts, clk=clk, rst=rst, budget_cycles=20_000, done=lambda: len(lines) == len(expected))
    assert [payload["data"] for payload in lines] == expected and device.faults == []
    assert [payload["id"] for payload in lines] == [access.id for access in traffic if not access.write]
    assert not any(payload["error"] for payload in lines)
