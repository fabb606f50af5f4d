"""Exercises of the chapter "A Qwen-style transformer, counted"."""

import random

from zhenwu.exercises.exercise import Exercise
from zhenwu.spec.models import PRESETS, experts_met
from zhenwu.spec.storage import STORED_BITS


def token_bytes(attention_layers: int, kv_heads: int, head_dim: int, bits: float) -> float:
    """Bytes that a token of context takes in a cache: a key and a value for each layer and head."""
    return 2 * attention_layers * kv_heads * head_dim * bits / 8


def caches(rng: random.Random) -> list[tuple[int, int, int, float]]:
    """Models of other sizes, in formats with and without a block scale; whole numbers of bits and eighths, so exact."""
    bits = sorted(float(entry.value) for entry in STORED_BITS.values())
    return [(rng.randint(1, 99), rng.choice((1, 2, 4, 8)), 32 * rng.randint(1, 8), rng.choice(bits)) for _ in range(10)]


def scores(new: int, context: int) -> int:
    """Scores of one head: each new token with all before it and with itself."""
    return sum(context - new + nth for nth in range(1, new + 1))


def steps(rng: random.Random) -> list[tuple[int, int]]:
    """Prefill from nothing, decode, and what lies between."""
    cases = [(1, rng.randint(2, 10**5)), (1, 1)]
    for _ in range(8):
        new = rng.randint(2, 400)
        cases.append((new, new + rng.choice((0, rng.randint(1, 10**4)))))
    return cases


def tokens_to_meet(experts: int, top_k: int, share: float) -> int:
    """The least number of tokens that meet at least that share of the experts on average."""
    tokens = 1
    while 1 - (1 - top_k / experts) ** tokens < share:
        tokens += 1
    return tokens


def mixtures(rng: random.Random) -> list[tuple[int, int, float]]:
    """Other mixtures and shares; none so near a whole number of tokens that another way to compute could differ."""
    cases = [(16, 16, 0.9), (4, 2, 0.6)]
    while len(cases) < 12:
        experts = rng.choice((8, 32, 128, 160, 256, 512))
        case = (experts, rng.choice((1, 2, 4, 8, 10)) if experts > 8 else rng.randint(1, 4), rng.randint(1, 99) / 100)
        tokens = tokens_to_meet(*case)
        near = (1 - (1 - case[1] / case[0]) ** count - case[2] for count in (tokens - 1, tokens))
        if min(map(abs, near)) > 1e-6:
            cases.append(case)
    return cases


def outweighs_at(weight_bytes: int, kv_bytes: int, sessions: int) -> int:
    """The shortest context at which the caches of a batch are more bytes than the weights that it meets."""
    return weight_bytes // (kv_bytes * sessions) + 1


def batches(rng: random.Random) -> list[tuple[int, int, int]]:
    """Models of the list with the weights that a batch meets; some that come out even, where a token more is needed."""
    cases = []
    for _ in range(10):
        model, sessions = rng.choice(PRESETS), rng.choice((1, rng.randint(2, 500)))
        met = model.parameters_met(experts_met(model, sessions)) - model.vocabulary_parameters  # a table is looked up
        weights = round(met.value * rng.choice((0.53125, 1, 2)))
        cases.append((weights, model.kv_bytes.value, sessions))
    for _ in range(3):
        kv, sessions = rng.choice(PRESETS).kv_bytes.value, rng.randint(1, 99)
        cases.append((kv * sessions * rng.randint(1, 10**4), kv, sessions))
    return cases


EXERCISES = (
    Exercise(
        "ex-token", "A token in the cache", "token_bytes", token_bytes,
        shown=[(36, 8, 128, 16), (15, 2, 256, 8), (10, 1, 64, 4.25)], hidden=caches,
        hint="a key and a value; and a byte has more than one bit",
    ),
    Exercise(
        "ex-scores", "Scores, causally", "scores", scores, shown=[(1, 10), (4, 4), (3, 10)], hidden=steps,
        hint="a new token looks at itself and at what came before, not at what comes after; and the past may be empty",
    ),
    Exercise(
        "ex-meet", "When have they met them all?", "tokens_to_meet", tokens_to_meet,
        shown=[(512, 10, 0.5), (128, 8, 0.9), (8, 2, 0.25)], hidden=mixtures,
        hint="the second token picks some that the first has picked too; and the share may be reached exactly",
    ),
    Exercise(
        "ex-outweigh", "When the caches outweigh the weights", "outweighs_at", outweighs_at,
        shown=[(1000, 10, 1), (1005, 10, 1), (1000, 10, 4)], hidden=batches,
        hint="the weights are read once for all sessions, a cache once for each; and equal is not more",
    ),
)
