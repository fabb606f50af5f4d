"""The same model twice: in transformers, whose float64 run is the truth, and ours, made from the same tensors."""

import importlib
from contextlib import contextmanager
from dataclasses import dataclass
from unittest import mock

import numpy as np
import torch
import transformers

from zhenwu.qwen.config_json import config_of
from zhenwu.qwen.model import Cache, Qwen, forward

FAMILIES = {
    "qwen3": ("Qwen3Config", "Qwen3ForCausalLM"),
    "qwen3_moe": ("Qwen3MoeConfig", "Qwen3MoeForCausalLM"),
    "qwen3_next": ("Qwen3NextConfig", "Qwen3NextForCausalLM"),
    "qwen3_5_text": ("Qwen3_5TextConfig", "Qwen3_5ForCausalLM"),
    "qwen3_5_moe_text": ("Qwen3_5MoeTextConfig", "Qwen3_5MoeForCausalLM"),
}
GAINS = ("layernorm.weight", "norm.weight")


def build(family: str, settings: dict, seed: int, scale: float) -> torch.nn.Module:
    """A float32 model of random tensors; `scale` is about the standard deviation of a layer's outputs, 3 of logits."""
    config_class, model_class = (getattr(transformers, name) for name in FAMILIES[family])
    config = config_class(**settings)
    config._experts_implementation = "eager"
    model = model_class(config).eval()
    draw = np.random.default_rng(seed)
    with torch.no_grad():
        for name, tensor in model.named_parameters():
            values = draw.standard_normal(tensor.shape)
            if name.endswith("A_log"):
                values = np.log(draw.uniform(0.05, 8, tensor.shape))
            elif name.endswith(GAINS):
                values = values * 0.3 + float(tensor.flatten()[0])  # the class's own start, 1 or 0
            elif name.endswith(("embed_tokens.weight", "lm_head.weight")):
                values *= 3 / np.sqrt(tensor.shape[-1])
            elif tensor.ndim > 1:
                values *= scale / np.sqrt(tensor.shape[-1])
            tensor.copy_(torch.from_numpy(values))
    return model


def recurrence(query, key, value, g, beta, initial_state=None, use_qk_l2norm_in_kernel=True, **_):
    """The gated delta rule in the type of its inputs, which transformers would turn into float32."""
    assert use_qk_l2norm_in_kernel
    repeat = value.shape[2] // query.shape[2]
    query, key = (x.repeat_interleave(repeat, dim=2) for x in (query, key))
    query, key = (x / torch.sqrt((x * x).sum(-1, keepdim=True) + 1e-6) for x in (query, key))
    query = query / query.shape[-1] ** 0.5
    batch, time, heads, width = value.shape
    shape = (batch, heads, key.shape[-1], width)
    state = torch.zeros(shape, dtype=value.dtype) if initial_state is None else initial_state.to(value.dtype)
    out = torch.zeros_like(value)
    for t in range(time):
        state = state * g[:, t].exp()[..., None, None]
        answer = torch.einsum("bhkv,bhk->bhv", state, key[:, t])
        correction = (value[:, t] - answer) * beta[:, t, :, None]
        state = state + torch.einsum("bhk,bhv->bhkv", key[:, t], correction)
        out[:, t] = torch.einsum("bhkv,bhk->bhv", state, query[:, t])
    return out, state


@contextmanager
def double_delta_rule(model: torch.nn.Module):
    """Lets a float64 model run its delta rule in float64: `recurrence` stands in for transformers' two forms of it."""
    module = importlib.import_module(type(model).__module__)
    names = [n for n in ("torch_chunk_gated_delta_rule", "torch_recurrent_gated_delta_rule") if hasattr(module, n)]
    with mock.patch.multiple(module, **dict.fromkeys(names, recurrence)) if names else mock.MagicMock():
        yield


@dataclass(frozen=True)
class Call:
    """One forward: the tokens, which of them are real, and whether it goes on from the calls before it."""

    tokens: np.ndarray
    real: np.ndarray


def run_theirs(model: torch.nn.Module, calls: list[Call]) -> list[np.ndarray]:
    """Logits of each call, the calls sharing a cache; a single call is done without one."""
    cache = transformers.DynamicCache(config=model.config) if len(calls) > 1 else None
    mask = np.zeros((len(calls[0].tokens), 0), bool)
    logits = []
    for call in calls:
        positions = mask.sum(1, keepdims=True) + np.cumsum(call.real, axis=1) - 1
        mask = np.concatenate([mask, call.real], axis=1)
        with torch.no_grad():
            out = model(
                torch.from_numpy(call.tokens), attention_mask=torch.from_numpy(mask.astype(np.int64)),
                position_ids=torch.from_numpy(np.maximum(positions, 0)), cache=cache, use_cache=cache is not None,
            )
        logits.append(out.logits.numpy())
    return logits


def twin(model: torch.nn.Module, dtype: type = np.float32) -> Qwen:
    """Ours, of the tensors in `model`'s memory."""
    config = config_of(model.config.to_dict(), "to_dict(): ")
    return Qwen(config, {name: tensor.numpy().astype(dtype) for name, tensor in model.state_dict().items()})


def run_ours(model: Qwen, calls: list[Call]) -> list[np.ndarray]:
    """Logits of each call; a single call is done without a cache."""
    if len(calls) == 1:
        return [forward(model, calls[0].tokens, real=calls[0].real)]
    capacity = sum(call.tokens.shape[1] for call in calls)
    cache = Cache(model.config, len(calls[0].tokens), capacity, model.dtype)
    return [forward(model, call.tokens, cache, call.real) for call in calls]


@contextmanager
def router_logits(model: torch.nn.Module, seen: list[np.ndarray]):
    """Collects what every router of `model` says, call by call."""
    routers = [m for name, m in model.named_modules() if "Router" in type(m).__name__]
    hooks = [m.register_forward_hook(lambda _m, _i, out: seen.append(out[0].double().numpy())) for m in routers]
    yield
    for hook in hooks:
        hook.remove()


@dataclass(frozen=True)
class Errors:
    """Largest deviation from the float64 run over the real tokens, and what decides whether it counts."""

    ours: float
    ours_double: float
    theirs: float
    largest: float  # |logit|
    near_tie: bool  # of a router: float32 may choose another expert and be right

    @property
    def bar(self) -> float:
        """Three times the oracle's own float32 error, at least 1e-6."""
        return max(3 * self.theirs, 1e-6)


def compare(model: torch.nn.Module, calls: list[Call]) -> Errors:
    """Both in float32 and float64 on the same calls."""
    ours, ours_double = run_ours(twin(model), calls), run_ours(twin(model, np.float64), calls)
    single, double = [], []
    with router_logits(model, single):
        theirs = run_theirs(model, calls)
    wide = model.double()
    with double_delta_rule(wide), router_logits(wide, double):
        truth = run_theirs(wide, calls)
    model.float()
    chosen = model.config.to_dict().get("num_experts_per_tok", 0)
    return Errors(
        ours=deviation(ours, truth, calls), ours_double=deviation(ours_double, truth, calls),
        theirs=deviation(theirs, truth, calls),
        largest=max(float(abs(t[c.real]).max(initial=0)) for t, c in zip(truth, calls, strict=True)),
        near_tie=near_tie(single, double, chosen),
    )


def deviation(found: list[np.ndarray], truth: list[np.ndarray], calls: list[Call]) -> float:
    pairs = zip(found, truth, calls, strict=True)
    return max(float(abs(a[call.real] - b[call.real].astype(np.float64)).max(initial=0)) for a, b, call in pairs)


def near_tie(single: list[np.ndarray], double: list[np.ndarray], chosen: int) -> bool:
    """Whether some router's last chosen and first refused expert are closer than 20 times its float32 error."""
    for a, b in zip(single, double, strict=True):
        if chosen < b.shape[-1]:
            ranked = -np.sort(-b, axis=-1)
            margin = (ranked[:, chosen - 1] - ranked[:, chosen]).min()
            if margin < 20 * max(abs(a - b).max(), 1e-6):
                return True
    return False
