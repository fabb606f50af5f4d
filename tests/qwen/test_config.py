"""config.json: what transformers writes is understood, older spellings too, and the rest is refused by name."""

import json

import pytest

from tests.qwen.checkpoints import CONFIGS
from zhenwu.qwen.checkpoint_error import CheckpointError
from zhenwu.qwen.config import FULL, LINEAR, SLIDING
from zhenwu.qwen.config_json import config_of, read_config

DENSE, MOE, NEXT = CONFIGS["qwen3"], CONFIGS["qwen3_moe"], CONFIGS["qwen3_next"]


def without(values, *names):
    return {name: value for name, value in values.items() if name not in names}


def test_the_agent_of_the_study_is_understood(shared):
    config = read_config(shared / "agent" / "config.json")
    assert (config.num_hidden_layers, config.hidden_size, config.head_dim, config.rope.theta) == (3, 128, 32, 10000.0)


def test_older_spellings_of_rope_mean_the_same():
    old = without(DENSE, "rope_parameters") | {"rope_theta": 1e6}
    assert config_of(old, "").rope.theta == 1e6
    stretched = {"type": "yarn", "factor": 4.0, "original_max_position_embeddings": 128}
    new = DENSE | {"rope_parameters": {"rope_type": "yarn", "rope_theta": 1e6, "factor": 4.0,
                                       "original_max_position_embeddings": 128}}
    assert config_of(old | {"rope_scaling": stretched}, "") == config_of(new, "")
    assert config_of(old | {"rope_scaling": None}, "") == config_of(old, "")
    early = without(NEXT, "rope_parameters") | {"rope_theta": 1e4, "partial_rotary_factor": 0.5}
    assert config_of(early, "").rope.partial_rotary_factor == 0.5
    assert config_of(NEXT, "").rope.partial_rotary_factor == 0.25  # the default of the hybrids
    assert config_of(DENSE | {"partial_rotary_factor": 0.5}, "").rope.partial_rotary_factor == 1  # as in transformers


def test_layers_follow_from_their_interval_or_window():
    hybrid = without(NEXT, "layer_types") | {"num_hidden_layers": 8}
    assert config_of(hybrid, "").layer_types == 2 * (LINEAR, LINEAR, LINEAR, FULL)
    assert config_of(hybrid | {"full_attention_interval": 2}, "").layer_types == 4 * (LINEAR, FULL)
    window = DENSE | {"use_sliding_window": True, "sliding_window": 4, "max_window_layers": 1}
    assert config_of(window, "").layer_types == (FULL, SLIDING, SLIDING)
    assert config_of(window | {"use_sliding_window": False}, "").sliding_window == 0
    assert config_of(MOE | {"use_sliding_window": True, "sliding_window": 4}, "").layer_types == 3 * (SLIDING,)
    assert config_of(MOE | {"decoder_sparse_step": 2, "mlp_only_layers": []}, "").sparse_layers == (False, True, False)
    assert config_of(MOE | {"num_experts": 0}, "").sparse_layers == 3 * (False,)
    assert config_of(without(MOE, "num_experts") | {"num_local_experts": 5}, "") == config_of(MOE, "")
    for family in ("qwen3_next", "qwen3_5_moe_text"):  # they do not know this name
        assert config_of(CONFIGS[family] | {"num_local_experts": 3}, "") == config_of(CONFIGS[family], "")


def test_a_factor_of_null_is_the_ratio_of_the_lengths():
    yarn = {"rope_type": "yarn", "factor": None, "original_max_position_embeddings": 128}
    assert config_of(DENSE | {"rope_parameters": yarn}, "").rope.factor == 4


def test_swish_is_another_name_of_silu():
    assert config_of(DENSE | {"hidden_act": "swish"}, "") == config_of(DENSE, "")


def refused(values) -> str:
    with pytest.raises(CheckpointError) as caught:
        config_of(values, "m/config.json: ")
    sentence = str(caught.value)
    assert sentence.startswith("m/config.json: ") and "; expected" in sentence and "\n" not in sentence
    return sentence.removeprefix("m/config.json: ")


OPTIONAL = {"attention_bias", "tie_word_embeddings", "rope_parameters", "max_position_embeddings", "hidden_act",
            "rms_norm_eps", "layer_types", "decoder_sparse_step", "mlp_only_layers", "norm_topk_prob"}


@pytest.mark.parametrize("family", sorted(CONFIGS))
def test_each_missing_field_is_named(family):
    free = {"qwen3": "num_key_value_heads", "qwen3_moe": "head_dim", "qwen3_next": "intermediate_size"}
    for name in CONFIGS[family].keys() - OPTIONAL - {free.get(family)}:
        assert refused(without(CONFIGS[family], name)).startswith(f"{name} is missing; expected ")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"model_type": "llama"}, "model_type is 'llama'; expected one of qwen3, qwen3_moe, "),
        ({"architectures": ["LlamaForCausalLM"]}, "architectures is \"['LlamaForCausalLM']\"; expected Qwen3For"),
        ({"architectures": "Qwen3ForCausalLM"}, "architectures is 'Qwen3ForCausalLM'; expected Qwen3ForCausalLM for"),
        ({"hidden_act": "gelu"}, "hidden_act is 'gelu'; expected one of silu, swish"),
        ({"hidden_size": 0}, "hidden_size is '0'; expected a whole number from 1"),
        ({"hidden_size": "24"}, "hidden_size is '24'; expected a whole number"),
        ({"hidden_size": True}, "hidden_size is 'True'; expected a whole number"),
        ({"num_hidden_layers": 10**9}, "num_hidden_layers is '1000000000'; expected a whole number from 1 to 10000"),
        ({"num_key_value_heads": 3}, "num_key_value_heads is '3'; expected a divisor of num_attention_heads, 4"),
        ({"rms_norm_eps": -1}, "rms_norm_eps is '-1'; expected a number from 1e-15 to 1e15"),
        ({"attention_bias": 1}, "attention_bias is '1'; expected true or false"),
        ({"layer_types": ["full_attention"]}, "layer_types is \"['full_attention']\"; expected a list of 3"),
        ({"layer_types": 3 * ["linear_attention"]}, "layer_types is "),
        ({"layer_types": 3 * ["sliding_attention"]}, "use_sliding_window is missing; expected true, because"),
        ({"rope_parameters": 3}, "rope_parameters is '3'; expected an object"),
        ({"rope_parameters": {"rope_type": "spiral"}}, "rope_parameters.rope_type is 'spiral'; expected one of"),
        ({"rope_parameters": {"rope_type": "longrope"}}, "rope_parameters.rope_type is 'longrope'; expected one of"),
        ({"rope_parameters": {"rope_type": "dynamic"}}, "rope_parameters.factor is missing; expected a number from "),
        ({"rope_parameters": {"rope_type": "dynamic", "factor": 2}, "head_dim": 2}, "head_dim is '2'; expected more"),
        ({"rope_parameters": {"rope_type": "linear"}}, "rope_parameters.factor is missing; expected a number from "),
        ({"rope_parameters": {"rope_type": "yarn"}}, "rope_parameters.factor is missing; expected a number from "),
        ({"rope_parameters": {"rope_theta": "x"}}, "rope_parameters.rope_theta is 'x'; expected a number"),
        ({"rope_parameters": {"full_attention": {}}}, "rope_parameters.full_attention is '{}'; expected one rope for"),
        ({"rope_parameters": {"rope_type": "yarn", "factor": 2.0, "rope_theta": 1}}, "rope_parameters.rope_theta is "),
        ({"rope_scaling": {"type": "ntk"}}, "rope_scaling.type is 'ntk'; expected one of default"),
        ({"rope_parameters": {"rope_type": "linear", "factor": 2, "partial_rotary_factor": 0.5}}, "rope_parameters.p"),
    ],
)
def test_what_a_dense_config_gets_wrong_is_said(change, sentence):
    assert refused(DENSE | change).startswith(sentence)


@pytest.mark.parametrize("value", [10**400, 1e308, 1e16, 1e-320, 0, float("nan")])
def test_a_number_that_float32_cannot_bear_is_named(value):
    said = f" is {str(value)[:60]!r}; expected a number from 1e-15 to 1e15"
    assert refused(DENSE | {"rms_norm_eps": value}) == f"rms_norm_eps{said}"
    yarn = {"rope_type": "yarn", "factor": 4.0}
    for name in ("rope_theta", "factor", "beta_fast", "beta_slow", "mscale", "attention_factor"):
        assert refused(DENSE | {"rope_parameters": yarn | {name: value}}) == f"rope_parameters.{name}{said}"
    partial = {"rope_parameters": {"partial_rotary_factor": value}}
    assert refused(NEXT | partial) == f"rope_parameters.partial_rotary_factor{said}"


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (MOE | {"num_experts_per_tok": 6}, "num_experts_per_tok is '6'; expected at most the number of experts, 5"),
        (MOE | {"mlp_only_layers": "no"}, "mlp_only_layers is 'no'; expected a list of whole numbers"),
        (NEXT | {"linear_num_value_heads": 3}, "linear_num_value_heads is '3'; expected a multiple of linear_num_key"),
        (NEXT | {"rope_parameters": {"partial_rotary_factor": 2}}, "rope_parameters.partial_rotary_factor is '2'"),
        ({"model_type": "qwen3_5", "text_config": DENSE}, "text_config.model_type is 'qwen3'; expected qwen3_5_text"),
        ({"model_type": "qwen3_5"}, "num_hidden_layers is missing; expected a whole number"),
        ({}, "model_type is missing; expected one of qwen3, "),
    ],
)
def test_what_the_other_families_get_wrong_is_said(values, sentence):
    assert refused(values).startswith(sentence)


@pytest.mark.parametrize("text", ["", "{", "nope", "[" * 100_000, "\ufeff{}", "[]", "3"])
def test_a_config_that_is_no_json_object_is_refused(tmp_path, text):
    (tmp_path / "config.json").write_text(text, encoding="utf-8")
    with pytest.raises(CheckpointError, match="config.json: (is not JSON|holds no JSON object).*; expected the"):
        read_config(tmp_path / "config.json")


def test_a_config_is_frozen_and_can_be_compared():
    assert config_of(json.loads(json.dumps(DENSE)), "") == config_of(DENSE, "")
    assert hash(config_of(DENSE, "")) == hash(config_of(DENSE, ""))
