"""The array: 16 x 16 results from banks, equal to the matrix product."""

import numpy as np
import pytest

from zhenwu.cosim.tile import mac_array as cosim
from zhenwu.golden.tile.drain import drain
from zhenwu.golden.tile.layout import pack_codes
from zhenwu.golden.tile.mac_array import groups, mac_array
from zhenwu.golden.tile.matmul import mx_matmul, product
from zhenwu.golden.tile.mma_issue import mma_issue
from zhenwu.golden.tile.operand_banks import empty_banks
from zhenwu.spec.isa import Mma
from zhenwu.spec.mma_formats import MMA_FORMATS, MXFP4_OPERAND, MXFP8_MMA, W4A8_MMA

HALF_STEPS = 4
ARRAYS = [(2, 2), (4, 4), (8, 8), (2, 8), (8, 4)]


def panel_banks(rng, banks, half, step, blocks, operand=MXFP4_OPERAND):
    """Random banks, and the codes and scales of the 16-row panel at one step of one half; of BF16 no scales.

    `blocks` of 32 elements: a word each of MXFP4, two of MXFP8, four of BF16.
    """
    elements, scales = (rng.integers(0, 256, part.shape, dtype=np.uint8) for part in empty_banks(banks, HALF_STEPS))
    codes = rng.integers(0, 1 << operand.element.bits, (16, 32 * blocks))
    codes = codes.astype(np.uint8 if operand.scaled else np.uint16)
    if not operand.scaled:
        codes = codes & 0x87FF | 0x3800  # numbers near 1
    block_scale = rng.integers(110, 140, (16, blocks), dtype=np.uint8)
    sub_rows = 16 // banks
    words = pack_codes(codes, operand.element.bits).reshape(16, -1, 16)
    for index in range(words.shape[1]):
        place = (half * HALF_STEPS + step) * 2 + index
        for row in range(16):
            elements[row % banks, place * sub_rows + row // banks] = words[row, index]
    first_block = half * HALF_STEPS * 2 + step * operand.line_elements // 32
    for block in range(blocks if operand.scaled else 0):
        scales[first_block + block] = block_scale[:, block]
    return codes, block_scale if operand.scaled else None, (elements, scales)


def accumulators(rows, cols, value=0x7F800000):
    """Accumulators that all hold one value."""
    return np.full((2 * (16 // rows) * (16 // cols), rows, cols), value, np.uint32)


@pytest.mark.parametrize(("m", "n"), [(16, 16), (1, 1), (13, 6)])
@pytest.mark.parametrize(("rows", "cols"), ARRAYS)
def test_an_mma_is_the_product_of_its_panels(rows, cols, m, n):
    rng = np.random.default_rng(rows * cols + m)
    a_codes, a_scale, a_banks = panel_banks(rng, rows, half=1, step=0, blocks=5)
    b_codes, b_scale, b_banks = panel_banks(rng, cols, half=0, step=1, blocks=5)
    mma = Mma(1, 0, first=1, last=1, release_a=0, release_b=0, m=m, n=n, k_groups=5, a_step=0, b_step=1)
    steps = mma_issue(mma, 1, rows, cols, HALF_STEPS)
    after = mac_array(steps, a_banks, b_banks, accumulators(rows, cols))
    result = drain(after, 1, m, n, rows, cols).reshape(m, -1)[:, :n]
    np.testing.assert_array_equal(result, mx_matmul(a_codes[:m], a_scale[:m], b_codes[:n], b_scale[:n]))
    half = len(after) // 2
    assert (after[:half] == 0x7F800000).all()


@pytest.mark.parametrize("fmt", MMA_FORMATS.values(), ids=MMA_FORMATS)
@pytest.mark.parametrize(("rows", "cols"), ARRAYS)
def test_an_mma_of_any_format_joins_its_passes(rows, cols, fmt):
    # A block of 32 is one group of MX, and four of BF16; B begins a step later than A.
    rng = np.random.default_rng(rows * cols)
    *a, a_banks = panel_banks(rng, rows, half=1, step=0, blocks=1, operand=fmt.a)
    *b, b_banks = panel_banks(rng, cols, half=0, step=2, blocks=1, operand=fmt.b)
    mma = Mma(1, 0, 1, 1, 0, 0, m=11, n=16, k_groups=32 // fmt.group, a_step=0, b_step=2, fmt=fmt.code)
    steps = mma_issue(mma, 0, rows, cols, HALF_STEPS)
    assert len(steps) == 32 // fmt.lanes * -(-11 // rows) * (16 // cols)
    after = mac_array(steps, a_banks, b_banks, accumulators(rows, cols))
    result = drain(after, 0, 11, 16, rows, cols).reshape(11, 16)
    np.testing.assert_array_equal(result, product(a, b, fmt)[:11])


@pytest.mark.parametrize("fmt", [MXFP8_MMA, W4A8_MMA], ids=lambda fmt: fmt.name)
def test_several_blocks_of_two_passes_are_rounded_one_by_one(fmt):
    rng = np.random.default_rng(7)
    *a, a_banks = panel_banks(rng, 4, half=0, step=0, blocks=3, operand=fmt.a)
    *b, b_banks = panel_banks(rng, 4, half=1, step=1, blocks=3, operand=fmt.b)
    a[0][a[0] == 0x7F], a[0][a[0] == 0xFF] = 0x7E, 0xFE
    a_banks[0][a_banks[0] == 0x7F], a_banks[0][a_banks[0] == 0xFF] = 0x7E, 0xFE
    mma = Mma(0, 1, 1, 1, 0, 0, m=16, n=16, k_groups=3, a_step=0, b_step=1, fmt=fmt.code)
    after = mac_array(mma_issue(mma, 1, 4, 4, HALF_STEPS), a_banks, b_banks, accumulators(4, 4))
    np.testing.assert_array_equal(drain(after, 1, 16, 16, 4, 4).reshape(16, 16), product(a, b, fmt))


def test_steps_are_grouped_by_the_pass_that_closes():
    mma = Mma(0, 0, 1, 1, 0, 0, m=16, n=8, k_groups=2, a_step=0, b_step=0, fmt=MXFP8_MMA.code)
    joined = list(groups(mma_issue(mma, 0, 4, 4, HALF_STEPS)))
    assert [[step.upper for step in group] for group in joined] == [[0, 1]] * (4 * 2 * 2)
    assert all(group[0].slot == group[1].slot for group in joined)


def test_a_second_mma_without_first_continues_the_sum():
    rng = np.random.default_rng(9)
    a_codes, a_scale, a_banks = panel_banks(rng, 4, half=0, step=0, blocks=6)
    b_codes, b_scale, b_banks = panel_banks(rng, 4, half=0, step=0, blocks=6)
    steps = []
    for first, k_groups, step in ((1, 4, 0), (0, 2, 2)):
        mma = Mma(0, 0, first, 1 - first, 0, 0, m=16, n=16, k_groups=k_groups, a_step=step, b_step=step)
        steps += mma_issue(mma, 0, 4, 4, HALF_STEPS)
    after = mac_array(steps, a_banks, b_banks, accumulators(4, 4))
    result = drain(after, 0, 16, 16, 4, 4).reshape(16, 16)
    np.testing.assert_array_equal(result, mx_matmul(a_codes, a_scale, b_codes, b_scale))


def test_hdl_equals_golden_under_stalls_and_reset():
    evidence = cosim.run(seed=1, quick=True)
    assert evidence.ok, f"{evidence.first_mismatch} {evidence.violations}"
    assert evidence.unhit == {}
