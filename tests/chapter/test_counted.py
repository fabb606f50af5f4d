"""What the chapter on the counted transformer computes with: parts add up, each trial shows what it is there for."""

import numpy as np
import pytest

from zhenwu.chapter.counted import (
    COLOURS,
    PARTS,
    by_part,
    experts_visited,
    forgotten,
    remembered_by_attention,
    scores_by_distance,
    written_out,
)
from zhenwu.chapter.tiny_model import TINY, Counting, config_of, drawn
from zhenwu.qwen.count import Step, parameters, total
from zhenwu.qwen.model import forward
from zhenwu.spec.models import PRESETS


@pytest.fixture(scope="module")
def tiny():
    return drawn(config_of(TINY), 1)


@pytest.mark.parametrize("model", PRESETS, ids=lambda model: model.key)
def test_the_parts_of_a_step_add_up_to_the_whole(model):
    operators = Step(model, 3, 5, 50).operators()
    assert sum(by_part(operators, "parameters").values()) == parameters(operators)
    for field in ("flops", "weight_bytes", "kv_bytes", "activation_bytes"):
        assert sum(by_part(operators, field).values()) == pytest.approx(getattr(total(operators), field))


def test_what_has_no_colour_in_a_bar_is_next_to_nothing():
    assert set(COLOURS) == set(PARTS.values()) - {"norms and sums"}
    for model in PRESETS:
        shares = by_part(Step(model, 1, 1, 1000).operators(), "parameters")
        assert shares["norms and sums"] < 0.001 * sum(shares.values())


def test_a_model_drawn_twice_from_a_seed_is_the_same_and_says_something(tiny):
    again, other = drawn(config_of(TINY), 1), drawn(config_of(TINY), 2)
    logits = [forward(each, np.array([[1, 2, 3]])) for each in (tiny, again, other)]
    assert (logits[0] == logits[1]).all() and not (logits[0] == logits[2]).any()
    assert np.isfinite(logits[0]).all() and 0.3 < logits[0].std() < 3


def test_a_counting_matmul_multiplies_and_keeps_what_it_had():
    counting, x, w = Counting(), np.ones((2, 3, 4)), np.ones((5, 4))
    assert (counting("w", x, w) == 4).all() and counting.multiplications == {"w": 2 * 3 * 5 * 4}
    assert counting.operands["w"] == (x, w)


def test_a_cache_changes_no_score_and_spares_the_work(tiny):
    text = np.array([[3, 1, 4, 1, 5, 9]])
    (kept, few), (anew, many) = (written_out(tiny, text, keep) for keep in (True, False))
    np.testing.assert_allclose(kept, anew, atol=1e-4)
    assert few == [few[0]] * 6 and many == [few[0] * n for n in range(1, 7)]


def test_scores_depend_on_the_distance_alone(tiny):
    near, far = (scores_by_distance(tiny.config.rope, start, range(20), 4) for start in (0, 999))
    np.testing.assert_allclose(near, far, atol=1e-3)
    assert np.std([score for _, score in near]) > 0.1


def test_one_token_visits_its_top_experts_and_many_visit_all(tiny):
    tokens = np.arange(200)[:, None]
    assert experts_visited(tiny, tokens[:1]) == TINY.top_k.value
    assert experts_visited(tiny, tokens) == TINY.experts.value


def test_a_state_holds_one_pair_and_not_many_while_attention_holds_them(tiny):
    assert forgotten(1, 16, 3) < 1e-4 < 0.5 < forgotten(64, 16, 3)
    assert forgotten(16, 64, 3) < forgotten(16, 16, 3)
    assert remembered_by_attention(tiny.config, 64, 3) < 1e-3
    assert remembered_by_attention(tiny.config, 64, 3, length=1.0) > 0.05  # short keys leave the shares spread
