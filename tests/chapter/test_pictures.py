"""Figures, waveforms, bit rows, tables and the ladder."""

import re
from xml.etree import ElementTree

import pytest

from zhenwu.chapter import axes, bits, drawing, figure, table, waves

SENTENCE = "Bars of both signs, one for each element of the block."


def test_a_drawing_needs_a_sentence_for_who_cannot_see_it():
    with pytest.raises(ValueError, match="expected a sentence"):
        drawing("<svg></svg>", "Caption.", "a bar chart")


def test_a_drawing_says_its_words_once_and_is_well_formed():
    svg = '<svg width="1" role="img" aria-label="old"><rect width="1" height="1"/></svg>'
    html = drawing(svg, "Products & sums.", SENTENCE).html
    assert html.count('role="img"') == 1 and f'aria-label="{SENTENCE}"' in html and "old" not in html
    ElementTree.fromstring(html)


def test_a_waveform_marks_what_is_wrong():
    html = waves({"dot": (14, [131, 55]), "narrow": (11, [131, 0])}, "Both.", SENTENCE, wrong=("narrow", 1)).html
    assert re.search(r'class="name wrong"[^>]*>narrow<', html) and 'class="here"' in html and "0083" in html


def test_a_word_is_drawn_bit_by_bit_top_bit_first():
    svg = bits([("five", 5, [("sign", 1), ("magnitude", 3)])])
    assert re.findall(r'class="bit"[^>]*>(\d)<', svg) == list("0101")


@pytest.mark.parametrize("value", [16, -1])
def test_a_word_that_does_not_fit_its_fields_is_refused(value):
    with pytest.raises(ValueError, match="unsigned number of 4 bits"):
        bits([("word", value, [("sign", 1), ("magnitude", 3)])])


def test_a_table_of_numbers_is_set_as_numbers():
    assert 'class="side-by-side numbers"' in table(["x", "y"], [["a", 1]], "Numbers.").html
    assert 'class="side-by-side"' in table(["x", "y"], [["a", "b"]], "Words.").html
    with pytest.raises(ValueError, match="expected 2 cells"):
        table(["x", "y"], [["a"]], "Short.")


def test_figures_share_no_id():
    pytest.importorskip("matplotlib", reason="Matplotlib is not here: make book installs it")
    drawn = [figure(axes()[0], caption, SENTENCE).html for caption in ("One.", "Two.")]
    found = [set(re.findall(r'\bid="([^"]*)"', html)) for html in drawn]
    assert found[0] and not found[0] & found[1]
