"""The coverage bins of the lanes, and which vectors are in them."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from hdl.bench.coverage import Coverage
from zhenwu.cosim.numerics.lane_words import Vectors
from zhenwu.golden.numerics.lane_dot import LaneDot, codes, unpack
from zhenwu.spec.formats import BF16, BF16_ALIGNED_BITS, FloatFormat
from zhenwu.spec.mma_formats import ALL_FORMATS, BF16_MMA

LIMB = 14
FLOAT32_BITS = 24  # of a significand
IN_EACH = {
    "one_lane": "all lanes but one are zero: a lane left out, or read twice, shows",
    "every_code": "hit once every code of a, or every exponent of BF16, stood in each lane",
    "largest": "the largest product in all lanes: the sum needs all its bits",
    "smallest": "the most negative one in all lanes",
    "cancels": "products that add up to exactly 0",
    "small_of_large": "large products that almost cancel: what is left is right to the last bit",
}
IN_E4M3 = {
    "below_the_border": "a product that moves up by 13, the farthest in the low limb",
    "at_the_border": "a product that moves up by 14: the first of the high limb",
    "limbs_differ": "a low limb and a high one of different signs",
    "last_bit": "a sum of more than 24 bits that is odd: a float32 on the way would lose the last one",
    "subnormal": "a subnormal element that meets a normal one",
    "nan_of_a": "0x7F in a",
    "minus_nan_of_a": "0xFF in a",
    "nan_times_zero": "NaN that meets a zero",
}
BINS = {f"cp_{name}_{each}": why for name in ALL_FORMATS for each, why in IN_EACH.items()}
BINS |= {f"cp_{name}_{each}": why for name in ("mxfp8", "w4a8") for each, why in IN_E4M3.items()}
BINS |= {
    "cp_mxfp4_every_product": "hit once all 256 pairs of codes have met in each of the 32 lanes",
    "cp_mxfp4_zeros_of_both_signs": "+0 and -0 in one word are worth nothing, whatever they meet",
    "cp_mxfp8_nan_of_b": "NaN in b",
    "cp_mxfp8_subnormals": "two subnormal elements meet: the smallest products",
    "cp_w4a8_lower": "the lower half of b's codes, where the upper one gives another sum",
    "cp_w4a8_upper": "the upper half, where the lower one gives another sum",
    "cp_w4a8_no_nan_in_b": "two codes of b that make a byte 0x7F or 0xFF: numbers, whatever E4M3 calls them",
    "cp_bf16_aligned": "all products have the same exponent: none is cut",
    "cp_bf16_cut": "a positive product loses bits",
    "cp_bf16_cut_negative": "a negative product loses bits toward zero, not toward -Inf",
    "cp_bf16_last_kept": "a product so far down that all but its leading bit is cut",
    "cp_bf16_cut_to_nothing": "a product so far down that all of it is cut",
    "cp_bf16_subnormal": "a subnormal element has the exponent of field 1",
    "cp_bf16_subnormals": "subnormal elements in all products: the smallest exponent",
    "cp_bf16_zero_beside": "a zero product with the largest exponent does not count for alignment",
    "cp_bf16_nothing": "no product is other than zero",
    "cp_bf16_largest_exponent": "products of the largest numbers",
    "cp_bf16_nan_of_a": "NaN in a",
    "cp_bf16_nan_of_b": "NaN in b",
    "cp_bf16_infinity_times_zero": "infinity in a meets a zero: NaN",
    "cp_bf16_zero_times_infinity": "a zero in a meets infinity: NaN",
    "cp_bf16_infinity_times_subnormal": "infinity, not NaN",
    "cp_bf16_plus_infinity": "+Inf and no other special product",
    "cp_bf16_minus_infinity": "-Inf and no other",
    "cp_bf16_both_infinities": "both in one sum",
    "cp_bf16_nan_beside_infinity": "NaN in a lane and infinity in another: both are told",
}

LARGEST = {  # sums
    "mxfp4": 32 * 12 * 12, "mxfp8": 16 * (14 * 14 << 28), "w4a8": 16 * (14 * 12 << 14), "bf16": 8 * (255 * 255 << 10)
}
ROOM = BF16_ALIGNED_BITS - 2 * BF16.mantissa_bits  # places up that a product of the largest exponent moves
Hits = Iterator[tuple[str, NDArray[np.bool_]]]


class Lanes:
    """What meets in the lanes, [vectors, lanes] each, and what comes of it, [vectors] each."""

    def __init__(self, vectors: Vectors, result: LaneDot):
        fmt = self.fmt = vectors.fmt
        self.upper, self.total, self.nan = vectors.upper, result.total, result.nan
        self.plus, self.minus = result.plus_infinity, result.minus_infinity
        self.finite = ~(self.nan | self.plus | self.minus)
        self.a, self.all_b = codes(vectors.a, fmt.a.element), codes(vectors.b, fmt.b.element)
        self.b = half_of(self.all_b, self.upper, fmt.lanes)
        self.x, a_exponent, self.a_nan, self.a_infinite = unpack(self.a, fmt.a.element)
        self.y, b_exponent, self.b_nan, self.b_infinite = unpack(self.b, fmt.b.element)
        self.a_field, self.b_field = field(self.a, fmt.a.element), field(self.b, fmt.b.element)
        self.product, self.place = self.x * self.y, a_exponent + b_exponent
        if fmt is BF16_MMA:
            self.place = self.place + 2 * (1 - BF16.bias) - result.largest[:, None] + ROOM
        self.used = self.product != 0
        self.weight = np.where(self.used, abs(self.product), 0) << np.clip(self.place, 0, 28)


def field(codes: NDArray[np.int64], element: FloatFormat) -> NDArray[np.int64]:
    """The exponent field of each code."""
    return (codes >> element.mantissa_bits) & ((1 << element.exponent_bits) - 1)


def half_of(b: NDArray[np.int64], upper: NDArray[np.int64], lanes: int) -> NDArray[np.int64]:
    """The elements of b that meet those of a: all, or one half."""
    first = lanes * upper[:, None] if b.shape[1] > lanes else 0
    return np.take_along_axis(b, first + np.arange(lanes)[None], axis=1)


def covered(vectors: Vectors, result: LaneDot, coverage: Coverage) -> None:
    """Count the vectors of a format in each of its bins."""
    lanes = Lanes(vectors, result)
    for name, hits in [*in_each(lanes), *OF_FORMAT[vectors.fmt.name](lanes)]:
        coverage.hit(f"cp_{vectors.fmt.name}_{name}", int(np.sum(hits)))


def in_each(lanes: Lanes) -> Hits:
    """The bins that every format has."""
    element, largest = lanes.fmt.a.element, LARGEST[lanes.fmt.name]
    yield "one_lane", lanes.finite & (lanes.used.sum(axis=1) == 1)
    seen, wanted = (lanes.a_field, 1 << BF16.exponent_bits) if element is BF16 else (lanes.a, 1 << element.bits)
    yield "every_code", all(np.unique(lane).size == wanted for lane in seen.T)
    yield "largest", lanes.finite & (lanes.total == largest)
    yield "smallest", lanes.finite & (lanes.total == -largest)
    yield "cancels", lanes.finite & (lanes.total == 0) & lanes.used.any(axis=1)
    yield "small_of_large", lanes.finite & (lanes.total != 0) & (8 * abs(lanes.total) < lanes.weight.sum(axis=1))


def mxfp4(lanes: Lanes) -> Hits:
    """The bins of MXFP4."""
    yield "every_product", all(np.unique(lane).size == 256 for lane in (lanes.a << 4 | lanes.b).T)
    zero, minus_zero = ((lanes.a == code) & (lanes.y != 0) for code in (0, 8))
    yield "zeros_of_both_signs", zero.any(axis=1) & minus_zero.any(axis=1)


def e4m3(lanes: Lanes) -> Hits:
    """The bins of both formats with E4M3."""
    yield "below_the_border", (lanes.used & (lanes.place == LIMB - 1)).any(axis=1) & lanes.finite
    yield "at_the_border", (lanes.used & (lanes.place == LIMB)).any(axis=1) & lanes.finite
    terms = lanes.product << lanes.place
    low, high = (np.where(which, terms, 0).sum(axis=1) for which in (lanes.place < LIMB, lanes.place >= LIMB))
    yield "limbs_differ", lanes.finite & (low * np.sign(high) < 0)
    yield "last_bit", lanes.finite & (lanes.total % 2 == 1) & (abs(lanes.total) >> FLOAT32_BITS > 0)
    yield "subnormal", lanes.finite & (lanes.used & (lanes.a_field == 0) & (lanes.b_field > 0)).any(axis=1)
    yield "nan_of_a", (lanes.a == 0x7F).any(axis=1)
    yield "minus_nan_of_a", (lanes.a == 0xFF).any(axis=1)
    yield "nan_times_zero", (lanes.a_nan & (lanes.y == 0)).any(axis=1)


def mxfp8(lanes: Lanes) -> Hits:
    """The bins of MXFP8."""
    yield from e4m3(lanes)
    yield "nan_of_b", (lanes.b_nan.any(axis=1) & ~lanes.a_nan.any(axis=1))
    yield "subnormals", lanes.finite & (lanes.used & (lanes.a_field == 0) & (lanes.b_field == 0)).any(axis=1)


def w4a8(lanes: Lanes) -> Hits:
    """The bins of W4A8."""
    yield from e4m3(lanes)
    other = half_of(lanes.all_b, 1 - lanes.upper, lanes.fmt.lanes)
    y, exponent, _, _ = unpack(other, lanes.fmt.b.element)
    place = np.maximum(lanes.a_field, 1) - 1 + exponent
    tells = lanes.finite & ((lanes.x * y << place).sum(axis=1) != lanes.total)
    yield "lower", tells & (lanes.upper == 0)
    yield "upper", tells & (lanes.upper == 1)
    in_bytes = lanes.all_b[:, 0::2] | lanes.all_b[:, 1::2] << 4
    yield "no_nan_in_b", lanes.finite & (in_bytes & 0x7F == 0x7F).any(axis=1)


def bf16(lanes: Lanes) -> Hits:
    """The bins of BF16."""
    finite, used, product, place = lanes.finite, lanes.used, lanes.product, lanes.place
    some = used.any(axis=1)
    lost = used & (abs(product) % (1 << np.clip(-place, 0, 20)) != 0)
    yield "aligned", finite & (used.sum(axis=1) > 1) & np.where(used, place == ROOM, True).all(axis=1)
    yield "cut", finite & (lost & (product > 0)).any(axis=1)
    yield "cut_negative", finite & (lost & (product < 0)).any(axis=1)
    left = abs(product) >> np.clip(-place, 0, 20)
    yield "last_kept", finite & (lost & (left == 1)).any(axis=1)
    yield "cut_to_nothing", finite & (lost & (left == 0)).any(axis=1)
    tiny = (lanes.a_field == 0) | (lanes.b_field == 0)
    yield "subnormal", finite & (used & tiny & (left > 0)).any(axis=1)
    yield "subnormals", finite & some & (~used | (lanes.a_field == 0) & (lanes.b_field <= 1)).all(axis=1)
    yield "zero_beside", finite & some & (~used & (place > ROOM)).any(axis=1)
    yield "nothing", finite & ~some
    yield "largest_exponent", finite & (used & (lanes.a_field == 254) & (lanes.b_field == 254)).any(axis=1)
    yield "nan_of_a", (lanes.a_nan & ~lanes.b_nan).any(axis=1)
    yield "nan_of_b", (lanes.b_nan & ~lanes.a_nan).any(axis=1)
    yield "infinity_times_zero", (lanes.a_infinite & (lanes.y == 0)).any(axis=1)
    yield "zero_times_infinity", (lanes.b_infinite & (lanes.x == 0)).any(axis=1)
    yield "infinity_times_subnormal", (lanes.a_infinite & (lanes.b_field == 0) & (lanes.y != 0)).any(axis=1)
    yield "plus_infinity", lanes.plus & ~lanes.minus & ~lanes.nan
    yield "minus_infinity", lanes.minus & ~lanes.plus & ~lanes.nan
    yield "both_infinities", lanes.plus & lanes.minus & ~lanes.nan
    yield "nan_beside_infinity", lanes.nan & (lanes.plus | lanes.minus)


OF_FORMAT = {"mxfp4": mxfp4, "mxfp8": mxfp8, "w4a8": w4a8, "bf16": bf16}
