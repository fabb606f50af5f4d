"""The agent's model as one number format computes it, with what it has read in every session of a batch."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zhenwu.qwen.kv_format import kv_quantiser
from zhenwu.qwen.linear import Matmul, quantised_matmul
from zhenwu.qwen.model import Cache, Qwen, forward


@dataclass(frozen=True)
class Format:
    """How the model is computed: its linear layers, the KV cache, and the rule for the block scales of both."""

    linear: str = "fp32"
    rule: str = "floor"
    hadamard: bool = False
    kv: str = "fp32"

    def __str__(self) -> str:
        scaled = self.linear in ("mxfp4", "mxfp8", "w4a8")
        parts = [self.linear, *([self.rule] if scaled else []), *(["hadamard"] if self.hadamard else [])]
        kept = f" {self.rule}" if self.kv.startswith("mx") and self.rule != "floor" else ""
        return " ".join(parts) + (f", kv {self.kv}{kept}" if self.kv != "fp32" else "")


class Mind:
    """Rows of a batch that read a token each at a time. `read_tokens` counts all that the model was given."""

    def __init__(self, model: Qwen, how: Format, rows: int, capacity: int) -> None:
        self.model = model
        self.matmul: Matmul = quantised_matmul(how.linear, how.rule, how.hadamard)
        self.quantise = kv_quantiser(how.kv, how.rule)
        self.cache = Cache(model.config, rows, capacity, model.dtype, self.quantise)
        self.read_tokens = 0

    def read(self, tokens: NDArray[np.int64], real: NDArray[np.bool_]) -> NDArray[np.float32]:
        """A token for each row that is real -> the scores of the next, float32[rows, vocabulary]."""
        self.read_tokens += int(real.sum())
        return forward(self.model, tokens[:, None], self.cache, real[:, None], self.matmul)[:, 0]

    def reread(self, contexts: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """The scores after each of some whole contexts, read anew, float32[contexts, vocabulary]."""
        lengths = np.array([len(context) for context in contexts])
        tokens = np.zeros((len(contexts), lengths.max()), np.int64)
        for row, context in enumerate(contexts):
            tokens[row, : len(context)] = context
        real = np.arange(lengths.max()) < lengths[:, None]
        cache = Cache(self.model.config, len(contexts), int(lengths.max()), self.model.dtype, self.quantise)
        self.read_tokens += int(lengths.sum())
        logits = forward(self.model, tokens, cache, real, self.matmul)
        return logits[np.arange(len(contexts)), lengths - 1]
