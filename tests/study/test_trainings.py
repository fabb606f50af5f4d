"""The trainings that the book tells of: whole, of three sizes, and the shipped one among them as its curve says."""

import json
from importlib.resources import files

import pytest

from zhenwu.study.trainings import span, trainings, wrong

RUNS = [run for runs in trainings().values() for run in runs]


def made(*ends: tuple[int, int], share: float = 1.0) -> list[dict]:
    return [{"size": "small", "seed": seed, "points": [{"share": share, "wrong": {"256": list(end)}}]}
            for seed, end in enumerate(ends)]


def test_three_sizes_were_trained_more_than_twice_each_and_grow():
    assert list(trainings()) == ["small", "middle", "large"]
    sizes = [{run["parameters"] for run in runs} for runs in trainings().values()]
    assert all(len(each) == 1 for each in sizes) and sizes == sorted(sizes, key=min)
    assert all(len(runs) > 2 for runs in trainings().values())
    keys = [(run["size"], run["seed"], run["device"]) for run in RUNS]
    assert len(set(keys)) == len(keys) and {device for *_, device in keys} == {"cpu", "cuda"}


@pytest.mark.parametrize("run", RUNS, ids=lambda run: f"{run['size']}-{run['seed']}-{run['device']}")
def test_every_training_was_looked_at_early_at_half_time_and_at_its_end(run):
    shares = [point["share"] for point in run["points"]]
    assert shares == sorted(shares) and shares[0] <= 0.25 and 0.4 <= shares[1] <= 0.5 and shares[-1] == 1.0
    for point in run["points"]:
        assert point["steps"] == pytest.approx(point["share"] * run["points"][-1]["steps"], rel=0.01)
        for length in (256, 2048):
            count, turns = wrong(run, length, point["share"])
            assert 0 <= count <= turns and turns > 7000


def test_the_shipped_agent_is_the_middle_one_of_one_core():
    curve = json.loads(files("zhenwu.data").joinpath("agent_plain", "curve.json").read_text(encoding="utf-8"))
    (run,) = (run for run in trainings()["middle"] if run["device"] == "cpu")
    assert {name: run[name] for name in ("size", "parameters", "seed")} == {
        name: curve[name] for name in ("size", "parameters", "seed")}
    assert run["points"] == [{name: point[name] for name in ("share", "steps", "wrong")} for point in curve["points"]]


def test_a_span_is_the_least_and_the_most_in_ten_thousand():
    assert span(made((3, 2000), (0, 1000), (9, 1000)), 256) == "0.0 to 90.0"


def test_a_mark_at_which_nobody_looked_is_a_sentence():
    with pytest.raises(ValueError, match="at 1.0 of its training nobody looked at the small agent of seed 0"):
        wrong(made((0, 1), share=0.5)[0], 256)
