"""Sampling: what each setting keeps, that draws follow the probabilities, and that a seed repeats a text."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.qwen.checkpoints import CONFIGS, model
from zhenwu.qwen.generate import generate
from zhenwu.qwen.model import forward
from zhenwu.qwen.sample import Sampling, log_probabilities, probabilities, sample

SCORES = np.log(np.array([[0.1, 0.4, 0.2, 0.3]]))
rows = st.lists(st.floats(-30, 30, width=32), min_size=2, max_size=12).map(lambda row: np.array([row], np.float32))
MODEL = model(CONFIGS["qwen3_moe"])


@pytest.mark.parametrize(
    ("sampling", "expected"),
    [
        (Sampling(), [0, 1, 0, 0]), (Sampling(1), [0.1, 0.4, 0.2, 0.3]), (Sampling(1, top_k=2), [0, 4 / 7, 0, 3 / 7]),
        (Sampling(1, top_k=9), [0.1, 0.4, 0.2, 0.3]), (Sampling(1, top_p=0.39), [0, 1, 0, 0]),
        (Sampling(1, top_p=0.41), [0, 4 / 7, 0, 3 / 7]), (Sampling(1, top_p=0.69), [0, 4 / 7, 0, 3 / 7]),
        (Sampling(1, top_p=0.71), [0, 4 / 9, 2 / 9, 3 / 9]), (Sampling(0.5), np.array([1, 16, 4, 9]) / 30),
        (Sampling(1, top_k=3, top_p=0.5), [0, 4 / 7, 0, 3 / 7]),  # top-p sees what top-k left: 4/9 < .5
        (Sampling(1e-300), [0, 1, 0, 0]),
    ],
)
def test_the_settings_keep_what_they_say(sampling, expected):
    np.testing.assert_allclose(probabilities(SCORES, sampling)[0], expected, atol=1e-12)


@given(rows, st.floats(0.01, 100), st.integers(0, 12), st.floats(0.001, 1))
@settings(max_examples=100)
def test_what_is_kept_is_a_prefix_of_the_ranking_and_sums_to_one(logits, temperature, top_k, top_p):
    share = probabilities(logits, Sampling(temperature, top_k, top_p))[0]
    full = probabilities(logits, Sampling(temperature))[0]
    assert share.sum() == pytest.approx(1) and (share >= 0).all() and share[full.argmax()] > 0
    kept = share > 0
    assert full[kept].min() >= full[~kept & (full > 0)].max(initial=0)
    if top_k:
        assert (full > np.sort(full)[-min(top_k, len(full))]).sum() <= top_k
    without_last = full[kept].sum() - full[kept].min()
    assert without_last < top_p + 1e-9 or top_k


def test_draws_follow_the_probabilities():
    sampling, count = Sampling(0.7, top_k=3), 20_000
    drawn = sample(np.repeat(SCORES, count, axis=0), sampling, np.random.default_rng(1))
    expected = probabilities(SCORES, sampling)[0]
    spread = np.sqrt(expected * (1 - expected) / count)
    assert (abs(np.bincount(drawn, minlength=4) / count - expected) <= 4 * spread).all()


def test_the_largest_draw_still_falls_on_a_token_that_was_kept():
    class Last:
        def random(self, shape):
            return np.full(shape, np.nextafter(1, 0))

    logits = np.random.default_rng(0).standard_normal((200, 50))
    drawn = sample(logits, Sampling(1, top_k=5), Last())
    assert (np.take_along_axis(probabilities(logits, Sampling(1, top_k=5)), drawn[:, None], axis=1) > 0).all()


@pytest.mark.parametrize("wrong", [{"temperature": -1}, {"temperature": np.nan}, {"top_k": -1}, {"top_p": 0},
                                   {"top_p": 1.5}, {"temperature": np.inf}])
def test_settings_that_mean_nothing_are_refused(wrong):
    with pytest.raises(ValueError, match=f"{next(iter(wrong))}: is .*; expected "):
        Sampling(**wrong)


def test_greedy_text_is_the_best_token_each_time_whatever_else_is_in_the_batch():
    prompts = [[1, 2, 3], [4], [5, 6, 7, 8, 9, 10]]
    chosen, scores = generate(MODEL, prompts, 6)
    for row, prompt in enumerate(prompts):
        text = list(prompt)
        for step in range(6):
            logits = forward(MODEL, np.array([text]))[0, -1]
            assert chosen[row, step] == logits.argmax()
            assert scores[row, step] == pytest.approx(log_probabilities(logits).max(), abs=1e-4)
            text.append(int(chosen[row, step]))


def test_a_seed_repeats_a_text_and_another_one_does_not():
    texts = [generate(MODEL, [[1, 2]], 12, Sampling(1.0), seed)[0].tolist() for seed in (3, 3, 4)]
    assert texts[0] == texts[1] != texts[2]


@pytest.mark.parametrize("prompts", [[], [[]], [[1], []]])
def test_an_empty_prompt_is_refused(prompts):
    with pytest.raises(ValueError, match="prompts: one is empty, or there is none; expected at least one token"):
        generate(MODEL, prompts, 1)
