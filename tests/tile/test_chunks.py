"""How a product is cut: chunks by example, and that they cover it, fit a half and keep parts together."""

import pytest
from hypothesis import given, settings

from tests.tile.placed import Placed, products
from zhenwu.golden.tile.chunks import Chunk, Matmul, chunks, cut, ends_k, product_format
from zhenwu.golden.tile.layout import plan
from zhenwu.golden.tile.target import Target
from zhenwu.spec.mma_formats import BF16_MMA, MMA_FORMATS, MXFP4_MMA, MXFP4_OPERAND, MXFP8_MMA, W4A8_MMA


def matmul_of(placed):
    """The record that is cut."""
    return Matmul(*placed.operands, Target(placed.result, placed.rule, placed.residual), placed.fmt)


def chunks_of(placed, half_steps=8, program_depth=256):
    """The chunks of a product."""
    return chunks(matmul_of(placed), half_steps, program_depth)


# by example


def test_a_small_product_is_one_chunk_of_each():
    assert chunks_of(Placed(40, 70, 64)) == ([[Chunk(0, 3, 0, 1)]], [[Chunk(0, 5, 0, 1)]], False)


def test_panels_are_cut_where_a_half_ends():
    # 2 steps a row: 4 panels of A fill a half of 8, and 5 of B need two
    a, b, row_by_row = chunks_of(Placed(64, 70, 128))
    assert (a, b, row_by_row) == ([[Chunk(0, 4, 0, 2)]], [[Chunk(0, 4, 0, 2)], [Chunk(4, 1, 0, 2)]], False)


def test_a_long_k_is_cut_into_stretches_of_one_panel():
    a, b, _ = chunks_of(Placed(17, 16, 64 * 20))
    stretches = [(0, 8), (8, 8), (16, 4)]
    assert a == [[Chunk(panel, 1, *stretch) for stretch in stretches] for panel in (0, 1)]
    assert b == [[Chunk(0, 1, *stretch) for stretch in stretches]]


@pytest.mark.parametrize(
    ("fmt", "unit_elements", "units", "a_lines", "b_lines", "groups"),
    [
        (MXFP4_MMA, 64, 3, 3, 3, 5),  # k = 150: 5 blocks, of which the last unit has one
        (MXFP8_MMA, 64, 3, 5, 5, 5),
        (W4A8_MMA, 64, 3, 5, 3, 5),
        (BF16_MMA, 16, 10, 10, 10, 19),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_a_unit_is_a_line_of_scales_or_of_elements(fmt, unit_elements, units, a_lines, b_lines, groups):
    matmul = matmul_of(Placed(4, 5, 150, fmt))
    assert (matmul.unit_elements, matmul.units) == (unit_elements, units)
    assert [matmul.lines(operand, 0, units) for operand in (matmul.a, matmul.b)] == [a_lines, b_lines]
    assert matmul.groups(0, units) == groups
    assert matmul.groups(0, 1) == min(unit_elements // fmt.group, groups)


@pytest.mark.parametrize("fmt", [MXFP8_MMA, W4A8_MMA], ids=lambda fmt: fmt.name)
def test_half_a_unit_is_left_where_eight_bits_have_an_odd_block(fmt):
    matmul = matmul_of(Placed(4, 5, 150, fmt))
    assert matmul.lines(matmul.a, 2, 1) == 1 and matmul.groups(2, 1) == 1
    assert matmul.lines(matmul.a, 1, 1) == 2 and matmul.groups(1, 1) == 2


def test_parts_of_a_quantised_matrix_come_from_one_chunk_of_b_or_row_by_row():
    placed = Placed(40, 128, 64, store=MXFP4_OPERAND)
    panels = {steps: ([c[0].panels for c in b], row_by_row) for steps in (16, 7, 4, 3)
              for _, b, row_by_row in [chunks_of(placed, steps)]}
    assert panels == {16: ([8], False), 7: ([4, 4], False), 4: ([4, 4], False), 3: ([3, 3, 2], True)}
    assert all(chunk.panels == 1 for (chunk,) in chunks_of(placed, 3)[0])
    assert not chunks_of(Placed(40, 128, 64), 3)[2]


def test_chunks_shrink_until_a_group_fits_in_a_program():
    # 2 loads, an mma and a store for each pair, a wait: 6 pairs are 15 instructions
    sizes = {}
    for depth in (15, 14, 11, 5):
        a, b, _ = chunks_of(Placed(32, 48, 64), program_depth=depth)
        sizes[depth] = (a[0][0].panels, b[0][0].panels)
    assert sizes == {15: (2, 3), 14: (2, 2), 11: (2, 2), 5: (1, 1)}


# laws


@settings(max_examples=150, deadline=None, derandomize=True)
@given(products(m=200, n=200, k=2000))
def test_chunks_cover_each_operand_once_and_fit_a_half(drawn):
    placed, half_steps, program_depth = drawn
    matmul = matmul_of(placed)
    a_chunks, b_chunks, _ = chunks(matmul, half_steps, program_depth)
    for operand, ranges in ((matmul.a, a_chunks), (matmul.b, b_chunks)):
        covered = [
            (panel, unit)
            for stretches in ranges for chunk in stretches
            for panel in range(chunk.panel, chunk.panel + chunk.panels)
            for unit in range(chunk.unit, chunk.unit + chunk.units)
        ]
        assert sorted(covered) == [(panel, unit) for panel in range(operand.panels) for unit in range(matmul.units)]
        for stretches in ranges:
            assert [chunk.unit for chunk in stretches] == sorted(chunk.unit for chunk in stretches)
            assert [ends_k(chunk, matmul) for chunk in stretches] == [False] * (len(stretches) - 1) + [True]
            assert sum(matmul.lines(operand, chunk.unit, chunk.units) for chunk in stretches) == operand.steps
            for chunk in stretches:
                assert chunk.panels * matmul.lines(operand, chunk.unit, chunk.units) <= half_steps
    groups = [matmul.groups(chunk.unit, chunk.units) for chunk in a_chunks[0]]
    assert sum(groups) == -(-placed.k // placed.fmt.group) and min(groups) > 0


@settings(max_examples=150, deadline=None, derandomize=True)
@given(products(m=200, n=200, k=2000))
def test_a_quantised_matrix_is_of_one_chunk_of_b_unless_results_come_row_by_row(drawn):
    placed, half_steps, program_depth = drawn
    a_chunks, b_chunks, row_by_row = chunks_of(placed, half_steps, program_depth)
    if placed.store is None:
        assert not row_by_row
    elif row_by_row:
        assert all(chunk.panels == 1 for stretches in a_chunks for chunk in stretches)
    else:
        assert all(chunk.panel % 4 == 0 for stretches in b_chunks for chunk in stretches)


# corners and bad input


@pytest.mark.parametrize("fmt", MMA_FORMATS.values(), ids=MMA_FORMATS)
def test_two_operands_have_the_product_s_format(fmt):
    assert product_format(*plan(4, 5, 64, fmt=fmt)[:2]) is fmt


def test_operands_without_a_product_are_refused():
    a, b = plan(4, 5, 64)[0], plan(4, 5, 64, fmt=MXFP8_MMA)[1]
    with pytest.raises(ValueError, match="a is mxfp4 and b mxfp8: expected mxfp4 by mxfp4, mxfp8 by mxfp8, .*"):
        product_format(a, b)


def test_a_half_that_holds_no_line_of_scales_is_refused():
    with pytest.raises(ValueError, match="half_steps = 1: expected at least 2, a line of scales of mxfp8"):
        chunks_of(Placed(4, 5, 64, MXFP8_MMA), half_steps=1)
    assert chunks_of(Placed(4, 5, 32, MXFP8_MMA), half_steps=1)[0] == [[Chunk(0, 1, 0, 1)]]


def test_a_ragged_last_chunk_has_what_is_left():
    matmul = matmul_of(Placed(70, 5, 64 * 5))
    assert cut(matmul, matmul.a, 2, 5) == [[Chunk(0, 2, 0, 5)], [Chunk(2, 2, 0, 5)], [Chunk(4, 1, 0, 5)]]
    assert cut(matmul, matmul.a, 5, 2) == [[Chunk(0, 5, 0, 2), Chunk(0, 5, 2, 2), Chunk(0, 5, 4, 1)]]
