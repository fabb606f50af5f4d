"""Traces as JSON lines: both public forms, what they leave out, and one sentence for what cannot be used."""

import gzip
import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhenwu.agent import json_traces
from zhenwu.agent.committed import of_file
from zhenwu.agent.printed import sentences
from zhenwu.agent.traces import read

# Three requests: the second shares two blocks with the first, the third all that the second had.
MOONCAKE = (
    '{"timestamp": 0, "input_length": 1500, "output_length": 500, "hash_ids": [0, 1, 2]}',
    '{"timestamp": 3000, "input_length": 2000, "output_length": 490, "hash_ids": [0, 1, 3, 4]}',
    '{"timestamp": 3500, "input_length": 1999, "output_length": 3, "hash_ids": [0, 1, 3, 4]}',
)
# Two sessions, rows out of order: 7 -> 9, and 8 alone, whose blocks 7 has had but another session.
BAILIAN = (
    '{"chat_id": 9, "parent_chat_id": 7, "timestamp": 61.5, "input_length": 40, "output_length": 5, "type": "text", '
    '"turn": 2, "hash_ids": [5, 6, 9]}',
    '{"chat_id": 7, "parent_chat_id": -1, "timestamp": 2.25, "input_length": 32, "output_length": 9, "type": "text", '
    '"turn": 1, "hash_ids": [5, 6]}',
    '{"chat_id": 8, "parent_chat_id": -1, "timestamp": 70, "input_length": 33, "output_length": 1, "type": "text", '
    '"turn": 1, "hash_ids": [5, 6, 8]}',
)


@pytest.fixture
def write_json(tmp_path):
    def write_json(*lines, name="mine.jsonl"):
        path = tmp_path / name
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return write_json


def test_a_mooncake_request_stands_alone_and_reuses_blocks_of_the_whole_file(write_json):
    trace = read(write_json(*MOONCAKE))
    assert trace.sessions == ("1", "2", "3") and list(trace.t_s) == [0, 3, 3.5]
    assert list(trace.in_tokens) == [1500, 2000, 1999] and list(trace.out_tokens) == [500, 490, 3]
    assert list(trace.prefix_hit_tokens) == [0, 1024, 1999]  # a last block that is not full counts as far as it goes
    assert trace.reuse == "in the same file"


def test_a_bailian_session_is_a_chat_and_all_that_follow_from_it(write_json):
    trace = read(write_json(*BAILIAN))
    found = {name: list(trace.t_s[part]) for name, part in zip(trace.sessions, trace.slices(), strict=True)}
    assert found == {"7": [2.25, 61.5], "8": [70]}
    assert list(trace.prefix_hit_tokens) == [0, 32, 0]  # what stood there in another session does not count
    assert trace.reuse == "in the same session"


def test_a_parent_that_the_file_does_not_have_begins_a_session(write_json):
    assert read(write_json(BAILIAN[0])).sessions == ("9",)


def test_what_the_forms_lack_is_absent(write_json):
    for lines in (MOONCAKE, BAILIAN, [MOONCAKE[0].replace(', "hash_ids": [0, 1, 2]', "")]):
        trace = read(write_json(*lines))
        assert all(np.isnan(getattr(trace, name)).all()
                   for name in ("think_time_s", "api_time_s", "tool_tokens", "system_tokens"))
        assert set(trace.stop) == set(trace.model) == {""}
    assert np.isnan(trace.prefix_hit_tokens).all()


def test_the_tables_say_what_the_form_leaves_out(write_json):
    found = of_file(write_json(*MOONCAKE))
    assert "each stands alone" in found.about["form"]
    assert "of the input, 55 % stood there before, in the same file" in list(sentences(found))


@pytest.mark.parametrize("suffix", json_traces.SUFFIXES)
def test_a_file_is_known_by_its_suffix_and_may_be_gzipped(write_json, suffix):
    path = write_json(*MOONCAKE, name=f"Trace{suffix.upper()}")
    if suffix.endswith("gz"):
        path.write_bytes(gzip.compress(path.read_bytes()))
    assert len(read(path).t_s) == 3


def test_empty_lines_and_other_keys_do_not_count(write_json):
    lines = ("", MOONCAKE[0].replace("{", '{"note": {"a": [1]}, "line": "a\\u2028b", '), "  ", MOONCAKE[1])
    assert len(read(write_json(*lines)).t_s) == 2
    with pytest.raises(ValueError, match=r"mine\.jsonl, line 5: is no JSON"):
        read(write_json(*lines, "x"))


GOOD = MOONCAKE[1]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (GOOD[:40], "is no JSON, or cut off; expected one object a line"),
        ("[" * 100_000, "is no JSON, or cut off; expected one object a line"),
        ("[1, 2]", "is [1, 2]; expected an object, {...}"),
        (GOOD.replace('"timestamp": 3000, ', ""), "has no timestamp; expected a number, 0 or more"),
        (GOOD.replace("3000", "-1"), "timestamp is -1; expected a number, 0 or more"),
        (GOOD.replace("3000", "NaN"), "timestamp is NaN; expected a number, 0 or more"),
        (GOOD.replace("3000", "1e300"), "timestamp is 1e+297 s; expected 0 to 10,000,000,000 s"),
        (GOOD.replace("3000", "9" * 400), "timestamp is 1e+297 s; expected 0 to 10,000,000,000 s"),
        (GOOD.replace("2000", '"2000"'), 'input_length is "2000"; expected a number, 0 or more'),
        (GOOD.replace("2000", "true"), "input_length is true; expected a number, 0 or more"),
        (GOOD.replace("2000", "2000.5"), "input_length is 2000.5; expected a whole number of tokens, 0 to 9,007"),
        (GOOD.replace("490", "1e20"), "output_length is 1e+20; expected a whole number of tokens, 0 to 9,007"),
        (GOOD.replace("[0, 1, 3, 4]", "7"), "hash_ids is 7; expected a list of numbers"),
        (GOOD.replace("3, 4]", "[3]]"), "hash_ids is [0, 1, [3]]; expected a list of numbers"),
        (BAILIAN[0], "is Bailian's form; expected Mooncake's, as in the lines before"),
    ],
)
def test_a_bad_line_is_one_sentence_with_file_and_line(write_json, line, sentence):
    with pytest.raises(ValueError) as raised:
        read(write_json(MOONCAKE[0], line))
    assert str(raised.value).startswith(f"mine.jsonl, line 2: {sentence}") and "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ([BAILIAN[1], BAILIAN[1]], "line 2: chat_id is 7 once more; expected a number of its own"),
        ([BAILIAN[0].replace('"parent_chat_id": 7', '"parent_chat_id": 9')], "line 1: parent_chat_id leads back to "),
        ([BAILIAN[0], BAILIAN[1].replace("-1", "9")], "line 1: parent_chat_id leads back to itself; expected a chat"),
        ([BAILIAN[0].replace("9,", '"9",', 1)], 'line 1: chat_id is "9"; expected a whole number'),
    ],
)
def test_chats_that_lead_nowhere_are_one_sentence(write_json, lines, sentence):
    with pytest.raises(ValueError) as raised:
        read(write_json(*lines))
    assert str(raised.value).startswith(f"mine.jsonl, {sentence}")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "mine.jsonl: is empty; expected a JSON object a line, with timestamp, input_length, output_length"),
        (b"\n \n", "mine.jsonl: is empty; expected a JSON object a line"),
        (b"\xff\xfe\x00", "mine.jsonl: is no text in UTF-8; expected a trace"),
        (gzip.compress(MOONCAKE[0].encode() * 99)[:-20], "mine.jsonl: is damaged or cut off; expected a whole gzip"),
        (b"trace,t_s\n", "mine.jsonl, line 1: is no JSON, or cut off; expected one object a line"),
    ],
)
def test_a_file_that_is_none_is_one_sentence(tmp_path, content, sentence):
    (tmp_path / "mine.jsonl").write_bytes(content)
    with pytest.raises(ValueError) as raised:
        read(tmp_path / "mine.jsonl")
    assert str(raised.value).startswith(sentence)


@given(st.lists(st.lists(st.integers(0, 3), max_size=5), min_size=1, max_size=12))
def test_reuse_is_the_longest_beginning_that_any_earlier_request_had(requests):
    """Against a plain count; blocks may come again at other places, where they do not count."""
    lines = [json.dumps({"timestamp": 10 * at, "input_length": 512 * len(each), "output_length": 1, "hash_ids": each})
             for at, each in enumerate(requests)]
    _, rows = json_traces.rows("\n".join(lines), "x")
    for at, (row, mine) in enumerate(zip(rows, requests, strict=True)):
        shared = [next((n for n, (a, b) in enumerate(zip(mine, old, strict=False)) if a != b), min(len(mine), len(old)))
                  for old in requests[:at]]
        assert row["prefix_hit_tokens"] == 512 * max(shared, default=0) and not math.isnan(row["t_s"])
