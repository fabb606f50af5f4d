"""The banks: every code and scale stands where the array will look for it."""

import numpy as np
import pytest

from zhenwu.cosim.tile import operand_banks as cosim
from zhenwu.golden.tile.layout import Operand, pack_operand, unpack_codes
from zhenwu.golden.tile.mover import LineWrite, mover
from zhenwu.golden.tile.operand_banks import operand_banks
from zhenwu.spec.isa import Load

HALF_STEPS = 4


def loaded(banks, half, rows=18, k=100):
    """A random operand, moved into the banks through memory."""
    rng = np.random.default_rng(banks + half)
    operand = Operand(0, 2, 40, 2, rows, k)
    codes = rng.integers(0, 16, (rows, 32 * operand.blocks), dtype=np.uint8)
    block_scale = rng.integers(0, 256, (rows, operand.blocks), dtype=np.uint8)
    memory = np.zeros((50, 32), np.uint8)
    pack_operand(codes, block_scale, memory, operand)
    load = Load(0, half, rows, operand.steps, 0, 2, 40, 2)
    writes = [(write, memory[write.line_address]) for write in mover(load, HALF_STEPS)]
    return codes, block_scale, operand_banks(writes, banks, HALF_STEPS)


@pytest.mark.parametrize("half", [0, 1])
@pytest.mark.parametrize("banks", [2, 4, 8])
def test_every_block_of_every_row_is_one_word(banks, half):
    codes, block_scale, (elements, scales) = loaded(banks, half)
    k_steps, sub_rows = 2, 16 // banks
    for row in range(18):
        for block in range(block_scale.shape[1]):
            step = row // 16 * k_steps + block // 2
            place = (half * HALF_STEPS + step) * 2 + block % 2
            word = elements[row % banks, place * sub_rows + row % 16 // banks]
            np.testing.assert_array_equal(unpack_codes(word), codes[row, 32 * block : 32 * block + 32])
            assert scales[place, row % 16] == block_scale[row, block]


@pytest.mark.parametrize("banks", [2, 4, 8])
def test_both_halves_fill_the_memories_exactly(banks):
    writes = [
        (LineWrite(0, 0, half, step, row, scale, 0), np.full(32, 1, np.uint8))
        for half in (0, 1)
        for step in range(HALF_STEPS)
        for scale in (0, 1)
        for row in range(1 if scale else 16)
    ]
    elements, scales = operand_banks(writes, banks, HALF_STEPS)
    assert elements.shape == (banks, 2 * HALF_STEPS * 2 * 16 // banks, 16)
    assert scales.shape == (2 * HALF_STEPS * 2, 16)
    assert elements.all() and scales.all()


def test_a_later_line_replaces_an_earlier_one_and_nothing_else():
    write = LineWrite(0, 0, half=1, step=3, row=5, scale=0, last=0)
    lines = [np.full(32, value, np.uint8) for value in (7, 9)]
    elements, scales = operand_banks([(write, line) for line in lines], 4, HALF_STEPS)
    assert (elements == 9).sum() == 32 and (elements == 0).sum() == elements.size - 32
    assert not scales.any()


def test_refuses_a_step_outside_the_half_and_odd_bank_counts():
    line = np.zeros(32, np.uint8)
    with pytest.raises(ValueError, match="expected a step below 4"):
        operand_banks([(LineWrite(0, 0, 0, step=4, row=0, scale=0, last=0), line)], 4, HALF_STEPS)
    with pytest.raises(ValueError, match="3 banks: expected 2, 4 or 8"):
        operand_banks([], 3, HALF_STEPS)


@pytest.mark.parametrize("seed", [1, 2])
def test_hdl_equals_golden_under_stalls_and_reset(seed):
    evidence = cosim.run(seed, quick=True)
    assert evidence.ok, f"{evidence.first_mismatch} {evidence.violations}"
    assert evidence.unhit == {}
    assert evidence.achieved == pytest.approx(evidence.bound)
