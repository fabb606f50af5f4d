"""A training run from its options to its folder: a checkpoint, and curve.json, what the agent could do when."""

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from transformers import Qwen3ForCausalLM

from zhenwu.training.fake_quantise import E2M1, E4M3, QuantisedLinear, fake_quantised, quantise
from zhenwu.training.measure import wrong_turns
from zhenwu.training.train import SIZES, fresh, train

ACTIVATIONS = {"w4a4": E2M1, "w4a8": E4M3}
QAT_STEPS, QAT_FACTOR = 2500, 0.25  # of a run that begins with a trained agent: how long, and how far the rates
CONTEXTS = (256, 2048)  # tokens at which the curve is measured


@dataclass(frozen=True)
class Point:
    """What the agent could do after so much of its training."""

    share: float
    steps: int
    cpu_s: float
    wrong: dict[int, tuple[int, int]]  # by context: wrong turns, and all


def make(
    out: Path, size: str, seed: int, steps: int | None, begin: Path | None, qat: str | None, rule: str,
    progress: Callable[[int, int, float], None], threads: int = 1, device: str = "cpu",
) -> list[Point]:
    """Train and write the folder `out`, at its end and in one move; the curve as it is written there.

    `begin` is a folder with a trained agent to go on from, `qat` a key of ACTIVATIONS, `device` cpu or cuda.
    FileExistsError if `out` is there; what transformers raises if `begin` is no agent.
    """
    if out.exists():
        raise FileExistsError(out)
    torch.set_num_threads(threads)
    model = Qwen3ForCausalLM.from_pretrained(begin, dtype=torch.float32) if begin else fresh(SIZES[size], seed)
    model.to(device)
    if qat:
        fake_quantised(model, ACTIVATIONS[qat], rule)
    total = steps or (QAT_STEPS if begin else SIZES[size].steps)
    points: list[Point] = []
    began = time.process_time()

    def keep(share: float, kept: Qwen3ForCausalLM) -> None:
        cpu_s = time.process_time() - began
        wrong = {length: wrong_turns(kept, seed, length) for length in CONTEXTS}
        points.append(Point(share, round(share * total), round(cpu_s, 1), wrong))

    train(model, seed, total, lambda step, loss: progress(step + 1, total, loss), keep, QAT_FACTOR if begin else 1.0)
    settle(model)
    out.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=out.parent) as folder:
        made = Path(folder) / out.name
        model.to(torch.bfloat16).save_pretrained(made)
        parameters = sum(weight.numel() for weight in model.parameters())
        curve = {"size": _size(model), "parameters": parameters, "seed": seed, "qat": qat,
                 "device": device, "torch": torch.__version__, "points": [asdict(point) for point in points]}
        (made / "curve.json").write_text(json.dumps(curve, indent=1) + "\n", encoding="utf-8")
        (made / "generation_config.json").unlink(missing_ok=True)
        made.rename(out)
    return points


def _size(model: Qwen3ForCausalLM) -> str | None:
    """The name in SIZES, also of a model that training went on from; None if it has none."""
    return next((name for name, size in SIZES.items() if size.hidden == model.config.hidden_size), None)


def settle(model: Qwen3ForCausalLM) -> None:
    """Put quantised layers' weights on their grid, where BF16 holds each exactly, and make them plain layers again."""
    for module in model.modules():
        if isinstance(module, QuantisedLinear):
            with torch.no_grad():
                module.weight.copy_(quantise(module.weight, E2M1, module.rule))
            module.__class__ = torch.nn.Linear
