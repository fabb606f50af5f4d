"""The landing page's directives: every choice is in the page, results appear when there are some, bad ones end it."""

import json
import re
from html import unescape

import pytest

from tests.spec.test_results import FILLED
from zhenwu.perf.capacity import fit
from zhenwu.spec.agent_session import SESSIONS
from zhenwu.spec.assumptions import homes
from zhenwu.spec.chips import CHIPS
from zhenwu.spec.models import MODELS
from zhenwu.spec.results import load
from zhenwu.spec.storage import WEIGHT_BITS

PAGE = "# T\n\n```{question}\n```\n\n```{every-choice}\n```\n"


@pytest.fixture
def page(build) -> str:
    built = build({"index": PAGE}, ["question"])
    assert built.warnings == ""
    return built.pages["index"]


def data(page: str) -> dict:
    return json.loads(re.search(r'id="landing-data">(.*?)</script>', page, re.S)[1])


def test_each_choice_has_the_figures_of_perf(page):
    cases = data(page)["cases"]
    for chip in CHIPS:
        for model in MODELS:
            for weight_format in WEIGHT_BITS:
                _, least, sessions, missing = cases[chip.key][model.key][weight_format]
                fits = [fit(model, weight_format, session, chip) for session in SESSIONS]
                assert [count for count, _ in sessions] == [f"{each.sessions.value:,}" for each in fits]
                assert [float(per) for _, per in sessions] == pytest.approx(
                    [each.per_chip.value for each in fits], abs=0.051
                )
                assert (least, bool(missing)) == (str(fits[0].least_chips.value), fits[0].shortfall is not None)


def test_without_script_the_answer_and_every_choice_are_there(page):
    answer = re.search(r'<section class="landing-answer".*?</section>', page, re.S)[0]
    assert 'hidden="hidden"' in re.search(r"<form[^>]*>", page)[0] and "hidden" not in answer.split(">")[0]
    assert "By memory, yes: 277 such sessions fit on 64 chips, 4.33 for each chip." in answer
    survival = load().survival
    unmeasured = 1 + (("MXFP4", "35h") not in survival)  # how fast it goes, and perhaps how many end well
    assert answer.count("not yet measured") == unmeasured and "Assumed on the way" in answer
    assert "nobody measured this model. Our own small agent's sessions that end well" in unescape(answer)
    tables = re.findall(r'<table class="side-by-side numbers">.*?</table>', page, re.S)
    assert len(tables) == 1 + len(MODELS) * len(WEIGHT_BITS)
    assert tables[0].count("not yet measured") == len(WEIGHT_BITS) * len(SESSIONS) - len(survival)
    assert all(table.count('<th scope="row">') == len(CHIPS) for table in tables[1:])
    assert page.count('<script defer="defer" src="landing.js"></script>') == 1
    assert re.search(r'colspan="3">[\d,]+\.\d GB short</td>', page)


def test_each_link_leads_to_a_value_of_spec(page):
    keys = {home.entry.key.replace(".", "-") for home in homes()}
    linked = set(re.findall(r'values\.html#value-([^"]+)"', page))
    linked |= {key.replace(".", "-") for key in re.findall(r"\]\((\S+) \w+\)", json.dumps(data(page)))}
    assert len(linked) > 20 and linked <= keys


def test_results_appear_when_there_are_some(build, tmp_path):
    (tmp_path / "source" / "filled.json").write_text(json.dumps(FILLED))
    built = build({"index": PAGE}, ["question"], results_file="filled.json")
    answer = re.search(r'<section class="landing-answer".*?</section>', built.pages["index"], re.S)[0]
    assert built.warnings == "" and "not yet measured" not in answer
    assert "sessions that end well: 90.0 % (85.0 to 94.0 %), measured: 200 sessions with carry" in answer
    assert "tokens a second for one session: 40.0 (30.0 to 50.0), measured" in answer
    assert data(built.pages["index"])["survival"]["MXFP4 35h"][1] == 90
    assert "<td>90.0 %</td>" in built.pages["index"]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('{"survival": {"FP6": null}}', r"index.md:3: WARNING: question: broken.json: survival: unknown key FP6"),
        ('{"survival": ', r"index.md:3: WARNING: question: broken.json, line 1: expected JSON"),
    ],
)
def test_a_broken_results_file_is_named_with_page_line_file_and_key(build, tmp_path, text, fault):
    (tmp_path / "source" / "broken.json").write_text(text)
    assert re.search(fault, build({"index": PAGE}, ["question"], results_file="broken.json").warnings)


def test_a_results_file_that_is_not_there_is_named(build):
    warnings = build({"index": PAGE}, ["question"], results_file="nowhere.json").warnings
    assert re.search(r"index.md:3: WARNING: question: .*No such file.*nowhere.json", warnings)
