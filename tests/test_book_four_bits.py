"""The cells of the chapter "Numbers in four bits" run as a plain script, and what its words say of them holds."""

import re

import numpy as np

import zhenwu.chapter
from tests.test_book import text_of
from tests.test_book_cells import Shown
from zhenwu import exercises
from zhenwu.golden.tile.matmul import mx_matmul


def test_the_cells_of_numbers_in_four_bits_agree_with_each_other(monkeypatch, tmp_path):
    """What the words say of formats and rules holds for this agent; hardware and golden model agree to the bit."""
    forms, kept = [], {}
    monkeypatch.setattr(zhenwu.chapter, "ask", lambda *words, answer: forms.append(answer))
    monkeypatch.setattr(zhenwu.chapter, "keep", lambda name, value, *words, **form: kept.update({name: value}))
    shown = Shown(text_of("numbers_in_four_bits"), monkeypatch, tmp_path)
    names = shown.names
    assert kept["distinct"] == 15 and kept["byte"] == kept["field"] - names["E2M1"].emax
    assert kept["log_wrong"] > 50 and kept["random_wrong"] == 0 and kept["codes_unlike"] > 16
    assert kept["scale_factor"] == 2 and "1" in kept["log_right"].split(", ")
    assert kept["study_off"] < 5e-4
    codes = (names[each] for each in ("a_codes", "a_scale", "b_codes", "b_scale"))
    assert (mx_matmul(*codes) == names["outs"]["MXFP4 floor", False].view(np.uint32)).all()  # what the tile must reach
    bell, activations, _ = ({form: found[at] for form, found in names["errors"].items()} for at in range(3))
    by_rule = [bell["MXFP4", rule] for rule in ("even", "floor", "rceil")]
    assert by_rule == sorted(by_rule) and min(bell["MXFP8", rule] for rule in names["SCALE_RULES"]) < by_rule[0] / 3
    assert bell["MXFP8", "rceil"] < bell["MXFP8", "even"] < bell["MXFP8", "floor"]
    worse = {form for form in bell if activations[form] > 1.1 * bell[form]}
    assert {("MXFP4", rule) for rule in names["SCALE_RULES"]} <= worse and ("NVFP4", "") not in worse
    assert max(activations, key=activations.get) == ("MXFP4", "rceil")
    tops = [dict(names["kept_by"][rule]) for rule in names["SCALE_RULES"]]
    assert tops[1] == tops[2] and min(tops[0].values()) < 0.76 < min(tops[1].values())  # the two lines that are one
    floor, *others = (names["error"](names["turns"][rule], names["block"]) for rule in names["SCALE_RULES"])
    assert floor > 1.2 * max(others)
    assert kept["beside_turned"] < 0.8 * kept["beside"] and 20 < kept["zeros"] < 60
    assert kept["peak"] > 1.2 * kept["peak_bell"] and abs(kept["peak_turned"] - kept["peak_bell"]) < 0.2
    lost = names["lost"]
    assert all(lost[way, True] < lost[way, False] for way in names["ways"] if way != "BF16")
    assert lost["BF16", False] < 0.2 < 10 * lost["BF16", False] < kept["layer_mxfp8"] < kept["layer_nvfp4"]
    assert max(kept["layer_nvfp4"], kept["layer_w4a8"]) < kept["layer_even"] < 0.9 * kept["layer_error"]
    assert 0.4 < kept["layer_error"] / kept["paper_error"] < 0.6 and kept["aligned"] > 2
    assert kept["shrink_floor"] > 1.5 * kept["shrink_even"] > 0
    assert kept["after_floor"] - kept["after_even"] < (kept["layer_error"] - kept["layer_even"]) / 2
    assert kept["unlike"] == 0 and kept["sent"] == 6 * (names["a_scale"].size + names["b_scale"].size)
    assert names["run"].wait == 2 and len({*names["tops"], names["E2M1"].largest_code}) == 1
    verdicts = [text for text in shown if re.search(r": (right|not yet)\.", text)]
    assert ["not yet" in text for text in verdicts] == [True, True, True, True]
    values, vanish = (exercises.find(label) for label in ("ex-values", "ex-vanish"))
    assert forms == [values.right(3, 2), vanish.right(100.0)]
    assert list(tmp_path.iterdir()) == []
