"""The bound: the figures of one matmul, and that it counts what the twins do."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhenwu.golden.tile.bound import bound, lines_moved, mma_cycles
from zhenwu.golden.tile.compile_matmul import compile_matmul
from zhenwu.golden.tile.layout import plan
from zhenwu.golden.tile.mma_issue import mma_issue
from zhenwu.golden.tile.mover import mover
from zhenwu.spec.isa import Load, Mma, Store


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


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    shape=st.tuples(st.integers(1, 70), st.integers(1, 70), st.integers(1, 700)),
    array=st.tuples(st.sampled_from([2, 4, 8]), st.sampled_from([2, 4, 8])),
)
def test_counts_what_the_twins_do(shape, array):
    program = compiled(*shape)
    mmas = [i for i in program if isinstance(i, Mma)]
    assert mma_cycles(program, *array) == sum(len(mma_issue(mma, 0, *array, half_steps=8)) for mma in mmas)
    read = sum(len(mover(i, half_steps=8)) for i in program if isinstance(i, Load))
    written = sum(i.m * ((i.n + 7) // 8) for i in program if isinstance(i, Store))
    assert lines_moved(program) == read + written
