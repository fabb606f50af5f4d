"""Blocks for the quantiser: every code and every border between two, every turn of a scale rule, and random ones.

Words past the end of a block hold random bits, NaN and infinity among them: they must not count.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from zhenwu.cosim.numerics.block_scale import ELEMENTS, FRACTION_BITS, INFINITY, ONE, turning
from zhenwu.spec.formats import BLOCK_SIZE, E8M0_BIAS, FLOAT32, SCALE_RULES, FloatFormat

SIGN = 1 << FLOAT32.magnitude_bits
NOT_FINITE = INFINITY >> FRACTION_BITS  # the exponent field of NaN and infinity
RECIPES = ("any", "zeros", "subnormals", "small", "large", "close", "wide", "nan", "infinity")
KINDS = [(fmt, rule) for rule in range(len(SCALE_RULES)) for fmt in range(len(ELEMENTS))]


class Block(NamedTuple):
    """32 words of float32 bits, of which the first `size` are the block's elements and the others anything."""

    words: NDArray[np.uint32]
    size: int
    fmt: int
    rule: int

    @property
    def element(self) -> FloatFormat:
        """What becomes of the elements."""
        return ELEMENTS[self.fmt]


def blocks(rng: np.random.Generator, rounds: int) -> list[Block]:
    """All of the planned blocks and `rounds` times one random block of each size, mixed."""
    made = [*code_blocks(rng, low=False), *code_blocks(rng, low=True), *turning_blocks(rng)]
    sizes = rng.permutation(np.tile(np.arange(1, BLOCK_SIZE + 1), rounds)).tolist()
    made += [random_block(rng, size, index) for index, size in enumerate(sizes)]
    return [made[index] for index in rng.permutation(len(made))]


def midpoints(element: FloatFormat) -> NDArray[np.float64]:
    """What lies exactly between two neighbouring codes, from the smallest up."""
    values = np.array([element.value(code) for code in range(element.largest_code + 1)])
    return (values[:-1] + values[1:]) / 2


def code_blocks(rng: np.random.Generator, low: bool) -> Iterator[Block]:
    """Every value of an element with both signs, every tie, and the floats beside it.

    Each block also holds the element's largest value, by which all rules choose the same scale: a random one, or the
    smallest few, where elements are subnormal floats.
    """
    for fmt, element in enumerate(ELEMENTS):
        values = np.array([element.value(code) for code in range(element.largest_code + 1)])
        exact = np.concatenate([values, -values, midpoints(element) * rng.choice([1, -1], values.size - 1)])
        points = [(value, 0) for value in exact]
        points += [(value, beside) for value in exact[2 * values.size :] for beside in (-1, 1)]
        points = [points[index] for index in rng.permutation(len(points))]
        for index, start in enumerate(range(0, len(points), BLOCK_SIZE - 1)):
            value, beside = np.array([(values[-1], 0), *points[start : start + BLOCK_SIZE - 1]]).T
            byte = index % 4 if low else rng.integers(8, 246)
            bits = np.ldexp(value, byte - E8M0_BIAS).astype(np.float32).view(np.uint32) + beside.astype(np.int64)
            words = anything(rng)
            words[: bits.size] = rng.permutation(bits)
            yield Block(words, bits.size, fmt, int(rng.integers(len(SCALE_RULES))))


def turning_blocks(rng: np.random.Generator) -> Iterator[Block]:
    """A beat each, by every rule: the largest element has a fraction at which a rule turns, in both elements' sense."""
    for fmt, rule in KINDS:
        places = [(int(rng.integers(20, 250)), fraction) for fraction in turning(ELEMENTS[fmt])]
        for exponent, fraction in [*places, (NOT_FINITE - 1, ONE - 1)]:
            size = int(rng.integers(1, 9))
            words = anything(rng)
            words[:size] = rng.integers(exponent - 8, exponent, size) * ONE + rng.integers(0, ONE, size)
            words[rng.integers(size)] = exponent * ONE + fraction
            yield Block(signed(rng, words), size, fmt, rule)


def random_block(rng: np.random.Generator, size: int, index: int) -> Block:
    """Block `index`, by the recipes and the kinds in turn."""
    turn, recipe = divmod(index, len(RECIPES))
    recipe = RECIPES[recipe]
    fmt, rule = KINDS[turn % len(KINDS)]
    words = anything(rng)
    if recipe != "any":
        around_zero_scale = ELEMENTS[fmt].emax - 1 + turn % 3
        largest = {"subnormals": 0, "small": around_zero_scale, "large": NOT_FINITE - 1}.get(
            recipe, rng.integers(20, 250))
        binades = rng.integers(0, 60 if recipe == "wide" else 8, size)
        binades[size - 1 if recipe == "wide" else rng.integers(size)] = 0
        words[:size] = np.maximum(largest - binades, 0) * ONE + rng.integers(0, ONE, size)
    if recipe == "zeros":
        words[:size] = 0
    elif recipe in ("nan", "infinity"):
        words[size - 1 if turn % 2 else 0] = INFINITY + (recipe == "nan") * rng.integers(1, ONE)
    return Block(signed(rng, words), size, fmt, rule)


def anything(rng: np.random.Generator) -> NDArray[np.uint32]:
    """A block of random bits, one word in eight no finite number."""
    words = rng.integers(0, 2 * SIGN, BLOCK_SIZE, np.uint32)
    words[rng.integers(0, 8, BLOCK_SIZE) == 0] |= INFINITY
    return words


def signed(rng: np.random.Generator, words: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """The words with random signs."""
    return words ^ rng.integers(0, 2, BLOCK_SIZE).astype(np.uint32) * np.uint32(SIGN)
