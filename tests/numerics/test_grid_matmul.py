"""The fast MX product: the plain one's bits on any data, whichever of its ways a row takes."""

from importlib import import_module

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhenwu.golden.numerics.block_scale import SCALE_RULES
from zhenwu.golden.numerics.grid import mx_code_grid, mx_grid
from zhenwu.golden.numerics.grid_matmul import EXACT_REACH, grid_matmul
from zhenwu.golden.numerics.mx_exact import mx_exact
from zhenwu.golden.numerics.mx_quantise import mx_quantise
from zhenwu.spec.formats import BLOCK_SIZE, CANONICAL_NAN, E2M1, E4M3, E8M0_NAN

PAIRS = [(E2M1, E2M1), (E4M3, E2M1), (E4M3, E4M3), (E2M1, E4M3)]
pairs = pytest.mark.parametrize("elements", PAIRS, ids=["fp4 fp4", "fp8 fp4", "fp8 fp8", "fp4 fp8"])
MODULE = import_module("zhenwu.golden.numerics.grid_matmul")  # by that name the package gives the function


def assert_plain_bits(x, w, elements, rule="floor"):
    x, w = x.astype(np.float32), w.astype(np.float32)
    expected = mx_exact(*mx_quantise(x, elements[0], rule), *mx_quantise(w, elements[1], rule), *elements)
    product = grid_matmul(mx_grid(x, elements[0], rule), mx_grid(w, elements[1], rule))
    assert product.dtype == np.float32
    np.testing.assert_array_equal(product.view(np.uint32), expected)


def assert_codes_have_plain_bits(a, b, elements):
    """a and b are (codes, scales)."""
    product = grid_matmul(mx_code_grid(*a, elements[0]), mx_code_grid(*b, elements[1]))
    np.testing.assert_array_equal(product.view(np.uint32), mx_exact(*a, *b, *elements))


def shares(x, w, elements):
    """Which shares of x's rows may go at once, and block by block."""
    return shares_of_grids(mx_grid(x.astype(np.float32), elements[0]), mx_grid(w.astype(np.float32), elements[1]))


def shares_of_grids(x, w):
    with np.errstate(over="ignore", invalid="ignore"):
        return np.mean(x.row_reach * w.longest_row <= EXACT_REACH), np.mean(
            (x.block_reach * w.longest_block <= EXACT_REACH).all(axis=1))


@pairs
@pytest.mark.parametrize("rule", SCALE_RULES)
@pytest.mark.parametrize(
    "shape", [(300, 64, 128), (1, 1, 32), (1, 1, 1), (1, 64, 256), (600, 1, 96), (5, 3, 70), (33, 7, 500)]
)
def test_what_a_layer_sees_has_the_plain_bits(elements, rule, shape):
    m, n, k = shape
    rng = np.random.default_rng(m + n + k)
    assert_plain_bits(rng.standard_normal((m, k)), rng.standard_normal((n, k)) / 20, elements, rule)


@pairs
@pytest.mark.parametrize("spread", [0, 4, 8, 12, 16, 20, 40])
def test_blocks_however_far_apart_have_the_plain_bits(elements, spread):
    """From one float32 product for all of k to one float64 product a block, row by row."""
    rng = np.random.default_rng(spread)
    blocks = np.exp2(rng.integers(-spread, spread + 1, (60, 4, 1)) / 2)
    x = (rng.standard_normal((60, 4, 32)) * blocks).reshape(60, 128)
    assert_plain_bits(x, rng.standard_normal((40, 128)), elements)


@pairs
def test_every_bit_pattern_has_the_plain_bits(elements):
    """Subnormals, infinities and NaN of every payload, beside rows that are ordinary."""
    rng = np.random.default_rng(5)
    x = rng.integers(0, 1 << 32, (500, 64), dtype=np.uint32).view(np.float32)
    x[::3] = rng.standard_normal((167, 64))
    assert_plain_bits(x, rng.standard_normal((20, 64)), elements)
    assert_plain_bits(rng.standard_normal((20, 64)), x, elements)
    assert_plain_bits(x[:200], x, elements)


@pairs
@pytest.mark.parametrize("power", [-149, -130, -75, -64, -41, -40, -39, 0, 48, 49, 50, 62, 64, 125])
def test_every_scale_up_to_overflow_and_down_to_nothing_has_the_plain_bits(elements, power):
    rng = np.random.default_rng(power + 200)
    x = np.ldexp(rng.uniform(-2, 2, (20, 96)).astype(np.float32), power)
    assert_plain_bits(x, np.ldexp(rng.standard_normal((10, 96)), -power if abs(power) < 126 else power), elements)
    assert_plain_bits(x, x[::-1], elements)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    seed=st.integers(0, 2**32 - 1), m=st.integers(0, 5), n=st.integers(0, 5), k=st.integers(0, 100),
    spread=st.integers(0, 24), pair=st.sampled_from(PAIRS), rule=st.sampled_from(SCALE_RULES),
)
def test_any_shape_and_spread_has_the_plain_bits(seed, m, n, k, spread, pair, rule):
    rng = np.random.default_rng(seed)
    x, w = (rng.standard_normal((rows, k)) * np.exp2(rng.integers(-spread, spread + 1, (rows, k))) for rows in (m, n))
    assert_plain_bits(x, w * (rng.random((n, k)) < 0.7), pair, rule)


SCALES = {
    "near": lambda rng, shape: rng.integers(124, 131, shape),
    "apart": lambda rng, shape: rng.integers(97, 157, shape),
    "far apart": lambda rng, shape: rng.integers(64, 190, shape),
    "at the ends": lambda rng, shape: rng.choice([0, 1, 77, 78, 127, 167, 168, 253, 254], shape),
    "one NaN": lambda rng, shape: np.where(rng.random(shape) < 1 / shape[1], E8M0_NAN, 127),
    "any byte": lambda rng, shape: rng.integers(0, 256, shape),
}


def adversarial(rng, rows, blocks, element, kinds):
    """(codes, scales): each row has scales of one of these kinds, and a tenth of rows has any code, NaN too."""
    codes = rng.integers(0, 1 << element.bits, (rows, BLOCK_SIZE * blocks))
    if element.nan_codes:
        nan = codes % (1 << element.magnitude_bits) == min(element.nan_codes)
        codes = np.where(nan & (rng.random((rows, 1)) < 0.9), 1, codes)
    drawn = [SCALES[kind](rng, (1, blocks)) for kind in rng.choice(kinds, rows)]
    return codes.astype(np.uint8), np.concatenate([*drawn, np.zeros((0, blocks))]).astype(np.uint8)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    seed=st.integers(0, 2**32 - 1), m=st.integers(0, 9), n=st.integers(0, 9), blocks=st.integers(1, 12),
    pair=st.sampled_from(PAIRS), x_kinds=st.lists(st.sampled_from(sorted(SCALES)), min_size=1, max_size=3),
    w_kinds=st.lists(st.sampled_from(sorted(SCALES)), min_size=1, max_size=2),
)
def test_any_codes_with_any_scales_have_the_plain_bits(seed, m, n, blocks, pair, x_kinds, w_kinds):
    """Operands of which some rows go each way."""
    rng = np.random.default_rng(seed)
    x, w = adversarial(rng, m, blocks, pair[0], x_kinds), adversarial(rng, n, blocks, pair[1], w_kinds)
    assert_codes_have_plain_bits(x, w, pair)


@pairs
@pytest.mark.parametrize("shape", [(1, 1, 1), (1, 1, 64), (1, 300, 64), (300, 1, 64), (257, 140, 5), (2, 40000, 2)])
def test_shapes_that_fill_a_step_and_one_more_have_the_plain_bits(elements, shape):
    """One result a block is where numpy would add in pairs; others are a row, a column or a block past a step."""
    m, n, blocks = shape
    rng = np.random.default_rng(m + n)
    x, w = (adversarial(rng, rows, blocks, element, ["apart", "near"]) for rows, element in zip((m, n), elements,
            strict=True))
    assert_codes_have_plain_bits(x, w, elements)


@pytest.mark.parametrize("m", [1, 2, 9])
@pytest.mark.parametrize("n", [1, 2, 9])
def test_no_nan_is_lost_on_zeros(m, n):
    """BLAS may leave out what is multiplied by 0."""
    zeros, codes = np.zeros((m, 64), np.uint8), np.full((n, 64), 8, np.uint8)
    codes[0, 40] = 0x7F
    product = grid_matmul(mx_code_grid(zeros, zeros[:, :2], E4M3), mx_code_grid(codes, codes[:, :2], E4M3))
    assert np.all(product[:, 0].view(np.uint32) == CANONICAL_NAN) and not product[:, 1:].any()


def just_past_the_bound(largest, shape, apart):
    """Rows that add up to 2^24 units and a few odd ones, which float32 loses one by one; equal rows make the bound an
    equation. A block far below, of one element, takes a row off the first way."""
    row = np.full(32, 0.5625)
    row[0] = largest
    far = np.zeros(32)
    far[0] = 2.0**-apart
    row = np.concatenate([row, far if apart else row])
    return np.tile(row, (shape[0], 1)), np.tile(row, (shape[1], 1))


@pytest.mark.parametrize("largest", [240, 256, 288, 320, 352])
@pytest.mark.parametrize("shape", [(1, 1), (1, 8), (70, 40)])
@pytest.mark.parametrize("apart", [0, 30])
def test_a_row_just_past_the_bound_is_not_left_to_float32(largest, shape, apart):
    x, w = just_past_the_bound(largest, shape, apart)
    assert_plain_bits(x, w, (E4M3, E4M3))
    x, w = (mx_quantise(side.astype(np.float32), E4M3) for side in (x, w))
    assert shares_of_grids(mx_code_grid(*x, E4M3), mx_code_grid(*w, E4M3)) == (0, largest < 256)
    assert_codes_have_plain_bits(x, w, (E4M3, E4M3))


@pytest.mark.parametrize("apart", [0, 30])
def test_the_bound_is_needed_on_both_ways_in_float32(monkeypatch, apart):
    """Four times as far and a wrong bit appears: at once, and block by block."""
    x, w = (mx_quantise(side.astype(np.float32), E4M3) for side in just_past_the_bound(288, (70, 40), apart))
    monkeypatch.setattr(MODULE, "EXACT_REACH", 4 * EXACT_REACH)
    with pytest.raises(AssertionError, match="Mismatched elements: 2800 / 2800"):
        assert_codes_have_plain_bits(x, w, (E4M3, E4M3))


@pytest.mark.parametrize("rule", SCALE_RULES)
def test_an_element_past_float32_takes_part_as_it_is(rule):
    """The even rule rounds 1.9 * 2^127 to an element times a scale of 2^128; a small weight brings it back."""
    x, w = np.full((3, 32), 1.9 * 2.0**127), np.full((2, 32), 2.0**-20)
    assert_plain_bits(x, w, (E2M1, E2M1), rule)


@pytest.mark.parametrize(("m", "n", "blocks"), [(1, 1, 1), (1, 9, 1), (9, 1, 2), (9, 9, 2)])
@pytest.mark.parametrize("weight", [0.0, 2.0**-160])
def test_no_zero_is_negative(m, n, blocks, weight):
    """Negative numbers times zeros, and times what underflows."""
    x, w = np.full((m, 32 * blocks), -(2.0**-30)), np.full((n, 32 * blocks), weight)
    assert not grid_matmul(mx_grid(np.float32(x)), mx_grid(np.float32(w))).view(np.uint32).any()


@pairs
def test_a_row_does_not_depend_on_the_others(elements):
    """Bits of each row alone, in a batch, in another order, and beside rows of NaN."""
    rng = np.random.default_rng(7)
    x, w = (rng.standard_normal((rows, 128)).astype(np.float32) for rows in (65, 33))
    w = mx_grid(w, elements[1])
    together = grid_matmul(mx_grid(x, elements[0]), w)
    for row in range(65):
        alone = grid_matmul(mx_grid(x[row : row + 1], elements[0]), w)
        np.testing.assert_array_equal(alone[0], together[row])
    order = rng.permutation(65)
    np.testing.assert_array_equal(grid_matmul(mx_grid(x[order], elements[0]), w), together[order])
    x[1::2, 3] = np.nan
    beside = grid_matmul(mx_grid(x, elements[0]), w)
    np.testing.assert_array_equal(beside[::2], together[::2])
    assert np.all(beside[1::2].view(np.uint32) == CANONICAL_NAN)


def test_ordinary_layers_take_the_fast_ways():
    """The claim behind the speed; MXFP8 needs more bits than float32 has."""
    rng = np.random.default_rng(8)
    for n, k, other in ((256, 128, 0.8), (1024, 3072, 0)):
        x, w = rng.standard_normal((500, k)), rng.standard_normal((n, k))
        fp4, mixed, fp8, _ = (shares(x, w, elements) for elements in PAIRS)
        assert fp4 == (1, 1) and mixed[0] >= other and mixed[1] > 0.4 and fp8 == (0, 0)


def test_any_mxfp4_within_the_ordinary_scales_goes_at_least_block_by_block():
    rng = np.random.default_rng(9)
    codes, scale = rng.integers(0, 16, (50, 320), np.uint8), rng.integers(77, 168, (50, 10), np.uint8)
    grid = mx_code_grid(codes, scale)
    assert np.all(grid.block_reach[:, None] * grid.block_reach <= EXACT_REACH)


def test_operands_that_do_not_fit_are_refused():
    x, w = (mx_grid(np.ones((2, k), np.float32)) for k in (64, 32))
    with pytest.raises(ValueError, match="a has k = 64 but b has k = 32"):
        grid_matmul(x, w)
