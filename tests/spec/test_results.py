"""The results file: the package's own is valid, a filled one is read, and each break of the schema is one sentence."""

import copy
import json
from dataclasses import asdict

import pytest

from zhenwu.spec.agent_session import REPORTED
from zhenwu.spec.models import STAND_IN
from zhenwu.spec.results import Result, ResultsError, load, parse

RESULT = Result(0.9, 0.85, 0.94, "measured", "200 sessions with carry", "zhenwu agent run", "0.2.0")
RATE = asdict(RESULT) | {"value": 40, "low": 30, "high": 50, "context": int(REPORTED.context(STAND_IN).value)}
FILLED = {
    "survival": {"MXFP4": {"35h": asdict(RESULT), "1h": None}, "FP8": None},
    "decode_tokens_per_s": {"m890": {STAND_IN.key: {"MXFP4": {"35h": RATE}}}},
}


def test_the_packages_own_file_keeps_the_schema():
    results = load()
    assert all(0 <= result.low <= result.value <= result.high <= 1 for result in results.survival.values())


def test_a_filled_file_is_read_and_null_or_absent_is_not_measured(tmp_path):
    path = tmp_path / "results.json"
    path.write_text(json.dumps(FILLED))
    results = load(path)
    assert dict(results.survival) == {("MXFP4", "35h"): RESULT}
    (keys, rate), = results.decode_tokens_per_s.items()
    assert (keys, rate.value) == (("m890", STAND_IN.key, "MXFP4", "35h"), 40)


WHERE = ("survival", "MXFP4", "35h")
RATES = ("decode_tokens_per_s", "m890", STAND_IN.key, "MXFP4", "35h")
BREAKS = [
    (("speed",), {}, r"r\.json: unknown key speed, expected an object with keys among survival, decode_tokens_per_s"),
    (("survival", "FP6"), None, r"r\.json: survival: unknown key FP6, .* MXFP4, FP8, BF16"),
    (("survival", "MXFP4", "2h"), None, r"r\.json: survival\.MXFP4: unknown key 2h, .* 1h, 4h, 35h, 35h_stress"),
    (("survival", "FP8"), 0.9, r"r\.json: survival\.FP8 is 0\.9: expected an object .*, or null"),
    ((*WHERE, "value"), "0.9", r'survival\.MXFP4\.35h\.value is "0\.9": expected a number'),
    ((*WHERE, "value"), True, r"survival\.MXFP4\.35h\.value is true: expected a number"),
    ((*WHERE, "value"), float("nan"), r"survival\.MXFP4\.35h\.value is NaN: expected a number"),
    ((*WHERE, "value"), 0.99, r"survival\.MXFP4\.35h: 0\.85, 0\.99, 0\.94, expected low <= value <= high"),
    ((*WHERE, "high"), 1.2, r"survival\.MXFP4\.35h: low 0\.85 and high 1\.2, expected shares from 0 to 1"),
    ((*WHERE, "kind"), "guessed", r'survival\.MXFP4\.35h\.kind is "guessed": expected one of measured, simulated'),
    ((*WHERE, "source"), " ", r'survival\.MXFP4\.35h\.source is " ": expected a few words'),
    ((*WHERE, "command"), None, r"survival\.MXFP4\.35h\.command is null: expected a few words"),
    ((*WHERE, "n"), 200, r"survival\.MXFP4\.35h: unknown key n, expected an object with keys among value"),
    ((*RATES, "context"), 1, r"decode_tokens_per_s\.m890\..*\.35h\.context is 1: expected 262144"),
    ((*RATES, "low"), 0, r"decode_tokens_per_s\.m890\..*\.35h\.low is 0: expected more than 0 tokens a second"),
    (("decode_tokens_per_s", "m990"), None, r"decode_tokens_per_s: unknown key m990, .* m890, v900"),
]


@pytest.mark.parametrize(("path", "value", "sentence"), BREAKS, ids=lambda entry: str(entry)[:40])
def test_a_break_of_the_schema_names_file_key_and_what_was_expected(path, value, sentence):
    broken = copy.deepcopy(FILLED)
    place = broken
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    with pytest.raises(ResultsError, match=sentence) as caught:
        parse(json.dumps(broken), "r.json")
    assert "\n" not in str(caught.value)


def test_a_missing_field_is_named():
    broken = copy.deepcopy(FILLED)
    del broken["survival"]["MXFP4"]["35h"]["version"]
    with pytest.raises(ResultsError, match=r"survival\.MXFP4\.35h\.version is null: expected a few words"):
        parse(json.dumps(broken), "r.json")


def test_a_key_twice_is_refused():
    with pytest.raises(ResultsError, match=r"r\.json: survival stands there 2 times: expected once"):
        parse('{"survival": null, "survival": null}', "r.json")


def test_what_is_no_json_names_the_line():
    with pytest.raises(ResultsError, match=r"r\.json, line 2: expected JSON"):
        parse('{"survival":\n}', "r.json")
