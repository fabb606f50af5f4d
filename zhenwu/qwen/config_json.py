"""`config.json` of a checkpoint folder -> Config, as transformers 5.24 writes it and as older checkpoints have it.

The defaults are those of transformers' configuration classes. A field that changes the arithmetic and is not known
here is refused, not passed over.
"""

import json
import math
from pathlib import Path
from typing import Any

from zhenwu.qwen.checkpoint_error import CheckpointError
from zhenwu.qwen.config import FULL, HYBRIDS, LINEAR, SLIDING, Config
from zhenwu.qwen.fields import REQUIRED, Fields
from zhenwu.qwen.rope import ROPE_TYPES, Rope

# What a vision-language checkpoint wraps: its "text_config" is the model that is read here.
WRAPPERS = {"qwen3_5": "qwen3_5_text", "qwen3_5_moe": "qwen3_5_moe_text"}
ARCHITECTURES = {
    "qwen3": ("Qwen3ForCausalLM",),
    "qwen3_moe": ("Qwen3MoeForCausalLM",),
    "qwen3_next": ("Qwen3NextForCausalLM",),
    "qwen3_5": ("Qwen3_5ForConditionalGeneration", "Qwen3_5ForCausalLM"),
    "qwen3_5_text": ("Qwen3_5ForCausalLM",),
    "qwen3_5_moe": ("Qwen3_5MoeForConditionalGeneration", "Qwen3_5MoeForCausalLM"),
    "qwen3_5_moe_text": ("Qwen3_5MoeForCausalLM",),
}


def read_config(path: Path) -> Config:
    """The Config of the file at `path`; CheckpointError, one sentence, if it is none of ours."""
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise CheckpointError(f"{path}: {reason}; expected the config.json of a checkpoint") from None
    except (ValueError, RecursionError) as error:
        raise CheckpointError(f"{path}: is not JSON ({error}); expected the config.json of a checkpoint") from None
    if not isinstance(values, dict):
        raise CheckpointError(f"{path}: holds no JSON object; expected the config.json of a checkpoint")
    return config_of(values, f"{path}: ")


def config_of(values: dict[str, Any], where: str) -> Config:
    """The Config that a parsed config.json says; `where` opens every error."""
    whole = fields = Fields(values, where)
    model_type = whole.text("model_type", tuple(ARCHITECTURES))
    known = ARCHITECTURES[model_type]
    if values.get("architectures", [known[0]]) not in [None, *([name] for name in known)]:
        raise whole.refuse("architectures", f"{' or '.join(known)} for model_type {model_type}")
    if model_type in WRAPPERS and (text := whole.table("text_config")):
        fields = text
        fields.text("model_type", (WRAPPERS[model_type],), WRAPPERS[model_type])
    model_type = WRAPPERS.get(model_type, model_type)
    fields.text("hidden_act", ("silu", "swish"), "silu")  # two names of one function
    layers = fields.integer("num_hidden_layers", most=10_000)
    layer_types, sliding_window = _layer_types(fields, model_type, layers)
    mixture = {"num_experts": 0}
    if model_type in ("qwen3_moe", "qwen3_next", "qwen3_5_moe_text"):
        mixture = _mixture(fields, model_type)
    sparse = _sparse_layers(fields, model_type, layers, mixture["num_experts"])
    heads = fields.integer("num_attention_heads")
    shared = fields.integer("num_key_value_heads", heads if model_type == "qwen3" else REQUIRED)
    if heads % shared:
        raise fields.refuse("num_key_value_heads", f"a divisor of num_attention_heads, {heads}")
    hidden = fields.integer("hidden_size")
    head_dim = fields.integer("head_dim", hidden // heads if model_type == "qwen3_moe" else REQUIRED)
    tied = whole if whole.has("tie_word_embeddings") else fields
    return Config(
        model_type=model_type,
        vocab_size=fields.integer("vocab_size"),
        hidden_size=hidden,
        intermediate_size=0 if all(sparse) else fields.integer("intermediate_size"),
        num_attention_heads=heads,
        num_key_value_heads=shared,
        head_dim=head_dim,
        rms_norm_eps=fields.positive("rms_norm_eps", 1e-6),
        rope=_rope(fields, model_type, head_dim),
        layer_types=layer_types,
        sparse_layers=sparse,
        sliding_window=sliding_window,
        attention_bias=fields.flag("attention_bias", False),
        tie_word_embeddings=tied.flag("tie_word_embeddings", False),
        **mixture,
        **(_linear_attention(fields) if LINEAR in layer_types else {}),
    )


def _layer_types(fields: Fields, model_type: str, layers: int) -> tuple[tuple[str, ...], int]:
    if model_type in HYBRIDS:
        given = fields.texts("layer_types", (LINEAR, FULL), layers)
        interval = fields.integer("full_attention_interval", 4)
        return given or tuple(LINEAR if (i + 1) % interval else FULL for i in range(layers)), 0
    window = 0
    if fields.flag("use_sliding_window", False):
        window = fields.integer("sliding_window", 4096)
    if model_type == "qwen3_moe":
        return (SLIDING if window else FULL,) * layers, window
    given = fields.texts("layer_types", (FULL, SLIDING), layers)
    if given and SLIDING in given and not window:
        raise fields.refuse("use_sliding_window", f"true, because layer_types has {SLIDING}")
    first = fields.integer("max_window_layers", 28, least=0)
    return given or tuple(SLIDING if window and i >= first else FULL for i in range(layers)), window


def _mixture(fields: Fields, model_type: str) -> dict[str, Any]:
    local = model_type == "qwen3_moe" and fields.has("num_local_experts")  # the hybrids have no such name
    name = "num_local_experts" if local else "num_experts"
    experts = fields.integer(name, least=0, most=100_000)
    if not experts:
        return {"num_experts": 0}
    chosen = fields.integer("num_experts_per_tok")
    if chosen > experts:
        raise fields.refuse("num_experts_per_tok", f"at most the number of experts, {experts}")
    normalise = True if model_type == "qwen3_5_moe_text" else fields.flag("norm_topk_prob", model_type == "qwen3_next")
    return {
        "num_experts": experts,
        "num_experts_per_tok": chosen,
        "moe_intermediate_size": fields.integer("moe_intermediate_size"),
        "norm_topk_prob": normalise,
        "shared_expert_intermediate_size":
            fields.integer("shared_expert_intermediate_size") if model_type in HYBRIDS else 0,
    }


def _sparse_layers(fields: Fields, model_type: str, layers: int, experts: int) -> tuple[bool, ...]:
    if model_type == "qwen3_5_moe_text":
        return (True,) * layers
    if not experts:
        return (False,) * layers
    dense, step = fields.integers("mlp_only_layers"), fields.integer("decoder_sparse_step", 1)
    return tuple(i not in dense and (i + 1) % step == 0 for i in range(layers))


def _linear_attention(fields: Fields) -> dict[str, int]:
    sizes = {
        name: fields.integer(name)
        for name in ("linear_num_key_heads", "linear_num_value_heads", "linear_key_head_dim", "linear_value_head_dim",
                     "linear_conv_kernel_dim")
    }
    if sizes["linear_num_value_heads"] % sizes["linear_num_key_heads"]:
        raise fields.refuse("linear_num_value_heads", "a multiple of linear_num_key_heads")
    return sizes


def _rope(fields: Fields, model_type: str, head_dim: int) -> Rope:
    """The Rope of "rope_parameters", or of "rope_theta" and "rope_scaling" beside it in older checkpoints."""
    rope = fields.table("rope_scaling") or fields.table("rope_parameters") or Fields({}, fields.where)
    for name in (FULL, SLIDING, LINEAR):
        if rope.has(name):
            raise rope.refuse(name, "one rope for all layers")
    merged = {key: fields.values.get(key) for key in ("rope_theta", "partial_rotary_factor")}
    rope = Fields({**merged, **rope.values}, rope.where)
    rope_type = rope.text("rope_type" if rope.has("rope_type") else "type", ROPE_TYPES, "default")
    partial = 1.0  # the dense families turn the whole head, whatever the field says
    if model_type in HYBRIDS:
        partial = rope.positive("partial_rotary_factor", 0.25)
    elif rope_type != "default" and rope.positive("partial_rotary_factor", 1.0) != 1:
        raise rope.refuse("partial_rotary_factor", f"1 for model_type {model_type}")
    theta = rope.positive("rope_theta", 10000.0)
    found = Rope(head_dim, theta, rope_type, partial)
    if rope_type == "linear":
        found = Rope(head_dim, theta, rope_type, partial, rope.positive("factor"))
    elif rope_type == "dynamic":
        if int(head_dim * partial) <= 2:
            raise fields.refuse("head_dim", "more than two turned coordinates, for dynamic")
        longest = fields.integer("max_position_embeddings", 32768)
        found = Rope(head_dim, theta, rope_type, partial, rope.positive("factor"), longest)
    elif rope_type == "proportional":
        found = Rope(head_dim, theta, rope_type, partial, rope.positive("factor", 1.0))
    elif rope_type in ("yarn", "llama3"):
        found = _stretched(fields, rope, Rope(head_dim, theta, rope_type, partial))
    if found.rotary_dim > head_dim:
        raise rope.refuse("partial_rotary_factor", f"an even number of turned coordinates, at most head_dim {head_dim}")
    return found


def _stretched(fields: Fields, rope: Fields, plain: Rope) -> Rope:
    longest = fields.integer("max_position_embeddings", 32768)
    original = fields.integer("original_max_position_embeddings", None)
    original = original or rope.integer("original_max_position_embeddings", longest)
    common = (plain.head_dim, plain.theta, plain.rope_type, plain.partial_rotary_factor)
    if plain.rope_type == "llama3":
        low, high = rope.positive("low_freq_factor"), rope.positive("high_freq_factor")
        if high <= low:
            raise rope.refuse("high_freq_factor", f"more than low_freq_factor, {low}")
        return Rope(*common, rope.positive("factor"), original, low_freq_factor=low, high_freq_factor=high)
    if int(plain.head_dim * plain.partial_rotary_factor) % 2 or plain.theta <= 1:
        raise rope.refuse("rope_theta", "more than 1, and an even number of turned coordinates, for yarn")
    # "factor": null asks for the ratio; a field left out does not
    factor = rope.positive("factor", longest / original if "factor" in rope.values else REQUIRED)
    return Rope(
        *common, factor, original, rope.positive("attention_factor", _attention_factor(rope, factor)),
        rope.positive("beta_fast", 32.0), rope.positive("beta_slow", 1.0), rope.flag("truncate", True),
    )


def _attention_factor(rope: Fields, factor: float) -> float:
    """What yarn scales cosine and sine by if the file does not say: 0.1 ln(factor) + 1."""
    def scale(weight: float) -> float:
        return 1.0 if factor <= 1 else 0.1 * weight * math.log(factor) + 1.0

    one, all_dim = rope.positive("mscale", None), rope.positive("mscale_all_dim", None)
    return scale(one) / scale(all_dim) if one and all_dim else scale(1)
