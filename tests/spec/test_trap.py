"""Traps: what just fits is no fault, and every fault is told."""

from dataclasses import replace

import pytest

from zhenwu.spec.isa import Load, Loop, Mma, Store, Wait
from zhenwu.spec.trap import fault

HALF_STEPS = 8
LOAD = Load(operand=1, half=0, rows=64, k_steps=2, element_base=0, element_stride=2)
RESIDUAL = Load(operand=2, half=1, rows=16, k_steps=8, element_base=0, element_stride=8, fmt=3)
MMA = Mma(0, 1, 1, 0, 0, 1, m=16, n=16, k_groups=4, a_step=6, b_step=1)
STORE = Store(m=16, n=16, base=0, stride=2, fmt=2, rule=2, part=3, closes=1)
LOOP = Loop(length=255, count=4095)
SMALLEST = [
    Load(0, 0, 1, 1, 0, 0), Load(2, 0, 1, 1, 0, 0, fmt=3), Mma(0, 0, 0, 0, 0, 0, 1, 1, 1, 0, 0), Store(1, 1, 0, 0),
    Loop(1, 1),
]


@pytest.mark.parametrize("instruction", [LOAD, RESIDUAL, MMA, STORE, LOOP, Wait(), *SMALLEST])
def test_an_instruction_at_its_limit_is_no_fault(instruction):
    assert fault(instruction, HALF_STEPS) is None


@pytest.mark.parametrize(
    ("fmt", "groups", "a_step", "b_step"),
    [(0, 16, 0, 0), (0, 2, 7, 7), (1, 8, 0, 0), (1, 1, 7, 7), (2, 8, 0, 4), (2, 2, 6, 7), (3, 16, 0, 0), (3, 2, 7, 7)],
)
def test_a_group_takes_the_words_of_its_format(fmt, groups, a_step, b_step):
    mma = replace(MMA, fmt=fmt, k_groups=groups, a_step=a_step, b_step=b_step)
    assert fault(mma, HALF_STEPS) is None
    assert "exceed a half of 8 steps" in fault(replace(mma, k_groups=groups + 1), HALF_STEPS)


@pytest.mark.parametrize(
    ("instruction", "reason"),
    [
        (replace(LOAD, rows=0), "a load of nothing"),
        (replace(LOAD, k_steps=0), "a load of nothing"),
        (replace(LOAD, rows=65), "5 panels x 2 steps exceed a half of 8 steps"),
        (replace(LOAD, rows=1, k_steps=9), "1 panels x 9 steps exceed a half of 8 steps"),
        (replace(LOAD, operand=3), "operand 3: expected 0, 1 or 2"),
        (replace(LOAD, fmt=3), "format 3 of an operand: this tile multiplies mxfp4, mxfp8, w4a8, bf16"),
        (replace(RESIDUAL, rows=0), "a load of nothing"),
        (replace(RESIDUAL, fmt=0), "format 0 of a residual: expected 3, float32"),
        (replace(RESIDUAL, rows=17), "17 rows x 8 lines exceed a residual of 16 x 8"),
        (replace(RESIDUAL, k_steps=9), "16 rows x 9 lines exceed a residual of 16 x 8"),
        (replace(MMA, m=0), "expected 1 .. 16 each"),
        (replace(MMA, n=17), "expected 1 .. 16 each"),
        (replace(MMA, k_groups=0), "an mma over no groups"),
        (replace(MMA, k_groups=5), "step 6 + 5 groups exceed a half of 8 steps"),
        (replace(MMA, a_step=0, b_step=7, k_groups=3), "step 7 + 3 groups exceed a half of 8 steps"),
        (replace(STORE, m=17), "expected 1 .. 16 each"),
        (replace(STORE, n=0), "expected 1 .. 16 each"),
        (replace(STORE, fmt=3), "format 3, scale rule 2: expected at most 2 each"),
        (replace(STORE, rule=3), "format 2, scale rule 3: expected at most 2 each"),
        (replace(STORE, fmt=0, rule=3), "format 0, scale rule 3"),
        (replace(LOOP, length=0), "a loop of nothing"),
        (replace(LOOP, count=0), "a loop of nothing"),
    ],
)
def test_each_fault_is_told(instruction, reason):
    assert reason in fault(instruction, HALF_STEPS)


@pytest.mark.parametrize(
    ("formats", "operands", "products"),
    [(("mxfp4",), {0}, {0}), (("w4a8",), {0, 1}, {2}), (("bf16", "mxfp8"), {1, 2}, {1, 3})],
)
def test_what_is_not_built_in_traps(formats, operands, products):
    for code in range(4):
        load, mma = replace(LOAD, fmt=code), replace(MMA, fmt=code, k_groups=1)
        assert (fault(load, HALF_STEPS, formats) is None) == (code in operands)
        assert (fault(mma, HALF_STEPS, formats) is None) == (code in products)
    assert fault(RESIDUAL, HALF_STEPS, formats) is None
