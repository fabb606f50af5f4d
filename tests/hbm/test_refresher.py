"""The refresher: when it calls; RTL and model in lockstep."""

import pytest

from hdl.hbm.refresher import ports
from hdl.hbm.refresher import refresher as block
from zhenwu.cosim.hbm import refresher as cosim
from zhenwu.cycle.hbm.refresher import Refresher
from zhenwu.spec.hbm3 import NOP, REFAB


def calls(model: Refresher, cycles: int, refresh_at=()) -> str:
    """'-' in each CK in which it calls."""
    drawn = ""
    for ck in range(cycles):
        drawn += "-" if model.due else "_"
        model.step(REFAB if ck in refresh_at else NOP)
    return drawn


def test_it_calls_at_its_start_and_then_every_interval_however_late_a_refresh_comes():
    assert calls(Refresher(8, 3, True), 24, refresh_at=(4, 15, 20)) == "___--______-----___--___"


def test_without_enable_it_never_calls():
    assert "-" not in calls(Refresher(8, 3, False), 40)


@pytest.mark.parametrize("seed", [1, 2])
def test_hdl_equals_the_model_in_lockstep(seed):
    evidence = cosim.run(seed, quick=True)
    assert evidence.ok, f"{evidence.first_mismatch} {evidence.violations}"
    assert evidence.unhit == {}


@pytest.mark.parametrize("start", [0, 9])
def test_a_start_outside_the_interval_is_refused(start):
    with pytest.raises(AssertionError, match=rf"start = {start}: expected 1 \.\. 8"):
        block(**ports(), interval=8, start=start, enable=True)
