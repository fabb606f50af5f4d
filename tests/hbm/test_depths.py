"""The depths: what the reasons of the controller's sizes say is what the cycle model does."""

import pytest

from zhenwu.cycle.hbm.depths import DEPTHS, Depth, measured
from zhenwu.cycle.hbm.dq_path import DqPath
from zhenwu.spec.hbm_controller import CONTROLLER


@pytest.mark.parametrize(
    ("size", "depth", "share"),
    [
        ("read_entries", Depth("stream", 16, 64), 0.84), ("read_entries", Depth("stream", 32, 64), 0.92),
        ("return_entries", Depth("stream", 32, 16), 0.78), ("return_entries", Depth("stream", 32, 32), 0.86),
        ("return_entries", Depth("random_reads", 32, 64), 0.28),
        ("return_entries", Depth("random_reads", 32, 128), 0.30),
    ],
    ids=str,
)
def test_the_shares_in_the_reasons_are_measured(size, depth, share):
    counted = measured(depth, 1, 12_000)
    assert depth in DEPTHS and counted.achieved <= counted.bound
    assert counted.achieved == pytest.approx(share, abs=0.015)
    assert f"{share:.2f}".lstrip("0") in getattr(CONTROLLER, size).source[0].title


def test_lines_beyond_those_in_flight_buy_a_stream_nothing():
    some, more = (measured(Depth("stream", 32, lines), 1, 3000) for lines in (48, 64))
    assert some.took == more.took


def test_a_wrong_line_is_no_measurement(monkeypatch):
    monkeypatch.setattr(DqPath, "step", lambda self, *world, honest=DqPath.step: honest(self, *world[:2], 0, world[3]))
    with pytest.raises(RuntimeError, match=r"stream, 8 \+ 8 entries, 9 lines: .*reads returned other lines"):
        measured(Depth("stream", 8, 9), 1, 50)
