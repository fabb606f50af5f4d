"""The cell magic of a notebook: it plays the cell's source as the page does, and keeps it for the grader."""

import pytest

from tests.exercises.converted import live_cells
from zhenwu.chapter import live_block
from zhenwu.exercises import given

LINE = "fifo_write hdl/stream/fifo.py fifo src_valid dst_valid"


@pytest.fixture
def kept(monkeypatch):
    monkeypatch.setattr(given, "sources", {})
    return given.sources


def source_of(page: str, name: str) -> str:
    return live_cells(page)[name][1]


def test_a_cell_as_given_is_wrong_and_shows_where(kept):
    source = source_of("myhdl_in_ten_minutes", "fifo_write")
    shown = live_block.live_block(LINE, source)
    assert str(shown).startswith("fifo_write: Not yet: in cycle ") and kept == {"fifo_write": source}
    assert "<svg" in shown.html and "dst_ready" not in shown.html and "expected" in shown.html


def test_a_cell_that_is_right_says_so(kept):
    assert "Right: all " in str(live_block.live_block(LINE, source_of("reading_a_waveform", "fifo")))


def test_a_cell_that_raises_names_its_line(kept):
    source = source_of("reading_a_waveform", "fifo").replace("level < depth", "levl < depth")
    text = str(live_block.live_block(LINE, source))
    assert "raised NameError: name 'levl' is not defined" in text and "levl < depth" in text and "<" not in text[-3:]


def test_while_a_notebook_is_graded_the_source_is_kept_and_not_run(kept, monkeypatch):
    monkeypatch.setattr(given, "graded", True)
    assert live_block.live_block(LINE, "raise SystemExit") is None and kept == {"fifo_write": "raise SystemExit"}


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("", "%%live : expected name, file and vectors, as in %%live queue hdl/stream/fifo.py fifo"),
        ("a b", "%%live a b: expected name, file and vectors"),
        ("a hdl/stream/fifo.py queue", "live vectors 'queue': expected one of e2m1_decode, "),
        ("a hdl/fifo.py fifo", "%%live a hdl/fifo.py: the vectors fifo are for hdl/stream/fifo.py"),
        ("a hdl/stream/fifo.py fifo dst", "%%live a: no pin dst to draw; expected some of src_valid, src_data"),
    ],
)
def test_a_line_that_names_what_there_is_not_is_refused(kept, line, sentence):
    with pytest.raises(ValueError) as refused:
        live_block.live_block(line, "x = 1")
    assert str(refused.value).startswith(sentence) and kept == {}


def test_outside_ipython_nothing_is_registered():
    live_block.register()
