"""The table: nothing is cut off, a failure names its block, a bench that raises is a failure."""

import io
import sys
from dataclasses import replace
from types import ModuleType

import pytest
from rich.console import Console

from zhenwu.cosim.evidence import Evidence, Mismatch
from zhenwu.cosim.first_mismatch import wave_files
from zhenwu.cosim.numerics import e2m1_decode, fp32_add
from zhenwu.cosim.stream import fifo
from zhenwu.cosim.table import closing_line, gather, show

LONG = "an oracle of many words " * 12
GOOD = Evidence(
    block="adder", oracle=LONG.strip(), cases=12_345, cycles=200, mismatches=0, bins={"cp_a": 3, "cp_b": 0},
    planned={"cp_a": "first", "cp_b": "a [bracketed] reason"}, seconds=2.0, seed=77, not_checked="the rest",
    achieved=0.75, bound=1.0, notes=("unit: words a cycle",),
)
BAD = replace(
    GOOD, block="queue", mismatches=4, violations=("stream dst breaks rule 3 in cycle 9",),
    first_mismatch=Mismatch("queue", "dst", 5, 9, "data", 1, None, "1", "nothing", "random", 77),
)


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def printed(rows, **console):
    out = Console(file=io.StringIO(), **console)
    show(rows, out, lambda found: f"repeat {found.block} {found.seed}")
    return out.file.getvalue()


def test_a_pipe_gets_every_row_on_one_line_in_plain_characters():
    text = printed([GOOD, BAD], width=10_000)
    row = next(line for line in text.splitlines() if line.startswith("|adder"))
    for part in (LONG.strip(), "12,345", "1 of 2", "100", "0.75 / 1 = 75.0 %", "77", "ok"):
        assert part in row
    assert "\x1b" not in text


@pytest.mark.parametrize("width", [80, 100, 150])
def test_a_terminal_wraps_but_cuts_nothing(width):
    text = printed([GOOD, BAD], width=width, force_terminal=True, color_system=None)
    assert "…" not in text
    words = " ".join(text.replace("\n", " ").split())
    assert words.count("words") >= 24
    table = text[: text.index("Notes")].splitlines()
    assert all(len(line) <= width for line in table if not line.startswith("  "))


def test_what_the_table_cannot_say_is_listed():
    text = printed([GOOD, BAD], width=10_000)
    for part in (
        "adder: the rest", "cp_b: a [bracketed] reason", "adder: unit: words a cycle",
        "queue: stream dst breaks rule 3 in cycle 9", "again: repeat queue 77",
        "queue: transfer 5 of dst (cycle 9, stalls: random), field data: expected 0x1 (1), got nothing",
    ):
        assert part in text


def test_the_last_line_names_the_blocks_that_failed():
    assert closing_line([GOOD, BAD]) == "FAILED: queue (1 of 2 blocks)"
    assert closing_line([GOOD, replace(GOOD, violations=("v",))]) == "FAILED: adder (1 of 2 blocks)"
    both = closing_line([BAD, replace(GOOD, violations=("v",))])
    assert both == "FAILED: queue, adder (2 of 2 blocks); begin with queue, on which the others rest"
    assert closing_line([GOOD]) == "The block agrees with its oracle: 12,345 cases, 0 mismatches."
    assert closing_line([GOOD, GOOD]).startswith("All 2 blocks agree with their oracles: 24,690 cases, 0 mismatches")


def test_several_benches_run_side_by_side_and_come_in_their_order(capsys):
    rows = gather([fp32_add, e2m1_decode, fifo], 1, True)
    assert [row.block for row in rows] == ["fp32_add", "e2m1_decode", "fifo"]
    assert all(row.ok for row in rows)
    assert {line.split(":")[0] for line in capsys.readouterr().err.splitlines()} == {row.block for row in rows}


def test_a_bench_that_raises_is_a_failing_row(capsys, monkeypatch):
    module = ModuleType("zhenwu.cosim.some.broken")
    module.ORACLE, module.NOT_CHECKED, module.BINS = "o", "n", {"cp_a": "why"}

    def run(seed, quick):
        raise ValueError("intbv value 300 >= maximum 256")

    module.run = run
    monkeypatch.setitem(sys.modules, module.__name__, module)
    (row,) = gather([module], 1, True)
    assert not row.ok
    assert row.block == "broken"
    assert row.violations[0].startswith("the bench stopped: ValueError: intbv value 300 >= maximum 256 (")
    assert "test_table.py, line" in row.violations[0]
    assert "broken: 0 cases in 0.0 s, FAILED" in capsys.readouterr().err


def test_waves_of_an_earlier_mismatch_do_not_outlive_the_next_run():
    paths = wave_files("e2m1_decode")
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("old")
    gather([e2m1_decode], 1, True)
    assert not any(path.exists() for path in paths)
