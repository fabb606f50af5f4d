"""The tile's formats: the published MMA shapes, the widths that follow, and names that there are not."""

import re
from math import log2

import pytest

from zhenwu.spec import m890
from zhenwu.spec.formats import BF16, E2M1, E4M3, FLOAT32
from zhenwu.spec.isa import MmaFields
from zhenwu.spec.mma_formats import (
    ALL_FORMATS,
    BF16_MMA,
    FLOAT32_RESIDUAL,
    MMA_CODES,
    MMA_FORMATS,
    MXFP4_MMA,
    MXFP8_MMA,
    OPERAND_FORMATS,
    STEP_WORDS,
    W4A8_MMA,
    WORD_BITS,
    mma_format,
    operand_codes,
    require_formats,
    unit,
)
from zhenwu.spec.tile import SLICE_FORMATS


@pytest.mark.parametrize(
    ("fmt", "published", "k"), [(MXFP4_MMA, "MXFP4", 64), (MXFP8_MMA, "FP8", 32), (BF16_MMA, "BF16", 16)],
    ids=lambda value: getattr(value, "name", ""),
)
def test_a_step_is_the_published_shape_and_two_words_a_row(fmt, published, k):
    assert fmt.a.line_elements == fmt.b.line_elements == k
    assert k * fmt.a.element.bits == STEP_WORDS * WORD_BITS
    shapes = dict(re.findall(r"k(\d+) \(([^)]*)\)", m890.MMA_SHAPES.value))
    assert published in shapes[str(k)]


def test_a_mixed_step_of_w4a8_is_a_line_of_either():
    assert (W4A8_MMA.a.element, W4A8_MMA.b.element) == (E4M3, E2M1)
    assert (W4A8_MMA.a.line_elements, W4A8_MMA.b.line_elements) == (32, 64)


@pytest.mark.parametrize(
    ("fmt", "lanes", "group", "passes", "a_words", "b_words"),
    [
        (MXFP4_MMA, 32, 32, 1, 1, 1),
        (MXFP8_MMA, 16, 32, 2, 2, 2),
        (W4A8_MMA, 16, 32, 2, 2, 1),
        (BF16_MMA, 8, 8, 1, 1, 1),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_a_group_of_each_format_by_hand(fmt, lanes, group, passes, a_words, b_words):
    assert (fmt.lanes, fmt.group, fmt.passes, fmt.a_words, fmt.b_words) == (lanes, group, passes, a_words, b_words)


@pytest.mark.parametrize("fmt", MMA_FORMATS.values(), ids=MMA_FORMATS)
def test_passes_and_words_take_a_group_exactly(fmt):
    assert fmt.passes * fmt.lanes == fmt.group
    for operand, words in ((fmt.a, fmt.a_words), (fmt.b, fmt.b_words)):
        assert words * operand.word_elements == fmt.group
    assert fmt.passes == max(fmt.a_words, fmt.b_words)


@pytest.mark.parametrize(("element", "exponent"), [(E2M1, -1), (E4M3, -9), (BF16, -133), (FLOAT32, -149)])
def test_the_unit_is_the_smallest_value_and_every_value_is_a_multiple(element, exponent):
    assert unit(element) == exponent == log2(element.value(1))
    if element.bits <= 8:
        values = [element.value(code) for code in range(1 << element.bits) if code & 0x7F not in element.nan_codes]
        assert all((value / 2.0**exponent).is_integer() for value in values)


@pytest.mark.parametrize(
    ("fmt", "bits"), [(MXFP4_MMA, 14), (MXFP8_MMA, 42), (W4A8_MMA, 28)], ids=lambda value: getattr(value, "name", "")
)
def test_the_widest_sum_of_a_group_by_the_format_s_unit(fmt, bits):
    """Sign included: the -8192 .. 8191 of `mx_dot`, and the 42 bits of `mx_exact`."""
    a, b = (side.element.value(side.element.largest_code) for side in (fmt.a, fmt.b))
    largest = fmt.group * a * b / 2.0**fmt.unit_exponent
    assert largest.is_integer() and int(largest).bit_length() + 1 == bits


def test_each_code_is_of_one_format_and_fits_its_field():
    assert {code: fmt.name for code, fmt in MMA_CODES.items()} == {0: "mxfp4", 1: "mxfp8", 2: "w4a8", 3: "bf16"}
    assert max(MMA_CODES) < 1 << MmaFields.fmt.width
    names = {code: operand.name for code, operand in OPERAND_FORMATS.items()}
    assert names == {0: "mxfp4", 1: "mxfp8", 2: "bf16", 3: "float32"}
    assert [operand.scaled for operand in OPERAND_FORMATS.values()] == [True, True, False, False]


def test_code_0_is_mxfp4():
    """A program written before there were formats means what it meant."""
    assert (MMA_CODES[0], OPERAND_FORMATS[0]) == (MXFP4_MMA, MXFP4_MMA.a)


def test_all_formats_are_built_in_unless_told_otherwise_and_the_slice_has_one():
    assert ALL_FORMATS == ("mxfp4", "mxfp8", "w4a8", "bf16") and SLICE_FORMATS == ("mxfp4",)
    assert all(mma_format(name) is MMA_FORMATS[name] for name in ALL_FORMATS)


@pytest.mark.parametrize(
    ("names", "codes"),
    [(("mxfp4",), {0}), (("mxfp8",), {1}), (("w4a8",), {0, 1}), (("bf16",), {2}), (ALL_FORMATS, {0, 1, 2})],
)
def test_a_tile_loads_the_operands_of_its_products_and_never_a_residual_as_one(names, codes):
    assert operand_codes(names) == codes and FLOAT32_RESIDUAL.code not in codes


def test_a_format_that_there_is_not_is_refused_with_those_that_there_are():
    with pytest.raises(ValueError, match="^format 'fp16': expected one of mxfp4, mxfp8, w4a8, bf16$"):
        mma_format("fp16")


@pytest.mark.parametrize("name", ["e5m2", "mxfp8-E5M2"])
def test_e5m2_is_refused_with_its_reason(name):
    with pytest.raises(ValueError, match=f"format '{name}': .*exact sum of 32 products of E5M2 takes up to 70 bits"):
        mma_format(name)


@pytest.mark.parametrize("names", [("mxfp4",), ("bf16", "mxfp4"), ALL_FORMATS])
def test_formats_may_be_built_in_in_any_order(names):
    require_formats(names)


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ((), "no format is built in: expected some of mxfp4, mxfp8, w4a8, bf16"),
        (("mxfp4", "nvfp4"), "format 'nvfp4': expected one of"),
        (("bf16", "mxfp8", "bf16"), "format 'bf16' is built in twice"),
    ],
)
def test_a_list_of_formats_that_cannot_be_built_in_is_refused(names, message):
    with pytest.raises(ValueError, match=message):
        require_formats(names)
