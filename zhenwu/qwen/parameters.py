"""Every tensor of a model, by its name in transformers, with its shape."""

from zhenwu.qwen.config import LINEAR, Config

Shapes = dict[str, tuple[int, ...]]


def parameters(config: Config) -> Shapes:
    """Name -> shape of all tensors; tied embeddings stand once, experts are stacked: [expert, n, k]."""
    hidden = config.hidden_size
    shapes: Shapes = {"model.embed_tokens.weight": (config.vocab_size, hidden)}
    for index, kind in enumerate(config.layer_types):
        layer = f"model.layers.{index}"
        shapes[f"{layer}.input_layernorm.weight"] = (hidden,)
        shapes |= _delta_net(f"{layer}.linear_attn", config) if kind == LINEAR else _attention(
            f"{layer}.self_attn", config
        )
        shapes[f"{layer}.post_attention_layernorm.weight"] = (hidden,)
        shapes |= _experts(f"{layer}.mlp", config) if config.sparse_layers[index] else _mlp(
            f"{layer}.mlp", hidden, config.intermediate_size
        )
    shapes["model.norm.weight"] = (hidden,)
    if not config.tie_word_embeddings:
        shapes["lm_head.weight"] = (config.vocab_size, hidden)
    return shapes


def _attention(name: str, config: Config) -> Shapes:
    heads, shared, head_dim = config.num_attention_heads, config.num_key_value_heads, config.head_dim
    sizes = {  # rows, columns; the hybrids' queries come with a gate of the same size
        "q_proj": (heads * head_dim * (2 if config.hybrid else 1), config.hidden_size),
        "k_proj": (shared * head_dim, config.hidden_size),
        "v_proj": (shared * head_dim, config.hidden_size),
        "o_proj": (config.hidden_size, heads * head_dim),
    }
    shapes: Shapes = {f"{name}.{part}.weight": size for part, size in sizes.items()}
    if config.attention_bias:
        shapes |= {f"{name}.{part}.bias": size[:1] for part, size in sizes.items()}
    return shapes | {f"{name}.q_norm.weight": (head_dim,), f"{name}.k_norm.weight": (head_dim,)}


def _delta_net(name: str, config: Config) -> Shapes:
    hidden, heads = config.hidden_size, config.linear_num_value_heads
    queries_keys_values, gate = config.convolution_dim, config.linear_value_dim
    if config.model_type == "qwen3_next":
        projections = {"in_proj_qkvz": queries_keys_values + gate, "in_proj_ba": 2 * heads}
    else:
        projections = {"in_proj_qkv": queries_keys_values, "in_proj_z": gate, "in_proj_b": heads, "in_proj_a": heads}
    return {f"{name}.{part}.weight": (rows, hidden) for part, rows in projections.items()} | {
        f"{name}.conv1d.weight": (queries_keys_values, 1, config.linear_conv_kernel_dim),
        f"{name}.A_log": (heads,),
        f"{name}.dt_bias": (heads,),
        f"{name}.norm.weight": (config.linear_value_head_dim,),
        f"{name}.out_proj.weight": (hidden, gate),
    }


def _mlp(name: str, hidden: int, inner: int) -> Shapes:
    return {
        f"{name}.gate_proj.weight": (inner, hidden),
        f"{name}.up_proj.weight": (inner, hidden),
        f"{name}.down_proj.weight": (hidden, inner),
    }


def _experts(name: str, config: Config) -> Shapes:
    hidden, count, inner = config.hidden_size, config.num_experts, config.moe_intermediate_size
    shapes: Shapes = {
        f"{name}.gate.weight": (count, hidden),
        f"{name}.experts.gate_up_proj": (count, 2 * inner, hidden),
        f"{name}.experts.down_proj": (count, hidden, inner),
    }
    if config.shared_expert_intermediate_size:
        shapes |= _mlp(f"{name}.shared_expert", hidden, config.shared_expert_intermediate_size)
        shapes[f"{name}.shared_expert_gate.weight"] = (1, hidden)
    return shapes
