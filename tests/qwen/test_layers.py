"""Each layer against the plainest form of itself, written here once more with loops."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhenwu.qwen.activation import sigmoid, silu, softmax, softplus
from zhenwu.qwen.convolution import causal_convolution
from zhenwu.qwen.delta_rule import delta_rule
from zhenwu.qwen.experts import route
from zhenwu.qwen.linear import ROWS, float_matmul
from zhenwu.qwen.rms_norm import rms_norm
from zhenwu.qwen.rope import Rope, cos_sin, frequencies, rotate

seeds = st.integers(0, 2**32 - 1)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_curves_take_their_known_values_and_overflow_nowhere(dtype):
    x = np.array([-1000, -100, -1, 0, 1, 100, 1000], dtype)
    e = np.exp(1)
    np.testing.assert_allclose(sigmoid(x), [0, 0, 1 / (1 + e), 0.5, e / (1 + e), 1, 1], rtol=1e-6, atol=1e-37)
    np.testing.assert_allclose(silu(x), x * sigmoid(x), rtol=1e-6, atol=1e-35)
    np.testing.assert_allclose(softplus(x), [0, 0, np.log(1 + 1 / e), np.log(2), np.log(1 + e), 100, 1000], 1e-6, 1e-37)
    np.testing.assert_allclose(softmax(np.array([[0, np.log(3), -np.inf], [1e4, 1e4, -1e4]], dtype)),
                               [[0.25, 0.75, 0], [0.5, 0.5, 0]], rtol=1e-6)
    assert {f(x.copy()).dtype for f in (sigmoid, silu, softplus, softmax)} == {np.dtype(dtype)}


def test_the_norm_of_a_vector_is_its_gain():
    x = np.random.default_rng(0).standard_normal((5, 64)) * 1e3
    np.testing.assert_allclose(np.sqrt((rms_norm(x, np.full(64, 2), 1e-6) ** 2).mean(-1)), 2, rtol=1e-6)
    np.testing.assert_allclose(rms_norm(np.zeros((1, 4)), np.ones(4), 1e-6), 0)
    np.testing.assert_allclose(rms_norm(np.full((1, 4), 1e-3), np.ones(4), 1e-6), 1 / np.sqrt(2))  # eps = mean square


def test_a_product_is_the_exact_one_rounded_once():
    """Cancelling terms that float32 sums would lose, in a matrix of more rows than are widened at a time."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((2, 3, 8)).astype(np.float32)
    w = rng.standard_normal((ROWS + 5, 8)).astype(np.float32)
    x[..., 1], w[:, 1] = -x[..., 0] * np.float32(2**12), w[:, 0] * np.float32(2**-12)
    exact = x.astype(np.float64) @ w.astype(np.float64).T
    np.testing.assert_allclose(float_matmul("", x, w), exact, rtol=2**-24, atol=1e-14)


@given(seed=seeds, time=st.integers(1, 9), width=st.integers(1, 5))
@settings(max_examples=30)
def test_the_convolution_is_a_sum_over_the_past_and_its_state_is_the_newest_inputs(seed, time, width):
    rng = np.random.default_rng(seed)
    past, x, filters = (rng.standard_normal(s) for s in ((2, width - 1, 3), (2, time, 3), (3, width)))
    count, state = rng.integers(0, time + 1, 2), past.copy()
    out = causal_convolution(x, filters, state, count)
    for row in range(2):
        whole = np.concatenate([past[row], x[row]])
        for t in range(time):
            np.testing.assert_allclose(out[row, t], sum(filters[:, j] * whole[t + j] for j in range(width)))
        seen = np.concatenate([past[row], x[row, : count[row]]])
        np.testing.assert_array_equal(state[row], seen[len(seen) - (width - 1) :])


def by_hand(query, key, value, log_decay, beta, state):
    """The recurrence of one head in one row, in the letters of arXiv 2412.06464, equation 10: S (I - beta k k^T)."""
    out = []
    for q, k, v, g, b in zip(query, key, value, log_decay, beta, strict=True):
        q, k = q / np.sqrt((q**2).sum() + 1e-6), k / np.sqrt((k**2).sum() + 1e-6)
        state = np.exp(g) * (np.eye(len(k)) - b * np.outer(k, k)) @ state + b * np.outer(k, v)
        out.append(q @ state / np.sqrt(len(q)))
    return np.array(out), state


@pytest.mark.parametrize(("dtype", "bound"), [(np.float64, 1e-12), (np.float32, 1e-6)])
@given(seed=seeds)
@settings(max_examples=20)
def test_the_delta_rule_is_the_papers_recurrence(dtype, bound, seed):
    """`dtype` is that of the state."""
    rng = np.random.default_rng(seed)
    batch, time, heads, dk, dv = 2, 7, 3, 4, 5
    query, key = rng.standard_normal((2, batch, time, heads, dk))
    value, beta = rng.standard_normal((batch, time, heads, dv)), rng.random((batch, time, heads))
    log_decay = -rng.exponential(1, (batch, time, heads))
    state = rng.standard_normal((batch, heads, dk, dv)).astype(dtype)
    before = state.astype(np.float64)
    out = delta_rule(query, key, value, log_decay, beta, state)
    assert state.dtype == dtype
    for b in range(batch):
        for h in range(heads):
            expected, end = by_hand(*(x[b, :, h] for x in (query, key, value, log_decay, beta)), before[b, h])
            np.testing.assert_allclose(out[b, :, h], expected, rtol=0, atol=1e-12)
            np.testing.assert_allclose(state[b, h], end, rtol=0, atol=bound)


def test_the_delta_rule_answers_a_key_with_the_value_last_written_to_it():
    """beta 1 and no decay: a second value under the same key replaces the first; another key's stays."""
    keys = np.eye(2)[[0, 1, 0]][None, :, None]
    values = np.array([[1.0, 2], [3, 4], [5, 6]])[None, :, None]
    out = delta_rule(keys, keys, values, np.zeros((1, 3, 1)), np.ones((1, 3, 1)), state := np.zeros((1, 1, 2, 2)))
    np.testing.assert_allclose(state[0, 0], [[5, 6], [3, 4]], rtol=1e-5)
    np.testing.assert_allclose(out[0, :, 0] * np.sqrt(2), values[0, :, 0], rtol=1e-5)


@given(seed=seeds, chosen=st.integers(1, 5))
@settings(max_examples=20)
def test_the_router_takes_the_most_probable_experts_and_may_make_their_weights_sum_to_one(seed, chosen):
    logits = np.random.default_rng(seed).standard_normal((4, 5))
    share = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    for normalise in (False, True):
        experts, weight = route(logits, chosen, normalise)
        for row in range(4):
            best = sorted(range(5), key=lambda e, row=row: -share[row, e])[:chosen]
            assert experts[row].tolist() == best
            expected = share[row, best] / (share[row, best].sum() if normalise else 1)
            np.testing.assert_allclose(weight[row], expected)


def test_equal_experts_go_to_the_lower_number():
    assert route(np.zeros((1, 4)), 2, True)[0].tolist() == [[0, 1]]


ROPES = [
    Rope(8, 1e4), Rope(8, 1e4, "linear", factor=4.0), Rope(16, 1e4, partial_rotary_factor=0.25),
    Rope(16, 1e4, "yarn", factor=4.0, original_max_position_embeddings=64, attention_factor=1.14),
    Rope(16, 1e4, "llama3", factor=8.0, original_max_position_embeddings=64),
    Rope(16, 1e4, "proportional", partial_rotary_factor=0.5),
]


@pytest.mark.parametrize("rope", ROPES, ids=lambda rope: rope.rope_type)
def test_a_scalar_product_depends_on_the_distance_alone(rope):
    rng = np.random.default_rng(0)
    query, key = rng.standard_normal((2, 1, 1, 1, rope.head_dim))

    def product(p, q):
        turns = [cos_sin(rope, np.array([[place]])) for place in (p, q)]
        return (rotate(query, *turns[0]) * rotate(key, *turns[1])).sum()

    assert product(7, 3) == pytest.approx(product(104, 100), abs=1e-4)  # angles are float32
    assert abs(product(7, 3) - product(7, 4)) > 1e-3


def test_frequencies_of_each_type_take_their_known_values():
    plain = 1e4 ** -(np.arange(0, 16, 2) / 16)
    np.testing.assert_allclose(frequencies(Rope(16, 1e4)), plain, rtol=1e-6)
    np.testing.assert_allclose(frequencies(Rope(16, 1e4, "linear", factor=4.0)), plain / 4, rtol=1e-6)
    np.testing.assert_allclose(frequencies(Rope(16, 1e4, partial_rotary_factor=0.25)), [1, 0.01], rtol=1e-6)
    assert Rope(20, 1e4, partial_rotary_factor=0.25).rotary_dim == 6  # 5 turned coordinates, rounded up
    assert Rope(2, 1e4, partial_rotary_factor=0.25).rotary_dim == 0
    for rope in (Rope(20, 1e4, partial_rotary_factor=0.25), Rope(16, 1e4, "proportional", partial_rotary_factor=0.5)):
        assert rope.rotary_dim == 2 * len(frequencies(rope))
    longer = Rope(16, 1e4, "dynamic", factor=2.0, original_max_position_embeddings=32)
    np.testing.assert_array_equal(frequencies(longer, 32), frequencies(Rope(16, 1e4)))
    grown = (1e4 * 2.0 ** (16 / 14)) ** -(np.arange(0, 16, 2) / 16)  # 2 * 48 / 32 - 1 = 2
    np.testing.assert_allclose(frequencies(longer, 48), grown, rtol=1e-6)
    np.testing.assert_array_equal(cos_sin(longer, np.array([[0, 1, 47]]))[0][0, 1, 0], np.float32(np.cos(grown)))
    for kind in ("yarn", "llama3"):  # the fastest pair stays, the slowest is stretched, none leaves that band
        bent = frequencies(Rope(64, 1e4, kind, factor=4.0, original_max_position_embeddings=4096)) * 1e4 ** (
            np.arange(0, 64, 2) / 64
        )
        assert bent[0] == pytest.approx(1) and bent[-1] == pytest.approx(0.25)
        assert (np.diff(bent) <= 1e-6).all() and 0.3 < np.sort(bent)[len(bent) // 2] < 1.01
    half = frequencies(Rope(16, 1e4, "proportional", partial_rotary_factor=0.5))
    np.testing.assert_allclose(half, np.where(np.arange(8) < 4, plain, 0), rtol=1e-6)
