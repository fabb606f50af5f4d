"""Bytes and operations of steps and turns: cases by hand, what others print, laws."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhenwu.perf.demand import asked, decode_step, experts_met, prefill, state_moved, turn, weights_read
from zhenwu.spec.models import MODELS, QWEN3_8_2P4T_A95B, QWEN3_30B_A3B, QWEN3_32B
from zhenwu.spec.sourced import Sourced
from zhenwu.spec.storage import WEIGHT_BITS

FORMATS = sorted(WEIGHT_BITS)
any_model, any_format = st.sampled_from(MODELS), st.sampled_from(FORMATS)
some = st.integers(1, 300_000)


def tokens(count: float) -> Sourced:
    return Sourced(count, "token", "a test's choice", "assumed")


def test_a_step_worked_out_by_hand():
    """Qwen3-32B in FP8 behind 10,000 tokens, from the numbers of its configuration."""
    attention = 2 * 5120 * 64 * 128 + 2 * 5120 * 8 * 128 + 2 * 128
    layers = 64 * (attention + 3 * 5120 * 25600 + 2 * 5120)
    step = decode_step(QWEN3_32B, "FP8", tokens(10_000))
    assert step.weights.value == layers + 5120 + 151936 * 5120 + 5120  # norm, table out, a row of the other
    assert step.kv.value == 10_000 * 2 * 64 * 8 * 128 * 2 and step.state.value == 0
    assert step.total.value == step.each.value == step.weights.value + step.kv.value
    assert asked(step.total, Sourced(40, "1/s", "x", "assumed")).value == pytest.approx(40 * step.total.value / 1e12)


def test_a_prefill_worked_out_by_hand():
    """Two tokens behind three: pairs are 4 + 5, each a product and a sum for key and value in all heads and layers."""
    found = prefill(QWEN3_32B, "BF16", tokens(3), tokens(2))
    layers = QWEN3_32B.parameters.value - 2 * 151936 * 5120
    assert found.flop.value == 2 * (2 * layers + 151936 * 5120) + 2 * 2 * (64 * 64 * 128) * (4 + 5)
    assert found.kv.value == 5 * QWEN3_32B.kv_bytes.value
    assert found.weights.value == 2 * (layers + 151936 * 5120 + 2 * 5120)


def test_a_turn_worked_out_by_hand():
    """Three output tokens behind ten: steps over 11, 12 and 13 tokens; without reuse all ten are read anew."""
    found = turn(QWEN3_32B, "FP8", tokens(10), tokens(4), tokens(3))
    weights, kv = weights_read(QWEN3_32B, "FP8").value, QWEN3_32B.kv_bytes.value
    assert found.decode.value == 3 * weights + (11 + 12 + 13) * kv
    assert found.prefill.bytes.value == weights_read(QWEN3_32B, "FP8", 4).value + 10 * kv
    assert found.per_output.value == pytest.approx(found.bytes.value / 3) and found.per_output.unit == "B/token"
    without = turn(QWEN3_32B, "FP8", tokens(10), tokens(4), tokens(3), reuse=False)
    assert without.prefill.new.value == 10 and without.decode.value == found.decode.value
    assert without.prefill.flop.value > 2.4 * found.prefill.flop.value


def test_operations_are_twice_the_active_parameters_where_the_context_is_short():
    """The rule of thumb, off by the two tables of tokens."""
    for model in MODELS:
        rule = 2 * model.active_parameters.value * 100
        tables = 2 * 2 * model.vocabulary_parameters.value * 100
        assert rule - tables < prefill(model, "FP8", tokens(0), tokens(100)).flop.value < rule


def test_a_recurrent_state_is_read_and_written():
    assert state_moved(QWEN3_8_2P4T_A95B).value == 2 * QWEN3_8_2P4T_A95B.state_bytes.value
    assert state_moved(QWEN3_32B).value == 0


def test_one_token_meets_top_k_experts_and_very_many_meet_all():
    assert experts_met(QWEN3_30B_A3B, 1) is QWEN3_30B_A3B.top_k and experts_met(QWEN3_32B, 5) is None
    assert experts_met(QWEN3_30B_A3B, 2).value == pytest.approx(8 + 8 * 120 / 128)  # the second one's that are new
    assert experts_met(QWEN3_30B_A3B, 100_000).value == 128
    assert experts_met(QWEN3_30B_A3B, 2).kind == "assumed" == decode_step(QWEN3_30B_A3B, "FP8", tokens(9), 2).each.kind


@given(any_model, any_format, st.integers(1, 400))
def test_a_batch_shares_weights_and_nothing_else(model, weight_format, sessions):
    one, many = (decode_step(model, weight_format, tokens(50_000), count) for count in (1, sessions))
    assert (many.kv, many.state) == (one.kv, one.state)
    row = model.hidden.value * WEIGHT_BITS[weight_format].value / 8
    assert one.weights.value <= many.weights.value <= sessions * one.weights.value * (1 + 1e-12)
    if model.experts is None:
        assert many.weights.value == pytest.approx(one.weights.value + (sessions - 1) * row)
    assert many.each.value <= one.each.value * (1 + 1e-12)


@given(any_model, any_format, some, some)
def test_a_step_grows_with_the_context_by_its_keys_and_values(model, weight_format, context, more):
    short, long = (decode_step(model, weight_format, tokens(count)) for count in (context, context + more))
    assert long.total.value - short.total.value == pytest.approx(more * model.kv_bytes.value, rel=1e-6)


@given(any_model, some, st.integers(1, 4000), st.integers(1, 4000))
def test_a_turn_is_linear_in_its_output_but_for_the_context_that_grows(model, context, new, output):
    new = min(new, context)
    one, two = (turn(model, "FP8", tokens(context), tokens(new), tokens(n)).decode.value for n in (output, 2 * output))
    assert two - 2 * one == pytest.approx(output**2 * model.kv_bytes.value, rel=1e-6)


@given(any_model, any_format, some, st.floats(0.001, 1))
def test_reuse_never_costs(model, weight_format, context, share):
    new = max(1, round(share * context))
    with_it, without = (
        turn(model, weight_format, tokens(context), tokens(new), tokens(100), reuse=reuse) for reuse in (True, False)
    )
    assert with_it.bytes.value <= without.bytes.value * (1 + 1e-12)
    assert with_it.prefill.flop.value <= without.prefill.flop.value * (1 + 1e-12)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: weights_read(QWEN3_32B, "FP6"), 'weight format "FP6": expected one of MXFP4, FP8, BF16'),
        (lambda: weights_read(QWEN3_32B, "FP8", 0), "tokens = 0: expected a whole number of 1 or more"),
        (lambda: decode_step(QWEN3_32B, "FP8", tokens(1), 2.5), "tokens = 2.5: expected a whole number of 1 or more"),
        (lambda: decode_step(QWEN3_32B, "FP8", tokens(-1)), 'context = -1 token: expected a number of tokens, at'),
        (lambda: decode_step(QWEN3_32B, "FP8", Sourced(1, "B", "x", "derived")), "context = 1 B: expected a number"),
        (lambda: prefill(QWEN3_32B, "FP8", tokens(1), tokens(0)), "new = 0 token: expected a number of tokens, a"),
        (lambda: turn(QWEN3_32B, "FP8", tokens(5), tokens(6), tokens(1)), "new = 6 tokens: expected at most the cont"),
    ],
)
def test_what_cannot_be_is_one_sentence(call, sentence):
    with pytest.raises(ValueError) as raised:
        call()
    assert str(raised.value).startswith(sentence)
