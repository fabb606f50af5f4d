"""Every speed of `zhenwu bench` can be measured: here on little work, for seconds are no test's business."""

import numpy as np

from zhenwu.cosim import speed
from zhenwu.cosim.tile.tile_bench import sized_job


def test_each_speed_is_measured_and_set_in_relation(monkeypatch):
    for name, little in (("ARRAY_CYCLES", 40), ("CONTROLLER_ACCESSES", 60), ("CONTROLLER_RUNS", 1)):
        monkeypatch.setattr(speed, name, little)
    x = np.arange(1, 41, dtype=np.float32).reshape(1, 40)
    monkeypatch.setattr(speed, "layer_jobs", lambda: [sized_job("a row", x, x)])
    found = list(speed.speeds(seed=5))
    assert [each.what for each in found] == [
        "dot unit, MXFP4 alone", "4 x 4 array, MXFP4 alone", "dot unit, all formats", "4 x 4 array, all formats",
        "tile, a row", "controller, stream", "controller, triad", "controller, everywhere", "slice, a row",
    ]
    assert all(each.cycles > 0 and each.cycles_per_s > 0 and each.relation for each in found)
    assert "16 of them" in found[1].relation and "times the golden tile" in found[4].relation
