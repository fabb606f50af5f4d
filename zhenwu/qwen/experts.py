"""A mixture of experts: a router sends each token to a few of many small feed-forward layers.

The router takes a softmax over all experts and keeps the k largest probabilities. The hybrids add an expert that
every token visits, weighed by a gate of its own. As in `Qwen3MoeSparseMoeBlock` and `Qwen3NextSparseMoeBlock` of
transformers 5.24.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from zhenwu.qwen.activation import sigmoid, silu, softmax
from zhenwu.qwen.config import Config
from zhenwu.qwen.linear import Matmul
from zhenwu.qwen.mlp import mlp
from zhenwu.qwen.projection import projector


def route(logits: NDArray, chosen: int, normalise: bool) -> tuple[NDArray, NDArray]:
    """The experts of each token and their weights: logits[n, experts] -> int[n, chosen], float[n, chosen].

    Equal logits: the expert with the lower number first.
    """
    probability = softmax(logits.copy())
    experts = np.argsort(-probability, axis=-1, kind="stable")[:, :chosen]
    weight = np.take_along_axis(probability, experts, axis=-1)
    if normalise:
        weight = weight / weight.sum(axis=-1, keepdims=True)
    return experts, weight


def experts(name: str, x: NDArray, weights: Mapping[str, NDArray], config: Config, matmul: Matmul) -> NDArray:
    """The mixture `name` ("model.layers.0.mlp") on x[..., hidden] -> [..., hidden]."""
    project = projector(weights, matmul)
    tokens = x.reshape(-1, x.shape[-1])
    chosen, weight = route(project(f"{name}.gate", tokens), config.num_experts_per_tok, config.norm_topk_prob)
    out = np.zeros_like(tokens)
    for expert in np.unique(chosen):
        rows, slots = np.nonzero(chosen == expert)
        base = f"{name}.experts.{expert}"
        gate_up = matmul(f"{base}.gate_up_proj", tokens[rows], weights[f"{name}.experts.gate_up_proj"][expert])
        gate, up = np.split(gate_up, 2, axis=-1)
        down = matmul(f"{base}.down_proj", silu(gate) * up, weights[f"{name}.experts.down_proj"][expert])
        out[rows] += down * weight[rows, slots, None]
    if config.shared_expert_intermediate_size:
        out += sigmoid(project(f"{name}.shared_expert_gate", tokens)) * mlp(f"{name}.shared_expert", tokens, project)
    return out.reshape(x.shape)
