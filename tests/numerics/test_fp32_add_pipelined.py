"""Is the pipelined adder the plain one, later?"""

import numpy as np
import pytest
from myhdl import Simulation, delay, instance

from hdl.numerics.fp32_add import fp32_add as plain_block
from hdl.numerics.fp32_add_pipelined import CUTS, fp32_add_pipelined, ports
from zhenwu.cosim.numerics import fp32_add as plain
from zhenwu.cosim.numerics import fp32_add_pipelined as cosim
from zhenwu.golden.numerics.fp32_add import fp32_add
from zhenwu.golden.numerics.fp32_add_pipelined import fp32_add_pipelined as golden

LATENCIES = pytest.mark.parametrize("latency", (1, *CUTS))


def totals(dut, pins, x, y):
    """What stands at the output in each cycle."""
    seen = []

    @instance
    def drive():
        for x_word, y_word in zip(x.tolist(), y.tolist(), strict=True):
            pins["x"].next = x_word
            pins["y"].next = y_word
            yield delay(1)
            seen.append(int(pins["total"]))
            pins["clk"].next = 1
            yield delay(1)
            pins["clk"].next = 0

    simulation = Simulation(dut, drive)
    simulation.run(quiet=1)
    simulation.quit()
    return np.array(seen, np.uint32)


@LATENCIES
def test_the_golden_total_is_the_sum_of_latency_minus_one_cycles_ago(latency):
    x, y = np.random.default_rng(latency).integers(0, 1 << 32, (2, 20), dtype=np.uint32)
    shown = golden(x, y, latency)
    assert shown.shape == (20 - latency + 1,)
    np.testing.assert_array_equal(shown, fp32_add(x, y)[: len(shown)])


def test_a_stream_shorter_than_the_pipeline_shows_nothing():
    pair = np.zeros(2, np.uint32)
    assert golden(pair, pair, 4).size == golden(pair[:0], pair[:0], 1).size == 0


def test_the_golden_model_refuses_what_is_no_stream_of_pairs():
    words = np.zeros(4, np.uint32)
    for x, y, latency in ((words, words, 0), (words, words[:3], 1), (words[None], words[None], 1)):
        with pytest.raises(ValueError, match="expected at least 1"):
            golden(x, y, latency)
    with pytest.raises(TypeError, match="expected uint32"):
        golden(words.astype(np.int64), words, 1)


@LATENCIES
@pytest.mark.parametrize("seed", [1, 2])
def test_the_hdl_gives_the_golden_bits_in_every_cycle(latency, seed):
    evidence = cosim.check_latency(latency, seed, quick=True)
    assert evidence.ok, f"{evidence.first_mismatch} {evidence.violations}"


@pytest.mark.parametrize("latency", CUTS)
def test_each_latency_gives_what_the_plain_block_gives(latency):
    x, y = plain.stimulus(np.random.default_rng(latency), 60)
    pins, plain_pins = ports(), ports()
    late = totals(fp32_add_pipelined(**pins, latency=latency), pins, x, y)
    wires = {name: plain_pins[name] for name in ("x", "y", "total")}
    at_once = totals(plain_block(**wires), plain_pins, x, y)
    np.testing.assert_array_equal(late[latency - 1 :], at_once[: len(at_once) - latency + 1])
    assert (late[: len(late) - latency + 2] != at_once[: len(at_once) - latency + 2]).any(), "it is not late at all"


def test_latency_1_is_the_plain_block_itself():
    pins = ports()
    dut = fp32_add_pipelined(**pins, latency=1)
    assert [part.func.__name__ for part in dut.subs] == ["fp32_add"]


@pytest.mark.parametrize("latency", [0, 5, -1])
def test_another_latency_is_refused(latency):
    with pytest.raises(AssertionError, match=f"latency is {latency}: the adder can be cut into 1 to 4 stages"):
        fp32_add_pipelined(**ports(), latency=latency)


@LATENCIES
def test_every_planned_coverage_bin_is_hit_at_each_latency(latency):
    assert cosim.check_latency(latency, 3, quick=True).unhit == {}
