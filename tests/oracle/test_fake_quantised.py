"""Quantised inference against the number formats inside torch that training uses.

Values: every one equal. Products: within a bound on float32 rounding that is derived below. Logits: with the same
quantised activations, ours deviate from the twin's float64 run by at most 3 times what the twin's float32 run does.
"""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.oracle.quantised import (
    ELEMENTS,
    Recorded,
    compare_led,
    prefill_and_decode,
    quantised_twin,
    run_quantised,
    shipped,
    transcripts,
)
from tests.oracle.tally import TALLIES
from tests.oracle.twin import build, compare, twin
from zhenwu.golden.numerics import SCALE_RULES, mx_round
from zhenwu.qwen.linear import quantised_matmul
from zhenwu.spec import formats
from zhenwu.study.cell import WEIGHTS
from zhenwu.training.fake_quantise import E2M1, E4M3, fake_quantised, quantise, through

GOLDEN = {E2M1: formats.E2M1, E4M3: formats.E4M3}
UNIT = 2.0**-24  # half an ulp of float32, relative
CASES = [(fmt, rule) for fmt in ELEMENTS for rule in SCALE_RULES]
FORMATS = [("mxfp4", "floor"), ("w4a8", "even"), ("mxfp8", "rceil")]


def golden(x, element, rule):
    return mx_round(np.asarray(x, np.float32), GOLDEN[element], rule)


def twins(x, element, rule):
    return quantise(torch.from_numpy(np.asarray(x, np.float32)), element, rule).numpy()


@pytest.fixture(scope="module")
def agents():
    return {weights: shipped(weights) for weights in WEIGHTS}


# values


@pytest.mark.parametrize("element", [E2M1, E4M3], ids=["E2M1", "E4M3"])
@pytest.mark.parametrize("rule", SCALE_RULES)
def test_every_quantised_value_is_equal(element, rule):
    @settings(max_examples=100)
    @given(st.integers(0, 2**32 - 1), st.integers(-100, 100), st.sampled_from([0, 1, 8, 20]), st.booleans())
    def compared(seed, exponent, spread, on_edges):
        rng = np.random.default_rng(seed)
        x = rng.standard_normal((50, 64)).astype(np.float32)
        if on_edges:  # values half-way between neighbours, and one float32 beside them
            x = rng.integers(-64, 65, x.shape).astype(np.float32) / 8
            x = np.nextafter(x, rng.choice([-np.inf, 0, np.inf], x.shape).astype(np.float32), dtype=np.float32)
        x = np.ldexp(x, exponent + rng.integers(-spread, spread + 1, x.shape)).astype(np.float32)
        x[rng.random(x.shape) < 0.1] = 0
        x[0, :32] = 0
        np.testing.assert_array_equal(twins(x, element, rule), golden(x, element, rule))

    compared()


@pytest.mark.parametrize("element", [E2M1, E4M3], ids=["E2M1", "E4M3"])
def test_the_comparison_of_values_can_fail(element):
    x = np.random.default_rng(0).standard_normal((50, 64)).astype(np.float32)
    assert (twins(x, element, "floor") != golden(x, element, "rceil")).any()
    edges = np.arange(-512, 512, dtype=np.float32).reshape(-1, 32)
    beside = np.nextafter(edges, np.float32(np.inf), dtype=np.float32)
    assert (twins(beside, element, "floor") != golden(edges, element, "floor")).any()


@pytest.mark.parametrize("element", [E2M1, E4M3], ids=["E2M1", "E4M3"])
@pytest.mark.parametrize("rule", SCALE_RULES)
def test_what_training_computes_is_the_quantised_value_itself_and_its_gradient_that_of_the_identity(element, rule):
    """x + (q - x) is q to the bit: q is 0, or within a factor of 2 of x, so the difference is exact."""
    x = torch.randn(200, 96, generator=torch.Generator().manual_seed(1), requires_grad=True)
    y = through(x, element, rule)
    np.testing.assert_array_equal(y.detach().numpy(), golden(x.detach().numpy(), element, rule))
    y.backward(weights := torch.randn(200, 96, generator=torch.Generator().manual_seed(2)))
    np.testing.assert_array_equal(x.grad.numpy(), weights.numpy())


@pytest.mark.parametrize("fmt", ["mxfp4", "w4a8"])
def test_the_layers_that_training_uses_are_those_of_the_twin(fmt, agents):
    tokens = torch.from_numpy(transcripts("plain")[:2, :60])
    trained = fake_quantised(shipped("plain"), ELEMENTS[fmt][0], "even")
    with torch.no_grad():
        one, other = (model(tokens).logits.numpy() for model in (trained, quantised_twin(agents["plain"], fmt, "even")))
    np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(("fmt", "rule"), CASES)
def test_every_value_in_real_sessions_is_equal_and_every_product_within_its_bound(fmt, rule, agents):
    """All weights, and all activations of a prefill.

    A golden result rounds each block's exact term and each sum: its error is at most UNIT * sum(|term| + |sum so far|).
    torch adds k products in some order: at most k * UNIT * sum(|product|). Four bits by four are exact in both.
    """
    model = twin(agents["plain"])
    recorded = Recorded(quantised_matmul(fmt, rule))
    run_quantised(model, prefill_and_decode(transcripts("plain")[:1], 0)[:1], recorded)
    assert len(recorded.given) == 7 * model.config.num_hidden_layers
    for name, (x,) in recorded.given.items():
        rows, w = x.reshape(-1, x.shape[-1]), model.weights[f"{name}.weight"]
        values = []
        for side, element in zip((rows, w), ELEMENTS[fmt], strict=True):
            values.append(golden(side, element, rule))
            np.testing.assert_array_equal(twins(side, element, rule), values[-1], err_msg=name)
        left, right = (side.astype(float).reshape(len(side), -1, 32).transpose(1, 0, 2) for side in values)
        terms = left @ right.swapaxes(1, 2)  # [blocks, tokens, outputs], exact in float64
        sums = terms.cumsum(axis=0)
        ours = quantised_matmul(fmt, rule)(name, rows, w)
        theirs = torch.nn.functional.linear(*map(torch.from_numpy, values)).numpy()
        allowed = 1.001 * UNIT * (abs(terms).sum(axis=0) + abs(sums).sum(axis=0))
        allowed_theirs = rows.shape[1] * UNIT * (abs(left) @ abs(right).swapaxes(1, 2)).sum(axis=0)
        assert (abs(ours - sums[-1]) <= allowed).all() and (abs(theirs - sums[-1]) <= allowed_theirs).all(), name
        if fmt == "mxfp4":
            np.testing.assert_array_equal(ours, sums[-1].astype(np.float32))
            np.testing.assert_array_equal(theirs, ours)


# logits


@pytest.mark.parametrize("weights", ["plain", "qat"])
@pytest.mark.parametrize(("fmt", "rule"), CASES)
def test_logits_of_real_sessions_agree_in_prefill_and_decode(weights, fmt, rule, agents):
    led = compare_led(agents[weights], prefill_and_decode(transcripts(weights)), fmt, rule)
    near = led.margin < 2 * led.bar
    TALLIES[f"agent {weights}, {fmt} {rule}"] = (
        f"{led.same.size} tokens, {near.sum()} near ties, {(~led.same).sum()} with another best symbol; error over bar "
        f"{led.ours / led.bar:.2f}; not led, {np.mean(led.free > led.bar):.1%} of the tokens beyond the bar"
    )
    assert led.ours <= led.bar and led.ours_strayed <= led.strayed_bar
    assert (led.same | near).all() and near.mean() <= 0.01
    assert np.median(led.free) <= led.bar  # nobody leads the twin: most tokens meet no edge of a staircase


@pytest.mark.parametrize(("fmt", "rule"), FORMATS)
def test_logits_of_drawn_models_agree_in_prefill_and_decode(fmt, rule):
    @settings(max_examples=15)
    @given(
        st.fixed_dictionaries({
            "vocab_size": st.sampled_from([17, 64, 101]), "hidden_size": st.sampled_from([32, 64, 160]),
            "intermediate_size": st.sampled_from([32, 96]), "num_hidden_layers": st.integers(1, 3),
            "head_dim": st.sampled_from([16, 32]), "rms_norm_eps": st.sampled_from([1e-6, 1e-3]),
            "tie_word_embeddings": st.booleans(),
        }), st.sampled_from([(2, 1), (2, 2), (4, 2), (6, 3)]), st.integers(0, 2**32 - 1),
        st.sampled_from([0.3, 1.0, 2.0]),
    )
    def compared(drawn, heads, seed, scale):
        drawn |= {"num_attention_heads": heads[0], "num_key_value_heads": heads[1], "max_position_embeddings": 4096}
        tokens = np.random.default_rng(seed).integers(0, drawn["vocab_size"], (2, 24))
        led = compare_led(build("qwen3", drawn, seed, scale), prefill_and_decode(tokens, 6), fmt, rule)
        assert led.ours <= led.bar and led.ours_strayed <= led.strayed_bar
        assert (led.same | (led.margin < 2 * led.bar)).all()

    compared()


@pytest.mark.parametrize("fault", ["a gain", "a rule", "a row"])
def test_a_wrong_model_misses_the_bar_by_far(fault, agents, monkeypatch):
    """The comparison can fail: a gain off by a thousandth, another scale rule, a row of weights negated."""
    calls = prefill_and_decode(transcripts("plain")[:2, :80], 4)
    assert (right := compare_led(agents["plain"], calls, "mxfp4", "floor")).ours <= right.bar

    def wrong(model):
        found = twin(model)
        if fault == "a gain":
            found.weights["model.layers.1.post_attention_layernorm.weight"][5] *= 1.001
        if fault == "a row":
            found.weights["model.layers.1.mlp.up_proj.weight"][7] *= -1
        return found

    monkeypatch.setattr("tests.oracle.quantised.twin", wrong)
    if fault == "a rule":
        monkeypatch.setattr("tests.oracle.quantised.quantised_matmul", lambda fmt, _: quantised_matmul(fmt, "rceil"))
    led = compare_led(agents["plain"], calls, "mxfp4", "floor")
    assert max(led.ours / led.bar, led.ours_strayed / led.strayed_bar) > 10


# the agents that ship


@pytest.mark.parametrize("weights", WEIGHTS)
def test_transformers_loads_the_agent_and_its_logits_are_ours(weights):
    errors = compare(shipped(weights), prefill_and_decode(transcripts(weights)))
    share = errors.ours / errors.bar
    TALLIES[f"agent {weights}, float32"] = f"error over bar {share:.2f}, largest logit {errors.largest:.1f}"
    assert errors.ours <= errors.bar and errors.ours_double <= errors.bar


@pytest.mark.parametrize("weights", WEIGHTS[1:])
def test_an_agent_trained_for_four_bits_is_its_own_quantised_self_under_either_rule(weights, agents):
    layers = {name: w for name, w in twin(agents[weights]).weights.items() if ".layers." in name and w.ndim == 2}
    assert len(layers) == 7 * agents[weights].config.num_hidden_layers
    for name, w in layers.items():
        for rule in ("floor", "even"):
            np.testing.assert_array_equal(golden(w, E2M1, rule), w, err_msg=f"{name}, {rule}")
