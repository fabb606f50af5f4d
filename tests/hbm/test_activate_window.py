"""The ACT window: four and no more; RTL and model in lockstep."""

import pytest

from hdl.hbm.activate_window import activate_window as block
from hdl.hbm.activate_window import ports
from zhenwu.cosim.hbm import activate_window as cosim
from zhenwu.cycle.hbm.activate_window import ActivateWindow


def earliest(window: int, gap: int, spacing: int, count: int) -> list[int]:
    """When each of `count` ACTs starts, as early as the window and a spacing allow."""
    model, starts = ActivateWindow(window, gap), []
    for ck in range(10_000):
        go = len(starts) < count and model.opens(ck) and (not starts or ck - starts[-1] >= spacing)
        model.step(ck, go)
        starts += [ck] * go
    return starts


def test_the_fifth_act_waits_for_the_first_to_leave_the_window():
    assert earliest(4, 24, 4, 9) == [0, 4, 8, 12, 24, 28, 32, 36, 48]


def test_a_wide_spacing_never_meets_the_window():
    assert earliest(4, 24, 6, 6) == [0, 6, 12, 18, 24, 30]


@pytest.mark.parametrize("seed", [1, 2])
def test_hdl_equals_the_model_in_lockstep(seed):
    evidence = cosim.run(seed, quick=True)
    assert evidence.ok, f"{evidence.first_mismatch} {evidence.violations}"
    assert evidence.unhit == {}


@pytest.mark.parametrize(("window", "gap", "named"), [(0, 24, "window = 0"), (4, 2, "gap = 2"), (4, 256, "gap = 256")])
def test_sizes_that_cannot_be_are_refused(window, gap, named):
    with pytest.raises(AssertionError, match=named):
        block(**ports(now_bits=8), window=window, gap=gap)
