"""The scratchpad: lines reach their operand's banks, and flags follow reserve, fill and free."""

import numpy as np
import pytest

from zhenwu.cosim.tile import scratchpad as cosim
from zhenwu.golden.tile.mover import LineWrite
from zhenwu.golden.tile.operand_banks import operand_banks
from zhenwu.golden.tile.scratchpad import Fill, Free, Reserve, scratchpad
from zhenwu.spec.isa import RESIDUAL

HALF_STEPS = 2
A0, A1, B0, B1, R0, R1 = 1, 2, 4, 8, 16, 32


def fill(operand, half, last=1, value=3, step=0, row=0):
    """An element line of one value."""
    return Fill(LineWrite(0, operand, half, step, row, scale=0, last=last), np.full(32, value, np.uint8))


def state_after(*events):
    """The scratchpad of a 2 x 8 array after some events."""
    return scratchpad(events, rows=2, cols=8, half_steps=HALF_STEPS)


@pytest.mark.parametrize(
    ("operand", "half", "bit"), [(0, 0, A0), (0, 1, A1), (1, 0, B0), (1, 1, B1), (RESIDUAL, 0, R0), (RESIDUAL, 1, R1)]
)
def test_a_half_is_reserved_then_full_then_free(operand, half, bit):
    events = [Reserve(operand, half), fill(operand, half, last=0), fill(operand, half, last=1), Free(operand, half)]
    flags = [(state.reserved, state.full) for state in (state_after(*events[:count]) for count in range(5))]
    assert flags == [(0, 0), (bit, 0), (bit, 0), (bit, bit), (0, 0)]


def test_halves_do_not_disturb_each_other():
    state = state_after(Reserve(0, 1), Reserve(1, 0), fill(1, 0), Reserve(0, 0), fill(0, 1), Free(1, 0))
    assert (state.reserved, state.full) == (A0 | A1, A1)
    state = state_after(Reserve(RESIDUAL, 0), Reserve(0, 0), fill(RESIDUAL, 0), Reserve(RESIDUAL, 1))
    assert (state.reserved, state.full) == (A0 | R0 | R1, R0)


def test_lines_go_to_the_banks_of_their_operand():
    lines = [fill(0, 0, value=5), fill(1, 1, value=6, step=1)]
    state = state_after(Reserve(0, 0), Reserve(1, 1), *lines)
    for banks, count, event in ((state.a_banks, 2, lines[0]), (state.b_banks, 8, lines[1])):
        expected = operand_banks([(event.write, event.line)], count, HALF_STEPS)
        for content, wanted in zip(banks, expected, strict=True):
            np.testing.assert_array_equal(content, wanted)


def test_lines_of_the_residual_go_to_its_own_places():
    lines = [fill(RESIDUAL, 0, last=0, value=5, step=7, row=2), fill(RESIDUAL, 1, value=6, step=0, row=15)]
    state = state_after(Reserve(RESIDUAL, 0), Reserve(RESIDUAL, 1), *lines)
    assert (state.residual[0, 2, 7] == 5).all() and (state.residual[1, 15, 0] == 6).all()
    assert np.count_nonzero(state.residual) == 2 * 32
    assert not any(words.any() for banks in (state.a_banks, state.b_banks) for words in banks)


@pytest.mark.parametrize(
    ("events", "message"),
    [
        ([Reserve(0, 1), Reserve(0, 1)], "half a.1 is reserved: expected it free before a load"),
        ([Reserve(1, 0), fill(1, 0), Reserve(1, 0)], "half b.0 is reserved"),
        ([Reserve(0, 1), fill(0, 0)], "half a.0 is not reserved: expected that before a line arrives"),
        ([fill(RESIDUAL, 1)], "half r.1 is not reserved: expected that before a line arrives"),
        ([Reserve(1, 1), fill(1, 1, last=0), Free(1, 1)], "half b.1 is not full: expected that before it is freed"),
    ],
)
def test_refuses_what_the_mover_and_the_sequencer_must_wait_for(events, message):
    with pytest.raises(ValueError, match=message):
        state_after(*events)


@pytest.mark.parametrize("seed", [1, 2])
def test_hdl_equals_golden_under_stalls_and_reset(seed):
    evidence = cosim.run(seed, quick=True)
    assert evidence.ok, f"{evidence.first_mismatch} {evidence.violations}"
    assert evidence.unhit == {}
