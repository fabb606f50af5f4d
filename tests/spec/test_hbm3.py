"""HBM3's numbers equal those of the project's page and configuration, and a table that cannot be is refused."""

import re
from dataclasses import fields, replace

import pytest

from hdl import bundle
from zhenwu.spec import hbm3
from zhenwu.spec.hbm3 import COMMANDS, HBM3_6400, HBM3_9600, HBM3_GEOMETRY, HbmTiming
from zhenwu.spec.sourced import Sourced

# Typed from the published preset, apart from the module: the values in CK
PRESET = """
BL 2  RCDRD 31  RCDWR 15  RP 26  RAS 45  RC 72  CCDS 2  CCDL 4  CCDR 3  RRDS 4  RRDL 5  FAW 24  WTRS 7  WTRL 10
RTW 20  RTP 9  WR 33  CL 20  CWL 10  PPD 2  RFCab 416  RFCpb 320  RREFD 8  REFI 6240  REFIpb 390
"""
PRESET_9600 = """
BL 2  CL 30  RCDRD 47  RCDWR 23  RP 39  RAS 68  RC 108  WR 50  RTP 14  CWL 15  CCDS 2  CCDL 6  CCDR 5  RRDS 6  RRDL 8
FAW 36  WTRS 11  WTRL 15  RTW 30  RFCpb 480  RREFD 8  REFI 9360  PPD 2
"""


def values(text: str) -> dict[str, int]:
    return {f"n{name}": int(value) for name, value in re.findall(r"\b([A-Z]+(?:ab|pb)?) (\d+)\b", text)}


def test_the_values_are_those_of_the_preset():
    preset = values(PRESET)
    assert {field.name for field in fields(HBM3_6400)} == {*preset, "tCK_ps"}
    assert {name: int(getattr(HBM3_6400, name)) for name in preset} == preset
    assert (HBM3_6400.tCK_ps.value, HBM3_6400.tCK_ps.unit) == (625, "ps")


def test_the_fastest_grade_is_its_preset_and_keeps_the_times_of_a_refresh():
    preset = values(PRESET_9600)
    assert {name: int(getattr(HBM3_9600, name)) for name in preset} == preset
    assert HBM3_9600.tCK_ps.value == 417
    assert 0 <= HBM3_9600.nRFCab.value * 417 - 260_000 < 417  # 260 ns and 3.9 us / 16, rounded up
    assert HBM3_9600.nREFIpb.value == -(-3_900_000 // (16 * 417))


def test_the_values_are_those_of_the_project_page(shared):
    page = (shared / "hbm.md").read_text(encoding="utf-8")
    paragraph = page[page.index("CK values of the public table") : page.index("JESD238 itself")]
    assert values(paragraph.replace("\n", " ")).items() <= values(PRESET).items()
    configuration = (shared / "dram" / "config_values.md").read_text(encoding="utf-8")
    common = configuration[configuration.index("Timing (CK)") : configuration.index("\n\nRamulator")]
    found = values(common)
    found["nRFCab"] = found.pop("nRFC")
    assert found.items() <= values(PRESET).items() and len(found) > 20


def test_every_value_names_its_source_and_none_claims_the_standard():
    for record in (HBM3_6400, HBM3_9600, HBM3_GEOMETRY):
        for field in fields(record):
            value = getattr(record, field.name)
            assert isinstance(value, Sourced) and value.kind in ("reported", "derived"), field.name


def test_the_geometry_is_a_quarter_gibibyte_of_lines():
    assert (HBM3_GEOMETRY.line_bytes.value, HBM3_GEOMETRY.line_bytes.unit) == (32, "B")
    assert HBM3_GEOMETRY.lines.value == 1 << bundle.ADDRESS_BITS
    assert HBM3_GEOMETRY.lines.value * HBM3_GEOMETRY.line_bytes.value == 256 * 1024 * 1024


def test_the_pins_have_room_for_the_geometry():
    for bits, size in (
        (bundle.BANK_GROUP_BITS, HBM3_GEOMETRY.bank_groups), (bundle.BANK_BITS, HBM3_GEOMETRY.banks),
        (bundle.ROW_BITS, HBM3_GEOMETRY.rows), (bundle.COLUMN_BITS, HBM3_GEOMETRY.columns),
        (bundle.PSEUDO_CHANNEL_BITS, HBM3_GEOMETRY.pseudo_channels),
    ):
        assert 1 << bits == size.value
    assert len(COMMANDS) <= 1 << bundle.OP_BITS
    assert 2 * bundle.DQ_BITS == bundle.LINE_BITS == 8 * HBM3_GEOMETRY.line_bytes.value


def test_a_channel_of_the_table_is_as_fast_as_a_stack_is_said_to_be():
    per_ck = HBM3_GEOMETRY.line_bytes / HBM3_6400.nBL
    gigabytes = int(per_ck.value) / HBM3_6400.tCK_ps.value * 1000
    assert gigabytes == pytest.approx(25.6)
    stack = gigabytes * HBM3_GEOMETRY.pseudo_channels.value * HBM3_GEOMETRY.channels.value
    assert stack == pytest.approx(819.2)


def test_commands_and_their_codes_go_together():
    for code, name in enumerate(COMMANDS):
        assert getattr(hbm3, name.upper()) == code


def test_a_changed_value_is_an_assumption():
    changed = replace(HBM3_6400, nRC=80)
    assert (changed.nRC.value, changed.nRC.kind, changed.nRP.kind) == (80, "assumed", "reported")
    assert changed.total("nRC", "nRP") == 106


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"nRC": 44}, "nRAS = 45 is more than nRC = 44: expected at most that, since a row closes"),
        ({"nRCDRD": 46}, "nRCDRD = 46 is more than nRAS = 45"),
        ({"nCCDL": 1}, "nCCDS = 2 is more than nCCDL = 1"),
        ({"nCCDS": 1}, "nBL = 2 is more than nCCDS = 1"),
        ({"nRRDL": 3}, "nRRDS = 4 is more than nRRDL = 3"),
        ({"nWTRL": 6}, "nWTRS = 7 is more than nWTRL = 6"),
        ({"nFAW": 3}, "nRRDS = 4 is more than nFAW = 3"),
        ({"nRTW": 11}, r"nCL \+ nBL = 22 is more than nRTW \+ nCWL = 21"),
        ({"nREFI": 400}, r"nRFCab \+ nRP \+ nRAS = 487 is more than nREFI = 400"),
        ({"nRFCpb": 417}, "nRFCpb = 417 is more than nRFCab = 416"),
        ({"nRP": 0}, "nRP = 0: expected a whole number of at least 1"),
        ({"nRP": 2.5}, r"nRP = 2\.5: expected a whole number"),
        ({"nRP": True}, "nRP = True: expected a whole number"),
    ],
)
def test_values_that_cannot_be_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        replace(HBM3_6400, **change)


def test_a_whole_table_of_plain_numbers_is_taken():
    plain = {field.name: int(getattr(HBM3_6400, field.name)) for field in fields(HbmTiming)}
    assert HbmTiming(**plain).total("nCWL", "nBL", "nWR") == 45
