"""Why an instruction traps: every refusal, and on the other side of each limit an instruction that passes."""

from dataclasses import replace

import pytest

from zhenwu.spec.isa import Load, Loop, Mma, Store, Wait
from zhenwu.spec.mma_formats import ALL_FORMATS, MMA_CODES
from zhenwu.spec.trap import fault

HALF_STEPS = 8
MXFP8, W4A8, BF16 = 1, 2, 3  # of a product
BF16_OPERAND, FLOAT32 = 2, 3  # of a load, which has the same code for MXFP8
LOAD = Load(operand=1, half=0, rows=33, k_steps=2, element_base=4096, element_stride=2, scale_base=77, scale_stride=3)
RESIDUAL = Load(operand=2, half=1, rows=16, k_steps=8, element_base=512, element_stride=8, fmt=FLOAT32)
MMA = Mma(a_half=0, b_half=1, first=1, last=0, release_a=0, release_b=1, m=16, n=3, k_groups=4, a_step=6, b_step=1)
STORE = Store(m=16, n=5, base=(1 << 23) - 1, stride=16)
LOOP = Loop(length=1, count=1)


# what passes: the last instruction before each limit


@pytest.mark.parametrize(
    "instruction",
    [
        Wait(),
        LOAD,
        replace(LOAD, operand=0),
        replace(LOAD, rows=64, k_steps=2),
        replace(LOAD, rows=1, k_steps=8),
        replace(LOAD, rows=1, k_steps=1),
        replace(LOAD, fmt=MXFP8),
        replace(LOAD, fmt=BF16_OPERAND),
        RESIDUAL,
        replace(RESIDUAL, rows=1, k_steps=1),
        MMA,
        replace(MMA, m=1, n=1),
        replace(MMA, n=16),
        replace(MMA, a_step=0, b_step=0, k_groups=16),
        replace(MMA, a_step=6, k_groups=4),
        replace(MMA, a_step=0, b_step=7, k_groups=2),
        replace(MMA, fmt=MXFP8, a_step=0, b_step=0, k_groups=8),
        replace(MMA, fmt=MXFP8, a_step=7, b_step=0, k_groups=1),
        replace(MMA, fmt=MXFP8, a_step=0, b_step=7, k_groups=1),
        replace(MMA, fmt=W4A8, a_step=0, b_step=4, k_groups=8),
        replace(MMA, fmt=W4A8, a_step=6, b_step=7, k_groups=2),
        replace(MMA, fmt=BF16, a_step=0, b_step=0, k_groups=16),
        replace(MMA, fmt=BF16, a_step=7, b_step=7, k_groups=2),
        STORE,
        replace(STORE, m=1, n=1),
        replace(STORE, n=16),
        replace(STORE, fmt=2, rule=2, part=3, closes=1),
        LOOP,
        replace(LOOP, length=255, count=4095),
    ],
)
def test_an_instruction_at_its_limit_is_no_fault(instruction):
    assert fault(instruction, HALF_STEPS) is None


# what traps: the first one behind it


@pytest.mark.parametrize(
    ("instruction", "reason"),
    [
        (replace(LOAD, rows=0), "a load of nothing"),
        (replace(LOAD, k_steps=0), "a load of nothing"),
        (replace(RESIDUAL, rows=0), "a load of nothing"),
        (replace(RESIDUAL, k_steps=0), "a load of nothing"),
        (replace(LOAD, rows=65, k_steps=2), "5 panels x 2 steps exceed a half of 8 steps"),
        (replace(LOAD, rows=1, k_steps=9), "1 panels x 9 steps exceed a half of 8 steps"),
        (replace(LOAD, operand=3), "operand 3: expected 0, 1 or 2"),
        (replace(LOAD, fmt=FLOAT32), "format 3 of an operand: this tile multiplies mxfp4, mxfp8, w4a8, bf16"),
        *((replace(RESIDUAL, fmt=fmt), f"format {fmt} of a residual: expected 3, float32") for fmt in (0, 1, 2)),
        (replace(RESIDUAL, rows=17), "17 rows x 8 lines exceed a residual of 16 x 8"),
        (replace(RESIDUAL, k_steps=9), "16 rows x 9 lines exceed a residual of 16 x 8"),
        (replace(MMA, m=0), "m = 0, n = 3: expected 1 .. 16 each"),
        (replace(MMA, m=17), "m = 17, n = 3: expected 1 .. 16 each"),
        (replace(MMA, n=0), "m = 16, n = 0: expected 1 .. 16 each"),
        (replace(MMA, n=17), "m = 16, n = 17: expected 1 .. 16 each"),
        (replace(MMA, k_groups=0), "an mma over no groups"),
        (replace(MMA, a_step=0, b_step=0, k_groups=17), "step 0 + 17 groups exceed a half of 8 steps"),
        (replace(MMA, a_step=6, k_groups=5), "step 6 + 5 groups exceed a half of 8 steps"),
        (replace(MMA, a_step=0, b_step=7, k_groups=3), "step 7 + 3 groups exceed a half of 8 steps"),
        (replace(MMA, fmt=MXFP8, a_step=0, b_step=0, k_groups=9), "step 0 + 9 groups exceed a half of 8 steps"),
        (replace(MMA, fmt=MXFP8, a_step=7, b_step=0, k_groups=2), "step 7 + 2 groups exceed a half of 8 steps"),
        (replace(MMA, fmt=MXFP8, a_step=0, b_step=7, k_groups=2), "step 7 + 2 groups exceed a half of 8 steps"),
        (replace(MMA, fmt=W4A8, a_step=1, b_step=0, k_groups=8), "step 1 + 8 groups exceed a half of 8 steps"),
        (replace(MMA, fmt=W4A8, a_step=0, b_step=5, k_groups=7), "step 5 + 7 groups exceed a half of 8 steps"),
        (replace(MMA, fmt=BF16, a_step=7, b_step=0, k_groups=3), "step 7 + 3 groups exceed a half of 8 steps"),
        (replace(MMA, fmt=BF16, a_step=0, b_step=7, k_groups=3), "step 7 + 3 groups exceed a half of 8 steps"),
        (replace(STORE, m=0), "m = 0, n = 5: expected 1 .. 16 each"),
        (replace(STORE, m=17), "m = 17, n = 5: expected 1 .. 16 each"),
        (replace(STORE, n=0), "m = 16, n = 0: expected 1 .. 16 each"),
        (replace(STORE, n=17), "m = 16, n = 17: expected 1 .. 16 each"),
        (replace(STORE, fmt=3), "format 3, scale rule 0: expected at most 2 each"),
        (replace(STORE, rule=3), "format 0, scale rule 3: expected at most 2 each"),
        (replace(LOOP, length=0), "a loop of nothing"),
        (replace(LOOP, count=0), "a loop of nothing"),
    ],
)
def test_each_fault_is_told(instruction, reason):
    assert fault(instruction, HALF_STEPS) == reason


# formats that are not built in


@pytest.mark.parametrize("built_in", ALL_FORMATS)
def test_a_tile_of_one_format_multiplies_no_other(built_in):
    for code, fmt in MMA_CODES.items():
        told = fault(replace(MMA, fmt=code, a_step=0, b_step=0, k_groups=1), HALF_STEPS, (built_in,))
        trap = f"format {code} of a product: this tile multiplies {built_in}"
        assert told == (None if fmt.name == built_in else trap)


@pytest.mark.parametrize(
    ("built_in", "operands"), [("mxfp4", {0}), ("mxfp8", {1}), ("w4a8", {0, 1}), ("bf16", {2})]
)
def test_a_tile_of_one_format_loads_its_operands_and_a_residual(built_in, operands):
    for code in range(4):
        told = fault(replace(LOAD, fmt=code), HALF_STEPS, (built_in,))
        trap = f"format {code} of an operand: this tile multiplies {built_in}"
        assert told == (None if code in operands else trap)
    assert fault(RESIDUAL, HALF_STEPS, (built_in,)) is None


def test_a_tile_of_any_formats_stores_in_all():
    for fmt in range(3):
        assert fault(replace(STORE, fmt=fmt), HALF_STEPS, ("bf16",)) is None
