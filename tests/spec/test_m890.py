"""The M890's facts equal the project's fact table, entry for entry, and are what the tile is built from."""

import pytest
import yaml

from zhenwu.spec import m890, ppu
from zhenwu.spec.sourced import Sourced

FACTS = {
    entry.key: entry
    for module in (m890, ppu)
    for entry in vars(module).values()
    if isinstance(entry, Sourced) and not entry.inputs
}


@pytest.fixture(scope="module")
def table(shared) -> dict[str, dict]:
    text = (shared / "facts.yaml").read_text(encoding="utf-8")
    return {entry["key"]: entry for entry in yaml.safe_load(text)["facts"]}


def test_every_fact_of_the_chip_and_its_unit_is_here(table):
    assert {key for key in table if key.startswith(("m890.", "ppu."))} <= set(FACTS)


@pytest.mark.parametrize("key", sorted(FACTS))
def test_each_fact_equals_the_table(table, key):
    fact, entry = FACTS[key], table[key]
    value = tuple(entry["value"]) if isinstance(entry["value"], list) else entry["value"]
    assert (fact.value, fact.unit, fact.kind) == (value, entry["unit"], entry["kind"])
    assert (fact.note, fact.confidence) == (entry.get("note", ""), entry.get("confidence", ""))
    assert [tuple(source) for source in fact.source] == [(s["title"], s["url"], s["date"]) for s in entry["sources"]]


def test_the_headline_figures():
    """The numbers of the announcement, so that a slip in both copies of the table would show."""
    assert (m890.MEMORY_CAPACITY.value, m890.MEMORY_CAPACITY.unit) == (144, "GB")
    assert (m890.INTERCHIP_BANDWIDTH.value, m890.INTERCHIP_ONE_WAY.value) == (800, 400)
    assert (m890.PERF_VS_810E.value, m890.CU_COUNT.value, ppu.SMEM_PER_CU.value) == (3, 39, 256)


def test_what_nobody_published_is_unknown():
    unknown = {key for key, fact in FACTS.items() if fact.kind == "unknown"}
    assert unknown == {"m890.hbm_bandwidth", "m890.process_node", "m890.die_size", "m890.power"}


def test_the_bandwidth_range_has_two_ends():
    assert (m890.HBM_BANDWIDTH_LOW.value, m890.HBM_BANDWIDTH_HIGH.value) == (4.0, 4.9)
    assert m890.HBM_BANDWIDTH_LOW.kind == "derived"
