"""The landing page's survival is what the study's file says, and names the small agent."""

import json

import pytest

from zhenwu.spec.agent_session import SESSIONS
from zhenwu.spec.results import parse
from zhenwu.spec.storage import WEIGHT_BITS
from zhenwu.study.found import cells
from zhenwu.study.landing import COMPUTED, FIELDS, FILE, filled, survival

HOUR, FOUR = (session.calls.value for session in SESSIONS[:2])


def cell(form: str, *ran: tuple[int, int, int], **fields) -> dict:
    shares = [{"calls": calls, "survived": k, "of": n, "low": k / n, "high": 1.0} for calls, k, n in ran]
    return FIELDS | {"format": form, "survival": shares} | fields


def test_the_results_file_is_what_the_study_makes():
    text = FILE.read_text(encoding="utf-8")
    assert filled(text, cells()) == text


def test_every_format_and_session_of_the_page_is_there_and_keeps_the_schema():
    made = {"survival": survival([cell("mxfp4 floor", (HOUR, 7, 8))]), "decode_tokens_per_s": None}
    assert list(made["survival"]) == list(WEIGHT_BITS) == list(COMPUTED)
    assert all(list(each) == [session.key for session in SESSIONS] for each in made["survival"].values())
    ((keys, result),) = parse(json.dumps(made), "made").survival.items()
    assert keys == ("MXFP4", "1h") and result.value == result.low == 0.875 and result.kind == "measured"


def test_each_source_says_that_it_is_our_agent_and_no_other_model():
    source = survival([cell("bf16", (HOUR, 200, 256))])["BF16"]["1h"]["source"]
    assert source.startswith(f"200 of 256 sessions of {HOUR} calls of our own small agent in its own task")
    assert "nothing of Qwen3.7-Max" in source and "BF16" in source


def test_of_several_the_one_with_the_most_sessions_is_taken():
    among = [cell("mxfp8 floor", (HOUR, 5, 8)), cell("mxfp8 floor", (HOUR, 99, 100), (FOUR, 98, 100))]
    made = survival(among)["FP8"]
    assert (made["1h"]["value"], made["4h"]["value"], made["35h"]) == (0.99, 0.98, None)


@pytest.mark.parametrize("fields", [
    {"weights": "qat"}, {"check": "kin"}, {"harness": "reset"}, {"context": 64}, {"kv": "mxfp4"},
    {"format": "mxfp4 even"}, {"format": "mxfp4 floor hadamard"},
])
def test_nothing_that_helps_or_differs_counts(fields):
    assert survival([cell("mxfp4 floor", (HOUR, 8, 8)) | fields])["MXFP4"]["1h"] is None
