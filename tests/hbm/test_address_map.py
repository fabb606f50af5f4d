"""The address map: the published order of fields, a bijection, and the RTL held to it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hdl.hbm.address_map import address_map as block
from hdl.hbm.address_map import ports
from zhenwu.cosim.hbm import address_map as cosim
from zhenwu.golden.hbm.address_map import LINES, address_map, line_address
from zhenwu.spec.hbm3 import DramAddress
from zhenwu.spec.hbm_controller import ADDRESS_MAPS

NAMES = sorted(ADDRESS_MAPS)


def test_neighbouring_lines_go_round_the_bank_groups():
    places = [address_map(line, "RoBaCoBg") for line in range(8)]
    assert [place.bank_group for place in places] == [0, 1, 2, 3, 0, 1, 2, 3]
    assert [place.column for place in places] == [0, 0, 0, 0, 1, 1, 1, 1]


def test_or_along_a_row():
    places = [address_map(line, "RoBaBgCo") for line in (0, 1, 31, 32)]
    assert [(place.column, place.bank_group) for place in places] == [(0, 0), (1, 0), (31, 0), (0, 1)]


@pytest.mark.parametrize(("name", "letter"), [("RoBaBgCo", "A"), ("RoBaCoBg", "B")])
def test_the_maps_are_those_of_the_project_traces(shared, name, letter):
    source = (shared / "dram" / "gen_traces.py").read_text(encoding="utf-8")
    given: dict = {}
    body = source[source.index("def decode") : source.index("def main")]
    exec(body, given)
    for line in (0, 1, 5, 130, 4097, 1_234_567, LINES - 1):
        place = address_map(line, name)
        assert given["decode"](line, letter) == (place.bank_group, place.bank, place.row, place.column)


@given(line=st.integers(0, LINES - 1), name=st.sampled_from(NAMES))
def test_every_place_is_one_line(line, name):
    assert line_address(address_map(line, name), name) == line


@given(
    name=st.sampled_from(NAMES), group=st.integers(0, 3), bank=st.integers(0, 3), row=st.integers(0, 16383),
    column=st.integers(0, 31),
)
def test_every_line_is_one_place(name, group, bank, row, column):
    place = DramAddress(bank_group=group, bank=bank, row=row, column=column)
    assert address_map(line_address(place, name), name) == place


@pytest.mark.parametrize("seed", [1, 2])
def test_hdl_equals_golden(seed):
    evidence = cosim.run(seed, quick=True)
    assert evidence.ok, f"{evidence.first_mismatch} {evidence.violations}"
    assert evidence.unhit == {}


@pytest.mark.parametrize("line", [-1, LINES])
def test_a_line_beyond_the_memory_is_refused(line):
    with pytest.raises(ValueError, match=rf"line {line}: expected 0 \.\. 8388607"):
        address_map(line, "RoBaCoBg")


def test_an_unknown_map_is_refused():
    with pytest.raises(ValueError, match="address map 'RoCo': expected one of RoBaCoBg, RoBaBgCo"):
        address_map(0, "RoCo")
    with pytest.raises(AssertionError, match="address map 'RoCo': expected one of"):
        block(**ports(), map_name="RoCo")
