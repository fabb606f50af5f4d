"""The counted step: parameters and bytes are those of the models' records, operations those of paper and of demand."""

from dataclasses import replace
from itertools import combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhenwu.perf.demand import decode_step, prefill
from zhenwu.qwen.count import Formats, Operator, Step, parameters, total
from zhenwu.spec.models import (
    PRESETS,
    QWEN3_5_397B_A17B,
    QWEN3_8B,
    QWEN3_30B_A3B,
    QWEN3_235B_A22B,
    QWEN3_NEXT_80B_A3B,
    experts_met,
)
from zhenwu.spec.sourced import Sourced
from zhenwu.spec.storage import BF16_BITS, STORED_BITS, WEIGHT_BITS

every_model = pytest.mark.parametrize("model", PRESETS, ids=lambda model: model.key)
any_step = st.builds(
    lambda model, batch, new, past, formats: Step(model, batch, new, new + past, Formats(*formats)),
    st.sampled_from(PRESETS), st.integers(1, 600), st.integers(1, 3000), st.integers(0, 200_000),
    st.tuples(*(st.sampled_from(sorted(STORED_BITS)) for _ in range(3))),
)


def tokens(count: int) -> Sourced:
    return Sourced(count, "token", "a test's own number", "derived")


def by_name(step: Step) -> dict[str, Operator]:
    """The operators by name; each stands once."""
    found = {operator.work.op: operator for operator in step.operators()}
    assert len(found) == len(step.operators())
    return found


@every_model
def test_parameters_of_the_operators_are_the_model_s_to_the_last_one(model):
    assert parameters(Step(model).operators()) == model.parameters.value


@every_model
def test_parameters_of_the_operators_are_the_published_total_within_a_percent(model):
    assert parameters(Step(model).operators()) == pytest.approx(model.published.value, rel=0.01)


@every_model
def test_a_step_of_one_token_reads_the_weights_that_a_token_meets(model):
    """All but the embedding, of which it reads a row."""
    read = total(Step(model, formats=Formats("BF16")).operators()).weight_bytes
    met = model.active_parameters - model.vocabulary_parameters + model.hidden
    assert read == (met * BF16_BITS).to("B").value


@every_model
def test_a_token_of_context_costs_the_table_s_bytes_and_a_session_the_table_s_state(model):
    """What test_models.py holds to the fact table: KV bytes in BF16, and the float32 state, read and written."""
    long, short = (total(Step(model, context=context).operators()) for context in (1001, 1000))
    assert long.kv_bytes - short.kv_bytes == model.kv_bytes.value
    state = 0 if model.state_bytes is None else model.state_bytes.value
    if state:
        work, layers, _ = by_name(Step(model))["linear_attn.delta_rule"]
        assert layers * work.kv_bytes == 2 * state


@given(any_step)
def test_parameters_do_not_depend_on_the_step_and_nothing_is_negative(step):
    operators = step.operators()
    assert parameters(operators) == step.model.parameters.value
    for work, layers, count in operators:
        assert min(work.m, work.n, layers) >= 1 and work.k >= 0 and count >= 0
        assert min(work.flops, work.weight_bytes, work.kv_bytes, work.activation_bytes) >= 0 == work.link_bytes


@given(any_step)
def test_weight_bytes_are_those_of_the_demand_on_memory(step):
    """`zhenwu.perf.demand` counts them from the sum of parameters, this from the operators."""
    if step.formats.weights in WEIGHT_BITS:
        work = total(step.operators())
        found = decode_step(step.model, step.formats.weights, tokens(step.context), step.tokens)
        assert work.weight_bytes == pytest.approx(found.weights.value, rel=1e-12)


@given(any_step)
def test_what_sessions_keep_is_moved_as_the_demand_on_memory_says(step):
    """But for the convolution's few tokens, which the demand leaves out; each format by its bits."""
    found = prefill(step.model, "FP8", tokens(step.context - step.new), tokens(step.new))
    operators = by_name(step)
    moved = {name: layers * work.kv_bytes for name, (work, layers, _) in operators.items()}
    share = STORED_BITS[step.formats.kv].value / BF16_BITS.value
    keys_and_values = moved["self_attn.scores"] + moved["self_attn.values"]
    assert keys_and_values == pytest.approx(step.batch * found.kv.value * share, rel=1e-12)
    assert moved.get("linear_attn.delta_rule", 0) == step.batch * found.state.value
    rest = total(step.operators()).kv_bytes - keys_and_values - moved.get("linear_attn.delta_rule", 0)
    assert rest == pytest.approx(moved.get("linear_attn.conv1d", 0), rel=1e-6, abs=1)


@every_model
def test_operations_are_those_of_the_demand_and_a_little_more(model):
    """The demand counts the products alone, without the delta rule."""
    step = Step(model, 1, 700, 2000)
    products = prefill(model, "BF16", tokens(1300), tokens(700)).flop.value
    assert 1 < total(step.operators()).flops / products < 1.03


def test_attention_is_causal_and_counted_pair_by_pair():
    step = Step(QWEN3_8B, 3, 5, 12)
    pairs = 3 * sum(1 for query in range(7, 12) for key in range(12) if key <= query)
    assert step.pairs == pairs
    scores, values = (by_name(step)[f"self_attn.{name}"].work for name in ("scores", "values"))
    heads, width = QWEN3_8B.heads.value, QWEN3_8B.head_dim.value
    assert values.flops == 2 * pairs * heads * width == scores.flops - pairs * heads
    assert (scores.m, scores.n, scores.k) == (5 * heads // QWEN3_8B.kv_heads.value, 12, width)


@given(st.sampled_from(PRESETS), st.integers(1, 40), st.integers(1, 40), st.integers(1, 9))
def test_reading_token_by_token_multiplies_as_much_as_reading_at_once(model, first, second, batch):
    """But for the output layer and the norm before it, which come once a step."""
    last = ("norm", "lm_head")

    def flops(new: int, context: int) -> int:
        operators = Step(model, batch, new, context).operators()
        return sum(layers * work.flops for work, layers, _ in operators if work.op not in last)

    context = first + second
    assert flops(context, context) == flops(first, first) + sum(flops(1, first + n) for n in range(1, second + 1))


def test_many_tokens_meet_every_expert_and_a_batch_shares_them():
    one, many = (by_name(Step(QWEN3_30B_A3B, batch))["mlp.experts.up_proj"].work for batch in (1, 4096))
    experts, top_k = QWEN3_30B_A3B.experts.value, QWEN3_30B_A3B.top_k.value
    assert many.weight_bytes == pytest.approx(one.weight_bytes * experts / top_k)
    assert (one.m, many.m) == (1, 4096 * top_k // experts)
    assert many.flops == 4096 * one.flops


@pytest.mark.parametrize("batch", [1, 2, 3, 4])
def test_the_expected_number_of_experts_is_the_mean_over_all_choices(batch):
    """Every choice of two out of four by every token, each as likely as any other."""
    sizes = {name: Sourced(size, "", "a test's own size", "derived") for name, size in (("experts", 4), ("top_k", 2))}
    choices = list(combinations(range(4), 2))
    met = [len(set().union(*each)) for each in product(choices, repeat=batch)]
    assert experts_met(replace(QWEN3_30B_A3B, **sizes), batch).number() == pytest.approx(sum(met) / len(met))


def test_a_lookup_reads_a_row_for_each_token_but_no_row_twice_over():
    few, all_of_them = (by_name(Step(QWEN3_8B, batch))["embed_tokens"].work for batch in (3, 10**6))
    hidden, vocab = QWEN3_8B.hidden.value, QWEN3_8B.vocab.value
    assert (few.weight_bytes, all_of_them.weight_bytes) == (3 * hidden * 2, vocab * hidden * 2)


def test_bytes_go_with_the_bits_of_their_format():
    wide, narrow = (total(Step(QWEN3_8B, 1, 1, 100, Formats(*formats)).operators())
                    for formats in (("BF16", "BF16", "BF16"), ("MXFP4", "MXFP8", "FP8")))
    assert narrow.weight_bytes / wide.weight_bytes == 4.25 / 16
    assert narrow.activation_bytes / wide.activation_bytes == 8.25 / 16
    assert narrow.kv_bytes / wide.kv_bytes == 8 / 16 and narrow.flops == wide.flops


def test_a_hybrid_has_a_gate_a_shared_expert_and_half_the_names_of_a_dense_model():
    hybrid, dense, mixture = (set(by_name(Step(model))) for model in (QWEN3_5_397B_A17B, QWEN3_8B, QWEN3_235B_A22B))
    assert {"self_attn.gate", "self_attn.q_proj, gate", "linear_attn.conv1d", "mlp.shared_expert_gate"} <= hybrid
    assert not any(name.startswith(("linear_attn", "mlp.experts")) or "gate" in name.split(".")[-1].split("_")[0]
                   for name in dense - {"mlp.gate_proj"})
    assert {"mlp.gate", "mlp.experts.down_proj"} <= mixture and "mlp.shared_expert_gate" not in mixture


def test_a_quarter_of_a_head_is_turned_where_the_configuration_says_so():
    turned, whole = (by_name(Step(model))["self_attn.rotary"].work.n for model in (QWEN3_NEXT_80B_A3B, QWEN3_8B))
    assert (turned, whole) == ((16 + 2) * 256 // 4, (32 + 8) * 128)


@pytest.mark.parametrize(
    ("sizes", "sentence"),
    [
        ({"batch": 0}, "batch = 0: expected a whole number of 1 or more"),
        ({"new": 2.0}, "new = 2.0: expected a whole number of 1 or more"),
        ({"context": True}, "context = True: expected a whole number of 1 or more"),
        ({"new": 5, "context": 4}, "context = 4: expected at least the new tokens, which are 5"),
        ({"formats": Formats("BF16", "int8")}, 'format of activations "int8": expected one of FP32, BF16, MXFP8'),
    ],
)
def test_what_cannot_be_counted_is_refused(sizes, sentence):
    with pytest.raises(ValueError, match="^" + sentence.replace("(", r"\(")):
        Step(QWEN3_8B, **sizes)
