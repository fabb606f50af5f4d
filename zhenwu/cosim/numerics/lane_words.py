"""Words for the lanes: for each format operands by design, and some at random."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from zhenwu.golden.tile.layout import pack_codes
from zhenwu.spec.formats import BF16, E4M3, FloatFormat
from zhenwu.spec.mma_formats import BF16_MMA, MXFP4_MMA, MXFP8_MMA, W4A8_MMA, MmaFormat

Codes = tuple[NDArray[np.int64], NDArray[np.int64]]  # of a and b, [vectors, elements in a word]
TURNS = 256  # vectors in which a lane meets every code of 8 bits, or every pair of 4
BF16_SIGN, BF16_ONE = 1 << BF16.magnitude_bits, 1 << BF16.mantissa_bits
BF16_FIELDS = 1 << BF16.exponent_bits
ONE, INFINITY, NAN, LARGEST_NAN = 0x3F80, BF16.largest_code + 1, BF16.largest_code + 2, BF16_SIGN - 1
SPECIAL = (
    (ONE, ONE), (INFINITY, ONE), (ONE, INFINITY + BF16_SIGN), (INFINITY, INFINITY), (INFINITY, INFINITY + BF16_SIGN),
    (INFINITY, 0), (BF16_SIGN, INFINITY), (INFINITY, 1), (NAN, ONE), (ONE, NAN), (LARGEST_NAN + BF16_SIGN, 0),
    (NAN, INFINITY),
)


class Vectors(NamedTuple):
    """Operands of one format."""

    fmt: MmaFormat
    upper: NDArray[np.int64]  # [vectors]
    a: NDArray[np.uint8]  # [vectors, 16], words as bytes
    b: NDArray[np.uint8]


def vectors(rng: np.random.Generator, fmt: MmaFormat, count: int) -> Vectors:
    """Some hundreds of operands by design, and `count` at random."""
    made = [*anywhere(rng, fmt, count), *OF_FORMAT[fmt.name](rng, count)]
    a, b = (np.concatenate(side) for side in zip(*made, strict=True))
    a, b = (pack_codes(codes.astype(f"u{max(side.element.bits // 8, 1)}"), side.element.bits)
            for codes, side in ((a, fmt.a), (b, fmt.b)))
    return Vectors(fmt, rng.integers(0, 2, len(a)), a, b)


def anywhere(rng: np.random.Generator, fmt: MmaFormat, count: int) -> Iterator[Codes]:
    """What every format gets: one lane alone, the extremes, products that cancel or nearly do, numbers at random."""
    size = (fmt.lanes, fmt.b.word_elements)
    alone = np.eye(fmt.lanes, dtype=np.int64) * numbers(rng, fmt.a.element, (fmt.lanes, fmt.lanes), nonzero=True)
    yield alone, numbers(rng, fmt.b.element, size, nonzero=True)
    a, b = (side.element.largest_code for side in (fmt.a, fmt.b))
    yield np.full((2, fmt.lanes), a), np.array([[b], [b + sign(fmt.b.element)]]).repeat(size[1], axis=1)
    a, b = numbers(rng, fmt.a.element, (16, fmt.lanes)), numbers(rng, fmt.b.element, (16, size[1]), nonzero=True)
    half = fmt.lanes // 2
    a[:, half:] = a[:, :half]
    for begin in range(0, size[1], fmt.lanes):
        b[:, begin + half : begin + fmt.lanes] = b[:, begin : begin + half] ^ sign(fmt.b.element)
    yield a, b
    yield np.where(np.arange(fmt.lanes) == 5, 1, a), b
    yield numbers(rng, fmt.a.element, (count, fmt.lanes)), numbers(rng, fmt.b.element, (count, size[1]))


def mxfp4(rng: np.random.Generator, count: int) -> Iterator[Codes]:
    """All pairs of codes in all lanes, and zeros of both signs."""
    # Vector v brings pair v + 37 i to lane i: in 256 vectors each lane sees each pair once, beside 31 different ones.
    pair = (np.arange(TURNS)[:, None] + 37 * np.arange(MXFP4_MMA.lanes)) % TURNS
    yield pair >> 4, pair & 15
    yield 8 * rng.integers(0, 2, (2, MXFP4_MMA.lanes)), rng.integers(0, 16, (2, MXFP4_MMA.lanes))


def mxfp8(rng: np.random.Generator, count: int) -> Iterator[Codes]:
    """All codes in all lanes, NaN among them; products at the limbs' border; the last bit of a large sum."""
    yield every_code(), (every_code() * 3 + 91 * np.arange(MXFP8_MMA.lanes)) % TURNS
    size = (count // 4 + 8, MXFP8_MMA.lanes)
    field = rng.integers(1, 15, size)
    # The shift is the sum of both fields less 2, and 14 is the first that goes to the high limb.
    yield with_field(rng, field), with_field(rng, np.clip(15 + rng.integers(0, 2, size) - field, 1, 14))
    tiny = rng.choice([1, 3, 5, 7], (8, MXFP8_MMA.lanes)) * (np.arange(MXFP8_MMA.lanes) < 3)
    large = with_field(rng, np.full((8, MXFP8_MMA.lanes), 14)) * (np.arange(MXFP8_MMA.lanes) >= 3)
    yield tiny + large, np.where(tiny > 0, tiny[::-1], large)
    yield subnormals(rng, size), subnormals(rng, size)
    yield subnormals(rng, size), numbers(rng, E4M3, size)
    for codes in with_nan(rng, numbers(rng, E4M3, (16, MXFP8_MMA.lanes))):
        yield codes, numbers(rng, E4M3, codes.shape) * (np.arange(16) % 2)[:, None]
        yield numbers(rng, E4M3, codes.shape), codes


def w4a8(rng: np.random.Generator, count: int) -> Iterator[Codes]:
    """All codes of either side in all lanes, NaN of a among them; products at the border; the last bit."""
    lanes, words = W4A8_MMA.lanes, W4A8_MMA.b.word_elements
    yield every_code(), (np.arange(TURNS)[:, None] * 3 + 7 * np.arange(words)) % 16
    size = (count // 4 + 8, lanes)
    yield with_field(rng, rng.integers(13, 16, size) - (rng.random(size) < 0.2)), rng.integers(0, 16, (size[0], words))
    few = np.arange(lanes) < 3
    yield np.where(few, rng.choice([1, 3, 5, 7], (8, lanes)), 0x7E), np.tile(np.where(few, 1, 7), (8, words // lanes))
    yield subnormals(rng, size), rng.integers(0, 16, (size[0], words))
    for codes in with_nan(rng, numbers(rng, E4M3, (16, lanes))):
        yield codes, rng.integers(0, 16, (16, words)) * (np.arange(16) % 2)[:, None]
    yield numbers(rng, E4M3, (4, lanes)), np.full((4, words), 0xF)  # as bytes these are NaN codes of E4M3


def bf16(rng: np.random.Generator, count: int) -> Iterator[Codes]:
    """All exponents in all lanes, products near each other and far apart, zeros, subnormals, infinities, NaN."""
    lanes = np.arange(BF16_MMA.lanes)
    field = (np.arange(TURNS)[:, None] + 37 * lanes) % (BF16_FIELDS - 1)
    yield bf16_with(rng, field), bf16_with(rng, np.clip(254 - field + rng.integers(-3, 4, field.shape), 0, 254))
    size = (count // 2 + 40, BF16_MMA.lanes)
    for apart in (1, 12, 32):
        field = rng.integers(apart, 200, (size[0], 1))
        yield bf16_with(rng, np.broadcast_to(field, size)), bf16_with(rng, field - rng.integers(0, apart, size))
    # Powers of two, 24 to 27 places below the one in lane 3: the last that is kept, and the first that is not
    field = np.where(lanes == 3, 150, 150 - rng.integers(8, 28, size))
    yield bf16_with(rng, field), bf16_with(rng, np.full(size, 127)) & ~np.where(lanes == 3, 0, BF16_ONE - 1)
    yield bf16_with(rng, np.zeros(size, np.int64)), bf16_with(rng, rng.integers(0, 3, size))
    # Zeros beside the largest numbers say nothing about the largest exponent.
    zero = rng.random(size) < 0.4
    plain, other = (bf16_with(rng, rng.integers(100, 130, size)) for _ in "ab")
    zeros, large = np.where(zero, rng.choice([0, BF16_SIGN], size), plain), np.where(zero, 0x7F00, other)
    yield zeros, large
    yield large, zeros
    yield np.where(lanes == 2, BF16_SIGN, np.zeros((4, 8), np.int64)), bf16_with(rng, np.full((4, 8), 140))
    yield specials(rng)


def specials(rng: np.random.Generator) -> Codes:
    """Each pair of SPECIAL in two lanes beside plain numbers, and each alone."""
    first, second = np.divmod(np.arange(len(SPECIAL) ** 2), len(SPECIAL))
    size = (first.size, BF16_MMA.lanes)
    rows, lane = np.arange(first.size), rng.integers(0, BF16_MMA.lanes, first.size)
    sides = []
    for pair in np.array(SPECIAL).T:
        codes = bf16_with(rng, rng.integers(110, 140, size))
        codes[rows, lane], codes[rows, (lane + 3) % BF16_MMA.lanes] = pair[first], pair[second]
        sides.append(codes)
    return sides[0], sides[1]


OF_FORMAT = {"mxfp4": mxfp4, "mxfp8": mxfp8, "w4a8": w4a8, "bf16": bf16}


def sign(element: FloatFormat) -> int:
    """The sign bit of a code."""
    return 1 << element.magnitude_bits


def numbers(
    rng: np.random.Generator, element: FloatFormat, shape: tuple[int, ...], nonzero: bool = False
) -> NDArray[np.int64]:
    """Codes of finite numbers."""
    return rng.integers(int(nonzero), element.largest_code + 1, shape) + rng.integers(0, 2, shape) * sign(element)


def every_code() -> NDArray[np.int64]:
    """256 vectors in which each of 16 lanes meets each code of 8 bits."""
    return (np.arange(TURNS)[:, None] + 37 * np.arange(MXFP8_MMA.lanes)) % TURNS


def with_field(rng: np.random.Generator, field: NDArray[np.int64]) -> NDArray[np.int64]:
    """Codes of E4M3 with these exponent fields."""
    code = (field << E4M3.mantissa_bits) + rng.integers(0, 7, field.shape)
    return code + rng.integers(0, 2, field.shape) * sign(E4M3)


def subnormals(rng: np.random.Generator, shape: tuple[int, ...]) -> NDArray[np.int64]:
    """Codes of E4M3 with field 0."""
    return with_field(rng, np.zeros(shape, np.int64))


def with_nan(rng: np.random.Generator, codes: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    """Vector v with one NaN in lane v, of either sign."""
    for nan in (0x7F, 0xFF):
        yield np.where(np.eye(len(codes), dtype=bool), nan, codes)


def bf16_with(rng: np.random.Generator, field: NDArray[np.int64]) -> NDArray[np.int64]:
    """Codes of BF16 with these exponent fields."""
    fraction = rng.choice([0, BF16_ONE - 1], field.shape)
    fraction = np.where(rng.random(field.shape) < 0.5, fraction, rng.integers(0, BF16_ONE, field.shape))
    return (field << BF16.mantissa_bits) + fraction + rng.integers(0, 2, field.shape) * BF16_SIGN
