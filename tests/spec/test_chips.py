"""The compared chips equal the project's fact table, and the M890 among them is the one of m890.py."""

import pytest
import yaml

from zhenwu.spec import m890, p810e, rack, roadmap
from zhenwu.spec.chips import CHIPS, GROUP, M890, M890_MEMORY_IN_CODE, P810E, USABLE_SHARE, V900

FIELDS = {"memory": "mem", "bandwidth": "bw", "link": "link", "power": "tdp"}
RATES = {"BF16": "fp16", "FP8": "fp8", "MXFP4": "fp4"}
OTHERS = [chip for chip in CHIPS if chip not in (M890, P810E, V900)]


@pytest.fixture(scope="module")
def table(shared) -> dict[str, dict]:
    text = (shared / "facts.yaml").read_text(encoding="utf-8")
    return {entry["key"]: entry for entry in yaml.safe_load(text)["facts"]}


@pytest.mark.parametrize("chip", OTHERS, ids=lambda chip: chip.key)
def test_each_chip_equals_the_table(table, chip):
    entry = table[f"chip.{chip.key}"]
    for field, name in FIELDS.items():
        fact = getattr(chip, field)
        assert (fact.value, fact.kind, fact.confidence) == (entry["value"][name], entry["kind"], entry["confidence"])
        assert fact.note == entry.get("note", "")
        assert [tuple(each) for each in fact.source] == [(s["title"], s["url"], s["date"]) for s in entry["sources"]]


@pytest.mark.parametrize("chip", OTHERS, ids=lambda chip: chip.key)
def test_a_chip_multiplies_in_the_formats_that_have_a_peak_in_the_table(table, chip):
    peaks = table[f"chip.{chip.key}"]["value"]
    assert {form: chip.computes(form) for form in RATES} == {form: rate in peaks for form, rate in RATES.items()}


def test_the_makers_own_chips_are_the_facts_that_stand_elsewhere():
    assert (M890.memory, M890.bandwidth, M890.link) == (
        m890.MEMORY_CAPACITY, m890.HBM_BANDWIDTH_RANGE, m890.INTERCHIP_BANDWIDTH
    )
    assert (P810E.link, P810E.memory.inputs, P810E.memory.unit) == (p810e.INTERCHIP, (p810e.MEMORY,), "GB")
    assert (V900.memory, V900.link, GROUP.inputs) == (
        roadmap.V900_MEMORY, roadmap.V900_INTERCHIP, (rack.SUPERNODE_CARDS,)
    )


def test_what_nobody_published_is_no_number():
    assert isinstance(M890.bandwidth.value, tuple) and M890.power.kind == "unknown"
    assert {V900.bandwidth.kind, V900.power.kind, V900.formats.kind} == {"unknown"}
    assert V900.computes("MXFP4") is None


def test_the_makers_own_chips_differ_in_four_and_eight_bits():
    assert [M890.computes(form) for form in ("MXFP4", "FP8", "BF16")] == [True, True, True]
    assert [P810E.computes(form) for form in ("MXFP4", "FP8", "BF16")] == [False, False, True]


def test_the_memory_that_the_device_reports_is_gib_and_seven_percent_more():
    assert M890_MEMORY_IN_CODE.to("GiB").value == M890.memory.value
    assert M890_MEMORY_IN_CODE.to("GB").value / M890.memory.value == pytest.approx(2**30 / 1e9)


def test_the_share_that_may_be_filled_is_ours_and_says_so():
    assert USABLE_SHARE.kind == "assumed" and 0 < USABLE_SHARE.value < 1
