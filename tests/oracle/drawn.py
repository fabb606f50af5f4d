"""Random models and random ways of calling them, drawn by Hypothesis."""

import numpy as np
from hypothesis import strategies as st

from tests.oracle.twin import Call


@st.composite
def ropes(draw, family: str, head_dim: int):
    """rope_parameters of each type that transformers' class can run."""
    hybrid = family not in ("qwen3", "qwen3_moe")
    rope = {"rope_theta": draw(st.sampled_from([10000.0, 1e6, 5e6, 1e7, 123.4]))}
    rope["rope_type"] = draw(st.sampled_from(["default"] * 3 + ["linear", "yarn", "llama3"]))
    if hybrid and draw(st.booleans()):
        rope["partial_rotary_factor"] = draw(st.sampled_from([0.25, 0.5, 0.75, 1.0]))
    if rope["rope_type"] != "default":
        rope["factor"] = draw(st.sampled_from([1.0, 2.0, 4.0, 7.5]))
    if rope["rope_type"] in ("yarn", "llama3"):
        rope["original_max_position_embeddings"] = draw(st.sampled_from([16, 64, 4096]))
    if rope["rope_type"] == "llama3":
        rope |= {"low_freq_factor": 1.0, "high_freq_factor": draw(st.sampled_from([2.0, 4.0]))}
    if rope["rope_type"] == "yarn":
        extras = st.fixed_dictionaries({}, optional={
            "beta_fast": st.sampled_from([8, 32.0]), "beta_slow": st.sampled_from([1, 2.0]),
            "attention_factor": st.sampled_from([1.0, 1.3]), "truncate": st.booleans(),
            "mscale": st.sampled_from([0.7, 1.0]), "mscale_all_dim": st.sampled_from([0.5, 1.0]),
        })
        rope |= draw(extras)
    return rope


@st.composite
def settings_of(draw, family: str):
    """The arguments of a configuration class."""
    hybrid, layers = family not in ("qwen3", "qwen3_moe"), draw(st.integers(1, 5))
    kv_heads = draw(st.sampled_from([1, 2, 3]))
    head_dim = draw(st.sampled_from([8, 16, 24, 32]))
    found = {
        "vocab_size": draw(st.sampled_from([17, 64, 101, 257])),
        "hidden_size": draw(st.sampled_from([24, 48, 100])),
        "num_hidden_layers": layers,
        "num_attention_heads": kv_heads * draw(st.sampled_from([1, 2, 3, 4])),
        "num_key_value_heads": kv_heads,
        "head_dim": head_dim,
        "rms_norm_eps": draw(st.sampled_from([1e-6, 1e-5, 1e-3])),
        "attention_bias": draw(st.booleans()),
        "tie_word_embeddings": draw(st.booleans()),
        "max_position_embeddings": 4096,
        "rope_parameters": draw(ropes(family, head_dim)),
    }
    if family != "qwen3_5_moe_text":
        found["intermediate_size"] = draw(st.sampled_from([16, 40, 96]))
    if family == "qwen3" and draw(st.booleans()):
        found |= {"use_sliding_window": True, "sliding_window": draw(st.integers(2, 12)),
                  "max_window_layers": draw(st.integers(0, layers))}
    if family == "qwen3_moe" and draw(st.integers(0, 3)) == 0:
        found |= {"use_sliding_window": True, "sliding_window": draw(st.integers(2, 12))}
    if family in ("qwen3_moe", "qwen3_next", "qwen3_5_moe_text"):
        experts = draw(st.integers(1, 12))
        found |= {"num_experts": experts, "num_experts_per_tok": draw(st.integers(1, min(experts, 4))),
                  "moe_intermediate_size": draw(st.sampled_from([8, 20, 32]))}
        if family != "qwen3_5_moe_text":
            found["norm_topk_prob"] = draw(st.booleans())
            found["decoder_sparse_step"] = draw(st.sampled_from([1, 1, 2]))
            found["mlp_only_layers"] = draw(st.lists(st.integers(0, layers - 1), max_size=2))
    if hybrid:
        key_heads = draw(st.sampled_from([1, 2, 3]))
        found |= {
            "layer_types": draw(st.lists(st.sampled_from(["linear_attention", "full_attention"]), min_size=layers,
                                         max_size=layers)),
            "linear_num_key_heads": key_heads,
            "linear_num_value_heads": key_heads * draw(st.sampled_from([1, 2, 4])),
            "linear_key_head_dim": draw(st.sampled_from([4, 8, 16])),
            "linear_value_head_dim": draw(st.sampled_from([4, 12, 16])),
            "linear_conv_kernel_dim": draw(st.sampled_from([2, 3, 4])),
        }
        if family != "qwen3_5_text":
            found["shared_expert_intermediate_size"] = draw(st.sampled_from([8, 24]))
    return found


@st.composite
def calls(draw, vocab: int):
    """A prompt, padded left, right or not at all; then, if nothing stands to the right, more of it or single tokens.

    At least some dozens of logits are compared: of one or two, either float32 run may be right by luck.
    """
    batch, time = draw(st.integers(1, 3)), draw(st.integers(6, 40))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    padding = draw(st.sampled_from(["none", "left", "right"]))
    lengths = rng.integers(1, time + 1, batch) if padding != "none" else np.full(batch, time)
    real = np.arange(time) < lengths[:, None]
    real = real[:, ::-1].copy() if padding == "left" else real
    found = [Call(rng.integers(0, vocab, (batch, time)), real)]
    if padding != "right":
        for width in draw(st.sampled_from([[], [1] * 5, [6, 1, 1], [3, 9]])):
            found.append(Call(rng.integers(0, vocab, (batch, width)), np.ones((batch, width), bool)))
    return found


@st.composite
def cases(draw, family: str):
    """Settings, seed and scale of a model, and the calls."""
    settings = draw(settings_of(family))
    seed, scale = draw(st.integers(0, 2**32 - 1)), draw(st.sampled_from([0.5, 1.0, 1.5]))
    found = draw(calls(settings["vocab_size"]))
    if "full_attention" not in settings.get("layer_types", ["full_attention"]):
        found = found[:1]  # transformers has no cache for a model without attention
    return settings, seed, scale, found
