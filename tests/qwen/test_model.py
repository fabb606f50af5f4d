"""Laws of the whole model: what a token's scores may depend on, and what they may not."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.qwen.checkpoints import CONFIGS, SLIDING, model
from zhenwu.qwen.config import FULL
from zhenwu.qwen.linear import float_matmul
from zhenwu.qwen.model import Cache, forward
from zhenwu.qwen.parameters import parameters

KINDS = CONFIGS | {"sliding": SLIDING, "tied": CONFIGS["qwen3"] | {"tie_word_embeddings": True}}
MODELS = {kind: model(values, np.float64) for kind, values in KINDS.items()}
VOCAB = CONFIGS["qwen3"]["vocab_size"]
kinds = pytest.mark.parametrize("kind", sorted(KINDS))
seeds = st.integers(0, 2**32 - 1)
close = {"rtol": 0, "atol": 1e-11}  # float64; logits reach 5


def prompt(seed, batch, time):
    return np.random.default_rng(seed).integers(0, VOCAB, (batch, time))


@kinds
@given(seed=seeds, cuts=st.lists(st.integers(1, 5), min_size=1, max_size=6))
@settings(max_examples=15)
def test_the_logits_do_not_depend_on_how_a_prompt_is_cut_into_calls(kind, seed, cuts):
    tokens = prompt(seed, 2, sum(cuts))
    cache = Cache(MODELS[kind].config, 2, sum(cuts), np.float64)
    parts = [forward(MODELS[kind], part, cache) for part in np.split(tokens, np.cumsum(cuts)[:-1], axis=1)]
    np.testing.assert_allclose(np.concatenate(parts, axis=1), forward(MODELS[kind], tokens), **close)
    assert cache.length.tolist() == 2 * [sum(cuts)]


@kinds
@given(seed=seeds, time=st.integers(1, 12))
@settings(max_examples=15)
def test_padding_anywhere_changes_nothing_then_or_later(kind, seed, time):
    """Real tokens may lie left, right or scattered, and a row may have none; the next call goes on from them."""
    tokens, rng = prompt(seed, 3, time), np.random.default_rng(seed)
    real = rng.random((3, time)) < rng.choice([0.2, 0.5, 0.9])
    later = rng.integers(0, VOCAB, (3, 1))
    cache = Cache(MODELS[kind].config, 3, time + 1, np.float64)
    logits = forward(MODELS[kind], tokens, cache, real)
    next_logits = forward(MODELS[kind], later, cache)
    for row in range(3):
        alone = np.concatenate([tokens[row, real[row]], later[row]])[None]
        expected = forward(MODELS[kind], alone)[0]
        np.testing.assert_allclose(logits[row, real[row]], expected[:-1], **close)
        np.testing.assert_allclose(next_logits[row, 0], expected[-1], **close)


def test_padding_does_not_bend_a_dynamic_rope():
    rope = {"rope_type": "dynamic", "rope_theta": 1e4, "factor": 3.0}
    long, short = (
        model(CONFIGS["qwen3"] | {"max_position_embeddings": most, "rope_parameters": rope}, np.float64)
        for most in (512, 4)
    )
    tokens = prompt(3, 1, 9)
    alone, real = forward(short, tokens[:, :6]), np.arange(9)[None] < 6
    assert abs(alone - forward(long, tokens[:, :6])).max() > 1e-3  # beyond four tokens it is bent
    np.testing.assert_allclose(forward(short, tokens, real=real)[:, :6], alone, **close)


@kinds
@given(seed=seeds)
@settings(max_examples=10)
def test_rows_that_start_and_wait_at_different_times_decode_as_if_alone(kind, seed):
    """Lockstep decoding: at each step some rows are idle and some are emptied for a new session."""
    rng, sessions = np.random.default_rng(seed), [[], [], []]
    cache = Cache(MODELS[kind].config, 3, 12, np.float64)
    for _ in range(12):
        emptied = rng.random(3) < 0.15
        cache.reset(emptied)
        sessions = [[] if empty else session for empty, session in zip(emptied, sessions, strict=True)]
        tokens, real = rng.integers(0, VOCAB, (3, 1)), rng.random((3, 1)) < 0.7
        logits = forward(MODELS[kind], tokens, cache, real)
        for row in np.flatnonzero(real):
            sessions[row].append(tokens[row, 0])
            expected = forward(MODELS[kind], np.array([sessions[row]]))[0, -1]
            np.testing.assert_allclose(logits[row, 0], expected, **close)


@kinds
def test_a_token_sees_nothing_that_comes_later(kind):
    tokens = prompt(1, 2, 10)
    changed = tokens.copy()
    changed[:, 6:] = (changed[:, 6:] + 1) % VOCAB
    before, after = forward(MODELS[kind], tokens), forward(MODELS[kind], changed)
    np.testing.assert_allclose(before[:, :6], after[:, :6], **close)
    assert abs(before[:, 6:] - after[:, 6:]).max() > 1e-3


@kinds
def test_float32_stays_near_float64_and_is_float32(kind):
    tokens = prompt(2, 2, 20)
    single, double = forward(model(KINDS[kind]), tokens), forward(MODELS[kind], tokens)
    assert single.dtype == np.float32 and double.dtype == np.float64
    assert abs(double).max() > 3  # or the bound below would say little
    np.testing.assert_allclose(single, double, rtol=0, atol=1e-4)


def test_a_sliding_window_hides_what_lies_further_back():
    """One layer with window 4: the last of 8 tokens sees tokens 4 to 7."""
    values = SLIDING | {"num_hidden_layers": 1, "max_window_layers": 0}
    one, tokens = model(values, np.float64), prompt(3, 1, 8)
    for place in range(8):
        changed = tokens.copy()
        changed[0, place] = (changed[0, place] + 1) % VOCAB
        difference = abs(forward(one, tokens)[0, -1] - forward(one, changed)[0, -1]).max()
        assert (difference > 1e-6) == (place >= 4), place


@kinds
def test_every_part_of_every_tensor_matters(kind):
    """A tensor that the arithmetic forgot, or the rows of one (a gate's, say), would leave the logits as they are."""
    whole, tokens = MODELS[kind], np.stack([np.arange(VOCAB), np.arange(VOCAB)[::-1]])
    before = forward(whole, tokens)
    for name in parameters(whole.config):
        w = whole.weights[name]
        for row in np.unique(np.linspace(0, len(w) - 1, 7).astype(int)):
            kept = w[row].copy()
            w[row] += 0.5 * np.cos(np.arange(w[row].size)).reshape(w[row].shape)
            assert abs(forward(whole, tokens) - before).max() > 1e-9, (name, row)
            w[row] = kept


@kinds
def test_every_linear_layer_goes_through_matmul(kind):
    seen = {}

    def spy(name, x, w):
        seen[name] = w.shape
        return float_matmul(name, x, w)

    whole, tokens = MODELS[kind], prompt(5, 3, 30)
    np.testing.assert_array_equal(forward(whole, tokens, matmul=spy), forward(whole, tokens))
    expected = {n.removesuffix(".weight"): s for n, s in parameters(whole.config).items() if len(s) == 2}
    expected.pop("model.embed_tokens")
    for name, (count, *shape) in ((n, s) for n, s in parameters(whole.config).items() if ".experts." in n):
        base, part = name.rsplit(".", 1)
        expected |= {f"{base}.{expert}.{part}": tuple(shape) for expert in range(count)}
    assert seen == expected | {"lm_head": (VOCAB, whole.config.hidden_size)}


def test_the_cache_stores_what_its_quantiser_returns():
    whole, tokens = MODELS["qwen3"], prompt(6, 2, 5)
    coarse = Cache(whole.config, 2, 5, np.float64, kv=lambda x: np.round(4 * x) / 4)
    plain = Cache(whole.config, 2, 5, np.float64)
    assert abs(forward(whole, tokens, coarse) - forward(whole, tokens, plain)).max() > 1e-3
    for stored in (coarse.keys, coarse.values):
        assert all((4 * array == np.round(4 * array)).all() for array in stored.values())
    np.testing.assert_array_equal(coarse.values[0], np.round(4 * plain.values[0]) / 4)


def test_a_long_prompt_is_asked_in_parts_and_nothing_changes():
    tokens = prompt(7, 1, 300)  # more than attention.QUERIES
    cache = Cache(MODELS["sliding"].config, 1, 300, np.float64)
    steps = [forward(MODELS["sliding"], tokens[:, t : t + 1], cache)[:, 0] for t in range(300)]
    np.testing.assert_allclose(np.stack(steps, axis=1), forward(MODELS["sliding"], tokens), **close)


@pytest.mark.parametrize(
    ("tokens", "real", "sentence"),
    [
        (np.zeros((2, 6), int), None, "cache: row 0 would hold 6 tokens; expected at most 5"),
        (np.zeros((3, 1), int), None, "cache: has 2 rows; expected 3, as many as tokens"),
        (np.full((2, 1), VOCAB), None, "tokens: go from 37 to 37; expected 0 to 36"),
        (np.full((2, 1), -1), None, "tokens: go from -1 to -1; expected 0 to 36"),
        (np.zeros((2, 1)), None, r"tokens: have shape \(2, 1\) and type float64; expected whole numbers"),
        (np.zeros(2, int), None, r"tokens: have shape \(2,\) and type int64; expected whole numbers \[b, t\]"),
        (np.zeros((2, 1), int), np.ones((2, 2), bool), r"real: has shape \(2, 2\); expected that of tokens, \(2, 1\)"),
    ],
)
def test_a_call_that_cannot_be_done_is_refused_and_leaves_the_cache(tokens, real, sentence):
    cache = Cache(MODELS["qwen3"].config, 2, 5, np.float64)
    with pytest.raises(ValueError, match=sentence):
        forward(MODELS["qwen3"], tokens, cache, real)
    assert cache.length.tolist() == [0, 0]


def test_a_row_may_fill_its_cache_to_the_last_place():
    cache = Cache(MODELS["qwen3"].config, 2, 5, np.float64)
    real = np.array([[True] * 5, [True] * 3 + [False] * 2])
    forward(MODELS["qwen3"], np.zeros((2, 5), int), cache, real)
    forward(MODELS["qwen3"], np.zeros((2, 2), int), cache, np.array([[False] * 2, [True] * 2]))
    assert cache.length.tolist() == [5, 5]
    assert FULL in MODELS["qwen3"].config.layer_types
