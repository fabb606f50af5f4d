"""Are the sizes of tensor cores those that the studies report, and do they say that they are reported?"""

import pytest

from zhenwu.spec.formats import BF16, BF16_ALIGNED_BITS, BF16_GROUP, E2M1, E4M3
from zhenwu.spec.sources import MMA_SIM
from zhenwu.spec.tensor_cores import (
    AMPERE,
    BLACKWELL_FP4,
    HOPPER,
    HOPPER_FP8,
    TENSOR_CORE_MODELS,
    TENSOR_CORES,
    VOLTA,
)

# As read in both studies' code: mmasim/simulator/nv.py, and models/*TC.m, which counts from the 23 bits of float32.
REPORTED = {
    VOLTA: (BF16, 4, 23 + 0, 23),
    AMPERE: (BF16, 8, 23 + 1, 23),
    HOPPER: (BF16, 16, 23 + 2, 23),
    HOPPER_FP8: (E4M3, 32, 23 - 10, 13),
    BLACKWELL_FP4: (E2M1, 4 * 16, 35, 23),
}


@pytest.mark.parametrize("core", TENSOR_CORES, ids=lambda core: core.name)
def test_the_sizes_are_the_reported_ones(core):
    sizes = core.group, core.aligned_bits, core.kept_bits
    assert (core.element, *map(int, sizes)) == REPORTED[core]
    assert {size.kind for size in sizes} == {"reported"} and all(MMA_SIM in size.source for size in sizes)


def test_what_only_one_study_has_names_only_one():
    assert TENSOR_CORE_MODELS in HOPPER_FP8.aligned_bits.source
    assert all(TENSOR_CORE_MODELS not in size.source for size in (HOPPER_FP8.kept_bits, BLACKWELL_FP4.aligned_bits))


def test_parts_that_are_summed_exactly_make_whole_groups_and_share_a_block_scale():
    assert all(int(core.group) % core.exact == 0 for core in TENSOR_CORES) and 32 % BLACKWELL_FP4.exact == 0


def test_our_own_rule_aligns_and_groups_as_ampere_does():
    assert (BF16_GROUP, BF16_ALIGNED_BITS) == (int(AMPERE.group), int(AMPERE.aligned_bits))
