"""How long a request waits: within the limit that is stated, and far below it where nobody does their worst."""

from dataclasses import replace
from random import Random

import pytest

from zhenwu.cycle.hbm.controller import Controller
from zhenwu.cycle.hbm.patterns import PATTERNS, accesses, line
from zhenwu.cycle.hbm.traffic import Access, run
from zhenwu.golden.hbm.bound import one_bank_interval
from zhenwu.spec.hbm3 import HBM3_6400
from zhenwu.spec.hbm_controller import CONTROLLER

SMALL = {"read_entries": 16, "write_entries": 16}
ROW = line(0, 0, 1, 0)  # lines from one row to the next
CEILING = 3 * int(CONTROLLER.max_age)  # the longest wait seen anywhere but in one bank: 2,309 CK


def test_the_longest_wait_stays_far_below_its_limit_under_floods():
    for pattern in ("row_flood", "few_rows", "turns"):
        for max_age in (30, 300):
            result = run(accesses(pattern, 1500, 5), Controller(max_age=max_age, refresh_start=99, **SMALL))
            assert result.faults == [] and 0 < result.referee.ledger.longest < result.referee.limit


@pytest.mark.parametrize("entries", [16, 32])
@pytest.mark.parametrize("pattern", PATTERNS)
def test_no_wait_is_much_longer_than_max_age(pattern, entries):
    """The limit that `longest_wait` states is for the worst table and traffic; these patterns stay far below it. In
    one bank every request waits for all before it.
    """
    sizes = {"read_entries": entries, "write_entries": entries}
    result = run(accesses(pattern, 200 if pattern == "one_bank" else 1200, 1), Controller(refresh_start=999, **sizes))
    queued = 2 * entries * one_bank_interval(write=True) if pattern == "one_bank" else 0
    assert result.faults == [] and result.referee.ledger.longest < CEILING + queued < result.referee.limit


@pytest.mark.parametrize("entries", [16, 32])
def test_a_write_under_a_flood_of_reads_waits_max_age_and_without_that_for_ever(entries, monkeypatch):
    flood = [Access(False, line(index % 4, 0, 0, index // 4 % 32)) for index in range(4000)]
    flood[10] = Access(True, line(0, 1, 0, 0), 5)
    sizes = {"read_entries": entries, "write_entries": entries}
    assert run(flood, Controller(**sizes)).referee.ledger.longest < 1100
    blind = Controller(**sizes)
    blind.direction.max_age = 1 << 30
    assert run(flood, blind).referee.ledger.longest > 8000 > CEILING


@pytest.mark.parametrize(
    "change",
    [
        {"nCCDS": 8, "nCCDL": 8, "nCCDR": 8, "nRRDS": 2, "nRRDL": 2},
        {"nRCDRD": 2, "nRCDWR": 2, "nRAS": 2, "nRC": 4, "nRP": 2, "nRTP": 1, "nRRDS": 2, "nRRDL": 2, "nFAW": 3,
         "nCCDL": 2, "nPPD": 1, "nWR": 1, "nCWL": 2, "nCL": 2, "nRTW": 4},
    ],
    ids=["slow columns", "everything fast"],
)
def test_openers_do_not_starve_a_hit_where_rows_open_as_fast_as_columns_go(change):
    """Then there is always an opener; only since the oldest goes before them does the hit get its turn."""
    random = Random(2)
    others = [line(index % 4, index // 4, 0, 0) for index in range(15)]
    traffic = [Access(True, others[index % 15] + ROW * random.randrange(1, 16000), 3) for index in range(2500)]
    traffic[0], traffic[64] = Access(True, line(3, 3, 5, 0), 1), Access(True, line(3, 3, 5, 1), 7)
    sizes = {"read_entries": 2, "write_entries": 64, "max_age": 64, "refresh_enable": False}
    result = run(traffic, Controller(replace(HBM3_6400, **change), **sizes))
    assert result.faults == [] and result.referee.ledger.longest < 2500


def test_a_row_flood_does_not_starve_who_wants_another_row():
    flood = [Access(False, line(0, 0, 0, index % 32)) for index in range(4000)]
    flood[40] = Access(False, line(0, 0, 1, 0))
    result = run(flood, Controller(refresh_enable=False, **SMALL))
    assert result.latencies[40] < 300
