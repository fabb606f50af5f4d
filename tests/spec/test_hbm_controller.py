"""The controller's own sizes: assumed, with a reason each, and consistent."""

from dataclasses import fields, replace

import pytest

from zhenwu.spec.hbm3 import HBM3_6400
from zhenwu.spec.hbm_controller import ADDRESS_MAPS, CONTROLLER, check_sizes, longest_wait, write_slots

SIZES = {
    "timing": HBM3_6400, "read_entries": 16, "write_entries": 16, "return_entries": 64, "address_map": "RoBaCoBg",
    "max_age": 1024, "refresh_start": 100,
}


def test_every_size_is_ours_and_says_why():
    for field in fields(CONTROLLER):
        size = getattr(CONTROLLER, field.name)
        assert size.kind == "assumed" and size.source[0].title.startswith("ours: "), field.name


@pytest.mark.parametrize(
    ("entries", "high", "low"), [(64, 52, 12), (32, 26, 6), (16, 13, 3), (5, 4, 1), (2, 2, 0), (1, 1, 0)]
)
def test_watermarks_are_a_ceiling_and_a_floor(entries, high, low):
    assert CONTROLLER.watermarks(entries) == (high, low)


def test_the_maps_name_their_fields_from_the_lowest_bit_up():
    initials = {"row": "Ro", "bank": "Ba", "column": "Co", "bank_group": "Bg"}
    for name, map_fields in ADDRESS_MAPS.items():
        assert "".join(initials[field] for field in reversed(map_fields)) == name


def test_the_write_buffer_has_room_for_the_bursts_under_way():
    assert write_slots(HBM3_6400, 16) == 16 + (10 + 2) // 2


def test_the_longest_wait_grows_with_what_can_be_older():
    waits = [longest_wait(HBM3_6400, entries, entries, 1024) for entries in (1, 8, 16, 32)]
    assert waits == sorted(waits) and waits[0] > 1024
    assert longest_wait(HBM3_6400, 8, 8, 64) < waits[1]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"read_entries": 0}, r"read_entries = 0: expected a whole number of 1 \.\. 64"),
        ({"write_entries": 65}, "write_entries = 65: expected"),
        ({"return_entries": 0}, r"return_entries = 0: expected a whole number of 1 \.\. 128"),
        ({"read_entries": 2.0}, r"read_entries = 2\.0: expected a whole number"),
        ({"read_entries": True}, "read_entries = True: expected a whole number"),
        ({"max_age": 0}, "max_age = 0: expected"),
        ({"refresh_start": 0}, r"refresh_start = 0: expected a whole number of 1 \.\. 6240"),
        ({"refresh_start": 6241}, "refresh_start = 6241: expected"),
        ({"address_map": "RoBgBaCo"}, "address_map = 'RoBgBaCo': expected one of RoBaCoBg, RoBaBgCo"),
        ({"address_map": None}, "address_map = None: expected one of"),
        ({"timing": replace(HBM3_6400, nBL=1)}, r"nBL = 1: expected a whole number of 2 \.\. 2"),
        ({"timing": replace(HBM3_6400, nREFI=700)}, "nREFI = 700: expected a whole number of 929"),
        ({"timing": replace(HBM3_6400, nRRDS=2, nRRDL=2, nFAW=2)}, "nFAW = 2: expected a whole number of 3"),
        ({"timing": replace(HBM3_6400, nWR=600)}, "a refresh might begin .* expected at most 512"),
        ({"timing": replace(HBM3_6400, nREFI=929), "max_age": 99_999}, "max_age = 99999 and nREFI = 929: a request"),
    ],
)
def test_sizes_that_no_controller_can_have_are_refused(change, message):
    check_sizes(**SIZES)
    with pytest.raises(ValueError, match=message):
        check_sizes(**(SIZES | change))
