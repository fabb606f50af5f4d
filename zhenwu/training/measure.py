"""How many turns of fresh lessons a model in torch gets wrong: every symbol of a turn must come first in its scores."""

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import Qwen3ForCausalLM

from zhenwu.training.lessons import lessons

UNSEEN = 10**9  # added to the seed: no step of training draws these lessons
CHUNKS, CHUNK_TOKENS = 8, 16_384


def wrong_turns(model: Qwen3ForCausalLM, seed: int, length: int, chunks: int = CHUNKS) -> tuple[int, int]:
    """(wrong, all) turns of lessons of `length` tokens, each read with the right ones before it."""
    wrong = turns = 0
    for chunk in range(chunks):
        tokens, own = lessons(seed + UNSEEN, chunk, CHUNK_TOKENS // length, length)
        with torch.no_grad():
            read = torch.from_numpy(tokens[:, :-1]).to(model.device)
            best = model(read, use_cache=False).logits.argmax(dim=-1)
        found = turns_of(own[:, 1:], best.cpu().numpy() != tokens[:, 1:])
        wrong, turns = wrong + found[0], turns + found[1]
    return wrong, turns


def turns_of(own: NDArray[np.bool_], missed: NDArray[np.bool_]) -> tuple[int, int]:
    """(wrong, all) runs of the agent's own tokens; a run is wrong if any token in it was missed."""
    edge = np.zeros((len(own), 1), bool)
    own = np.concatenate([own, edge], axis=1).ravel()  # a run ends with its row
    starts = own & ~np.concatenate([[False], own[:-1]])
    run = np.cumsum(starts)[own] - 1
    bad = np.zeros(int(starts.sum()), bool)
    bad[run[np.concatenate([missed, edge], axis=1).ravel()[own]]] = True
    return int(bad.sum()), len(bad)
