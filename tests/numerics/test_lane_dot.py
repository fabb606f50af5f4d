"""Are the lanes' sums those that the matrix products are defined by, in every format?"""

import ml_dtypes
import numpy as np
import pytest
from myhdl import Simulation, delay, instance

from hdl.numerics import lane_dot as hardware
from zhenwu.cosim.numerics import lane_dot as cosim
from zhenwu.golden.numerics import bf16_matmul, fp32_add, mx_dot, mx_exact, term_round
from zhenwu.golden.numerics.lane_dot import codes, lane_dot, unpack
from zhenwu.golden.tile.layout import pack_codes
from zhenwu.spec.formats import BF16, CANONICAL_NAN, E2M1, E4M3, E8M0_BIAS
from zhenwu.spec.mma_formats import ALL_FORMATS, BF16_MMA, MMA_FORMATS, MXFP4_MMA, MXFP8_MMA, W4A8_MMA

DTYPES = {E2M1: ml_dtypes.float4_e2m1fn, E4M3: ml_dtypes.float8_e4m3fn, BF16: ml_dtypes.bfloat16}
MX = pytest.mark.parametrize("fmt", [MXFP4_MMA, MXFP8_MMA, W4A8_MMA], ids=lambda fmt: fmt.name)
ONE = 0x3F80  # of BF16
INFINITY, NAN, MINUS = 0x7F80, 0x7FC0, 0x8000


def words(rng, count):
    return rng.integers(0, 256, (2, count, 16), dtype=np.uint8)


def decoded(found, element):
    """What ml_dtypes makes of codes, float64."""
    with np.errstate(invalid="ignore"):  # a signalling NaN
        return found.astype(f"u{max(element.bits // 8, 1)}").view(DTYPES[element]).astype(np.float64)


def passes(fmt, a, b):
    """The sums of groups of a row of A with one of B: words uint8[words, 16] each -> LaneDot per pass, [groups]."""
    if fmt.passes == 1:
        return [lane_dot(a, b, fmt)]
    if fmt.b_words == 1:
        return [lane_dot(a[0::2], b, fmt, 0), lane_dot(a[1::2], b, fmt, 1)]
    return [lane_dot(a[0::2], b[0::2], fmt), lane_dot(a[1::2], b[1::2], fmt)]


def accumulated(terms):
    total = np.uint32(0)
    for term in terms:
        total = fp32_add(total, term)
    return int(total)


def bf16_word(*elements):
    return np.array([*elements, *[0] * (8 - len(elements))], "<u2").view(np.uint8)


@pytest.mark.parametrize("element", DTYPES, ids=["e2m1", "e4m3", "bf16"])
def test_every_code_is_taken_apart_as_ml_dtypes_reads_it(element):
    every = np.arange(1 << element.bits)
    significand, exponent, nan, infinite = unpack(every, element)
    value = decoded(every, element)
    np.testing.assert_array_equal(nan, np.isnan(value))
    np.testing.assert_array_equal(infinite, np.isinf(value))
    unit = 1 - element.bias - element.mantissa_bits
    finite = np.isfinite(value)
    np.testing.assert_array_equal(np.ldexp(significand.astype(float), exponent + unit)[finite], value[finite])


@MX
@pytest.mark.parametrize("upper", [0, 1])
def test_an_mx_sum_is_exact(fmt, upper):
    a, b = words(np.random.default_rng(upper), 20_000)
    x, y = (decoded(codes(word, side.element), side.element) for word, side in ((a, fmt.a), (b, fmt.b)))
    y = y[:, upper * fmt.lanes :][:, : fmt.lanes] if fmt is W4A8_MMA else y
    result = lane_dot(a, b, fmt, upper)
    nan = np.isnan(x * y).any(axis=1)
    np.testing.assert_array_equal(result.nan, nan)
    # 42 bits: float64 holds every partial sum.
    np.testing.assert_array_equal(result.total[~nan] * 2.0**fmt.unit_exponent, (x * y).sum(axis=1)[~nan])
    assert not (result.largest.any() or result.plus_infinity.any() or result.minus_infinity.any())


@MX
@pytest.mark.parametrize("seed", range(40))
def test_mx_groups_rounded_and_added_are_the_matrix_product(fmt, seed):
    rng = np.random.default_rng(seed)
    blocks = 4
    a, b = (rng.integers(0, 1 << side.element.bits, (1, 32 * blocks)).astype(np.uint8) for side in (fmt.a, fmt.b))
    if seed % 4:
        a, b = (np.where(side & 0x7F == 0x7F, 0, side) for side in (a, b))
    centre = rng.integers(20, 235)
    a_scale, b_scale = rng.integers(centre - 20, centre + 20, (2, 1, blocks)).astype(np.uint8)
    expected = mx_exact(a, a_scale, b, b_scale, fmt.a.element, fmt.b.element)[0, 0]

    sides = (pack_codes(code[0], side.element.bits).reshape(-1, 16) for code, side in ((a, fmt.a), (b, fmt.b)))
    found = passes(fmt, *sides)
    exponent = a_scale[0].astype(np.int32) + b_scale[0] - 2 * E8M0_BIAS + fmt.unit_exponent
    never = np.zeros(blocks, bool)
    terms = term_round(
        sum(each.total for each in found), exponent, np.any([each.nan for each in found], axis=0), never, never
    )
    assert accumulated(terms) == expected


def test_bf16_groups_rounded_and_added_are_the_matrix_product():
    rng = np.random.default_rng(5)
    for row in range(300):
        a, b = rng.integers(0, 1 << 16, (2, 1, 32)).astype("<u2")
        if row % 3:  # exponents near each other, and few special values
            spread = int(rng.choice([2, 12, 40]))
            a, b = ((code & 0x807F) | (rng.integers(120 - spread, 120 + spread, (1, 32)) << 7).astype("<u2")
                    for code in (a, b))
        a[rng.random((1, 32)) < 0.1] &= MINUS
        found = lane_dot(a.view(np.uint8).reshape(-1, 16), b.view(np.uint8).reshape(-1, 16), BF16_MMA)
        terms = term_round(
            found.total, found.largest + np.int32(BF16_MMA.unit_exponent), found.nan, found.plus_infinity,
            found.minus_infinity,
        )
        assert accumulated(terms) == bf16_matmul(a, b)[0, 0], row


def test_four_bits_are_mx_dot():
    a, b = words(np.random.default_rng(7), 10_000)
    expected = mx_dot(*(codes(word, E2M1).astype(np.uint8) for word in (a, b)))
    np.testing.assert_array_equal(lane_dot(a, b, MXFP4_MMA).total, expected)


@pytest.mark.parametrize("seed", [1, 2])
def test_the_hdl_gives_the_golden_sums_under_every_stall(seed):
    evidence = cosim.run(seed, quick=True)
    assert evidence.ok, f"{evidence.first_mismatch} {evidence.violations}"


def outputs(formats, vectors):
    """high, low and the other outputs of the hardware for each (a, b, fmt, upper)."""
    pins = hardware.ports()
    dut = hardware.lane_dot(**pins, formats=formats)
    seen = []

    @instance
    def drive():
        for vector in vectors:
            for name, value in zip(("a", "b", "fmt", "upper"), vector, strict=True):
                pins[name].next = value
            yield delay(1)
            seen.append(tuple(int(pins[name]) for name in list(pins)[4:]))

    simulation = Simulation(dut, drive)
    simulation.run(quiet=1)
    simulation.quit()
    return seen


@pytest.mark.parametrize(
    "formats", [("mxfp4",), ("bf16",), ("mxfp8",), ("mxfp4", "bf16"), ("w4a8", "mxfp8"), ALL_FORMATS[::-1]]
)
def test_a_block_with_fewer_formats_gives_the_same_in_those(formats):
    rng = np.random.default_rng(11)
    vectors = [
        (*(int.from_bytes(rng.bytes(16), "little") for _ in "ab"), MMA_FORMATS[name].code, upper)
        for name in formats for upper in (0, 1) for _ in range(20)
    ]
    assert outputs(formats, vectors) == outputs(ALL_FORMATS, vectors)


def test_the_limbs_have_room_for_the_largest_sums_of_two_passes():
    largest = {"mxfp4": 0x77, "mxfp8": 0x7E, "w4a8": 0x7E}
    for name, code in largest.items():
        fmt = MMA_FORMATS[name]
        a = int.from_bytes(bytes([code] * 16), "little")
        b = int.from_bytes(bytes([0x77 if fmt.b.element is E2M1 else code] * 16), "little")
        ((high, low, *_),) = outputs(ALL_FORMATS, [(a, b, fmt.code, 0)])
        assert high * 2**14 + low == 16 * {"mxfp4": 288, "mxfp8": 196 << 28, "w4a8": 168 << 14}[name]
        assert high * fmt.passes < 2 ** (hardware.HIGH_BITS - 1) and low * fmt.passes < 2 ** (hardware.LOW_BITS - 1)
    # The low limb at its fullest: products that move up by 13
    ((high, low, *_),) = outputs(ALL_FORMATS, [(int.from_bytes(b"\x47" * 16, "little"), int.from_bytes(
        b"\x3f" * 16, "little"), MXFP8_MMA.code, 0)])
    assert (high, low) == (0, 16 * 225 << 13)
    assert 2 * low < 2 ** (hardware.LOW_BITS - 1)


def test_a_list_of_formats_that_is_empty_or_has_another_is_refused():
    with pytest.raises(ValueError, match="no format is built in"):
        hardware.lane_dot(**hardware.ports(), formats=())
    with pytest.raises(ValueError, match="e5m2"):
        hardware.lane_dot(**hardware.ports(), formats=("mxfp4", "e5m2"))


@pytest.mark.parametrize(
    ("pairs", "total", "largest"),
    [
        pytest.param([(ONE, ONE)], 1 << 24, 0, id="one"),
        pytest.param([(ONE, ONE), (ONE, 0x3380)], (1 << 24) + 1, 0, id="2^-24 is the last place"),
        pytest.param([(ONE, ONE), (ONE, 0x33FF)], (1 << 24) + 1, 0, id="just under 2^-23 is cut"),
        pytest.param([(ONE, ONE), (ONE, 0xB3FF)], (1 << 24) - 1, 0, id="toward zero if negative, too"),
        pytest.param([(ONE, ONE), (ONE, 0x337F)], 1 << 24, 0, id="less than 2^-24 is cut to nothing"),
        pytest.param([(ONE, ONE), (0, 0x7F00)], 1 << 24, 0, id="a zero does not count for alignment"),
        pytest.param([(0x3FC0, 0x3FC0)], 9 << 22, 0, id="1.5 * 1.5 is not normalised"),
        pytest.param([(1, 1)], 1 << 10, -252, id="the smallest subnormals"),
        pytest.param([(0x7F7F, 0x7F7F)] * 8, 8 * 255 * 255 << 10, 254, id="the largest"),
        pytest.param([(MINUS, ONE)], 0, 0, id="nothing"),
    ],
)
def test_bf16_products_are_aligned_and_cut(pairs, total, largest):
    result = lane_dot(bf16_word(*(a for a, _ in pairs)), bf16_word(*(b for _, b in pairs)), BF16_MMA)
    assert (int(result.total), int(result.largest)) == (total, largest)


@pytest.mark.parametrize(
    ("pairs", "flags"),
    [
        pytest.param([(INFINITY, ONE)], "+", id="infinity"),
        pytest.param([(ONE, INFINITY | MINUS)], "-", id="-infinity"),
        pytest.param([(INFINITY | MINUS, INFINITY | MINUS)], "+", id="signs multiply"),
        pytest.param([(INFINITY, ONE), (INFINITY, MINUS | ONE)], "+-", id="both"),
        pytest.param([(INFINITY, MINUS)], "n", id="infinity times -0"),
        pytest.param([(NAN, 0)], "n", id="NaN times 0"),
        pytest.param([(ONE, NAN | MINUS), (INFINITY, ONE)], "n+", id="NaN beside infinity"),
        pytest.param([(INFINITY, 1)], "+", id="infinity times a subnormal"),
        pytest.param([(0x7F7F, 0x7F7F)], "", id="the largest numbers"),
    ],
)
def test_bf16_special_values_are_told(pairs, flags):
    result = lane_dot(bf16_word(*(a for a, _ in pairs)), bf16_word(*(b for _, b in pairs)), BF16_MMA)
    told = zip((result.nan, result.plus_infinity, result.minus_infinity), "n+-", strict=True)
    assert "".join(name for flag, name in told if flag) == flags
    value = term_round(result.total, result.largest - np.int32(24), result.nan, result.plus_infinity,
                       result.minus_infinity)
    assert (value == CANONICAL_NAN) == (flags not in ("", "+", "-"))


def test_leading_axes_broadcast():
    a, b = words(np.random.default_rng(3), 6)
    for fmt in MMA_FORMATS.values():
        table = lane_dot(a[:, None], b, fmt)
        assert all(field.shape == (6, 6) for field in vars(table).values())
        assert table.total[4, 2] == lane_dot(a[4], b[2], fmt).total


def test_what_is_no_word_is_refused():
    word = np.zeros(16, np.uint8)
    with pytest.raises(ValueError, match=r"b has shape \(15,\): expected a last axis of 16 bytes"):
        lane_dot(word, word[1:], MXFP4_MMA)
    with pytest.raises(TypeError, match="a is uint16: expected uint8"):
        lane_dot(word.view(np.uint16), word, BF16_MMA)


def test_every_planned_coverage_bin_is_hit():
    assert cosim.run(3, quick=True).unhit == {}
