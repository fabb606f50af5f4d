"""The same quantised model twice: ours with golden products, and transformers with number formats inside torch.

A quantiser is a staircase: where a float32 sum, rounded in another order, crosses an edge, the result jumps. So two
correct runs may part. To hold them to a tight bound the twin's quantised layers are *led*: each is given the very
activations that ours met at that place, and what the twin itself had there is held against them.
"""

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

import numpy as np
import torch
from torch.nn.functional import linear
from transformers import Qwen3ForCausalLM

from tests.oracle.twin import Call, run_theirs, twin
from zhenwu.agent.mind import Format, Mind
from zhenwu.agent.play import play
from zhenwu.agent.session import Harness
from zhenwu.agent.symbols import encode
from zhenwu.qwen.linear import Matmul, quantised_matmul, stays_float
from zhenwu.qwen.model import Cache, Qwen, forward
from zhenwu.training.fake_quantise import E2M1, E4M3, quantise

ELEMENTS = {"mxfp4": (E2M1, E2M1), "w4a8": (E4M3, E2M1), "mxfp8": (E4M3, E4M3)}  # of activations and weights
SESSIONS, TOKENS, DECODED = 4, 200, 24
Activations = dict[str, list[np.ndarray]]  # by layer, call by call


class TwinLinear(torch.nn.Linear):
    """Both sides rounded to a format, as float32; the sum of products in the model's own type.

    With `led`, the activations of our run call by call, those are multiplied, and `met` collects the twin's own.
    """

    elements = ELEMENTS["mxfp4"]
    rule = "floor"
    led: list[np.ndarray] | None = None
    met: list[np.ndarray]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if self.led is not None:
            given = self.led[len(self.met)]
            self.met.append(x.numpy())
            x = torch.from_numpy(given).to(x.dtype)
        sides = zip((x, self.weight), self.elements, strict=True)
        return linear(*(quantise(side.float(), element, self.rule).to(x.dtype) for side, element in sides))


def quantised_twin(model: Qwen3ForCausalLM, fmt: str, rule: str) -> Qwen3ForCausalLM:
    """A copy of the model whose layers' matrices are TwinLinear; `lm_head` stays in float."""
    kind = type("Layer", (TwinLinear,), {"elements": ELEMENTS[fmt], "rule": rule})
    model = copy.deepcopy(model)
    for module in model.model.layers.modules():
        if type(module) is torch.nn.Linear:
            module.__class__ = kind
    return model


@dataclass
class Recorded:
    """A Matmul that keeps what each quantised layer was given, call by call."""

    matmul: Matmul
    given: Activations = field(default_factory=dict)

    def __call__(self, name: str, x: np.ndarray, w: np.ndarray) -> np.ndarray:
        if not stays_float(name):
            self.given.setdefault(name, []).append(x.copy())
        return self.matmul(name, x, w)


def run_quantised(model: Qwen, calls: Sequence[Call], matmul: Matmul) -> np.ndarray:
    """Our logits of all calls, which share a cache: [tokens, vocabulary]."""
    cache = Cache(model.config, len(calls[0].tokens), sum(call.tokens.shape[1] for call in calls), model.dtype)
    return flat(forward(model, call.tokens, cache, call.real, matmul) for call in calls)


def run_led(model: Qwen3ForCausalLM, calls: Sequence[Call], given: Activations) -> tuple[np.ndarray, Activations]:
    """The twin's logits when its layers are given these activations, and the activations that it had there itself."""
    layers = {name: module for name, module in model.named_modules() if isinstance(module, TwinLinear)}
    assert layers.keys() == given.keys()
    for name, layer in layers.items():
        layer.led, layer.met = given[name], []
    logits = flat(run_theirs(model, list(calls)))
    for layer in layers.values():
        layer.led = None
    return logits, {name: layer.met for name, layer in layers.items()}


def strayed(found: Activations, truth: Activations) -> float:
    """The largest error of an activation, relative to the largest of its call."""
    pairs = [pair for name in truth for pair in zip(found[name], truth[name], strict=True)]
    return max(float(abs(one - other).max() / abs(other).max()) for one, other in pairs)


def flat(logits) -> np.ndarray:
    """[batch, time, vocabulary] of several calls -> [tokens, vocabulary]."""
    return np.concatenate([each.reshape(-1, each.shape[-1]) for each in logits])


@dataclass(frozen=True)
class Led:
    """How far float32 runs lie from the twin's float64 run, all with the same quantised activations."""

    ours: float  # largest error of a logit
    theirs: float
    ours_strayed: float  # largest error of an activation before it is quantised, relative
    theirs_strayed: float
    margin: np.ndarray  # of each token's best logit over the second, in the float64 run
    same: np.ndarray  # whether ours has the same best
    free: np.ndarray  # error of each token's logits when nobody leads the twin, in float32

    @property
    def bar(self) -> float:
        """Three times the twin's own float32 error, at least 1e-6."""
        return max(3 * self.theirs, 1e-6)

    @property
    def strayed_bar(self) -> float:
        return max(3 * self.theirs_strayed, 1e-6)


def compare_led(model: Qwen3ForCausalLM, calls: Sequence[Call], fmt: str, rule: str) -> Led:
    """Ours in float32, the twin in float32 and in float64. All tokens must be real."""
    recorded = Recorded(quantised_matmul(fmt, rule))
    ours = run_quantised(twin(model), calls, recorded)
    other = quantised_twin(model, fmt, rule)
    free = flat(run_theirs(other, list(calls)))
    theirs, met = run_led(other, calls, recorded.given)
    truth, wanted = run_led(other.double(), calls, recorded.given)
    ranked = -np.sort(-truth, axis=-1)
    return Led(
        abs(ours - truth).max(), abs(theirs - truth).max(), strayed(recorded.given, wanted), strayed(met, wanted),
        ranked[:, 0] - ranked[:, 1], ours.argmax(axis=-1) == truth.argmax(axis=-1), abs(ours - free).max(axis=-1),
    )


def shipped(weights: str) -> Qwen3ForCausalLM:
    """The agent that ships, as transformers loads it, in float32."""
    folder = str(files("zhenwu.data").joinpath(f"agent_{weights}"))
    return Qwen3ForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()


@cache
def transcripts(weights: str) -> np.ndarray:
    """What the shipped agent reads and says in real sessions in MXFP4, int64[SESSIONS, TOKENS]."""
    mind = Mind(twin(shipped(weights)), Format("mxfp4"), SESSIONS, 264)
    played = play(mind, range(2_000_000, 2_000_000 + SESSIONS), Harness(limit=256, calls=60))
    return np.array([encode("".join(session.transcript))[:TOKENS] for session in played])


def prefill_and_decode(tokens: np.ndarray, decoded: int = DECODED) -> list[Call]:
    """All but the last tokens at once, and those one by one."""
    split = tokens.shape[1] - decoded
    parts = [tokens[:, :split], *(tokens[:, place: place + 1] for place in range(split, tokens.shape[1]))]
    return [Call(part, np.ones(part.shape, bool)) for part in parts]
