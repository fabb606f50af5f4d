"""What the chapter on exact dot products computes with: long rows, ten ways to add them up, and how far each sees."""

from fractions import Fraction

import numpy as np
import pytest

from zhenwu.chapter import long_dot
from zhenwu.chapter.figure import BLUE, GREEN, RED
from zhenwu.chapter.long_dot import DEPTHS, LENGTH, LENGTHS, OURS, PAIRWISE, deepest, end_to_end, ways
from zhenwu.cosim.agent_layer import agent_layer
from zhenwu.golden import numerics as golden
from zhenwu.spec.formats import BLOCK_SIZE, E4M3
from zhenwu.spec.tensor_cores import TENSOR_CORES

LAYER = agent_layer()
A, B = (rows[:6] for rows in end_to_end(LAYER))


@pytest.fixture(scope="module")
def runs():
    return ways(A, B)


def diagonal(product):
    return np.diagonal(product.view(np.float32)).astype(np.float64)


def test_rows_laid_end_to_end_are_rows_of_the_layer():
    k = LAYER.prefill.shape[1]
    for rows, source in zip((A, B), (LAYER.prefill, LAYER.q_proj), strict=True):
        pieces = rows.reshape(-1, k)
        assert rows.shape == (6, LENGTH) and all((source == piece).all(axis=1).any() for piece in pieces)
    again = end_to_end(LAYER)
    assert (again[0][:6] == A).all() and (end_to_end(LAYER, seed=2)[0][:6] != A).any()


def test_our_tile_s_sums_are_those_of_its_golden_products(runs):
    wide = golden.bf16_matmul(golden.bf16_encode(A), golden.bf16_encode(B))
    assert (runs[OURS["BF16"]].found[:, -1] == diagonal(wide)).all()
    blocks = golden.mx_exact(*golden.mx_quantise(A), *golden.mx_quantise(B))
    assert (runs[OURS["E2M1"]].found[:, -1] == diagonal(blocks)).all()
    scales = [long_dot.one_scale(x) for x in (A, B)]
    codes = [golden.element_encode(np.ldexp(x, -s), E4M3) for x, s in zip((A, B), scales, strict=True)]
    bytes_of = [np.full((len(A), LENGTH // BLOCK_SIZE), 127 + s, np.uint8) for s in scales]
    eight = golden.mx_exact(codes[0], bytes_of[0], codes[1], bytes_of[1], E4M3, E4M3)
    assert (runs[OURS["E4M3"]].found[:, -1] == diagonal(eight)).all()


def test_every_tensor_core_is_among_the_ways_at_every_length(runs):
    assert {core.name for core in TENSOR_CORES} < set(runs) and len(runs) == 10
    assert all(way.found.shape == way.exact.shape == (6, len(LENGTHS)) for way in runs.values())
    codes = golden.bf16_encode(A)[:, :512], golden.bf16_encode(B)[:, :512]
    ampere = next(core for core in TENSOR_CORES if core.name.startswith("Ampere"))
    at = LENGTHS.index(512)
    assert (runs[ampere.name].found[:, at] == golden.truncated_dot(*codes, ampere)[:, -1]).all()


def test_exact_sums_are_those_of_fractions():
    found = long_dot.exact_sums(A[:1], B[:1])
    for length, value in zip(LENGTHS, found[0], strict=True):
        exact = sum(Fraction(float(x)) * Fraction(float(y)) for x, y in zip(A[0, :length], B[0, :length], strict=True))
        assert value == float(exact)


def test_a_cut_that_became_a_rounding_is_unbiased_where_the_cut_was_not():
    core = next(core for core in TENSOR_CORES if core.name.startswith("Ampere"))
    a, b = end_to_end(LAYER)
    near, cut = long_dot.if_rounded(a, b, core), ways(a, b)[core.name]
    short = [np.mean(np.abs(way.found[:, -1]) < np.abs(way.exact[:, -1])) for way in (near, cut)]
    assert (near.exact == cut.exact).all() and abs(short[0] - 0.5) < 0.1 < 0.3 < short[1] - 0.5


def test_pairwise_adds_neighbours_in_float32():
    products = np.zeros((1, LENGTH), np.float32)
    products[0, :4] = 1, 2.0**-24, 2.0**-24, 2.0**-24  # the first small one is lost, the others meet each other
    assert long_dot.pairwise(products)[0].tolist() == [float(np.float32(1 + 2.0**-23))] * len(LENGTHS)


def test_one_scale_leaves_no_element_saturated_and_wastes_no_binade():
    for largest in (1.0, 1.99, 0.37, 6e4):
        scaled = largest * 2.0 ** -long_dot.one_scale(np.array([0, -largest], np.float32))
        assert 128 <= scaled < 256


def test_a_tensor_core_sees_as_deep_as_it_aligns_and_ours_deeper_by_its_group():
    depths = deepest()
    for core in TENSOR_CORES:
        if core.exact == 1:
            assert depths[core.name] == int(core.aligned_bits)
    assert (depths[OURS["BF16"]], depths[OURS["E4M3"]]) == (23 + 3, 23 + 5) and depths[PAIRWISE] == max(DEPTHS)


def test_an_error_is_over_the_sums_and_colours_tell_who_adds():
    way = long_dot.Way("BF16", np.array([[3.0], [5.0]]), np.array([[3.0], [4.0]]))
    assert way.error() == pytest.approx([0.2])
    assert [long_dot.colour_of(name) for name in (OURS["BF16"], PAIRWISE, "Volta")] == [GREEN, BLUE, RED]
