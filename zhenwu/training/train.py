"""Train the small agent from nothing: lessons, a schedule, two optimisers, and the curve of its errors.

The model is `transformers`' own Qwen3. Its matrices are trained by Muon, which makes each update a rotation, all else
by AdamW. The rate stays up for most of the run and falls to zero at its end; contexts grow from 64 to 2,048 tokens.
Same seed, same machine, same number of threads: the same file.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch.nn.functional import cross_entropy
from transformers import Qwen3Config, Qwen3ForCausalLM

from zhenwu.agent.symbols import VOCABULARY
from zhenwu.training.lessons import lessons

LONGEST = 2048


@dataclass(frozen=True)
class Size:
    """A Qwen3 shape, and how many steps fit 60 CPU-minutes of the machine it was trained on."""

    hidden: int
    layers: int
    heads: int
    kv_heads: int
    steps: int
    head_dim: int = 32

    def config(self) -> Qwen3Config:
        return Qwen3Config(
            vocab_size=VOCABULARY, hidden_size=self.hidden, intermediate_size=2 * self.hidden,
            num_hidden_layers=self.layers, num_attention_heads=self.heads, num_key_value_heads=self.kv_heads,
            head_dim=self.head_dim, max_position_embeddings=LONGEST, tie_word_embeddings=False, rms_norm_eps=1e-6,
            rope_parameters={"rope_type": "default", "rope_theta": 10000.0}, pad_token_id=0, bos_token_id=None,
            eos_token_id=None,
        )


SIZES = {
    "small": Size(64, 3, 2, 1, 12000),
    "middle": Size(128, 3, 4, 2, 9000),
    "large": Size(256, 3, 8, 4, 3500),
}
TOKENS = 4096  # a step, padding included
WARM, FALL = 0.02, 0.35  # shares of the run: the rate's rise, and its fall to zero
MATRICES, REST = 0.02, 3e-3  # rates of Muon and AdamW
HEAD_GAIN = 1.6  # of query and key norms at the start: sharper attention, found by the feasibility study to help


def schedule(step: int, steps: int) -> int:
    """The longest context of a step: short ones first, then a mixture that is mostly 256."""
    done = step / steps
    if done < 0.03:
        return 64
    if done < 0.10:
        return 128
    return 2048 if step % 16 == 0 else 512 if step % 8 == 4 else 256


def rate(step: int, steps: int) -> float:
    """The rate's factor: up, flat, then down to zero in a line."""
    return min(1.0, (step + 1) / (WARM * steps), (steps - step) / (FALL * steps))


def fresh(size: Size, seed: int) -> Qwen3ForCausalLM:
    torch.manual_seed(seed)
    model = Qwen3ForCausalLM(size.config())
    for name, weight in model.named_parameters():
        if name.endswith(("q_norm.weight", "k_norm.weight")):
            torch.nn.init.constant_(weight, HEAD_GAIN)
    return model


def loss(model: Qwen3ForCausalLM, tokens: torch.Tensor, learnt: torch.Tensor) -> torch.Tensor:
    logits = model(tokens[:, :-1], use_cache=False).logits
    wanted = learnt[:, 1:]
    return cross_entropy(logits[wanted], tokens[:, 1:][wanted])


def train(model, seed: int, steps: int, report: Callable[[int, float, float], None], factor: float = 1.0) -> None:
    matrices = [w for n, w in model.named_parameters() if w.ndim == 2 and "layers" in n]
    rest = [w for n, w in model.named_parameters() if not (w.ndim == 2 and "layers" in n)]
    optimisers = [
        torch.optim.Muon(matrices, lr=MATRICES * factor, weight_decay=0.01, adjust_lr_fn="original"),
        torch.optim.AdamW(rest, lr=REST * factor, weight_decay=0.0, betas=(0.9, 0.98)),
    ]
    bases = [o.param_groups[0]["lr"] for o in optimisers]
    for step in range(steps):
        length = schedule(step, steps)
        tokens, learnt = (torch.from_numpy(array) for array in batch(seed, step, length))
        value = loss(model, tokens, learnt)
        value.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimiser, base in zip(optimisers, bases, strict=True):
            optimiser.param_groups[0]["lr"] = base * rate(step, steps)
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
        report(step, value.item(), time.process_time())


def batch(seed: int, step: int, length: int):
    """Lessons of one step, cut to the longest of them."""
    tokens, learnt = lessons(seed, step, max(1, TOKENS // length), length)
    used = int((tokens != 0).sum(axis=1).max())
    return tokens[:, :used], learnt[:, :used]
