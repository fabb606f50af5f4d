"""The compute tile's number formats: which elements meet in a dot unit, how many at a time, and when a sum is rounded.

A dot unit takes a word of 128 bits of each operand a cycle, a pass. A group is what it rounds once: a block of 32, or
8 products of BF16. T-Head publishes the MMA shapes m16n16 with k64, k32 and k16, which are two words a row in each
format; words, passes and groups are ours. E5M2 is left out: an exact sum of 32 of its products takes up to 70 bits.
Chapter: the array and its utilisation.
"""

from dataclasses import dataclass

from zhenwu.spec.formats import BF16, BF16_ALIGNED_BITS, BF16_GROUP, BLOCK_SIZE, E2M1, E4M3, FLOAT32, FloatFormat

WORD_BITS = 128
STEP_WORDS = 2  # of a row in an MMA step: a line of memory, 32 bytes


@dataclass(frozen=True)
class OperandFormat:
    """One operand's elements in memory and in the scratchpad; `code` stands in a load."""

    name: str
    code: int
    element: FloatFormat
    scaled: bool  # with an E8M0 byte for each block of 32

    @property
    def word_elements(self) -> int:
        """Elements in a word of 128 bits."""
        return WORD_BITS // self.element.bits

    @property
    def line_elements(self) -> int:
        """Elements in a line of memory, which is one row's part of an MMA step."""
        return STEP_WORDS * self.word_elements


MXFP4_OPERAND = OperandFormat("mxfp4", 0, E2M1, scaled=True)
MXFP8_OPERAND = OperandFormat("mxfp8", 1, E4M3, scaled=True)
BF16_OPERAND = OperandFormat("bf16", 2, BF16, scaled=False)
FLOAT32_RESIDUAL = OperandFormat("float32", 3, FLOAT32, scaled=False)  # no operand: what a store adds
OPERAND_FORMATS = {each.code: each for each in (MXFP4_OPERAND, MXFP8_OPERAND, BF16_OPERAND, FLOAT32_RESIDUAL)}


@dataclass(frozen=True)
class MmaFormat:
    """The formats of A and B in a product; `code` stands in an mma.

    `unit_exponent`: the exact sum of a group is a whole number of 2^unit_exponent before its scales, and for BF16
    before the exponent of its largest product.
    """

    name: str
    code: int
    a: OperandFormat
    b: OperandFormat
    unit_exponent: int

    @property
    def lanes(self) -> int:
        """Products of a dot unit in a cycle."""
        return min(self.a.word_elements, self.b.word_elements)

    @property
    def group(self) -> int:
        """Elements of k that are rounded once."""
        return BLOCK_SIZE if self.a.scaled else BF16_GROUP

    @property
    def passes(self) -> int:
        """Cycles that a group takes."""
        return self.group // self.lanes

    @property
    def a_words(self) -> int:
        """Words of A in a group; B may have fewer, and then a pass takes a part of a word."""
        return self.group // self.a.word_elements

    @property
    def b_words(self) -> int:
        """Words of B in a group."""
        return self.group // self.b.word_elements


def unit(element: FloatFormat) -> int:
    """The exponent of the unit of which every value of an element is a whole multiple."""
    return 1 - element.bias - element.mantissa_bits


MXFP4_MMA = MmaFormat("mxfp4", 0, MXFP4_OPERAND, MXFP4_OPERAND, 2 * unit(E2M1))
MXFP8_MMA = MmaFormat("mxfp8", 1, MXFP8_OPERAND, MXFP8_OPERAND, 2 * unit(E4M3))
W4A8_MMA = MmaFormat("w4a8", 2, MXFP8_OPERAND, MXFP4_OPERAND, unit(E4M3) + unit(E2M1))
BF16_MMA = MmaFormat("bf16", 3, BF16_OPERAND, BF16_OPERAND, -BF16_ALIGNED_BITS)
MMA_FORMATS = {each.name: each for each in (MXFP4_MMA, MXFP8_MMA, W4A8_MMA, BF16_MMA)}
MMA_CODES = {each.code: each for each in MMA_FORMATS.values()}
ALL_FORMATS = tuple(MMA_FORMATS)  # what a tile has built in unless it is told otherwise


def mma_format(name: str) -> MmaFormat:
    """The format of this name; ValueError for another, E5M2 among them, that says which there are."""
    if name not in MMA_FORMATS:
        why = "; an exact sum of 32 products of E5M2 takes up to 70 bits" if "e5m2" in name.lower() else ""
        raise ValueError(f"format {name!r}: expected one of {', '.join(MMA_FORMATS)}{why}")
    return MMA_FORMATS[name]


def require_formats(names: tuple[str, ...]) -> None:
    """Refuse a list of built-in formats that is empty, or holds one twice or one that there is not: ValueError."""
    if not names:
        raise ValueError(f"no format is built in: expected some of {', '.join(MMA_FORMATS)}")
    for name in names:
        mma_format(name)
        if names.count(name) > 1:
            raise ValueError(f"format {name!r} is built in twice: expected each once")


def operand_codes(names: tuple[str, ...]) -> set[int]:
    """The codes of the operands that the formats multiply: what a tile with these formats can load as A or B."""
    return {operand.code for name in names for operand in (MMA_FORMATS[name].a, MMA_FORMATS[name].b)}
