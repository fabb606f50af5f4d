"""Predictions: a form, its result beside the number, and no question whose answer never comes."""

import re

import pytest

from tests.book.test_number_role import kept

EXTENSIONS = ["number_role", "predict"]


def test_a_number_is_asked_for_and_revealed_where_it_is_kept(build):
    page = f"# T\n\n```{{predict}} took\n:unit: CK\nHow *long*?\n```\n\n{kept('took', 1438)}\nAfter.\n"
    built = build({"index": page}, EXTENSIONS)
    html = built.pages["index"]
    form = re.search(r'<form class="predict" data-name="took" data-unit="CK".*?</form>', html, re.S)[0]
    assert built.warnings == "" and "How <em>long</em>?" in form
    assert re.search(r'<input aria-labelledby="predict-took-question" id="predict-took"', form)
    place = re.search(r'<p class="revealed" data-name="took" data-value="1438" data-result="1,438 CK">', html)
    assert html.index('id="kept-took"') < place.start() < html.index("After.")


def test_a_choice_is_asked_for(build):
    page = f"# T\n\n```{{predict}} who\n:choices: HBM | latency\nWho?\n```\n\n{kept('who', 1)}"
    html = build({"index": page}, EXTENSIONS).pages["index"]
    assert "<option>HBM</option><option>latency</option>" in html and "<input" not in html.split("<form")[1]


@pytest.mark.parametrize(
    ("page", "fault"),
    [
        ("```{predict} took\nHow long?\n```\n", r"index.md:3: WARNING: prediction took: no cell of this page keeps"),
        ("```{predict} took\n```\n", r'index.md:3: ERROR: .*Content block expected for the "predict" directive'),
        ("```{predict}\nHow long?\n```\n", r"index.md:3: .*'predict': 1 argument"),
        ("```{predict} took\n:choices: HBM\nWho?\n```\n", r'index.md:3: .*expected two choices or more'),
    ],
)
def test_a_faulty_question_is_named_with_file_and_line(build, page, fault):
    built = build({"index": f"# T\n\n{page}"}, EXTENSIONS)
    assert re.search(fault, built.warnings), built.warnings
