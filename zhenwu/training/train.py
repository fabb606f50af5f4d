"""Train the small agent from nothing: lessons, a schedule, two optimisers, and what it can do on the way.

The model is `transformers`' own Qwen3. Its matrices are trained by Muon (Jordan et al. 2024), which turns every update
into a rotation, all else by AdamW. The rate rises, stays, and falls to zero over the last part of the run. The same
seed, machine and number of threads give the same weights.
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch.nn.functional import cross_entropy
from transformers import Qwen3Config, Qwen3ForCausalLM

from zhenwu.agent.symbols import PADDING, VOCABULARY
from zhenwu.training.lessons import lessons

LONGEST = 2048  # tokens of the longest lesson
TOKENS = 2048  # a step, padding included
RISE, FALL = 0.02, 0.35  # shares of the run
MATRICES_RATE, REST_RATE = 0.04, 3e-3  # of Muon and of AdamW, while they stay
HEAD_GAIN = 1.6  # of the norms of queries and keys at the start: sharper attention
AVERAGED = 0.998  # what a step leaves of the running average of the weights
CURVE = (0.25, 0.5, 1.0)  # shares of the run at which the agent is kept and measured
SHORT = {0.03: 64, 0.10: 128}  # up to such a share of the run, lessons are so long
MIXTURE = {0: 2048, 4: 512, 8: 64, 10: 128, 12: 512}  # afterwards, by step modulo 16; all others are USUAL
USUAL = 256


@dataclass(frozen=True)
class Size:
    """A Qwen3 shape, and the steps that fit the hour of one core that training may take."""

    hidden: int
    heads: int
    kv_heads: int
    steps: int
    layers: int = 3
    head_dim: int = 32

    def config(self) -> Qwen3Config:
        """Heads of 32, one block of a number format; the tables of tokens are not tied."""
        return Qwen3Config(
            vocab_size=VOCABULARY, hidden_size=self.hidden, intermediate_size=2 * self.hidden,
            num_hidden_layers=self.layers, num_attention_heads=self.heads, num_key_value_heads=self.kv_heads,
            head_dim=self.head_dim, max_position_embeddings=LONGEST, tie_word_embeddings=False, rms_norm_eps=1e-6,
            rope_parameters={"rope_type": "default", "rope_theta": 10000.0}, pad_token_id=PADDING, bos_token_id=None,
            eos_token_id=None,
        )


SIZES = {"small": Size(64, 2, 1, 30_000), "middle": Size(128, 4, 2, 18_500), "large": Size(256, 8, 4, 6_400)}


def fresh(size: Size, seed: int) -> Qwen3ForCausalLM:
    """An untrained model; the seed is torch's."""
    torch.manual_seed(seed)
    model = Qwen3ForCausalLM(size.config())
    for name, weight in model.named_parameters():
        if name.endswith(("q_norm.weight", "k_norm.weight")):
            torch.nn.init.constant_(weight, HEAD_GAIN)
    return model


def length_of(step: int, steps: int) -> int:
    """How long a step's lessons are: short ones first, then a mixture."""
    for share, length in SHORT.items():
        if step < share * steps:
            return length
    return MIXTURE.get(step % 16, USUAL)


def rate(step: int, steps: int) -> float:
    """The factor on both rates."""
    return min(1.0, (step + 1) / (RISE * steps), (steps - step) / (FALL * steps))


def loss(model: Qwen3ForCausalLM, seed: int, step: int, length: int) -> torch.Tensor:
    """Mean cross entropy, in nats, of the agent's own tokens in a step's lessons."""
    tokens, own = lessons(seed, step, max(1, TOKENS // length), length)
    used = int((tokens != PADDING).sum(axis=1).max())
    tokens, own = (torch.from_numpy(each).to(model.device) for each in (tokens[:, :used], own[:, 1:used]))
    logits = model(tokens[:, :-1], use_cache=False).logits
    return cross_entropy(logits[own], tokens[:, 1:][own])


def train(
    model: Qwen3ForCausalLM, seed: int, steps: int, progress: Callable[[int, float], None],
    keep: Callable[[float, Qwen3ForCausalLM], None], factor: float = 1.0,
) -> None:
    """Train in place. `progress` hears of each step and its loss; `keep` gets the averaged model at each of CURVE, at
    the end the model itself, whose rate has come to zero. `factor` scales both rates.
    """
    inner = [w for name, w in model.named_parameters() if w.ndim == 2 and "layers" in name]
    outer = [w for name, w in model.named_parameters() if not (w.ndim == 2 and "layers" in name)]
    optimisers = {
        torch.optim.Muon(inner, weight_decay=0.01, adjust_lr_fn="original"): MATRICES_RATE * factor,
        torch.optim.AdamW(outer, weight_decay=0.0, betas=(0.9, 0.98)): REST_RATE * factor,
    }
    average = copy.deepcopy(model)
    marks = {round(share * steps): share for share in CURVE}
    for step in range(steps):
        value = loss(model, seed, step, length_of(step, steps))
        value.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimiser, highest in optimisers.items():
            optimiser.param_groups[0]["lr"] = highest * rate(step, steps)
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
        with torch.no_grad():
            for kept, weight in zip(average.parameters(), model.parameters(), strict=True):
                kept.lerp_(weight, 1 - min(AVERAGED, step / (step + 10)))
        progress(step, value.item())
        if step + 1 in marks:
            keep(marks[step + 1], model if step + 1 == steps else average)
