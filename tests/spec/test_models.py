"""Configurations equal the fact table; parameters, keys and values, and state follow from them by formula."""

import pytest
import yaml

from zhenwu.spec.models import MODELS, PRESETS, QWEN3_5_397B_A17B, QWEN3_8_2P4T_A95B, QWEN3_32B, STAND_IN
from zhenwu.spec.sourced import Sourced

NAMES = {  # ours -> the table's
    "window": "max_pos", "lin_k_heads": ("lin_k_heads", "lin_qk_heads"),
}
ACTIVE = {"qwen3_8_2p4t_a95b": 95, "qwen3_5_397b_a17b": 17, "qwen3_235b_a22b": 22, "qwen3_30b_a3b": 3.3,
          "qwen3_coder_480b_a35b": 35, "qwen3_5_122b_a10b": 10}

# Qwen3.5-27B stands among the table's models and not in its list of caches: by the list's own rule, by hand,
# 2 x 16 layers x 4 heads x 256 x 2 bytes, and 48 layers x 48 heads x 128 x 128 x 4 bytes.
NOT_IN_THE_TABLE = {"qwen3_5_27b": {"kv_bytes_per_token_bf16": 65536, "gdn_state_mib_fp32": 144.0}}


@pytest.fixture(scope="module")
def table(shared) -> dict[str, dict]:
    text = (shared / "facts.yaml").read_text(encoding="utf-8")
    return {entry["key"]: entry for entry in yaml.safe_load(text)["facts"]}


@pytest.mark.parametrize("model", PRESETS, ids=lambda model: model.key)
def test_each_size_equals_the_table_or_says_that_it_is_ours(table, model):
    config = table[f"model.{model.key}"]["value"]
    sizes = {name: fact for name, fact in vars(model).items() if isinstance(fact, Sourced) and name != "published"}
    for name, fact in sizes.items():
        names = NAMES.get(name, name)
        listed = [config[each] for each in ((names,) if isinstance(names, str) else names) if each in config]
        assert [] == listed if fact.kind == "assumed" else [fact.value] == listed
    known = table[f"model.{model.key}"]["kind"]
    assert {fact.kind for fact in sizes.values()} <= {known, "assumed"}


def test_every_model_of_the_table_is_here_the_largest_first(table):
    assert {f"model.{model.key}" for model in PRESETS} == {key for key in table if key.startswith("model.")}
    totals = [model.parameters.value for model in PRESETS]
    assert totals == sorted(totals, reverse=True) and set(MODELS) <= set(PRESETS)


@pytest.mark.parametrize("model", PRESETS, ids=lambda model: model.key)
def test_parameters_by_formula_are_the_published_total_within_a_percent(model):
    assert model.parameters.value == pytest.approx(model.published.value, rel=0.01)


@pytest.mark.parametrize("model", [model for model in PRESETS if model.key in ACTIVE], ids=lambda model: model.key)
def test_what_a_token_meets_is_what_the_name_says(model):
    assert model.active_parameters.value == pytest.approx(ACTIVE[model.key] * 1e9, rel=0.03)


def test_a_dense_model_uses_all_it_has():
    assert QWEN3_32B.active_parameters.value == QWEN3_32B.parameters.value


@pytest.mark.parametrize("model", PRESETS, ids=lambda model: model.key)
def test_keys_values_and_state_by_formula_equal_the_table(table, model):
    known = table.get(f"kv.{model.key}", {"value": NOT_IN_THE_TABLE.get(model.key)})["value"]
    assert (model.kv_bytes.value, model.kv_bytes.unit) == (known["kv_bytes_per_token_bf16"], "B/token")
    state = 0 if model.state_bytes is None else model.state_bytes.to("MiB").value
    assert state == known["gdn_state_mib_fp32"]


def test_a_size_that_the_page_lacks_makes_the_total_assumed():
    assert QWEN3_8_2P4T_A95B.parameters.kind == "assumed" and QWEN3_32B.parameters.kind == "derived"
    roots = {entry.key for entry in QWEN3_8_2P4T_A95B.parameters.ancestors() if entry.kind == "assumed" and entry.key}
    assert {"model.qwen3_8_2p4t_a95b.shared_ffn", "model.qwen3_8_2p4t_a95b.conv"} <= roots


def test_the_stand_in_is_one_of_the_proxies_that_the_table_names(table):
    assert STAND_IN.name in table["q37max.architecture"]["note"]


def test_a_layer_of_the_hybrid_has_the_matrices_that_transformers_gives_it():
    """Qwen3.5-397B-A17B, shapes as in transformers' Qwen3NextAttention and Qwen3NextGatedDeltaNet."""
    attention = [(2 * 32 * 256, 4096), (2 * 256, 4096), (2 * 256, 4096), (4096, 32 * 256), (256, 1), (256, 1)]
    keys, values = 16 * 128, 64 * 128
    delta = [
        (2 * keys + 2 * values, 4096), (2 * 64, 4096), (2 * keys + values, 4), (64, 1), (64, 1), (128, 1),
        (4096, values),
    ]
    assert QWEN3_5_397B_A17B.attention_parameters.value == sum(rows * columns for rows, columns in attention)
    assert QWEN3_5_397B_A17B.linear_parameters.value == sum(rows * columns for rows, columns in delta)
    assert QWEN3_5_397B_A17B.expert_parameters.value == 3 * 4096 * 1024
