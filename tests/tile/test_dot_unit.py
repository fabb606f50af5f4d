"""One dot unit: slots accumulate on their own, in order, as the matrix product is defined."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from zhenwu.cosim.tile import dot_unit as cosim
from zhenwu.golden.tile.dot_unit import Operation, dot_unit
from zhenwu.golden.tile.matmul import mx_matmul


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


def test_hdl_equals_golden_under_stalls_and_reset():
    evidence = cosim.run(seed=1, quick=True)
    assert evidence.ok, f"{evidence.first_mismatch} {evidence.violations}"
    assert evidence.unhit == {}
