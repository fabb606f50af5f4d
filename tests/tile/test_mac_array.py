"""The array: 16 x 16 results from banks, equal to the matrix product."""

import numpy as np
import pytest

from zhenwu.cosim.tile import mac_array as cosim
from zhenwu.golden.tile.drain import drain
from zhenwu.golden.tile.layout import pack_codes
from zhenwu.golden.tile.mac_array import mac_array
from zhenwu.golden.tile.matmul import mx_matmul
from zhenwu.golden.tile.mma_issue import mma_issue
from zhenwu.golden.tile.operand_banks import empty_banks
from zhenwu.spec.isa import Mma

HALF_STEPS = 4
ARRAYS = [(2, 2), (4, 4), (8, 8), (2, 8), (8, 4)]


def panel_banks(rng, banks, half, step, blocks):
    """Random banks, and the codes and scales of the 16-row panel at one step of one half."""
    elements, scales = (rng.integers(0, 256, part.shape, dtype=np.uint8) for part in empty_banks(banks, HALF_STEPS))
    codes = rng.integers(0, 16, (16, 32 * blocks), dtype=np.uint8)
    block_scale = rng.integers(110, 140, (16, blocks), dtype=np.uint8)
    sub_rows = 16 // banks
    for block in range(blocks):
        place = (half * HALF_STEPS + step) * 2 + block
        scales[place] = block_scale[:, block]
        for row in range(16):
            word = pack_codes(codes[row, 32 * block : 32 * block + 32])
            elements[row % banks, place * sub_rows + row // banks] = word
    return codes, block_scale, (elements, scales)


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
