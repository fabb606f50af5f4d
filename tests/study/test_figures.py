"""The study's figures appear whatever was found: bins with few turns, cells without an error."""

import pytest

from tests.study.test_summary import FOUND, outcome

pytest.importorskip("matplotlib", reason="Matplotlib is not here: make study installs it")


@pytest.mark.parametrize("found", [FOUND, outcome({1: [], 2: []}), outcome({1: [0]}, calls=3)])
def test_all_three_are_drawn_even_where_no_bin_has_enough_turns(found, tmp_path):
    from zhenwu.study.figures import draw
    from zhenwu.study.summary import summary

    draw(summary([("made", found)]), tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"age.svg", "errors.svg", "survival.svg"}
    assert all("<svg" in path.read_text(encoding="utf-8") for path in tmp_path.iterdir())
