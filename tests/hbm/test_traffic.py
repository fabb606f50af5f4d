"""Traffic: the manner of the master, the patterns, and an end that must come."""

import pytest

from zhenwu.cycle.hbm.controller import Controller
from zhenwu.cycle.hbm.device import Content
from zhenwu.cycle.hbm.patterns import PATTERNS, accesses, line
from zhenwu.cycle.hbm.traffic import Access, Master, System, expected_lines, run
from zhenwu.golden.hbm.address_map import LINES, address_map


def test_what_reads_return_is_a_dictionary_in_order():
    traffic = [Access(True, 5, 50), Access(False, 5), Access(True, 5, 51), Access(False, 5), Access(False, 6)]
    assert expected_lines(traffic) == [50, 51, Content().read(6)]
    assert expected_lines(traffic[4:], {6: 66}) == [66]


@pytest.mark.parametrize(("delay", "ahead"), [(0, 1), (-4, 5), (30, 0)])
def test_data_go_ahead_or_come_late(delay, ahead):
    """How many beats have been taken when the first command is."""
    traffic = [Access(True, index, index) for index in range(12)]
    system = System(Master(traffic, data_delay=delay, idle=lambda now: now < 10), Controller())
    while system.master.sent == 0:
        system.step()
    assert system.master.beat in (ahead, ahead - 1)


def test_a_run_that_never_ends_is_an_error_with_a_number():
    with pytest.raises(RuntimeError, match="0 of 1 accesses were taken in 50 CK, expected all and an end"):
        run([Access(False, 3)], idle=lambda now: True, budget=50)


@pytest.mark.parametrize("name", PATTERNS)
def test_every_pattern_is_repeatable_and_within_the_memory(name):
    traffic = accesses(name, 200, 5)
    assert traffic == accesses(name, 200, 5) != accesses(name, 200, 6) or name in ("stream", "triad")
    assert all(0 <= access.line_address < LINES for access in traffic)
    assert all(access.data == 0 for access in traffic if not access.write)


def test_patterns_are_what_they_say():
    assert {address_map(a.line_address, "RoBaCoBg").bank_group for a in accesses("one_group", 99, 1)} == {2}
    places = [address_map(a.line_address, "RoBaCoBg") for a in accesses("one_bank", 50, 1)]
    assert len({(place.bank_group, place.bank) for place in places}) == 1
    assert len({place.row for place in places}) == 50
    assert [a.write for a in accesses("read_back", 4, 1)] == [True, False, True, False]
    assert [a.line_address for a in accesses("stream", 3, 1)] == [0, 1, 2] and line(1, 0, 0, 0) == 1


def test_an_unknown_pattern_is_refused():
    with pytest.raises(ValueError, match="pattern 'rows': expected one of stream, triad"):
        accesses("rows", 1, 1)
