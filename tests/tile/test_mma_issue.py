"""Issue: the steps of an mma, by hand and by law, and when they go out."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hdl.tile.mma_issue import mma_issue as block
from hdl.tile.mma_issue import ports
from zhenwu.cosim.tile import mma_issue as cosim
from zhenwu.cycle.tile.mma_issue import MmaIssue
from zhenwu.golden.tile.mma_issue import Step, mma_issue
from zhenwu.spec.isa import Mma
from zhenwu.spec.mma_formats import BF16_MMA, MMA_CODES, MXFP4_MMA, MXFP8_MMA, W4A8_MMA

HALF_STEPS = 8
MXFP4, MXFP8, W4A8, BF16 = (fmt.code for fmt in (MXFP4_MMA, MXFP8_MMA, W4A8_MMA, BF16_MMA))
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
    k_groups=st.integers(1, 3),
    a_step=st.integers(0, 5),
    b_step=st.integers(0, 5),
    fmt=st.sampled_from(list(MMA_CODES)),
)


# facts


def test_blocks_are_outermost_then_rows_then_columns_of_sub_tiles():
    mma = Mma(1, 0, first=1, last=1, release_a=0, release_b=0, m=8, n=5, k_groups=2, a_step=3, b_step=1)
    # rows = 8: one row of sub-tiles; cols = 4: two of four columns of sub-tiles, buffer 1 from slot 8 on.
    a, b = (8 + 3) * 2, 1 * 2
    assert mma_issue(mma, 1, rows=8, cols=4, half_steps=HALF_STEPS) == [
        Step(a * 2, b * 4, a, b, sub_row=0, sub_col=0, slot=8, fmt=0, upper=0, closes=1, first=1, last=0),
        Step(a * 2, b * 4 + 1, a, b, sub_row=0, sub_col=1, slot=9, fmt=0, upper=0, closes=1, first=1, last=0),
        Step(a * 2 + 2, b * 4 + 4, a + 1, b + 1, sub_row=0, sub_col=0, slot=8, fmt=0, upper=0, closes=1, first=0,
             last=0),
        Step(a * 2 + 2, b * 4 + 5, a + 1, b + 1, sub_row=0, sub_col=1, slot=9, fmt=0, upper=0, closes=1, first=0,
             last=1),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("fmt", "places"),
    [  # a and b word, a and b scales, of the passes of two groups; half 1 of A begins at word 16, scale word 16
        (MXFP4, [(22, 2, 22, 2), (23, 3, 23, 3)]),
        (MXFP8, [(22, 2, 19, 1), (23, 3, 19, 1), (24, 4, 20, 2), (25, 5, 20, 2)]),
        (W4A8, [(22, 2, 19, 2), (23, 2, 19, 2), (24, 3, 20, 3), (25, 3, 20, 3)]),
        (BF16, [(22, 2, 22, 2), (23, 3, 23, 3)]),
    ],
)
def test_a_group_has_the_words_and_the_scales_of_its_format(fmt, places):
    """Step 3 of A is its words 6 and 7; in MXFP8 it is block 3, in MXFP4 its blocks are 6 and 7."""
    mma = Mma(1, 0, first=1, last=1, release_a=0, release_b=0, m=8, n=8, k_groups=2, a_step=3, b_step=1, fmt=fmt)
    steps = mma_issue(mma, 0, rows=8, cols=8, half_steps=HALF_STEPS)
    words = [(s.a_address // 2, s.b_address // 2, s.a_scale_address, s.b_scale_address) for s in steps]
    assert words == places
    passes = MMA_CODES[fmt].passes
    assert [step.upper for step in steps] == [passed for _ in range(2) for passed in range(passes)]
    assert [step.closes for step in steps] == ([1] if passes == 1 else [0, 1]) * 2
    assert [step.last for step in steps] == [0] * (len(steps) - 1) + [1]


# laws


@settings(max_examples=200, deadline=None, derandomize=True)
@given(mma=mmas, buffer=st.integers(0, 1), rows=sides, cols=sides)
def test_each_used_sub_tile_takes_every_pass_of_every_group_once_in_order(mma, buffer, rows, cols):
    steps = mma_issue(mma, buffer, rows, cols, HALF_STEPS)
    fmt = MMA_CODES[mma.fmt]
    sub_rows, sub_cols = 16 // rows, 16 // cols
    used = [(i, j) for i in range(sub_rows) for j in range(sub_cols) if i * rows < mma.m and j * cols < mma.n]
    in_turn = [(i, j, upper) for _ in range(mma.k_groups) for i, j in used for upper in range(fmt.passes)]
    assert [(step.sub_row, step.sub_col, step.upper) for step in steps] == in_turn
    for index, step in enumerate(steps):
        group = index // (len(used) * fmt.passes)
        assert step.slot == buffer * sub_rows * sub_cols + step.sub_row * sub_cols + step.sub_col
        a_element = mma.a_step * fmt.a.line_elements + group * fmt.group  # of its row within the half
        b_element = mma.b_step * fmt.b.line_elements + group * fmt.group
        a_word = mma.a_half * HALF_STEPS * 2 + (a_element + step.upper * fmt.lanes) // fmt.a.word_elements
        b_word = mma.b_half * HALF_STEPS * 2 + (b_element + step.upper * fmt.lanes) // fmt.b.word_elements
        assert step.a_address == a_word * sub_rows + step.sub_row
        assert step.b_address == b_word * sub_cols + step.sub_col
        if fmt.a.scaled:
            assert step.a_scale_address == mma.a_half * HALF_STEPS * 2 + a_element // 32
            assert step.b_scale_address == mma.b_half * HALF_STEPS * 2 + b_element // 32
        assert step.closes == (step.upper == fmt.passes - 1)
        assert step.first == (mma.first and group == 0)
        assert step.last == (mma.last and index == len(steps) - 1)


# when: the cycle model by hand, then the hardware held to it

ONE = Mma(0, 0, first=1, last=1, release_a=0, release_b=0, m=1, n=1, k_groups=3, a_step=0, b_step=0)


def timeline(latency, *mmas, rows=8, cols=8):
    """A character a cycle from the first step on, with all that is needed there: # a step, . none."""
    issue, waiting, cycles = MmaIssue(rows, cols, latency), list(mmas), ""
    while waiting or issue.valid or issue.at_work:
        taken = waiting.pop(0) if waiting and issue.takes(waiting[0], 15, True) else None
        cycles += ".#"[issue.valid]
        issue.step(taken, issue.valid, 0)
    return cycles.lstrip(".")


@pytest.mark.parametrize(
    ("latency", "m", "fmt", "cycles"),
    [
        (1, 1, MXFP4, "###"),
        (2, 1, MXFP4, "#.#.#"),
        (4, 1, MXFP4, "#...#...#"),
        (4, 16, MXFP4, "##..##..##"),
        (4, 1, MXFP8, "##..##..##"),
        (4, 16, MXFP8, "############"),
        (2, 1, W4A8, "######"),
        (4, 16, BF16, "##..##..##"),
    ],
)
def test_a_group_of_fewer_steps_than_the_adder_takes_pauses_for_the_rest(latency, m, fmt, cycles):
    assert timeline(latency, replace(ONE, m=m, fmt=fmt)) == cycles


def test_as_many_steps_as_the_adder_takes_need_no_pause():
    assert timeline(4, replace(ONE, m=16, n=16)) == "#" * 12


def test_the_next_result_begins_at_once_and_the_same_one_goes_on_after_the_pause():
    whole, begun, ended = replace(ONE, k_groups=1), replace(ONE, k_groups=1, last=0), replace(ONE, k_groups=1, first=0)
    assert timeline(4, whole, whole) == "##"
    assert timeline(4, begun, ended, whole) == "#...##"


def test_behind_an_mma_that_frees_a_half_old_flags_cost_a_cycle_but_none_beside_a_pause():
    begun = replace(ONE, k_groups=1, last=0, release_a=1)
    ended = replace(ONE, k_groups=1, first=0, release_b=1)
    assert timeline(1, begun, ended, ONE) == "#.#.###"
    assert timeline(2, begun, ended) == timeline(2, replace(begun, release_a=0), ended) == "#.#"


# bad input


@pytest.mark.parametrize(("field", "value"), [("m", 0), ("n", 17), ("k_groups", 0), ("a_step", 8), ("b_step", 8)])
def test_refuses_an_mma_that_would_trap(field, value):
    fields = {"m": 1, "n": 1, "k_groups": 1, "a_step": 0, "b_step": 0} | {field: value}
    mma = Mma(0, 0, first=1, last=1, release_a=0, release_b=0, **fields)
    with pytest.raises(ValueError, match="expected 1 .. 16|no groups|exceed a half of 8 steps"):
        mma_issue(mma, 0, 4, 4, HALF_STEPS)


@pytest.mark.parametrize(("rows", "cols", "latency"), [(8, 8, 5), (4, 8, 9), (8, 8, 0)])
def test_elaboration_refuses_an_adder_longer_than_the_sub_tiles_in_flight(rows, cols, latency):
    pins = ports(rows=rows, cols=cols, half_steps=2)
    with pytest.raises(AssertionError, match=rf"latency = {latency}: expected 1 .. \d, the sub-tiles in flight"):
        block(**pins, rows=rows, cols=cols, half_steps=2, latency=latency)


# hdl against golden, and the cycle model beside it


@pytest.mark.parametrize("seed", [1, 2])
def test_hdl_equals_golden_and_the_cycle_model_under_stalls_and_reset(seed):
    evidence = cosim.run(seed, quick=True)
    assert evidence.ok, f"{evidence.first_mismatch} {evidence.violations}"
    assert evidence.unhit == {}
