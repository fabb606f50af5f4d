"""Does mx_quantise follow the floor rule and round every element to nearest even?"""

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hdl.bench.monitor import monitor
from hdl.bench.run import forgotten_signals, simulate
from hdl.bench.sink import sink
from hdl.bench.source import source
from hdl.bench.stalls import never
from hdl.numerics import mx_quantise as hdl
from tests.numerics.test_block_scale import reference
from zhenwu.cosim.numerics import mx_quantise as cosim
from zhenwu.cosim.numerics.quantiser_blocks import Block, blocks
from zhenwu.golden.numerics.mx_quantise import mx_dequantise, mx_quantise
from zhenwu.spec.formats import BLOCK_SIZE, E2M1, E4M3, E8M0_BIAS, E8M0_NAN, SCALE_RULES

FINITE = st.floats(width=32, allow_nan=False, allow_infinity=False)
ROWS = st.lists(FINITE, min_size=1, max_size=3 * BLOCK_SIZE).map(lambda row: np.array(row, np.float32))
laws = settings(derandomize=True, deadline=None, max_examples=200)


def oracle(blocks):
    """codes and scale bytes of float32 blocks [n, 32]: frexp in float64 for the scale, ml_dtypes for elements."""
    finite = np.isfinite(blocks).all(axis=-1)
    exact = np.where(finite[:, None], blocks, 0).astype(np.float64)
    amax = np.abs(exact).max(axis=-1)
    exponent = np.where(amax == 0, -E8M0_BIAS, np.maximum(np.frexp(amax)[1] - 1 - E2M1.emax, -E8M0_BIAS))
    scaled = np.ldexp(exact, -exponent[:, None])
    codes = scaled.astype(np.float32).astype(ml_dtypes.float4_e2m1fn).view(np.uint8)
    return np.where(finite[:, None], codes, 0), np.where(finite, exponent + E8M0_BIAS, E8M0_NAN)


def assert_quantises_like_ml_dtypes(words):
    blocks = words.astype(np.uint32).view(np.float32)
    codes, block_scale = mx_quantise(blocks)
    expected_codes, expected_scale = oracle(blocks)
    np.testing.assert_array_equal(block_scale[:, 0], expected_scale)
    np.testing.assert_array_equal(codes, expected_codes)


def block(*values):
    return np.array([*values, *[0] * (BLOCK_SIZE - len(values))], np.float32)


def test_every_e2m1_value_is_its_own_code():
    values = np.arange(16, dtype=np.uint8).view(ml_dtypes.float4_e2m1fn).astype(np.float32)
    codes, block_scale = mx_quantise(values)
    assert codes.tolist() == [*range(16), *[0] * 16]
    assert block_scale.tolist() == [E8M0_BIAS]


def test_the_seven_midpoints_go_to_the_even_code():
    codes, _ = mx_quantise(block(0.25, 0.75, 1.25, 1.75, 2.5, 3.5, 5))
    assert codes[:7].tolist() == [0, 2, 2, 4, 4, 6, 6]


def test_just_past_a_midpoint_goes_to_the_nearer_code():
    midpoints = np.array([0.25, 0.75, 1.25, 1.75, 2.5, 3.5, 5], np.float32)
    for direction, expected in ((0, range(7)), (8, range(1, 8))):
        codes, _ = mx_quantise(np.append(np.nextafter(midpoints, np.float32(direction)), np.float32(4)))
        assert codes[:7].tolist() == list(expected)


def test_the_floor_rule_saturates_what_lies_between_6_and_8_scales():
    codes, block_scale = mx_quantise(block(7.9, -7.9, 6))
    assert (codes[:3].tolist(), block_scale.tolist()) == ([7, 15, 7], [E8M0_BIAS])
    codes, block_scale = mx_quantise(block(8, -7.9, 6))
    assert (codes[:3].tolist(), block_scale.tolist()) == ([6, 14, 5], [E8M0_BIAS + 1])


def test_random_words_of_every_exponent_quantise_like_ml_dtypes():
    assert_quantises_like_ml_dtypes(np.random.default_rng(7).integers(0, 1 << 32, (30_000, BLOCK_SIZE)))


def test_blocks_of_every_scale_quantise_like_ml_dtypes():
    """Two million elements within eight binades of the largest; a third are ties or one ulp beside one."""
    rng = np.random.default_rng(8)
    shape = (255 * 256, BLOCK_SIZE)
    largest = np.repeat(np.arange(255), 256)[:, None]
    exponent = np.maximum(largest - rng.integers(0, 8, shape), 0)
    fraction = rng.integers(0, 1 << 23, shape)
    beside_a_tie = ((fraction >> 21 << 21) + rng.integers(-1, 2, shape)) & 0x7F_FFFF
    fraction = np.where(rng.integers(0, 3, shape) == 0, beside_a_tie, fraction)
    assert_quantises_like_ml_dtypes(rng.integers(0, 2, shape) << 31 | exponent << 23 | fraction)


def test_just_under_a_power_of_two_the_scale_does_not_double():
    """Where an exponent taken from float32 log2 is one too large."""
    powers = np.ldexp(np.float32(1), np.arange(-120, 128))
    _, at = mx_quantise(powers[:, None])
    _, under = mx_quantise(np.nextafter(powers, np.float32(0))[:, None])
    np.testing.assert_array_equal(at[:, 0], np.arange(-120, 128) - E2M1.emax + E8M0_BIAS)
    np.testing.assert_array_equal(at - under, 1)


@laws
@given(ROWS)
def test_quantising_its_own_result_changes_nothing(x):
    codes, block_scale = mx_quantise(x)
    again, again_scale = mx_quantise(mx_dequantise(codes, block_scale))
    np.testing.assert_array_equal(again, codes)
    np.testing.assert_array_equal(again_scale, block_scale)


@laws
@given(ROWS)
def test_no_element_is_off_by_two_scales(x):
    codes, block_scale = mx_quantise(x)
    error = mx_dequantise(codes, block_scale)[: x.size].astype(np.float64) - x
    scale = np.ldexp(1.0, block_scale.astype(int) - E8M0_BIAS).repeat(BLOCK_SIZE)[: x.size]
    assert np.all(np.abs(error) < 2 * scale)


@laws
@given(ROWS)
def test_negating_flips_the_sign_bit_of_every_code(x):
    codes, block_scale = mx_quantise(x)
    negated, negated_scale = mx_quantise(-x)
    np.testing.assert_array_equal(negated[: x.size], codes[: x.size] ^ 8)
    np.testing.assert_array_equal(negated_scale, block_scale)


@laws
@given(ROWS, st.integers(0, 40))
def test_a_power_of_two_moves_only_the_scale(x, power):
    x = np.where(np.abs(x) < 2.0**-100, 0, np.minimum(np.abs(x), 2.0**80)).astype(np.float32)
    codes, block_scale = mx_quantise(x)
    moved, moved_scale = mx_quantise(np.ldexp(x, power))
    np.testing.assert_array_equal(moved, codes)
    np.testing.assert_array_equal(moved_scale[block_scale > 0], block_scale[block_scale > 0] + power)


@laws
@given(ROWS)
def test_blocks_do_not_see_each_other_and_only_the_last_is_padded(x):
    codes, block_scale = mx_quantise(x)
    for index, start in enumerate(range(0, x.size, BLOCK_SIZE)):
        part = x[start : start + BLOCK_SIZE]
        alone, alone_scale = mx_quantise(part)
        np.testing.assert_array_equal(alone, codes[start : start + BLOCK_SIZE])
        assert alone_scale == block_scale[index]
        assert not alone[part.size :].any()


@pytest.mark.parametrize("seed", [1, 2])
def test_the_hdl_gives_the_golden_bits_under_every_stall(seed):
    evidence = cosim.run(seed, quick=True)
    assert evidence.ok, f"{evidence.first_mismatch} {evidence.violations}"


def test_the_hdl_takes_a_beat_every_cycle():
    assert cosim.run(1, quick=True).achieved == 1


def test_what_the_bench_expects_is_what_ml_dtypes_and_the_rules_words_give():
    """Each of the bench's blocks: the scale by exact fractions, clip and cast for the codes."""
    for each in blocks(np.random.default_rng(4), rounds=3):
        codes, byte = cosim.encode(each)
        x = each.words[: each.size].view(np.float32)
        if not np.isfinite(x).all():
            assert (byte, codes.any()) == (E8M0_NAN, False)
            continue
        assert byte == reference(np.abs(x).max().view(np.uint32), each.element, SCALE_RULES[each.rule])
        largest = each.element.value(each.element.largest_code)
        scaled = np.ldexp(x.astype(np.float64), E8M0_BIAS - byte).clip(-largest, largest)
        dtype = ml_dtypes.float8_e4m3fn if each.element == E4M3 else ml_dtypes.float4_e2m1fn
        assert codes[: each.size].tolist() == scaled.astype(dtype).view(np.uint8).tolist()
        assert not codes[each.size :].any()


def through_the_block(*made):
    """What the block gives for some Blocks without a stall, and the cycles from last beat to result."""
    items = [beat for each in made for beat in cosim.beats(np.random.default_rng(0), each)]
    closed, given = [], []
    with forgotten_signals():
        pins = hdl.ports()
        clk, rst, src, dst = pins.values()
        parts = [
            hdl.mx_quantise(**pins),
            source(clk, rst, src, items, never()),
            sink(clk, rst, dst, never()),
            monitor(clk, rst, src, lambda beat: closed.append(beat.cycle) if beat.payload["last"] else None),
            monitor(clk, rst, dst, given.append),
        ]
        simulate(parts, clk=clk, rst=rst, budget_cycles=100, done=lambda: len(given) == len(made))
    return [block.payload for block in given], [block.cycle - beat for block, beat in zip(given, closed, strict=True)]


def of(values, fmt, rule="floor"):
    words = np.zeros(BLOCK_SIZE, np.float32)
    words[: len(values)] = values
    return Block(words.view(np.uint32), len(values), fmt, SCALE_RULES.index(rule))


def test_the_hdl_puts_e2m1_into_half_bytes_and_e4m3_into_bytes():
    given, _ = through_the_block(of([6, -1, 0.5], 0), of([448, -1, 2**-9], 1), of([-6], 0))
    assert [block["codes"] for block in given] == [0x1A7, 0x01B87E, 0xF]
    assert {block["scale"] for block in given} == {E8M0_BIAS}


def test_the_hdl_follows_each_rule():
    """7 is above the largest E2M1, and above the middle of 6 and 8: saturated by floor, half as much by the others."""
    given, _ = through_the_block(*(of([7, 6], 0, rule) for rule in SCALE_RULES), of([449], 1, "even"))
    assert [block["scale"] - E8M0_BIAS for block in given] == [0, 1, 1, 0]
    assert [block["codes"] for block in given] == [0x77, 0x56, 0x56, 0x7E]


def test_what_would_round_to_the_nan_code_is_the_largest_e4m3():
    given, _ = through_the_block(of([480, -480, 464, 463], 1))
    assert given == [{"codes": 0x7E7EFE7E, "scale": E8M0_BIAS}]


@pytest.mark.parametrize("size", [1, 8, 9, 32])
def test_a_block_is_offered_two_cycles_after_its_last_beat(size):
    _, waited = through_the_block(*[of([1.0] * size, 0)] * 3)
    assert waited == [2, 2, 2]


def test_zeros_keep_their_signs_at_the_smallest_scale():
    codes, block_scale = mx_quantise(np.array([0.0, -0.0], np.float32))
    assert (codes[:2].tolist(), block_scale.tolist()) == ([0, 8], [0])
    assert np.signbit(mx_dequantise(codes, block_scale)[:2]).tolist() == [False, True]


def test_what_rounds_to_zero_keeps_its_sign():
    assert mx_quantise(block(4, -0.25, -1e-40))[0][:3].tolist() == [6, 8, 8]


def test_subnormals_quantise_at_the_smallest_scale():
    codes, block_scale = mx_quantise(np.ldexp(np.float32(1), np.array([-126, -127, -128, -129, -149])))
    assert (codes[:5].tolist(), block_scale.tolist()) == ([4, 2, 1, 0, 0], [0])


@pytest.mark.parametrize("bits", [0x7F80_0000, 0xFF80_0000, 0x7FC0_0000, 0xFFC0_0000, 0x7F80_0001, 0xFFFF_FFFF])
def test_a_nan_or_an_infinity_makes_its_block_nan_and_no_other(bits):
    x = np.ones(3 * BLOCK_SIZE, np.float32)
    x[40] = np.uint32(bits).view(np.float32)
    codes, block_scale = mx_quantise(x)
    assert block_scale.tolist() == [E8M0_BIAS - 2, E8M0_NAN, E8M0_BIAS - 2]
    assert not codes[32:64].any()
    np.testing.assert_array_equal(np.isnan(mx_dequantise(codes, block_scale)), np.arange(96) // 32 == 1)


@pytest.mark.parametrize("bits", [0, 1, 0x7F_FFFF, 0x80_0000, 0x7F7F_FFFF, 0x7F80_0000, 0x7F80_0001])
def test_no_floating_point_flag_is_raised(bits):
    with np.errstate(all="raise"):
        mx_dequantise(*mx_quantise(np.full(33, bits, np.uint32).view(np.float32)))


@pytest.mark.parametrize("shape", [(0,), (1,), (31,), (32,), (33,), (2, 3, 65), (0, 64), (4, 0)])
def test_the_last_axis_is_padded_to_whole_blocks(shape):
    codes, block_scale = mx_quantise(np.ones(shape, np.float32))
    blocks = -(-shape[-1] // BLOCK_SIZE)
    assert (codes.shape, block_scale.shape) == ((*shape[:-1], 32 * blocks), (*shape[:-1], blocks))
    assert codes.dtype == block_scale.dtype == np.uint8
    assert np.all(codes[..., : shape[-1]] == 6)


def test_any_memory_order_is_taken_and_the_input_is_left_alone():
    x = np.random.default_rng(9).standard_normal((64, 96)).astype(np.float32)
    before = x.copy()
    for view in (x.T, x[::-1, ::2], np.asfortranarray(x)):
        np.testing.assert_array_equal(mx_quantise(view)[0], mx_quantise(np.ascontiguousarray(view))[0])
    np.testing.assert_array_equal(x, before)


def test_a_scale_past_what_quantise_gives_overflows_to_infinity():
    codes = np.full(64, 7, np.uint8)
    values = mx_dequantise(codes, np.array([252, 254], np.uint8))
    assert (values[0], values[32]) == (6 * 2.0**125, np.inf)


@pytest.mark.parametrize("dtype", [np.float64, np.float16, ml_dtypes.bfloat16, np.int32, ">f4"])
def test_all_but_float32_is_refused(dtype):
    with pytest.raises(TypeError, match="x is .*: expected float32, so convert it first"):
        mx_quantise(np.ones(32, dtype))


def test_shapes_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="x is a scalar: expected an axis"):
        mx_quantise(np.float32(1))
    with pytest.raises(ValueError, match=r"\(64,\) codes with \(1,\) scales: expected 32 codes to a scale"):
        mx_dequantise(np.zeros(64, np.uint8), np.zeros(1, np.uint8))
    with pytest.raises(ValueError, match="expected 32 codes to a scale"):
        mx_dequantise(np.zeros(32, np.uint8), np.uint8(0))


def test_every_planned_coverage_bin_is_hit():
    assert cosim.run(3, quick=True).unhit == {}
