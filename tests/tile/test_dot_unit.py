"""One dot unit: slots accumulate on their own, in order, as the matrix product is defined."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhenwu.cosim.tile import dot_unit as cosim
from zhenwu.golden.numerics import bf16_matmul, mx_exact
from zhenwu.golden.tile.dot_unit import Operation, dot_unit
from zhenwu.golden.tile.matmul import mx_matmul
from zhenwu.golden.tile.matmul import product as tile_product
from zhenwu.spec.formats import CANONICAL_NAN, E8M0_NAN
from zhenwu.spec.mma_formats import BF16_MMA, MMA_FORMATS, MXFP8_MMA, W4A8_MMA


def random_operations(rng, count, slots):
    """Operations on random blocks."""
    return [
        Operation(
            slot=int(rng.integers(slots)),
            first=int(rng.integers(4) == 0),
            a=rng.integers(0, 16, 32, dtype=np.uint8),
            b=rng.integers(0, 16, 32, dtype=np.uint8),
            a_scale=np.uint8(rng.integers(110, 140)),
            b_scale=np.uint8(rng.integers(110, 140)),
        )
        for _ in range(count)
    ]


def product(operations):
    """The same blocks one after another as one dot product by `mx_matmul`."""
    a, b = (np.concatenate([getattr(each, name) for each in operations])[None] for name in "ab")
    scales = (np.array([[getattr(each, name) for each in operations]]) for name in ("a_scale", "b_scale"))
    a_scale, b_scale = scales
    return mx_matmul(a, a_scale, b, b_scale)[0, 0]


@settings(max_examples=40, deadline=None, derandomize=True)
@given(seed=st.integers(0, 2**32 - 1), slots=st.integers(1, 4))
def test_a_slot_holds_the_product_of_its_blocks_since_first(seed, slots):
    rng = np.random.default_rng(seed)
    operations = random_operations(rng, 24, slots)
    before = np.zeros(slots, np.uint32)
    after = dot_unit(operations, before)
    for slot in range(slots):
        own = [operation for operation in operations if operation.slot == slot]
        starts = [0] + [index for index, operation in enumerate(own) if operation.first]
        assert after[slot] == (product(own[starts[-1] :]) if own else 0)


def test_accumulators_continue_from_what_they_hold_and_the_argument_is_kept():
    operations = random_operations(np.random.default_rng(1), 20, 2)
    before = np.array([0x3F800000, 0x7FC00000, 0x40000000], np.uint32)
    kept = before.copy()
    once = dot_unit(operations, before)
    np.testing.assert_array_equal(dot_unit(operations[7:], dot_unit(operations[:7], before)), once)
    np.testing.assert_array_equal(before, kept)
    assert once[2] == kept[2]


def test_the_first_term_is_added_to_positive_zero():
    block = np.full(32, 1, np.uint8)
    tiny = Operation(0, 1, block | np.uint8(8), block, np.uint8(0), np.uint8(0))
    assert dot_unit([tiny], np.array([0x3F800000], np.uint32))[0] == 0


def test_an_array_of_slots_is_that_many_operations():
    operations = random_operations(np.random.default_rng(2), 4, 1)
    together = Operation(
        np.array([3, 0, 2, 1]),
        0,
        *(np.stack([getattr(each, name) for each in operations]) for name in ("a", "b", "a_scale", "b_scale")),
    )
    before = np.array([1, 2, 3, 4], np.uint32) << np.uint32(28)
    for operation, slot in zip(operations, together.slot, strict=True):
        alone = Operation(int(slot), 0, operation.a, operation.b, operation.a_scale, operation.b_scale)
        assert dot_unit([together], before)[slot] == dot_unit([alone], before)[slot]


def group_codes(rng, operand, count):
    """Any codes of an operand."""
    return rng.integers(0, 1 << operand.element.bits, count).astype(np.uint8 if operand.scaled else np.uint16)


def added(operation):
    """What an operation adds to +0."""
    return dot_unit([operation], np.zeros(1, np.uint32))[0]


@settings(max_examples=150, deadline=None, derandomize=True)
@given(seed=st.integers(0, 2**32 - 1), fmt=st.sampled_from([MXFP8_MMA, W4A8_MMA]), nan=st.booleans())
def test_a_term_of_eight_bits_is_a_product_of_one_block(seed, fmt, nan):
    rng = np.random.default_rng(seed)
    a, b = group_codes(rng, fmt.a, 32), group_codes(rng, fmt.b, 32)
    if not nan:  # among 32 codes of E4M3 there is often one
        a[a & 0x7F == 0x7F] = 0
        b[b & 0x7F == 0x7F] = 0
    a_scale, b_scale = rng.integers(0, 256, 2, dtype=np.uint8)
    alone = mx_exact(a[None], a_scale[None, None], b[None], b_scale[None, None], fmt.a.element, fmt.b.element)
    assert added(Operation(0, 1, a, b, a_scale, b_scale, fmt)) == alone[0, 0]


@settings(max_examples=150, deadline=None, derandomize=True)
@given(seed=st.integers(0, 2**32 - 1), near=st.booleans())
def test_a_term_of_bf16_is_a_product_of_eight_and_looks_at_no_scale(seed, near):
    rng = np.random.default_rng(seed)
    a, b = group_codes(rng, BF16_MMA.a, 8), group_codes(rng, BF16_MMA.b, 8)
    if near:  # numbers whose sum keeps more than one of them
        a, b = a & 0x87FF | 0x3800, b & 0x87FF | 0x3800
    expected = bf16_matmul(a[None], b[None])[0, 0]
    for scale in (0, 127, E8M0_NAN):
        assert added(Operation(0, 1, a, b, np.uint8(scale), np.uint8(scale), BF16_MMA)) == expected


@settings(max_examples=60, deadline=None, derandomize=True)
@given(seed=st.integers(0, 2**32 - 1), fmt=st.sampled_from(list(MMA_FORMATS.values())), groups=st.integers(1, 6))
def test_groups_one_after_another_are_a_product_in_every_format(seed, fmt, groups):
    rng = np.random.default_rng(seed)
    a, b = (group_codes(rng, side, groups * fmt.group) for side in (fmt.a, fmt.b))
    a_scale, b_scale = rng.integers(110, 140, (2, groups), dtype=np.uint8)
    operations = [
        Operation(0, int(i == 0), *(codes[i * fmt.group : (i + 1) * fmt.group] for codes in (a, b)), a_scale[i],
                  b_scale[i], fmt)
        for i in range(groups)
    ]
    scales = (a_scale[None], b_scale[None]) if fmt.a.scaled else (None, None)
    expected = tile_product((a[None], scales[0]), (b[None], scales[1]), fmt)
    assert dot_unit(operations, np.full(1, 0x3F800000, np.uint32))[0] == expected[0, 0]


LARGEST, NAN_CODE = 0x7E, 0x7F  # of E4M3: 448
ONE, INFINITY, MINUS_INFINITY = 0x3F80, 0x7F80, 0xFF80  # of BF16


@pytest.mark.parametrize(
    ("fmt", "a", "b", "scale", "bits"),
    [
        pytest.param(MXFP8_MMA, [LARGEST] * 32, [LARGEST] * 32, 127, 0x4AC4_0000, id="the largest sum is 32 * 448^2"),
        pytest.param(MXFP8_MMA, [1] + [0] * 31, [1] + [0] * 31, 127, 0x3680_0000, id="the smallest product is 2^-18"),
        pytest.param(MXFP8_MMA, [0] * 31 + [NAN_CODE], [0] * 32, 127, CANONICAL_NAN, id="a NaN element"),
        pytest.param(MXFP8_MMA, [NAN_CODE | 0x80] + [0] * 31, [0] * 32, 127, CANONICAL_NAN, id="a negative NaN"),
        pytest.param(W4A8_MMA, [LARGEST] * 32, [7] * 32, 127, 0x47A8_0000, id="32 * 448 * 6"),
        pytest.param(W4A8_MMA, [0] * 32, [0] * 32, E8M0_NAN, CANONICAL_NAN, id="a NaN scale makes zeros NaN"),
        pytest.param(BF16_MMA, [ONE] * 8, [ONE] * 8, 0, 0x4100_0000, id="8 ones are 8"),
        pytest.param(BF16_MMA, [INFINITY] + [ONE] * 7, [ONE] * 8, 0, 0x7F80_0000, id="an infinity stays"),
        pytest.param(BF16_MMA, [MINUS_INFINITY] + [ONE] * 7, [ONE] * 8, 0, 0xFF80_0000, id="with its sign"),
        pytest.param(BF16_MMA, [INFINITY, MINUS_INFINITY] + [ONE] * 6, [ONE] * 8, 0, CANONICAL_NAN, id="two cancel"),
        pytest.param(BF16_MMA, [INFINITY] + [0] * 7, [0] * 8, 0, CANONICAL_NAN, id="infinity times zero"),
        pytest.param(BF16_MMA, [0x8000] * 8, [ONE] * 8, 0, 0, id="no zero is negative"),
    ],
)
def test_a_corner_of_each_format(fmt, a, b, scale, bits):
    codes = [np.array(each, np.uint8 if fmt.a.scaled else np.uint16) for each in (a, b)]
    operation = Operation(0, 1, *codes, np.uint8(scale), np.uint8(scale if scale != E8M0_NAN else 127), fmt)
    assert added(operation) == bits


def test_hdl_equals_golden_under_stalls_and_reset():
    evidence = cosim.run(seed=1, quick=True)
    assert evidence.ok, f"{evidence.first_mismatch} {evidence.violations}"
    assert evidence.unhit == {}
