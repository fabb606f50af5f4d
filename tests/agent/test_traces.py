"""Reading a trace: any order, any number of sessions, empty fields; and one sentence for what cannot be used."""

import gzip
import math
import os

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.agent.conftest import ROWS
from zhenwu.agent.traces import COLUMNS, FILES, NEEDED, TEXTS, _trace, read


def test_sessions_stand_together_in_the_order_of_time(small):
    assert (small.sessions, list(small.first), small.name) == (("b", "a"), [0, 1, 4], "mine.csv")
    assert list(small.t_s) == [5, 100, 110, 7300] and list(small.in_tokens) == [1000, 2000, 3000, 1500]
    assert [part for part in small.slices()] == [slice(0, 1), slice(1, 4)]
    assert list(small.stop) == ["tool_use", "tool_use", "end_turn", ""] and math.isnan(small.api_time_s[0])


def test_the_recorded_trace_is_read_whole(recorded, shared):
    """By another reader: numpy's."""
    with gzip.open(shared / "traces" / FILES[0], "rt") as file:
        table = np.genfromtxt(file, delimiter=",", names=True, dtype=None, encoding="utf-8")
    assert len(table) == len(recorded.t_s) == 44082 and len(set(table["trace"])) == len(recorded.sessions) == 676
    for column in COLUMNS:
        if column not in TEXTS:
            np.testing.assert_array_equal(getattr(recorded, column), table[column].astype(float))


@pytest.mark.parametrize("name", FILES)
def test_a_folder_stands_for_the_file_in_it(write, tmp_path, name):
    write(*ROWS, name=name)
    assert read(tmp_path).name == name


def test_gzip_is_known_by_its_content_not_by_its_name(write):
    path = write(*ROWS)
    path.write_bytes(gzip.compress(path.read_bytes()))
    assert len(read(path).sessions) == 2


@pytest.mark.parametrize("column", [column for column in COLUMNS if column not in NEEDED])
def test_a_field_that_is_not_needed_may_be_empty(write, column):
    row = dict(zip(COLUMNS, ROWS[1].split(","), strict=True)) | {column: ""}
    found = getattr(read(write(",".join(row.values()))), column)
    assert found[0] == "" if column in TEXTS else math.isnan(found[0])


def test_columns_may_stand_in_another_order_with_others_between_and_whole_tokens_be_floats(write):
    trace = read(write("9,a,tool_use,C,1,2,70.0,5,60,,", head="t_s,trace,stop,model,tool_tokens,system_tokens,"
                       "in_tokens,out_tokens,prefix_hit_tokens,think_time_s,api_time_s"))
    assert (trace.t_s[0], trace.in_tokens[0], trace.prefix_hit_tokens[0]) == (9, 70, 60)
    assert read(write("a,,,0,1,1,,,,,,note", head=",".join(COLUMNS) + ",comment")).sessions == ("a",)


@given(st.permutations(range(len(ROWS))))
def test_the_order_of_rows_does_not_matter_but_for_that_of_the_sessions(order):
    def row(text):
        return {name: value if name in TEXTS else float(value or "nan")
                for name, value in zip(COLUMNS, text.split(","), strict=True)}

    trace = _trace("x", [row(ROWS[index]) for index in order])
    found = {name: list(trace.in_tokens[part]) for name, part in zip(trace.sessions, trace.slices(), strict=True)}
    assert found == {"a": [2000, 3000, 1500], "b": [1000]}


GOOD = ROWS[1]


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([], "mine.csv: expected a request a line below the line of columns, and there is none"),
        ([GOOD, "a,1,2,3"], "mine.csv, line 3: has 4 fields; expected 11, as in the line of columns"),
        ([GOOD.replace("3000", "many")], "mine.csv, line 2: in_tokens is many; expected a whole number of tokens, 0"),
        ([GOOD.replace("3000", "")], "mine.csv, line 2: in_tokens is empty; expected a whole number of tokens, 0 to"),
        ([GOOD.replace("3000", "3000.5")], "mine.csv, line 2: in_tokens is 3000.5; expected a whole number"),
        ([GOOD.replace("3000", "1e300")], "mine.csv, line 2: in_tokens is 1e300; expected a whole number"),
        ([GOOD.replace("110", "-1")], "mine.csv, line 2: t_s is -1; expected seconds, 0 to 10,000"),
        ([GOOD.replace(",7,", ",-7,")], "mine.csv, line 2: think_time_s is -7; expected seconds, 0 to "),
        ([GOOD.replace(",2,", ",nan,")], "mine.csv, line 2: api_time_s is nan; expected seconds, 0 to "),
        ([GOOD.replace(",2,", ",inf,")], "mine.csv, line 2: api_time_s is inf; expected seconds, 0 to "),
        ([GOOD.replace("2000", "3001")], "mine.csv, line 2: prefix_hit_tokens is 3001; expected at most in_tokens"),
        ([GOOD.replace("110", "1e308")], "mine.csv, line 2: t_s is 1e308; expected seconds, 0 to 10,000,000,000"),
        ([GOOD.replace("110", "-0")], "mine.csv, line 2: t_s is -0; expected seconds, 0 to "),
        ([GOOD.replace("3000", "3_000")], "mine.csv, line 2: in_tokens is 3_000; expected a whole number of tokens, 0"),
        ([GOOD.replace("3000", "\u0663000")], "mine.csv, line 2: in_tokens is \u0663000; expected a whole number"),
        ([GOOD.replace("3000", '"3\n0"')], "mine.csv, line 3: in_tokens is '3\\n0'; expected a whole number"),
        ([GOOD.replace("110", "9" * 400)], f"mine.csv, line 2: t_s is {'9' * 40}...; expected seconds"),
        ([GOOD, GOOD.replace("Y", "Y\0")], "mine.csv, line 3: has a NUL character; expected comma-separated values"),
        ([GOOD.replace("a,", ",", 1)], "mine.csv, line 2: trace is empty; expected a name"),
        (['"a,1'], "mine.csv, line 2: unexpected end of data; expected comma-separated values"),
    ],
)
def test_a_bad_row_is_one_sentence_with_file_and_line(write, rows, sentence):
    with pytest.raises(ValueError) as raised:
        read(write(*rows))
    assert str(raised.value).startswith(sentence) and "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("head", "sentence"),
    [
        (",".join(COLUMNS[:-1]), "mine.csv, line 1: has no column model; expected trace, tool_tokens"),
        (",".join(COLUMNS) + ",t_s", "mine.csv, line 1: has column t_s twice; expected it once"),
        ("a,b", "mine.csv, line 1: has no column trace, tool_tokens, "),
    ],
)
def test_wrong_columns_are_one_sentence(write, head, sentence):
    with pytest.raises(ValueError) as raised:
        read(write(*ROWS, head=head))
    assert str(raised.value).startswith(sentence)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b" \n\n", "mine.csv: is empty; expected a line of columns: trace, "),
        (b"\n\na,b\n", "mine.csv, line 3: has no column trace, tool_tokens, "),
        (b"", "mine.csv: is empty; expected a line of columns: trace, "),
        (b"\xff\xfe\x00", "mine.csv: is no text in UTF-8; expected a trace"),
        (gzip.compress(b"trace,t_s" * 99)[:-30], "mine.csv: is damaged or cut off; expected a whole gzip file"),
        (gzip.compress(b"x")[:10] + b"junk" * 9, "mine.csv: is damaged or cut off; expected a whole gzip file"),
    ],
)
def test_a_file_that_is_no_trace_is_one_sentence(tmp_path, content, sentence):
    (tmp_path / "mine.csv").write_bytes(content)
    with pytest.raises(ValueError) as raised:
        read(tmp_path / "mine.csv")
    assert str(raised.value).startswith(sentence)


@pytest.mark.parametrize("blank", ["\n", " \n\r\n", ",,\n"])
def test_lines_with_nothing_in_them_do_not_count(write, blank):
    path = write(*ROWS[:2], blank.strip("\n"), *ROWS[2:])
    path.write_text(blank + path.read_text())
    assert len(read(path).t_s) == len(ROWS)


@pytest.mark.parametrize("text", ["110", "110.", "0110.0", "1.1e2", "1.1E+02", " 110 "])
def test_a_number_may_be_written_in_each_way_of_a_csv_file(write, text):
    assert read(write(GOOD.replace("110", text))).t_s[0] == 110


def test_what_is_no_file_is_said_to_be_none(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", os.devnull):
        with pytest.raises(ValueError, match=f"^{path}: is no regular file; expected a trace, .csv or .csv.gz"):
            read(path)
    with pytest.raises(ValueError, match='^"": is no path; expected a trace'):
        read("")
    with pytest.raises(ValueError, match="^x+: file name too long; expected a trace"):
        read("x" * 300)


def test_a_missing_file_and_a_folder_without_one_are_named(tmp_path):
    with pytest.raises(ValueError, match=r"nowhere: there is no such file; expected a trace, \.csv or \.csv\.gz"):
        read(tmp_path / "nowhere")
    with pytest.raises(ValueError, match=r"the folder has no agent_sessions\.csv\.gz and no agent_sessions\.csv;"):
        read(tmp_path)
