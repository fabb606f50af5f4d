"""The cells of the chapter "The array and its utilisation" run as a plain script, and what its words say holds."""

import re

import zhenwu.chapter
from tests.test_book import text_of
from tests.test_book_cells import Shown
from zhenwu import exercises
from zhenwu.spec import vmxdotp


def test_the_cells_of_mac_array_agree_with_each_other(monkeypatch, tmp_path):
    """Paper, model and hardware count the same; the counters add up and tell a starved array from a blocked one."""
    forms, kept = [], {}
    monkeypatch.setattr(zhenwu.chapter, "ask", lambda *words, answer: forms.append(answer))
    monkeypatch.setattr(zhenwu.chapter, "keep", lambda name, value, *words, **form: kept.update({name: value}))
    shown = Shown(text_of("mac_array"), monkeypatch, tmp_path)
    names = shown.names
    # the panel: the step formula, golden results, and the number that was received
    panel, kinds = names["panel"], names["kinds"]
    assert kept["panel_wrong"] == 0 and panel.counts["busy"] == names["model"].counts["busy"] == kept["panel_steps"]
    token, row = (names[each] - names[where].start for each, where in (("token", "down"), ("row", "across")))
    assert kept["received"] == panel.product[token, row] == names["exact"].view("float32")[token, row]
    slowed = [each for runs in names["slowed"].values() for each in runs]
    for run in (panel, names["run"], names["single"], *slowed):
        assert sum(run.counts[kind] for kind in kinds) == run.took
    assert names["model"].counts == panel.counts and names["model"].cycles == panel.took
    assert [each.took for each in (panel, names["run"], names["single"])] == [
        names["shape"].predicted.cycles, names["whole"].predicted.cycles, names["one"]["mxfp4"].cycles]
    # the layer, and longer sums on larger arrays
    assert kept["panel_busy"] < 0.3 < 0.75 < kept["layer_busy"] < 0.85 and kept["layer_blocked"] > 100
    assert kept["least_k"] == kept["panel_k"]
    deep = [[used for _, used in points] for points in names["found"].values()]
    assert all(used == sorted(used) for used in deep) and deep[0][-1] > deep[1][-1] > deep[2][-1] > 0.5
    # the best case
    assert vmxdotp.UTILISATION.value < kept["preloaded"] < 100 and kept["ratio"] == "1 : 2 : 2 : 4"
    assert {name: each / names["more"]["mxfp4"] for name, each in names["more"].items()} == {
        "mxfp4": 1, "mxfp8": 2, "w4a8": 2, "bf16": 4}
    # the adder: pairs of steps and pauses, then none; one row loses from two cycles on
    steps = names["walk"]["step_valid"][1]
    assert steps[1:9] == [1, 1, 0, 0] * 2 and steps[17:33] == [1] * 16
    one, every = (dict(points) for points in names["busy"].values())
    assert one[1] - one[2] < 0.03 < one[2] - one[3] and every[1] - every[4] < 0.05
    # one row
    assert names["one"]["mxfp4"].utilisation * 100 == kept["one_use"] < 100 / 4 and kept["one_starved"] > 0.7
    assert kept["w4a8_more"] < 0.15 < 0.7 < names["one"]["mxfp8"].cycles / kept["one_cycles"] - 1
    assert kept["rows_here"] < kept["rows_least"] < kept["rows_most"] < 256
    ours, paper = (dict(names["needed"][each]) for each in ("our tile", "weights once"))
    level = [ours[each] for each in names["batches"] if each >= names["side"]]
    assert max(level) < 1.01 * min(level) and min(level) > float(names["high"])  # it starves at any batch
    assert all(ours[each] < 1.1 * paper[each] for each in names["batches"] if each <= names["side"])
    assert kept["sessions"] > 1000 and kept["full_use"] > 0.85 and kept["four_cost"] < 0.15
    # the failure: blocked with all tokens, starved with one
    assert kept["slow_mostly"] == "blocked" and kept["slow_blocked"] > 0.5 > 0.25 > kept["slow_starved"]
    assert kept["lone_starved"] > 0.9
    verdicts = [text for text in shown if re.search(r": (right|not yet)\.", text)]
    assert ["not yet" in text for text in verdicts] == [True] * 4
    steps, slowest = (exercises.find(label) for label in ("ex-steps", "ex-slowest"))
    assert forms == [steps.right(20, 40, 100, "mxfp8", 8, 8), slowest.right(1, 1, 2, 2)]
    assert list(tmp_path.iterdir()) == []
