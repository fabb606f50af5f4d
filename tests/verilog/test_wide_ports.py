"""Lists of signals as ports: one wide pin each, in the simulation's order, in Verilog as in MyHDL."""

from random import Random

import pytest
from myhdl import ResetSignal, Signal, always_seq, block, intbv

from hdl.bench.run import forgotten_signals, simulate
from hdl.bench.trace import Recorder, Trace, Wide
from hdl.bundle import wire
from hdl.designs import Design
from hdl.emit import write
from hdl.numerics import e2m1_decode
from hdl.wide_ports import widened
from zhenwu.cosim.backends import icarus as simulator
from zhenwu.cosim.backends.icarus import complaints
from zhenwu.cosim.compared import replay


class Choice:
    """A bundle beside the lists."""

    def __init__(self):
        self.place = wire(3)
        self.amount = wire(2)


def ports() -> dict:
    return {
        "clk": Signal(bool(0)), "rst": ResetSignal(0, active=1, isasync=False),
        "words": [wire(5) for _ in range(6)], "flags": [wire(1) for _ in range(3)], "choice": Choice(),
        "totals": [wire(7) for _ in range(4)], "newest": Signal(intbv(0)[5:]),
    }


@block
def exchange(clk, rst, words, flags, choice, totals, newest):
    """Reads two lists and a bundle, writes a list and a signal."""

    @always_seq(clk.posedge, rst)
    def work():
        place = 0
        place = int(choice.place) % 6
        newest.next = words[place]
        if flags[place % 3]:
            totals[place % 4].next = (int(totals[place % 4]) + int(words[place]) + int(choice.amount)) % 128

    return work


def run_beside(folder):
    """The widened block written as Verilog, and a recording of the plain one under random inputs."""
    random = Random(7)
    with forgotten_signals():
        instance, pins = widened(exchange, ports(), {})
        assert {name for name in pins if isinstance(pins[name], list)} == set()
        assert write(Design("exchange", "tests.exchange"), instance, folder) == []
    with forgotten_signals():
        plain = ports()
        clk, rst = plain["clk"], plain["rst"]
        trace = Recorder(plain)

        def drive():
            while True:
                yield clk.negedge
                for signal in (*plain["words"], *plain["flags"], *vars(plain["choice"]).values()):
                    signal.next = random.getrandbits(len(signal))

        simulate([exchange(**plain), drive(), trace.record(clk)], clk=clk, rst=rst, budget_cycles=400)
    return folder / "exchange.v", trace.columns


def test_a_block_with_lists_converts_and_agrees_in_every_cycle(tmp_path, icarus):
    verilog, columns = run_beside(tmp_path)
    text = verilog.read_text()
    assert "input [29:0] words;" in text and "input [2:0] flags;" in text and "output [27:0] totals;" in text
    assert complaints(verilog) == []
    result = replay(simulator, Design("exchange", "tests.exchange"), Trace(columns), tmp_path)
    assert (result.mismatches, result.cycles) == (0, 400), result.first


def test_a_wrong_order_of_the_list_would_be_seen(tmp_path, icarus):
    verilog, columns = run_beside(tmp_path)
    text = verilog.read_text()
    assert "[5-1:0]" in text
    swapped = text.replace("[5-1:0]", "[SWAP]").replace("[10-1:5]", "[5-1:0]").replace("[SWAP]", "[10-1:5]")
    verilog.write_text(swapped)
    assert replay(simulator, Design("exchange", "tests.exchange"), Trace(columns), tmp_path).mismatches > 0


def test_a_block_without_lists_is_left_alone():
    with forgotten_signals():
        pins = e2m1_decode.ports()
        instance, same = widened(e2m1_decode.e2m1_decode, pins, {})
        assert instance.func.__name__ == "e2m1_decode" and same == pins


def test_a_list_reads_as_one_value_with_its_first_signal_lowest():
    with forgotten_signals():
        signals = [Signal(intbv(value)[4:]) for value in (0x1, 0x2, 0xF)]
        wide = Wide(signals)
        assert (len(wide), wide.val) == (12, 0xF21)


@pytest.mark.parametrize("bits", [1, 8])
def test_widths_add_up(bits):
    with forgotten_signals():
        assert len(Wide([wire(bits) for _ in range(5)])) == 5 * bits
