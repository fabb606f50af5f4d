"""Exercises of the chapter "A dot product that is exact"."""

import math
import random
import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import ml_dtypes
import numpy as np

from zhenwu.exercises.exercise import Exercise
from zhenwu.exercises.played import Sizes, live_exercise, planted, played, seeds
from zhenwu.golden.numerics import scale_round
from zhenwu.spec.formats import BLOCK_SIZE, E2M1, E2M1_HALVES, E8M0_BIAS, PRODUCT_UNIT_EXPONENT, FloatFormat

FLOATS = (np.float16, np.float32, ml_dtypes.bfloat16, ml_dtypes.float8_e5m2, ml_dtypes.float8_e4m3fn)


def extremes(number: FloatFormat) -> tuple[float, float]:
    """The largest value and the smallest that is not zero."""
    return number.value(number.largest_code), number.value(1)


def wires(largest: float, smallest: float, elements: int) -> int:
    """Bits of the largest sum of products, counted in the smallest product, and a sign."""
    return (elements * int(largest / smallest) ** 2).bit_length() + 1


def formats(rng: random.Random) -> list[tuple[float, float, int]]:
    """Floats of other widths, and other lengths of a block."""
    cases = []
    for _ in range(12):
        exponent_bits = rng.randint(2, 5)
        number = FloatFormat(exponent_bits, rng.randint(1, 6), (1 << exponent_bits - 1) - 1, False, ())
        cases.append((*extremes(number), rng.randint(2, 300)))
    return cases


def order_is_safe(dtype: type, elements: int) -> bool:
    """Whether a float of that fraction holds every whole number up to the largest sum of so many products."""
    return elements * max(E2M1_HALVES) ** 2 <= 2 ** (ml_dtypes.finfo(dtype).nmant + 1)


def accumulators(rng: random.Random) -> list[tuple[type, int]]:
    """Every float with lengths on either side of where it stops being safe, none too long to be tried out."""
    cases = []
    for dtype in FLOATS:
        last = 2 ** (ml_dtypes.finfo(dtype).nmant + 1) // max(E2M1_HALVES) ** 2
        lengths = (last - rng.randint(0, 3), last + rng.randint(1, 4), 2 * last)
        cases += [(dtype, length) for length in lengths if length > 0]
    return rng.sample(cases, len(cases))


def smallest_total(dot: int) -> int:
    """The smallest sum of two scale bytes with which the term of a sum is exact, by trying."""
    for total in range(2 * E8M0_BIAS):
        halves = np.array([total // 2, total - total // 2], np.uint8)
        term = scale_round(np.int32(dot), *halves).view(np.float32)
        if float(term) == np.ldexp(float(dot), PRODUCT_UNIT_EXPONENT + total - 2 * E8M0_BIAS):
            return total
    raise ValueError(f"dot = {dot}: no sum of scales gives an exact term")


def sums(rng: random.Random) -> list[tuple[int]]:
    """Odd and even sums of both signs."""
    odd = [2 * rng.randrange(400) + 1 for _ in range(8)]
    return [(rng.choice((1, -1)) * (each << rng.randrange(4)),) for each in odd]


def aligned_sum(values: Sequence[float], bits: int) -> float:
    """Align floats to the largest exponent among them, cut each toward zero `bits` bits below, and add them."""
    exact = [Fraction(value) for value in values]
    largest = max((exponent_of(value) for value in exact if value), default=0)
    unit = Fraction(2) ** (largest - bits)
    return float(sum(int(value / unit) for value in exact) * unit)  # int() cuts toward zero


def exponent_of(value: Fraction) -> int:
    """The exponent of the power of two at or below the magnitude of a dyadic fraction."""
    return abs(value.numerator).bit_length() - value.denominator.bit_length()


def groups(rng: random.Random) -> list[tuple[list[float], int]]:
    """Products and an accumulator, of both signs and of many sizes; zeros too, and the largest anywhere."""
    cases = []
    for bits in (rng.randint(4, 12), rng.randint(4, 25), 13, 23, 25):
        values = [rng.choice((1, -1)) * math.ldexp(rng.randint(128, 255), -rng.randint(0, bits + 6)) for _ in range(9)]
        cases.append((values + [0.0], bits))
    return cases


def decoded(source: str, vectors: str, other: Sizes) -> str:
    """A decoder with other widths written into its constants, on all codes of that format."""
    for name, bits in other.items():
        line = rf"^{name.upper()} *= *\d+(?= *(#|$))"
        source, found = re.subn(line, f"{name.upper()} = {bits}", source, flags=re.M)
        if found != 1:
            return f"there is no line {name.upper()} = ... to write another width into"
    return played(source, vectors, other)


def is_the_stub(answer: Any) -> bool:
    return isinstance(answer, str) and "magnitude = 0  # your lines\n        if sign" in answer


def widths(rng: random.Random) -> list[Sizes]:
    """Two wider fractions, and two formats whose exponent is wider too."""
    chosen = [(2, bits) for bits in rng.sample((2, 3, 4), 2)] + rng.sample([(3, 1), (3, 2), (3, 3), (4, 2), (4, 3)], 2)
    return [{"exponent_bits": exponent, "mantissa_bits": mantissa} for exponent, mantissa in chosen]


EXERCISES = (
    live_exercise(
        "mx_dot_bug", "Find the bug in the dot product", "mx_dot_bug", "mx_dot",
        "which element of a piece is worth something else than it should be?",
        planted("hdl/numerics/mx_dot.py", ("(1 << PIECE_BITS) - 1", "(1 << (PIECE_BITS - 1)) - 1")), seeds,
    ),
    live_exercise(
        "scale_round_bug", "Find the bug in the rounding", "scale_round_bug", "scale_round",
        "what decides a tie, the bits that go or those that stay?",
        planted("hdl/numerics/scale_round.py", ("(significand & 1) == 1", "(dropped & 1) == 1")), seeds,
    ),
    live_exercise(
        "dot_unit_bug", "Find the bug in the dot unit", "dot_unit_bug", "dot_unit",
        "which accumulator does a sum belong to that is passed on before it stands in memory?",
        planted("hdl/tile/dot_unit.py", ("slot == fetch_slot", "slot == read_slot")), seeds,
    ),
    Exercise(
        "ex-width", "A wider format", "wires", wires,
        shown=[(*extremes(E2M1), BLOCK_SIZE), (*extremes(E2M1), 1)],
        hidden=formats,
        hint="count in the smallest value: how large can one product be, how many are added, and is there a sign?",
    ),
    Exercise(
        "ex-order", "When order cannot matter", "order_is_safe", order_is_safe,
        shown=[(dtype, 2**i) for dtype in (ml_dtypes.bfloat16, np.float16, np.float32) for i in range(9)],
        hidden=accumulators,
        hint=lambda case, returned: f"for {case[0].__name__} and {case[1]} elements: compare the largest sum with "
        "the first whole number that such a float misses",
    ),
    Exercise(
        "ex-subnormal", "Where rounding begins", "smallest_total", smallest_total,
        shown=[(131,), (1,), (-3,)],
        hidden=sums,
        hint="which power of two does the lowest one among the bits of the sum stand for, before and after the scales?",
    ),
    live_exercise(
        "ex-decoder", "A decoder without a table", "e2m1_decode_write", "e2m1_decode",
        "nothing in it may rest on these widths alone", is_the_stub, widths, decoded,
    ),
    Exercise(
        "ex-cut", "Align and cut", "aligned_sum", aligned_sum,
        shown=[([1.0, 2.0**-4, 2.0**-5], 4), ([0.75, -8.0, 0.5, -0.75], 3), ([0.0, 3.0, -3.0], 13), ([0.0], 23)],
        hidden=groups,
        hint="is each value cut by itself, toward zero below zero too, and in units of the largest exponent of all?",
    ),
)
