"""Exercises of the chapter "Numbers in four bits"."""

import math
import random
from collections.abc import Sequence
from typing import Any

import numpy as np

from zhenwu.exercises.exercise import Exercise
from zhenwu.exercises.played import live_exercise, planted, seeds
from zhenwu.golden.numerics import block_scale
from zhenwu.spec.formats import E2M1, FLOAT32, SCALE_RULES, FloatFormat

STUB = "kept = 0  # your lines"


def largest_value(exponent_bits: int, mantissa_bits: int) -> float:
    """The largest value of a float whose codes are all numbers, with the usual bias."""
    number = FloatFormat(exponent_bits, mantissa_bits, (1 << exponent_bits - 1) - 1, has_infinity=False, nan_codes=())
    return number.value(number.largest_code)


def floats(rng: random.Random) -> list[tuple[int, int]]:
    """Exponents and mantissas of some widths."""
    return rng.sample([(exponent, mantissa) for exponent in range(2, 6) for mantissa in range(1, 7)], 12)


def vanishing(largest: float) -> float:
    """The largest neighbour that becomes zero in MXFP4 with the floor rule: a tie goes to zero, the even code."""
    _, exponent = math.frexp(largest)  # 0.5 .. 1 times 2^exponent
    return math.ldexp(1.0, exponent - 1 - E2M1.emax) * E2M1.value(1) / 2


def tops(rng: random.Random) -> list[tuple[float]]:
    """Powers of two, numbers just under one, and others."""
    powers = [2.0 ** rng.randint(-20, 20) for _ in range(4)]
    under = [float(np.nextafter(np.float32(power), np.float32(0))) for power in powers]
    others = [float(np.float32(rng.uniform(1, 2) * 2.0 ** rng.randint(-20, 20))) for _ in range(6)]
    return [(each,) for each in rng.sample(powers + under + others, 14)]


def scale_byte(bits: int, rule: str) -> int:
    """The scale byte of an MXFP4 block whose largest magnitude has these bits in float32."""
    return int(block_scale(np.uint32(bits), E2M1, rule))


def magnitudes(rng: random.Random) -> list[tuple[int, str]]:
    """Fractions on both sides of where a rule changes, in all exponents; zero and subnormals; infinity and NaN."""
    half, last = 1 << FLOAT32.mantissa_bits - 1, (1 << FLOAT32.mantissa_bits) - 1
    fractions = [0, 1, half - 1, half, half + 1, half * 3 // 2 - 1, half * 3 // 2, last]
    cases = []
    for rule in SCALE_RULES:
        pairs = [(rng.randint(3, 253), fraction) for fraction in fractions]
        pairs += [(field, rng.choice(fractions)) for field in (0, 1, 2, 254, 255)]
        cases += [(field << FLOAT32.mantissa_bits | fraction, rule) for field, fraction in pairs]
    return rng.sample(cases, len(cases))


def wrong_byte(case: tuple[int, str], returned: Any) -> str:
    return (f"with the {case[1]} rule: which fractions of a float32 lift the exponent by one, and what becomes of the "
            "ends, zero and infinity?")


def rotated(x: Sequence[int]) -> list[int]:
    """x times Sylvester's matrix, of which entry (i, j) is minus one to the number of ones that i and j share."""
    return [sum((-1) ** (i & j).bit_count() * each for i, each in enumerate(x)) for j in range(len(x))]


def blocks(rng: random.Random) -> list[tuple[list[int]]]:
    """Blocks of some powers of two, with both signs."""
    return [([rng.randint(-50, 50) for _ in range(1 << width)],) for width in (0, 1, 2, 3, 4, 5, 6, rng.randint(2, 5))]


def is_the_stub(answer: Any) -> bool:
    return isinstance(answer, str) and STUB in answer


EXERCISES = (
    live_exercise(
        "mx_quantise_bug", "Find the bug in the quantiser", "mx_quantise_bug", "mx_quantise",
        "what does a block still know of the one before it?",
        planted("hdl/numerics/mx_quantise.py", ("if beat != 0:", "if beat >= 0:")), seeds,
    ),
    Exercise(
        "ex-values", "The largest value", "largest_value", largest_value,
        shown=[(2, 1), (3, 1), (2, 3)], hidden=floats,
        hint="no code is spent on infinity or NaN: what does the highest exponent mean, and the fullest mantissa?",
    ),
    Exercise(
        "ex-vanish", "What becomes zero", "vanishing", vanishing,
        shown=[(4.0,), (7.5,), (1.0,)], hidden=tops,
        hint="which power of two lies at or just under the largest element, and where is the middle between zero and "
             "the smallest value above it?",
    ),
    Exercise(
        "ex-scale", "A scale from bits", "scale_byte", scale_byte,
        shown=[(0x40E00000, "floor"), (0x40E00000, "even"), (0x40C00000, "rceil"), (0x40C00001, "rceil"),
               (0, "even"), (0x7F800000, "floor")],
        hidden=magnitudes, hint=wrong_byte,
    ),
    Exercise(
        "ex-rotate", "Sums and differences", "rotate", rotated,
        shown=[([5],), ([1, 2],), ([8, 0, 0, 0],), ([1, 2, 3, 4],)], hidden=blocks,
        hint="each half is rotated alone; the first half of the result is their sum, the second their difference",
    ),
    live_exercise(
        "ex-quantise", "Cut and remember", "mx_quantise_write", "mx_quantise",
        "is anything that was cut off still known when the code is chosen?", is_the_stub, seeds,
    ),
)
