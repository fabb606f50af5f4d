"""The fast MX quantiser: the plain one's values to the bit, and units and lengths that are true."""

import numpy as np
import pytest

from zhenwu.golden.numerics.block_scale import SCALE_RULES
from zhenwu.golden.numerics.element import element_decode
from zhenwu.golden.numerics.grid import ORDINARY_SCALES, mx_code_grid, mx_grid, mx_round
from zhenwu.golden.numerics.mx_quantise import mx_dequantise, mx_quantise
from zhenwu.spec.formats import BLOCK_SIZE, E2M1, E4M3, E5M2, E8M0_BIAS, E8M0_NAN

both = pytest.mark.parametrize("element", [E2M1, E4M3])
every_rule = pytest.mark.parametrize("rule", SCALE_RULES)


@pytest.mark.parametrize("largest", [1, 1e30])
def test_an_element_whose_sums_are_not_exact_is_refused_whatever_the_numbers(largest):
    with pytest.raises(ValueError, match="element is E5M2: expected E2M1 or E4M3, .* takes 56 bits .* and 70"):
        mx_grid(np.full((1, BLOCK_SIZE), largest, np.float32), E5M2)


def bits(x):
    return np.asarray(x, np.float32).view(np.uint32)


def inputs(seed, shape):
    """What a layer sees, and what it never should: Gaussian, many binades, every bit pattern, ties, zeros, NaN."""
    rng = np.random.default_rng(seed)
    gaussian = rng.standard_normal(shape).astype(np.float32)
    yield "gaussian", gaussian
    yield "many binades", gaussian * np.exp2(rng.integers(-38, 48, shape)).astype(np.float32)
    yield "every word", rng.integers(0, 1 << 32, shape, dtype=np.uint32).view(np.float32)
    yield "every exponent", np.ldexp(gaussian, rng.integers(-150, 126, (shape[0], *[1] * (len(shape) - 1))))
    yield "ties and their neighbours", ((gaussian.view(np.uint32) >> 19 << 19) + rng.integers(-1, 2, shape)).astype(
        np.uint32).view(np.float32)
    yield "zeros of both signs", np.copysign(np.float32(0), gaussian)
    yield "sparse", gaussian * (rng.random(shape) < 0.02)
    yield "a NaN and an infinity", np.where(rng.random(shape) < 0.01, np.float32(np.nan), gaussian / (gaussian > -3))


@both
@every_rule
@pytest.mark.parametrize("shape", [(300, 128), (1, 1), (7, 31), (2000, 33), (40, 3, 70), (4, 0), (0, 64)])
@pytest.mark.filterwarnings("ignore:divide by zero")
def test_round_has_the_bits_of_dequantise_after_quantise(element, rule, shape):
    for name, x in inputs(1, shape):
        expected = mx_dequantise(*mx_quantise(x, element, rule), element)[..., : shape[-1]]
        np.testing.assert_array_equal(bits(mx_round(x, element, rule)), bits(expected), err_msg=name)


@both
@every_rule
def test_every_scale_at_every_turn_of_the_rules_has_the_plain_bits(element, rule):
    """The largest of a block on, and one word to either side of, each fraction at which a rule or a rounding turns."""
    fractions = np.arange(32) << 18
    words = (np.arange(255)[:, None, None] << 23) + fractions[:, None] + np.array([-1, 0, 1])
    amax = np.maximum(words, 0).astype(np.uint32).view(np.float32).reshape(-1, 1)
    rest = np.random.default_rng(2).uniform(-1, 1, (amax.size, BLOCK_SIZE - 1)).astype(np.float32)
    x = np.concatenate([amax, amax * rest], axis=1)
    for part in (x, x[(x[:, 0] > 2.0**-39) & (x[:, 0] < 2.0**49)]):
        expected = mx_dequantise(*mx_quantise(part, element, rule), element)
        np.testing.assert_array_equal(bits(mx_round(part, element, rule)), bits(expected))


def assert_units_and_lengths_hold(grid):
    values = grid.values.astype(np.float64).reshape(*grid.unit.shape, BLOCK_SIZE)
    euclidean = np.sqrt((values**2).sum(axis=-1))
    assert np.all(grid.unit > 0) and np.all(np.frexp(grid.unit)[0] == 0.5)
    assert not np.any(values % grid.unit[..., None])
    np.testing.assert_allclose(grid.length, euclidean, rtol=1e-5)
    np.testing.assert_allclose(grid.longest_block, (euclidean / grid.unit).max(axis=0), rtol=1e-5)
    rows = np.sqrt((euclidean**2).sum(axis=1)) / grid.unit.min(axis=1)
    np.testing.assert_allclose([*grid.row_reach, grid.longest_row], [*rows, rows.max()], rtol=1e-5)


@both
@every_rule
def test_each_value_is_a_multiple_of_its_blocks_unit_and_lengths_are_right(element, rule):
    x = np.random.default_rng(3).standard_normal((500, 96)).astype(np.float32)
    x[:, 32:64] *= np.float32(2.0**-5)
    x[::5, 64:] = 0
    assert_units_and_lengths_hold(mx_grid(x, element, rule))
    assert_units_and_lengths_hold(mx_code_grid(*mx_quantise(x, element, rule), element))


@both
def test_codes_with_any_scale_have_their_exact_values(element):
    """Every code with every scale byte; a block that is not ordinary has no length, and NaN is one."""
    codes = np.tile(np.arange(1 << element.bits, dtype=np.uint8), (256, 2))
    scale = np.tile(np.arange(256, dtype=np.uint8)[:, None], (1, codes.shape[1] // BLOCK_SIZE))
    grid = mx_code_grid(codes, scale, element)
    expected = np.ldexp(element_decode(codes, element).astype(np.float64), scale[:, :1].astype(np.int32) - E8M0_BIAS)
    expected[E8M0_NAN] = np.nan
    np.testing.assert_array_equal(grid.values, expected)
    ordinary = slice(ORDINARY_SCALES[0], ORDINARY_SCALES[1] + 1)
    nan = np.isnan(expected.reshape(*grid.unit.shape, BLOCK_SIZE)).any(axis=-1)
    np.testing.assert_array_equal(np.isnan(grid.length), nan)
    assert np.all(np.isfinite(grid.length[ordinary]) | nan[ordinary])
    assert not np.isfinite(grid.length[: ordinary.start]).any() and not np.isfinite(grid.length[ordinary.stop :]).any()


def test_a_block_outside_the_fast_range_has_no_length_and_an_exact_float64_value():
    x = np.ones((2, 64), np.float32)
    x[0, 32:] = 1.9 * 2.0**127
    grid = mx_grid(x, E2M1, "even")
    assert grid.values.dtype == np.float64
    assert grid.values[0, 32] == 2.0**128  # past float32
    np.testing.assert_array_equal(np.isfinite(grid.length), [[True, False], [True, True]])
    np.testing.assert_array_equal(np.isfinite(grid.row_reach), [False, True])


def test_the_input_is_left_alone_and_any_memory_order_is_taken():
    x = np.random.default_rng(4).standard_normal((64, 64)).astype(np.float32)
    before = x.copy()
    for view in (x.T, x[::-1, ::2], np.asfortranarray(x)):
        np.testing.assert_array_equal(mx_grid(view).values, mx_grid(np.ascontiguousarray(view)).values)
    np.testing.assert_array_equal(x, before)


def test_other_types_and_shapes_are_refused():
    with pytest.raises(TypeError, match="x is float64: expected float32"):
        mx_grid(np.ones((2, 32)))
    with pytest.raises(ValueError, match=r"x has shape \(32,\): expected \(rows, k\)"):
        mx_grid(np.ones(32, np.float32))
    with pytest.raises(ValueError, match="scale rule 'none'"):
        mx_round(np.ones((1, 32), np.float32), E2M1, "none")
