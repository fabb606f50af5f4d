"""Every fact on the chip and its surroundings equals the project's fact table: predecessor, rack, plans, traces."""

import pytest
import yaml

from zhenwu.spec import agent_traces, m890, market, p810e, ppu, qwen_max, rack, roadmap
from zhenwu.spec.sourced import Sourced

FACTS = {
    entry.key: entry
    for module in (agent_traces, m890, market, p810e, ppu, qwen_max, rack, roadmap)
    for entry in vars(module).values()
    if isinstance(entry, Sourced) and not entry.inputs
}
WHOLE = (
    "m890.", "ppu.", "p810e.", "icn_switch.", "lingjun_m890.", "al128.", "panjiu2.", "v900.", "j900.", "zhenwu.",
    "q37max.",
)


@pytest.fixture(scope="module")
def table(shared) -> dict[str, dict]:
    text = (shared / "facts.yaml").read_text(encoding="utf-8")
    return {entry["key"]: entry for entry in yaml.safe_load(text)["facts"]}


def test_every_fact_of_the_claims_subjects_is_here(table):
    assert {key for key in table if key.startswith(WHOLE)} <= set(FACTS)


@pytest.mark.parametrize("key", sorted(FACTS))
def test_each_fact_equals_the_table(table, key):
    fact, entry = FACTS[key], table.get(key)
    if entry is None:  # one of several values under the key
        whole, _, name = key.rpartition(".")
        entry = table[whole] | {"value": table[whole]["value"][name]}
    value = tuple(entry["value"]) if isinstance(entry["value"], list) else entry["value"]
    assert (fact.value, fact.unit, fact.kind) == (value, entry["unit"], entry["kind"])
    assert (fact.note, fact.confidence) == (entry.get("note", ""), entry.get("confidence", ""))
    assert [tuple(source) for source in fact.source] == [(s["title"], s["url"], s["date"]) for s in entry["sources"]]


def test_the_headline_figures():
    """The numbers that the press repeats, so that a slip in both copies of the table would show."""
    assert (rack.CHIPS.value, rack.SWITCH_BANDWIDTH.value, p810e.MEMORY.value) == (128, 25.6, 96)
    assert (market.SHIPPED.value, market.CAPEX.value, qwen_max.HOURS.value) == (560000, 380, 35)
    assert (roadmap.V900_DATE_MAY.value, roadmap.V900_DATE_SEPT.value) == ("Q3 2027", "mass production Q1 2027")


def test_what_nobody_published_is_unknown():
    unknown = {key for key, fact in FACTS.items() if fact.kind == "unknown"}
    of_the_chip = {"m890.hbm_bandwidth", "m890.process_node", "m890.die_size", "m890.power"}
    assert unknown == of_the_chip | {"p810e.cu_count", "q37max.architecture", "smic.n2_wafer_price"}
