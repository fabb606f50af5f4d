"""Issue: the steps of an mma, by hand and by law."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhenwu.cosim.tile import mma_issue as cosim
from zhenwu.golden.tile.mma_issue import Step, mma_issue
from zhenwu.spec.isa import Mma

HALF_STEPS = 8
sides = st.sampled_from([2, 4, 8])
mmas = st.builds(
    Mma,
    a_half=st.integers(0, 1),
    b_half=st.integers(0, 1),
    first=st.integers(0, 1),
    last=st.integers(0, 1),
    release_a=st.integers(0, 1),
    release_b=st.integers(0, 1),
    m=st.integers(1, 16),
    n=st.integers(1, 16),
    k_blocks=st.integers(1, 6),
    a_step=st.integers(0, 5),
    b_step=st.integers(0, 5),
)


# facts


def test_blocks_are_outermost_then_rows_then_columns_of_sub_tiles():
    mma = Mma(1, 0, first=1, last=1, release_a=0, release_b=0, m=8, n=5, k_blocks=2, a_step=3, b_step=1)
    # rows = 8: one row of sub-tiles; cols = 4: two of four columns of sub-tiles, buffer 1 from slot 8 on.
    a, b = (8 + 3) * 2, 1 * 2
    assert mma_issue(mma, 1, rows=8, cols=4, half_steps=HALF_STEPS) == [
        Step(a * 2, b * 4, a, b, sub_row=0, sub_col=0, slot=8, first=1, last=0),
        Step(a * 2, b * 4 + 1, a, b, sub_row=0, sub_col=1, slot=9, first=1, last=0),
        Step(a * 2 + 2, b * 4 + 4, a + 1, b + 1, sub_row=0, sub_col=0, slot=8, first=0, last=0),
        Step(a * 2 + 2, b * 4 + 5, a + 1, b + 1, sub_row=0, sub_col=1, slot=9, first=0, last=1),
    ]


# laws


@settings(max_examples=100, deadline=None, derandomize=True)
@given(mma=mmas, buffer=st.integers(0, 1), rows=sides, cols=sides)
def test_each_used_sub_tile_takes_every_block_once_in_order(mma, buffer, rows, cols):
    steps = mma_issue(mma, buffer, rows, cols, HALF_STEPS)
    sub_rows, sub_cols = 16 // rows, 16 // cols
    used = [(i, j) for i in range(sub_rows) for j in range(sub_cols) if i * rows < mma.m and j * cols < mma.n]
    assert [(step.sub_row, step.sub_col) for step in steps] == used * mma.k_blocks
    for index, step in enumerate(steps):
        block = index // len(used)
        assert step.slot == buffer * sub_rows * sub_cols + step.sub_row * sub_cols + step.sub_col
        a_place = (mma.a_half * HALF_STEPS + mma.a_step) * 2 + block
        b_place = (mma.b_half * HALF_STEPS + mma.b_step) * 2 + block
        assert (step.a_scale_address, step.b_scale_address) == (a_place, b_place)
        assert step.a_address == a_place * sub_rows + step.sub_row
        assert step.b_address == b_place * sub_cols + step.sub_col
        assert step.first == (mma.first and block == 0)
        assert step.last == (mma.last and index == len(steps) - 1)


# bad input


@pytest.mark.parametrize(("field", "value"), [("m", 0), ("n", 17), ("k_blocks", 0), ("a_step", 8), ("b_step", 8)])
def test_refuses_an_mma_that_would_trap(field, value):
    fields = {"m": 1, "n": 1, "k_blocks": 1, "a_step": 0, "b_step": 0} | {field: value}
    mma = Mma(0, 0, first=1, last=1, release_a=0, release_b=0, **fields)
    with pytest.raises(ValueError, match="expected 1 .. 16|no blocks|exceed a half of 8 steps"):
        mma_issue(mma, 0, 4, 4, HALF_STEPS)


def test_hdl_equals_golden_under_stalls_and_reset():
    evidence = cosim.run(seed=1, quick=True)
    assert evidence.ok, f"{evidence.first_mismatch} {evidence.violations}"
    assert evidence.unhit == {}
