"""Who limits: from the two bounds and the time; and the picture of what array and DQ do."""

import re

import pytest

from zhenwu.cosim.slice.activity import COLUMNS, array_and_dq, on_dq
from zhenwu.cosim.slice.drawing import MOST_COMMANDS, listing
from zhenwu.cosim.slice.figures import Figures, balance_note, figures
from zhenwu.cosim.slice.jobs import shaped_jobs
from zhenwu.cycle.slice import Span
from zhenwu.golden.hbm.bound import Counted
from zhenwu.spec.hbm3 import HBM3_6400, DramAddress, DramCommand


def figured(took, array, lines, lost):
    return Figures("a job", Span(10, 10 + took - 5, 10 + took), array, Counted(lines, took, lost, 2), 1000)


@pytest.mark.parametrize(
    ("took", "array", "lines", "lost", "limit"),
    [
        (1000, 900, 100, 0, "compute"),
        (1000, 600, 299, 0, "compute"),
        (1000, 600, 301, 0, "HBM"),
        (1000, 100, 400, 150, "HBM"),
        (1000, 100, 200, 100, "latency"),
        (1000, 499, 50, 0, "latency"),
        (1000, 501, 50, 0, "compute"),
    ],
)
def test_the_limit_is_the_larger_bound_or_latency_where_neither_explains_half(took, array, lines, lost, limit):
    assert figured(took, array, lines, lost).limit == limit


def test_shares_and_bounds():
    entry = figured(1000, 400, 350, 100)
    assert (entry.array_share, entry.dq_share, entry.least) == (0.4, 0.7, 800)
    assert (entry.array_bound, entry.counted.bound) == (0.5, 700 / 800)
    assert "at least 800; array busy 400 CK = 40.0% (bound 50.0%); DQ 350 lines = 70.0% (bound 87.5%)" in str(entry)


def test_commands_count_for_the_job_in_whose_span_they_fall():
    jobs = shaped_jobs(1, [(1, 1, 1), (2, 2, 2)])
    commands = [DramCommand(cycle, "RD") for cycle in (8, 20, 22, 100, 104, 110, 112, 114, 200)]
    found = figures(jobs, [Span(10, 90, 100), Span(105, 190, 200)], commands)
    assert [entry.counted.lines for entry in found] == [2, 3]


def test_a_refresh_before_the_first_burst_is_a_need_of_the_memory():
    commands = [DramCommand(12, "REFab"), DramCommand(480, "RD"), DramCommand(482, "RD")]
    (entry,) = figures(shaped_jobs(1, [(1, 1, 1)]), [Span(10, 490, 500)], commands)
    assert entry.dq_cycles == 2 * 2 + HBM3_6400.total("nRFCab") and entry.limit == "HBM"


def test_the_balance_stands_beside_the_chip_s():
    assert "4.6 to 9.4 times as rich; an 8 x 8 slice would be 1.1 to 2.3 times as rich" in balance_note(4, 4)
    assert balance_note(8, 8).endswith("1.1 to 2.3 times as rich")


COMMANDS = [
    DramCommand(0, "ACT"), DramCommand(31, "RD"), DramCommand(60, "WR"), DramCommand(120, "REFab"),
]


def test_a_burst_is_on_dq_a_latency_after_its_command_and_a_refresh_from_its_own():
    lane, kinds = on_dq(COMMANDS, 600), ("read", "write", "refresh")
    latencies = [HBM3_6400.total("nCL"), HBM3_6400.total("nCWL"), 0]
    starts = [command.cycle for command in COMMANDS[1:]]
    assert [lane.index(kind) for kind in kinds] == [at + latency for at, latency in zip(starts, latencies, strict=True)]
    burst = HBM3_6400.total("nBL")
    assert [lane.count(kind) for kind in kinds] == [burst, burst, HBM3_6400.total("nRFCab")]


@pytest.mark.parametrize("last", [1, 50, COLUMNS, COLUMNS + 1, 5000])
def test_every_ck_is_in_one_column_and_the_shares_are_those_of_the_whole(last):
    each = (["starved"] * 30 + ["busy"] * 70) * 50
    svg = array_and_dq(each, COMMANDS, 0, last, "a run")
    spans = [tuple(map(int, found)) for found in re.findall(r"<title>CK (\d+) to (\d+): busy", svg)]
    assert len(spans) <= COLUMNS and spans[0][0] == 0 and spans[-1][1] == last - 1
    assert all(end + 1 == begin for (_, end), (begin, _) in zip(spans, spans[1:], strict=False))
    assert f"busy {each[:last].count('busy') / last:.1%}" in svg


def test_a_very_long_list_of_commands_is_cut_and_says_so():
    commands = [DramCommand(cycle, "RD", DramAddress(row=3, column=1)) for cycle in range(MOST_COMMANDS + 7)]
    lines = listing(commands).text.splitlines()
    assert lines[0].split() == "0 RD group 0 bank 0 row 3 column 1".split() and lines[-1] == "... and 7 more"
