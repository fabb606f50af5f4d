"""The counted step against the model in numpy: its tensors, its products one by one, and all that it computes."""

from collections import Counter
from dataclasses import replace
from math import prod

import numpy as np
import pytest

from tests.qwen.counted_array import CountedArray, counted
from zhenwu.chapter.tiny_model import TINY, Counting, config_of, drawn
from zhenwu.qwen.attention import attend
from zhenwu.qwen.cache import Cache
from zhenwu.qwen.config import FULL
from zhenwu.qwen.count import MULTIPLY_ADD, Step, total
from zhenwu.qwen.count import parameters as counted_parameters
from zhenwu.qwen.delta_rule import delta_rule
from zhenwu.qwen.model import forward
from zhenwu.qwen.parameters import parameters
from zhenwu.spec.models import PRESETS, Model
from zhenwu.spec.sourced import Sourced

LINEAR_PART = dict.fromkeys(
    ("full_layers", "linear_layers", "lin_k_heads", "lin_v_heads", "lin_head_dim", "conv", "partial_rotary"))
MIXTURE = replace(TINY, key="tiny_mixture", shared_ffn=None, **LINEAR_PART)
FFN = Sourced(320, "", "a test's own size", "assumed")
DENSE = replace(MIXTURE, key="tiny_dense", experts=None, top_k=None, moe_ffn=None, ffn=FFN)
DENSE_HYBRID = replace(TINY, key="tiny_dense_hybrid", experts=None, top_k=None, moe_ffn=None, shared_ffn=None, ffn=FFN)
FAMILIES = (DENSE, MIXTURE, TINY, DENSE_HYBRID)
every_family = pytest.mark.parametrize("model", FAMILIES, ids=lambda model: model.key)
BATCH = 3


def prompt(model: Model, time: int) -> np.ndarray:
    return np.random.default_rng(time).integers(0, model.vocab.value, (BATCH, time))


@pytest.mark.parametrize("model", (*PRESETS, *FAMILIES), ids=lambda model: model.key)
def test_parameters_are_those_of_all_tensors(model):
    shapes = parameters(config_of(model))
    assert sum(map(prod, shapes.values())) == counted_parameters(Step(model).operators()) == model.parameters.value


def products(step: Step) -> Counter[str]:
    """Multiplications of each linear layer by our name, over all layers."""
    found = Counter()
    for work, layers, _ in step.operators():
        if work.k and not work.op.endswith(("scores", "values", "conv1d", "delta_rule")):
            found[work.op] += layers * work.flops // MULTIPLY_ADD
    return found


# The checkpoint's tensors on the left hold what stands in several of our operators on the right.
TOGETHER = {
    "self_attn.q_proj": ("self_attn.q_proj", "self_attn.q_proj, gate"),
    "mlp.experts.gate_up_proj": ("mlp.experts.gate_proj", "mlp.experts.up_proj"),
}
APART = {"linear_attn.in_proj_b": "linear_attn.in_proj_ba", "linear_attn.in_proj_a": "linear_attn.in_proj_ba"}


def by_operator(multiplications: Counter[str]) -> Counter[str]:
    """What a counting matmul saw, without the numbers of layers and experts."""
    found = Counter()
    for name, count in multiplications.items():
        words = [word for word in name.split(".") if word not in ("model", "layers") and not word.isdigit()]
        found[APART.get(".".join(words), ".".join(words))] += count
    return found


@every_family
@pytest.mark.parametrize(("past", "new"), [(0, 7), (5, 1), (4, 9)], ids=["prefill", "decode", "both"])
def test_each_linear_layer_multiplies_as_often_as_numpy_does(model, past, new):
    config = config_of(model)
    network, cache, seen = drawn(config, 1), Cache(config, BATCH, past + new), Counting()
    if past:
        forward(network, prompt(model, past), cache)
    forward(network, prompt(model, new), cache, matmul=seen)
    ours, theirs = products(Step(model, BATCH, new, past + new)), by_operator(seen.multiplications)
    for name, parts in TOGETHER.items():
        if name in theirs:
            ours[name] = sum(ours.pop(part, 0) for part in parts)
    theirs["lm_head"] //= new  # numpy's scores every token, a server's the last one alone
    assert theirs == ours


def test_scores_and_values_multiply_as_often_as_numpy_does_token_by_token():
    config = config_of(TINY)
    layer = config.layer_types.index(FULL)
    cache = Cache(config, BATCH, 12)
    cache.keys[layer] = cache.keys[layer].view(CountedArray)
    cache.values[layer] = cache.values[layer].view(CountedArray)
    groups = config.num_attention_heads // config.num_key_value_heads
    counted.clear()
    for _ in range(12):
        queries = np.ones((BATCH, config.num_key_value_heads, groups, 1, config.head_dim), np.float32)
        attend(cache, layer, queries.view(CountedArray), 0, 12)
        cache.length += 1
    operators = {work.op: work for work, _, _ in Step(TINY, BATCH, 12, 12).operators()}
    scaled = Step(TINY, BATCH, 12, 12).pairs * config.num_attention_heads  # numpy scales the queries instead
    expected = operators["self_attn.scores"].flops - scaled + operators["self_attn.values"].flops
    assert counted["matmul"] == expected
    assert counted["exp"] + counted["subtract"] + counted["divide"] + counted["add"] == operators[
        "self_attn.softmax"].flops


def test_the_delta_rule_computes_as_much_as_numpy_does():
    """Where there are as many heads of keys as of values; numpy's unit length adds a constant to each sum."""
    model = replace(TINY, lin_k_heads=TINY.lin_v_heads)
    heads, width = model.lin_v_heads.value, model.lin_head_dim.value
    arrays = [np.ones((BATCH, 5, heads, width), np.float32).view(CountedArray) for _ in range(3)]
    rates = [np.full((BATCH, 5, heads), -0.1, np.float32).view(CountedArray) for _ in range(2)]
    state = np.zeros((BATCH, heads, width, width), np.float32).view(CountedArray)
    counted.clear()
    delta_rule(*arrays, *rates, state)
    single = 2 * BATCH * 5 * heads * 2 + BATCH * 5 * heads  # a constant and a root of each vector; exp of each rate
    work = {work.op: work for work, _, _ in Step(model, BATCH, 5, 5).operators()}["linear_attn.delta_rule"]
    outside = BATCH * 5 * heads * (6 + 3)  # decay and step, which are made before
    assert sum(counted.values()) - single == work.flops - outside


@every_family
def test_all_operations_together_are_numpy_s(model):
    """Decode, so that no score is computed to be thrown away; by an array that counts whatever is done with it.

    What is no product is a small part, and is compared by itself too. The few single numbers of a token make the rest.
    """
    config = config_of(model)
    network, cache = drawn(config, 2), Cache(config, BATCH, 41)
    forward(network, prompt(model, 40), cache)
    network.weights = {name: array.view(CountedArray) for name, array in network.weights.items()}
    for kept in (cache.keys, cache.values, cache.recurrent, cache.convolution):
        for layer, array in kept.items():
            kept[layer] = array.view(CountedArray)
    counted.clear()
    forward(network, prompt(model, 1), cache, matmul=lambda name, x, w: x @ w.T)  # goes on with an array that counts
    step = Step(model, BATCH, 1, 41)
    flops = total(step.operators()).flops
    assert sum(counted.values()) == pytest.approx(flops, rel=0.001)
    state = 0 if model.linear_layers is None else prod(int(getattr(model, name)) for name in (
        "linear_layers", "lin_v_heads", "lin_head_dim", "lin_head_dim"))
    attention = prod(int(getattr(model, name)) for name in ("attention_layers", "heads", "head_dim")) * step.pairs
    multiplied = MULTIPLY_ADD * (sum(products(step).values()) + 2 * attention + 2 * BATCH * state)
    assert counted["matmul"] == multiplied
    assert sum(counted.values()) - counted["matmul"] == pytest.approx(flops - multiplied, rel=0.04)
