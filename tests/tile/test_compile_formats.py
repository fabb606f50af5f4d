"""The compiler in every format and to every target: programs as a person would write them, corners, refusals.

The laws are in test_compile_matmul.
"""

from dataclasses import replace

import pytest

from tests.tile.placed import Placed
from zhenwu.golden.tile.assembly import assemble
from zhenwu.golden.tile.compile_matmul import compile_matmul
from zhenwu.golden.tile.layout import Operand, Result, plan
from zhenwu.spec.isa import Load, Mma, Store, encode
from zhenwu.spec.mma_formats import BF16_MMA, MMA_FORMATS, MXFP4_OPERAND, MXFP8_MMA, MXFP8_OPERAND, W4A8_MMA


def encoded(program):
    """The words of a program."""
    return [encode(instruction) for instruction in program]


# operands


def test_mxfp8_with_an_odd_number_of_blocks():
    # 3 blocks in 3 steps; the second line of scales has one block.
    (program,) = Placed(3, 5, 90, MXFP8_MMA).programs()
    assert encoded(program) == assemble("""
        load a.0 rows=3 k_steps=3 elements=0x0+3 scales=0x9+2 mxfp8
        load b.0 rows=5 k_steps=3 elements=0xb+3 scales=0x1a+2 mxfp8
        mma a.0[0] b.0[0] m=3 n=5 k_groups=3 mxfp8 first last release_a release_b
        store m=3 n=5 lines=0x1c+1
        wait
    """)


def test_stretches_of_mxfp8_begin_at_whole_lines_of_scales():
    # 5 blocks in 5 steps, and a half of 3: two steps a stretch, the third stays empty.
    (program,) = Placed(3, 5, 160, MXFP8_MMA).programs(half_steps=3)
    assert encoded(program) == assemble("""
        load a.0 rows=3 k_steps=2 elements=0x0+5 scales=0xf+3 mxfp8
        load b.0 rows=5 k_steps=2 elements=0x12+5 scales=0x2b+3 mxfp8
        load a.1 rows=3 k_steps=2 elements=0x2+5 scales=0x10+3 mxfp8
        load b.1 rows=5 k_steps=2 elements=0x14+5 scales=0x2c+3 mxfp8
        mma a.0[0] b.0[0] m=3 n=5 k_groups=2 mxfp8 first release_a release_b
        load a.0 rows=3 k_steps=1 elements=0x4+5 scales=0x11+3 mxfp8
        load b.0 rows=5 k_steps=1 elements=0x16+5 scales=0x2d+3 mxfp8
        mma a.1[0] b.1[0] m=3 n=5 k_groups=2 mxfp8 release_a release_b
        mma a.0[0] b.0[0] m=3 n=5 k_groups=1 mxfp8 last release_a release_b
        store m=3 n=5 lines=0x2e+1
        wait
    """)


def test_w4a8_with_one_block_fills_a_line_of_a_and_half_a_line_of_b():
    (program,) = Placed(2, 3, 32, W4A8_MMA).programs()
    assert encoded(program) == assemble("""
        load a.0 rows=2 k_steps=1 elements=0x0+1 scales=0x2+1 mxfp8
        load b.0 rows=3 k_steps=1 elements=0x3+1 scales=0x6+1 mxfp4
        mma a.0[0] b.0[0] m=2 n=3 k_groups=1 w4a8 first last release_a release_b
        store m=2 n=3 lines=0x7+1
        wait
    """)


def test_w4a8_has_panels_of_two_lengths():
    # 3 blocks: 3 steps of A, 2 of B; the second panel of A begins at step 3, of B at step 2.
    (program,) = Placed(17, 18, 96, W4A8_MMA).programs()
    places = [(mma.a_step, mma.b_step, mma.m, mma.n, mma.k_groups) for mma in program if isinstance(mma, Mma)]
    assert places == [(0, 0, 16, 16, 3), (0, 2, 16, 2, 3), (3, 0, 1, 16, 3), (3, 2, 1, 2, 3)]
    assert [(load.rows, load.k_steps) for load in program if isinstance(load, Load)] == [(17, 3), (18, 2)]


def test_bf16_with_k_8_is_one_group_and_half_a_line():
    (program,) = Placed(2, 3, 8, BF16_MMA).programs()
    assert encoded(program) == assemble("""
        load a.0 rows=2 k_steps=1 elements=0x0+1 bf16
        load b.0 rows=3 k_steps=1 elements=0x2+1 bf16
        mma a.0[0] b.0[0] m=2 n=3 k_groups=1 bf16 first last release_a release_b
        store m=2 n=3 lines=0x5+1
        wait
    """)


def test_bf16_with_k_20_is_three_groups_in_two_lines():
    (program,) = Placed(2, 3, 20, BF16_MMA).programs()
    assert encoded(program) == assemble("""
        load a.0 rows=2 k_steps=2 elements=0x0+2 bf16
        load b.0 rows=3 k_steps=2 elements=0x4+2 bf16
        mma a.0[0] b.0[0] m=2 n=3 k_groups=3 bf16 first last release_a release_b
        store m=2 n=3 lines=0xa+1
        wait
    """)


# targets


def test_a_result_in_mxfp4_is_stored_in_parts_of_one_matrix():
    # 40 columns: a line a row and a line of scales, and three results to fill them.
    (program,) = Placed(5, 40, 32, store=MXFP4_OPERAND, rule="even").programs()
    assert encoded(program) == assemble("""
        load a.0 rows=5 k_steps=1 elements=0x0+1 scales=0x5+1
        load b.0 rows=40 k_steps=1 elements=0x6+1 scales=0x2e+1
        mma a.0[0] b.0[0] m=5 n=16 k_groups=1 first last
        store m=5 n=16 lines=0x31+1 mxfp4 even scales=0x36
        mma a.0[0] b.0[1] m=5 n=16 k_groups=1 first last
        store m=5 n=16 lines=0x31+1 mxfp4 even scales=0x36 part=1
        mma a.0[0] b.0[2] m=5 n=8 k_groups=1 first last release_a release_b
        store m=5 n=8 lines=0x31+1 mxfp4 even scales=0x36 part=2 closes
        wait
    """)


def test_a_result_in_mxfp8_with_a_residual_goes_row_by_row_where_b_has_not_all_its_parts():
    # Halves of two panels: the parts of 16 rows come from two chunks of B, so A is loaded panel by panel.
    a, b = plan(20, 40, 32, fmt=W4A8_MMA)[:2]
    target, residual = Operand(0x200, 2, 0x280, 1, 20, 40, MXFP8_OPERAND), Result(0x300, 5, 20, 40)
    (program,) = compile_matmul(a, b, target, 2, rule="rceil", residual=residual)
    assert encoded(program) == assemble("""
        load a.0 rows=16 k_steps=1 elements=0x0+1 scales=0x14+1 mxfp8
        load b.0 rows=32 k_steps=1 elements=0x16+1 scales=0x3e+1
        load b.1 rows=8 k_steps=1 elements=0x36+1 scales=0x40+1
        load r.0 rows=16 k_steps=5 elements=0x300+5
        mma a.0[0] b.0[0] m=16 n=16 k_groups=1 w4a8 first last
        store m=16 n=16 lines=0x200+2 mxfp8 rceil scales=0x280 add r.0
        mma a.0[0] b.0[1] m=16 n=16 k_groups=1 w4a8 first last release_b
        store m=16 n=16 lines=0x200+2 mxfp8 rceil scales=0x280 part=1 add r.0
        load a.1 rows=4 k_steps=1 elements=0x10+1 scales=0x15+1 mxfp8
        load b.0 rows=32 k_steps=1 elements=0x16+1 scales=0x3e+1
        mma a.0[0] b.1[0] m=16 n=8 k_groups=1 w4a8 first last release_a release_b
        store m=16 n=8 lines=0x200+2 mxfp8 rceil scales=0x280 part=2 closes add r.0 release
        load b.1 rows=8 k_steps=1 elements=0x36+1 scales=0x40+1
        load r.1 rows=4 k_steps=5 elements=0x350+5
        mma a.1[0] b.0[0] m=4 n=16 k_groups=1 w4a8 first last
        store m=4 n=16 lines=0x220+2 mxfp8 rceil scales=0x281 add r.1
        mma a.1[0] b.0[1] m=4 n=16 k_groups=1 w4a8 first last release_b
        store m=4 n=16 lines=0x220+2 mxfp8 rceil scales=0x281 part=1 add r.1
        mma a.1[0] b.1[0] m=4 n=8 k_groups=1 w4a8 first last release_a release_b
        store m=4 n=8 lines=0x220+2 mxfp8 rceil scales=0x281 part=2 closes add r.1 release
        wait
    """)


def test_a_residual_of_float32_is_loaded_for_each_result_into_the_halves_in_turn():
    (program,) = Placed(7, 40, 32, adds=True).programs()
    assert encoded(program) == assemble("""
        load a.0 rows=7 k_steps=1 elements=0x0+1 scales=0x7+1
        load b.0 rows=40 k_steps=1 elements=0x8+1 scales=0x30+1
        load r.0 rows=7 k_steps=2 elements=0x56+5
        mma a.0[0] b.0[0] m=7 n=16 k_groups=1 first last
        store m=7 n=16 lines=0x33+5 add r.0 release
        load r.1 rows=7 k_steps=2 elements=0x58+5
        mma a.0[0] b.0[1] m=7 n=16 k_groups=1 first last
        store m=7 n=16 lines=0x35+5 add r.1 release
        load r.0 rows=7 k_steps=1 elements=0x5a+5
        mma a.0[0] b.0[2] m=7 n=8 k_groups=1 first last release_a release_b
        store m=7 n=8 lines=0x37+5 add r.0 release
        wait
    """)


# corners


def test_the_parts_of_a_quantised_matrix_stay_in_one_program():
    # 12 instructions hold no two matrices of four parts: a program for each 16 rows.
    programs = Placed(48, 64, 64, store=MXFP8_OPERAND).programs(program_depth=12)
    assert [[store.part for store in program if isinstance(store, Store)] for program in programs] == [[0, 1, 2, 3]] * 3


def test_a_chunk_of_b_holds_whole_matrices_where_it_can():
    # Halves of 6 panels, but 4 at a time: the parts of a matrix then come from one chunk.
    (program,) = Placed(16, 128, 64, store=MXFP4_OPERAND).programs(half_steps=6)
    assert [load.rows for load in program if isinstance(load, Load) and load.operand == 1] == [64, 64]


@pytest.mark.parametrize("name", ["mxfp8", "w4a8"])
def test_one_step_to_a_half_takes_one_block_of_eight_bit_elements_and_no_more(name):
    assert Placed(4, 5, 32, MMA_FORMATS[name]).programs(half_steps=1)
    with pytest.raises(ValueError, match=f"half_steps = 1: expected at least 2, a line of scales of {name}"):
        Placed(4, 5, 33, MMA_FORMATS[name]).programs(half_steps=1)
    assert Placed(4, 5, 33, MMA_FORMATS[name]).programs(half_steps=2)


@pytest.mark.parametrize("name", ["mxfp4", "bf16"])
def test_one_step_to_a_half_is_enough_for_the_other_formats(name):
    assert Placed(4, 5, 100, MMA_FORMATS[name]).programs(half_steps=1)


# bad input


def test_a_quantised_matrix_that_needs_more_than_a_program_is_refused():
    # Two loads, four mmas and their stores, a wait
    assert Placed(16, 64, 64, store=MXFP4_OPERAND).programs(program_depth=11)
    with pytest.raises(ValueError, match="1 units of k need .* instructions: expected at most 10"):
        Placed(16, 64, 64, store=MXFP4_OPERAND).programs(half_steps=4, program_depth=10)


@pytest.mark.parametrize(
    ("a_name", "b_name"), [("mxfp4", "mxfp8"), ("mxfp4", "bf16"), ("bf16", "mxfp4"), ("mxfp8", "bf16")]
)
def test_refuses_operands_that_no_product_multiplies(a_name, b_name):
    a, b = plan(4, 5, 64, fmt=MMA_FORMATS[a_name])[0], plan(4, 5, 64, fmt=MMA_FORMATS[b_name])[1]
    pairs = "mxfp4 by mxfp4, mxfp8 by mxfp8, mxfp8 by mxfp4, bf16 by bf16"
    with pytest.raises(ValueError, match=f"a is {a_name} and b {b_name}: expected {pairs}"):
        compile_matmul(a, b, Result(500, 1, 4, 5), 8)


def test_refuses_a_target_that_is_none():
    placed = Placed(4, 5, 64)
    a, b = placed.operands
    with pytest.raises(ValueError, match="a quantised result in bf16: expected mxfp4 or mxfp8"):
        compile_matmul(a, b, Operand(500, 1, 0, 0, 4, 5, BF16_MMA.a), 8)
    with pytest.raises(ValueError, match="scale rule 'ceil': expected one of floor, even, rceil"):
        compile_matmul(a, b, placed.result, 8, rule="ceil")
    with pytest.raises(ValueError, match="the residual is 5 x 4: expected 4 x 5, as the result"):
        compile_matmul(a, b, placed.result, 8, residual=Result(500, 1, 5, 4))
    with pytest.raises(ValueError, match="c is 4 x 6: expected 4 x 5, the rows of a and of b"):
        compile_matmul(a, b, replace(Placed(4, 5, 64, store=MXFP4_OPERAND).result, k=6), 8)
