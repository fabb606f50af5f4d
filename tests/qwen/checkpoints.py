"""Small checkpoints of every family, made without transformers: config.json as it writes it, tensors at random."""

import json
from pathlib import Path

import numpy as np

from zhenwu.qwen.config_json import config_of
from zhenwu.qwen.model import Qwen
from zhenwu.qwen.parameters import parameters

COMMON = {
    "vocab_size": 37, "hidden_size": 24, "num_hidden_layers": 3, "num_attention_heads": 4, "num_key_value_heads": 2,
    "head_dim": 8, "rms_norm_eps": 1e-6, "hidden_act": "silu", "attention_bias": False, "tie_word_embeddings": False,
    "max_position_embeddings": 512, "rope_parameters": {"rope_type": "default", "rope_theta": 10000.0},
}
MIXTURE = {"num_experts": 5, "num_experts_per_tok": 2, "moe_intermediate_size": 12}
HYBRID = {
    "layer_types": ["linear_attention", "full_attention", "linear_attention"], "linear_num_key_heads": 2,
    "linear_num_value_heads": 4, "linear_key_head_dim": 6, "linear_value_head_dim": 8, "linear_conv_kernel_dim": 4,
}
DENSE, SHARED = {"intermediate_size": 32}, {"shared_expert_intermediate_size": 10}
CONFIGS = {
    "qwen3": COMMON | DENSE | {"attention_bias": True},
    "qwen3_moe": COMMON | DENSE | MIXTURE | {"decoder_sparse_step": 1, "mlp_only_layers": [1], "norm_topk_prob": True},
    "qwen3_next": COMMON | DENSE | MIXTURE | HYBRID | SHARED,
    "qwen3_5_text": COMMON | DENSE | HYBRID,
    "qwen3_5_moe_text": COMMON | MIXTURE | HYBRID | SHARED,
}
CONFIGS = {family: {"model_type": family} | values for family, values in CONFIGS.items()}
SLIDING = CONFIGS["qwen3"] | {"use_sliding_window": True, "sliding_window": 4, "max_window_layers": 1}
CODES = {"F64": np.float64, "F32": np.float32, "F16": np.float16}


def random_weights(values: dict, seed: int = 0) -> dict[str, np.ndarray]:
    """float32 tensors of a config.json, in the stacked form, spread so that logits go beyond 3."""
    rng = np.random.default_rng(seed)
    weights = {}
    for name, shape in parameters(config_of(values, "")).items():
        spread = 1.5 / np.sqrt(shape[-1]) if len(shape) > 1 and "embed" not in name else 1.0
        weights[name] = (rng.standard_normal(shape) * spread).astype(np.float32)
    return weights


def model(values: dict, dtype: type = np.float32, seed: int = 0) -> Qwen:
    """A model of such tensors, without a folder."""
    weights = {name: w.astype(dtype) for name, w in random_weights(values, seed).items()}
    weights.setdefault("lm_head.weight", weights["model.embed_tokens.weight"])
    return Qwen(config_of(values, ""), weights)


def safetensors(tensors: dict[str, np.ndarray], element: str = "F32") -> bytes:
    """A safetensors file, by its specification; BF16 cuts float32 short, so give it numbers that fit."""
    header, data = {}, b""
    for name, array in tensors.items():
        if element == "BF16":
            raw = (array.astype(np.float32).view(np.uint32) >> 16).astype("<u2").tobytes()
        else:
            raw = array.astype(CODES.get(element, np.uint8)).tobytes()
        header[name] = {"dtype": element, "shape": list(array.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header | {"__metadata__": {"format": "pt"}}).encode()
    return len(text).to_bytes(8, "little") + text + data


def write(folder: Path, values: dict, tensors: dict[str, np.ndarray], element: str = "F32", shards: int = 0) -> Path:
    """A checkpoint folder, in one file or in shards with an index."""
    folder.mkdir(exist_ok=True)
    (folder / "config.json").write_text(json.dumps(values))
    if not shards:
        (folder / "model.safetensors").write_bytes(safetensors(tensors, element))
        return folder
    weight_map = {}
    for shard in range(shards):
        part = {name: tensors[name] for name in list(tensors)[shard::shards]}
        file = f"model-{shard + 1:05}-of-{shards:05}.safetensors"
        (folder / file).write_bytes(safetensors(part, element))
        weight_map |= dict.fromkeys(part, file)
    (folder / "model.safetensors.index.json").write_text(json.dumps({"metadata": {}, "weight_map": weight_map}))
    return folder


def published(weights: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The same tensors with every expert's matrices apart, as published checkpoints have them."""
    found = {}
    for name, w in weights.items():
        base = name.rsplit(".", 1)[0]
        if name.endswith("experts.gate_up_proj"):
            half = w.shape[1] // 2
            for expert, both in enumerate(w):
                found[f"{base}.{expert}.gate_proj.weight"] = both[:half]
                found[f"{base}.{expert}.up_proj.weight"] = both[half:]
        elif name.endswith("experts.down_proj"):
            found |= {f"{base}.{expert}.down_proj.weight": down for expert, down in enumerate(w)}
        else:
            found[name] = w
    return found
