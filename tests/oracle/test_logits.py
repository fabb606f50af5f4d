"""Our logits against transformers', on models and calls that Hypothesis draws.

The bar: our float32 run deviates from transformers' float64 run by at most 3 times what transformers' own float32 run
does, or 1e-6. The float64 run has its delta rule in float64, which transformers would keep in float32.
"""

import numpy as np
import pytest
from hypothesis import given, note

from tests.oracle.drawn import cases
from tests.oracle.tally import TALLIES, Tally
from tests.oracle.twin import FAMILIES, Call, build, compare, run_ours, twin


@pytest.mark.parametrize("family", FAMILIES)
def test_prefill_decode_and_padding_agree(family):
    tally = TALLIES.setdefault(family, Tally())

    @given(cases(family))
    def compared(case):
        settings, seed, scale, calls = case
        errors = compare(build(family, settings, seed, scale), calls)
        tally.errors.append(errors)
        note(str(errors))
        assert errors.near_tie or errors.ours <= errors.bar
        assert errors.near_tie or errors.ours_double <= errors.bar

    compared()
    assert len(tally.counted) >= 0.9 * len(tally.errors)
    assert tally.large >= len(tally.errors) / 4  # or the bar would only have been tried where it is easy


@pytest.mark.parametrize("family", FAMILIES)
def test_a_wrong_model_misses_the_bar_by_far(family):
    """The comparison can fail: one gain of one norm off by a thousandth."""
    settings = {
        "vocab_size": 50, "hidden_size": 32, "num_hidden_layers": 4, "num_attention_heads": 4,
        "num_key_value_heads": 2, "head_dim": 8,
    }
    if family.endswith(("moe", "next", "moe_text")):
        settings |= {"num_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 16}
    if family not in ("qwen3", "qwen3_moe"):
        settings |= {"linear_num_key_heads": 2, "linear_num_value_heads": 4, "linear_key_head_dim": 8,
                     "linear_value_head_dim": 8}
    model = build(family, settings, seed=1, scale=1.0)
    calls = [Call(np.arange(20).reshape(2, 10), np.ones((2, 10), bool))]
    errors = compare(model, calls)
    assert errors.ours <= errors.bar
    right, wrong = twin(model), twin(model)
    wrong.weights["model.layers.0.input_layernorm.weight"][3] += 1e-3
    assert abs(run_ours(wrong, calls)[0] - run_ours(right, calls)[0]).max() > 10 * errors.bar
