"""The cells of the chapter "The sequencer and the tile mover" run as a plain script, and what its words say holds."""

import re

import zhenwu.chapter
from tests.test_book import text_of
from tests.test_book_cells import Shown
from zhenwu import exercises
from zhenwu.spec.sourced import Sourced


def test_the_cells_of_the_sequencer_and_mover_agree_with_each_other(monkeypatch, tmp_path):
    """Three programs leave the same bits; a queue one longer than paper says suffices; wrong programs end as said."""
    forms, kept = [], {}

    def keep(name, value, *words, **form):
        kept[name] = value.value if isinstance(value, Sourced) else value

    monkeypatch.setattr(zhenwu.chapter, "ask", lambda *words, answer: forms.append(answer))
    monkeypatch.setattr(zhenwu.chapter, "keep", keep)
    shown = Shown(text_of("sequencer_and_mover"), monkeypatch, tmp_path)
    names = shown.names
    assert kept["eaten"] == 4 * kept["line_bytes"] and 15 < kept["reuse"] < 25
    assert kept["rolled"] == kept["instructions"] > 3 * kept["looped"] > kept["handed_out"] - 15
    compiled, looped = (dict(points) for points in names["words"].values())
    assert len(set(looped.values())) == 1 and max(compiled.values()) > names["SIM_TILE"].program_depth.value
    assert kept["enough"] == kept["latency"] + 1 and 0.96 < kept["at_law"] < kept["full_rate"] < 1
    for name, points in names["rates"].items():
        latency = int(name.split()[1])
        assert all(abs(rate - min(depth / (latency + 1), kept["full_rate"])) < 0.03 for depth, rate in points)
    assert [rows for rows, _ in zip(*names["took"].values(), strict=True)] == [17, 34, 68, 136]
    assert 1.8 < kept["slower"] < 2 and kept["single_waits"] == kept["single_lines"] - 1
    assert kept["chained_wrong"] == kept["layer_wrong"] == 0 < kept["quantised_lines"] < kept["plain_lines"] / 7
    assert kept["added_wrong"] == 0 and kept["added_lines"] > kept["plain_lines"] - kept["quantised_lines"]
    assert all(run.end == "finished" and not run.stray for run in (*names["runs"].values(), names["chained"]))
    assert kept["no_wait"] == "finished and wrong" and kept["hasty_refused"] == "nothing" and kept["sooner"] > 0
    assert kept["hasty_wrong"] == kept["plain_lines"] and kept["hasty_end"] == "finished"  # the second layer, all of it
    fates = {name: (run.end, run.wrong > 0) for name, (_, run) in names["ends"].items()}
    assert all(said != "nothing" for said, _ in names["ends"].values())
    assert sum(end.startswith("trap") for end, _ in fates.values()) == 4
    assert fates["an mma on what nobody loads"] == ("no end", True)
    assert fates["a half loaded twice"] == ("finished", False)  # the one that ends well
    assert [name for name, fate in fates.items() if fate == ("finished", True)] == [
        "a result that nobody stores", "a result beyond memory"] and kept["silent"] == 2
    assert names["ends"]["a result beyond memory"][1].stray > 0
    assert kept["fastest"] == "both halves" and kept["gain"] == names["one"].took - names["two"].took > 500
    took = {name: run.took for name, run in names["three"].items()}
    assert took["both halves"] < took["compiled"] == names["model"] < took["one half"]
    assert all(low < run.took for low, run in zip(names["on_paper"], (names["one"], names["two"]), strict=False))
    assert all(sum(run.counts.values()) == run.took for run in names["three"].values())
    assert kept["panel"] > kept["paper_panel"] + 30 and kept["blocked"] > kept["draining"] > 0
    places = [sorted(address for _, _, address in run.asked) for run in names["three"].values()]
    assert places[0] == places[1] == places[2] and kept["lines"] == len(set(places[0])) == len(places[0])
    verdicts = [text for text in shown if re.search(r": (right|not yet)\.", text)]
    assert ["not yet" in text for text in verdicts] == [True, True, True]
    assert forms == [exercises.find("ex-outstanding").right(79, 2)]
    assert list(tmp_path.iterdir()) == []
