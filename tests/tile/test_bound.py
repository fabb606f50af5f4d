"""The bound: the figures of one matmul, and that it counts what the twins do."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tile.placed import Placed, products
from zhenwu.golden.tile.bound import bound, lines_moved, mma_cycles
from zhenwu.golden.tile.compile_matmul import compile_matmul
from zhenwu.golden.tile.layout import plan
from zhenwu.golden.tile.mma_issue import mma_issue
from zhenwu.golden.tile.mover import mover
from zhenwu.golden.tile.store_path import store_path
from zhenwu.spec.isa import Load, Mma, Store
from zhenwu.spec.mma_formats import BF16_MMA, MXFP4_OPERAND, MXFP8_MMA, MXFP8_OPERAND, W4A8_MMA


def compiled(m, n, k):
    """One long program for a planned matmul on the tile of `make sim`."""
    (program,) = compile_matmul(*plan(m, n, k), half_steps=8, program_depth=1 << 16)
    return program


def test_64_x_128_x_128_by_hand():
    program = compiled(64, 128, 128)
    # 32 results of 16 x 16, 4 blocks each, 16 sub-tiles a block; elements, scales, result lines.
    assert mma_cycles(program, 4, 4) == 32 * 4 * 16
    assert lines_moved(program) == (64 + 128) * 2 + (4 + 8) * 2 + 64 * 16


@pytest.mark.parametrize(("cycles_per_line", "expected"), [(1, 2048), (2, 2864)])
def test_the_bound_is_the_larger_of_the_two(cycles_per_line, expected):
    assert bound(iter(compiled(64, 128, 128)), 4, 4, cycles_per_line) == expected


@pytest.mark.parametrize(
    ("fmt", "cycles", "lines"),
    [
        # 2 results of 16 x 16, 3 blocks of 2 passes, 16 sub-tiles; 3 lines a row and 2 of scales a panel
        (MXFP8_MMA, 2 * 3 * 2 * 16, 16 * 3 + 2 + 32 * 3 + 2 * 2),
        (W4A8_MMA, 2 * 3 * 2 * 16, 16 * 3 + 2 + 32 * 2 + 2 * 2),
        (BF16_MMA, 2 * 12 * 16, 16 * 6 + 32 * 6),  # 12 groups of 8 in 6 lines, and no scales
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_16_x_32_x_96_in_the_other_formats_by_hand(fmt, cycles, lines):
    (program,) = Placed(16, 32, 96, fmt).programs()
    assert mma_cycles(program, 4, 4) == cycles
    assert lines_moved(program) == lines + 16 * 4


@pytest.mark.parametrize(
    ("store", "result_lines"), [(None, 5 * 9), (MXFP4_OPERAND, 5 * 2 + 2), (MXFP8_OPERAND, 5 * 3 + 2)],
    ids=lambda value: getattr(value, "name", ""),
)
@pytest.mark.parametrize("adds", [False, True])
def test_lines_of_5_x_70_by_target_by_hand(store, result_lines, adds):
    # 64 columns and 6 more: a line and a line a row, or two and one; and a line of scales each
    (program,) = Placed(5, 70, 64, store=store, adds=adds).programs()
    operands = 5 + 1 + 70 + 5
    assert lines_moved(program) == operands + result_lines + (5 * 9 if adds else 0)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    drawn=products(m=70, n=70, k=400),
    array=st.tuples(st.sampled_from([2, 4, 8]), st.sampled_from([2, 4, 8])),
)
def test_counts_what_the_twins_do(drawn, array):
    placed, half_steps, program_depth = drawn
    for program in placed.programs(half_steps, program_depth):
        mmas = [i for i in program if isinstance(i, Mma)]
        assert mma_cycles(program, *array) == sum(len(mma_issue(mma, 0, *array, half_steps)) for mma in mmas)
        read = sum(len(mover(i, half_steps)) for i in program if isinstance(i, Load))
        written, gathered = 0, []
        for store in program:
            if isinstance(store, Store):
                beats = np.zeros((store.m * -(-store.n // 4), 4), np.uint32)
                written += len(store_path(store, beats, np.zeros((16, 8, 32), np.uint8), gathered))
        assert lines_moved(program) == read + written
