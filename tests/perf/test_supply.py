"""Sessions that a group of chips serves: ends of a range, cases by hand, and what fits fits."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhenwu.perf.demand import asked, decode_step
from zhenwu.perf.supply import bandwidth_ends, decoding_at_once, held_in_memory, read_in_time
from zhenwu.spec.chips import A100, CHIPS, H200, M890, V900
from zhenwu.spec.models import MODELS, QWEN3_8_2P4T_A95B, QWEN3_32B
from zhenwu.spec.sourced import Sourced


def number(value: float, unit: str = "") -> Sourced:
    return Sourced(value, unit, "a test's choice", "assumed")


def tokens(count: float) -> Sourced:
    return number(count, "token")


def test_a_range_stays_a_range_and_a_figure_is_both_ends():
    low, high = bandwidth_ends(M890, number(10), number(0.5))
    assert (low.value, high.value, low.unit) == (pytest.approx(20), pytest.approx(24.5), "TB/s")
    assert M890.bandwidth in low.ancestors()
    assert [end.value for end in bandwidth_ends(H200, number(2))] == [2 * 4.8] * 2


def test_a_case_worked_out_by_hand():
    """Qwen3-32B in FP8 on one H200, 10 tokens a second behind 50,000 tokens: 480 GB a step, of which 32 are weights."""
    low, _ = bandwidth_ends(H200, number(1))
    found = decoding_at_once(QWEN3_32B, "FP8", tokens(50_000), number(10, "1/s"), low)
    each = 50_000 * 262144
    assert found.value == 34 and 34 * each + 31.99e9 < 480e9 < 35 * each + 31.97e9
    held = held_in_memory(QWEN3_32B, "FP8", tokens(50_000), H200, number(1))
    assert held.value == int((0.9 * 141e9 - QWEN3_32B.parameters.value) / each) == 7


@given(st.sampled_from(MODELS), st.sampled_from([chip for chip in CHIPS if chip is not V900]),
       st.integers(1000, 300_000), st.floats(1, 200))
def test_what_fits_fits_and_one_more_does_not(model, chip, context, rate):
    per_s = number(rate, "1/s")
    for bandwidth in bandwidth_ends(chip):
        count = decoding_at_once(model, "FP8", tokens(context), per_s, bandwidth).value
        steps = [decode_step(model, "FP8", tokens(context), n) for n in (max(1, count), count + 1)]
        needs = [asked(step.total, per_s).value for step in steps]
        assert needs[1] > bandwidth.value and (count == 0 or needs[0] <= bandwidth.value)


@given(st.sampled_from(MODELS), st.integers(1000, 100_000))
def test_longer_contexts_and_higher_rates_leave_no_more_sessions(model, context):
    low, high = bandwidth_ends(M890)

    def at_once(tokens_, rate, bandwidth):
        return decoding_at_once(model, "MXFP4", tokens(tokens_), number(rate, "1/s"), bandwidth).value

    assert at_once(2 * context, 40, low) <= at_once(context, 40, low) <= at_once(context, 40, high)
    assert at_once(context, 80, low) <= at_once(context, 40, low)
    held = [held_in_memory(model, "MXFP4", tokens(n), M890).value for n in (context, 2 * context)]
    assert held[1] <= held[0]


def test_what_does_not_fit_is_none():
    assert held_in_memory(QWEN3_8_2P4T_A95B, "BF16", tokens(1000), A100).value == 0
    low, _ = bandwidth_ends(M890, number(1))
    assert decoding_at_once(QWEN3_8_2P4T_A95B, "BF16", tokens(1000), number(500, "1/s"), low).value == 0


def test_reading_in_time_by_hand():
    """Qwen3-32B, 1,000 tokens of which 100 are new, every 10 s on two chips of 1 TFLOPS."""
    layers = QWEN3_32B.parameters.value - 2 * 151936 * 5120
    flop = 2 * (100 * layers + 151936 * 5120) + 4 * 64 * 64 * 128 * (100 * 900 + 100 * 101 / 2)
    given = (tokens(1000), tokens(100), number(10, "s"), number(1, "TFLOPS"), number(2))
    assert read_in_time(QWEN3_32B, *given).value == pytest.approx(10 / (flop / 2e12))
    assert read_in_time(QWEN3_32B, *given).unit == ""
    ratio = read_in_time(QWEN3_32B, *given).value / read_in_time(QWEN3_32B, *given, reuse=False).value
    assert 9.8 < ratio < 10


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: bandwidth_ends(V900), "Zhenwu V900 (announced): no source gives its bandwidth; expected a chip with"),
        (lambda: bandwidth_ends(M890, share=number(1.5)), "share = 1.5: expected more than 0 and at most 1"),
        (lambda: bandwidth_ends(M890, number(0)), "0 chips: expected 1 or more"),
        (lambda: decoding_at_once(QWEN3_32B, "FP8", tokens(9), number(0, "1/s"), number(4, "TB/s")), "per_s = 0: exp"),
        (lambda: decoding_at_once(QWEN3_32B, "FP8", tokens(0), number(9, "1/s"), number(4, "TB/s")), "context = 0 tok"),
        (lambda: held_in_memory(QWEN3_32B, "FP8", tokens(0), M890), "context = 0 tokens: expected more, for a model"),
        (lambda: held_in_memory(QWEN3_32B, "FP8", tokens(-9), M890), "context = -9 token: expected a number of tokens"),
    ],
)
def test_what_cannot_be_is_one_sentence(call, sentence):
    with pytest.raises(ValueError) as raised:
        call()
    assert str(raised.value).startswith(sentence)


def test_another_chip_with_twice_the_bandwidth_never_serves_fewer():
    twice = replace(M890, bandwidth=replace(M890.bandwidth, value=(8.0, 9.8)))
    found = [decoding_at_once(QWEN3_32B, "FP8", tokens(30_000), number(40, "1/s"), bandwidth_ends(chip)[0]).value
             for chip in (M890, twice)]
    assert found[1] >= 2 * found[0]
