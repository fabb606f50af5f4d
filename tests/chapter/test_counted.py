"""What the chapter on the counted transformer computes with: parts add up, each trial shows what it is there for."""

import numpy as np
import pytest

from zhenwu.chapter.counted import (
    COLOURS,
    PARTS,
    by_part,
    experts_visited,
    fitted,
    forgotten,
    largest,
    paper_lines,
    remembered_by_attention,
    scores_by_distance,
    written_out,
)
from zhenwu.chapter.tiny_model import TINY, Counting, config_of, drawn
from zhenwu.golden.tile import layout
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


def test_the_largest_operators_the_others_and_the_total_are_the_step():
    operators = Step(PRESETS[0], 1, 1, 1000).operators()
    *rows, others, whole = largest(operators, 5)
    assert len(rows) == 5 and others[0] == f"{len(operators) - 5} others" and whole[0] == "total"
    gigabytes = [sum(row[7:10]) / 1e3 for row in (*rows, others, whole)]
    assert gigabytes[:5] == sorted(gigabytes[:5], reverse=True)
    assert sum(gigabytes[:-1]) == pytest.approx(gigabytes[-1], rel=1e-3)
    assert gigabytes[-1] == pytest.approx(total(operators).memory_bytes / 1e9, rel=1e-3)
    assert whole[6] == round(total(operators).flops_per_byte, 1)


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
    head = TINY.vocab.value * TINY.hidden.value  # all anew, but for the output layer, which the last token alone takes
    assert few == [few[0]] * 6 and many == [(few[0] - head) * n + head for n in range(1, 7)]


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
    assert fitted(16, 16, 3) < 1e-9 < 0.2 < fitted(32, 16, 3) < forgotten(32, 16, 3)  # room, and the rule
    assert remembered_by_attention(tiny.config, 64, 3) < 1e-3
    assert remembered_by_attention(tiny.config, 64, 3, length=1.0) > 0.05  # short keys leave the shares spread


@pytest.mark.parametrize("shape", [(1, 64, 256), (16, 64, 256), (16, 1024, 5120), (5, 20, 70)])
def test_lines_on_paper_are_those_of_the_layout_and_fewer_for_narrow_results(shape):
    a, b, c = layout.plan(*shape)
    planes = [(each.rows + each.panels) * each.steps for each in (a, b)]
    lines, weights = paper_lines(*shape)
    assert (lines, weights) == (sum(planes) + c.rows * c.row_lines, planes[1])
    assert lines >= paper_lines(*shape, "BF16")[0] >= paper_lines(*shape, "MXFP4")[0] > weights
