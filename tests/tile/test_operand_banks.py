"""The banks: every code and scale stands where the array will look for it."""

import numpy as np
import pytest

from zhenwu.cosim.tile import operand_banks as cosim
from zhenwu.golden.tile.layout import Operand, pack_operand, unpack_codes
from zhenwu.golden.tile.mover import LineWrite, mover
from zhenwu.golden.tile.operand_banks import operand_banks
from zhenwu.spec.isa import Load
from zhenwu.spec.mma_formats import BF16_OPERAND, MXFP4_OPERAND, MXFP8_OPERAND

HALF_STEPS = 8
OPERANDS = {MXFP4_OPERAND: 100, MXFP8_OPERAND: 75, BF16_OPERAND: 50}  # k: two steps; three, an odd number; and four


def loaded(fmt, banks, half):
    """A random operand of 18 rows, moved into the banks through memory."""
    rng = np.random.default_rng(banks + half)
    k = OPERANDS[fmt]
    operand = Operand(0, 4, 80, 2, 18, k, fmt)
    bits = fmt.element.bits
    shape = (18, 32 * operand.blocks if fmt.scaled else k)
    codes = rng.integers(0, 1 << bits, shape, dtype=np.uint16 if bits == 16 else np.uint8)
    block_scale = rng.integers(0, 256, (18, operand.blocks), dtype=np.uint8) if fmt.scaled else None
    memory = np.zeros((100, 32), np.uint8)
    pack_operand(codes, block_scale, memory, operand)
    load = Load(0, half, 18, operand.steps, 0, 4, 80, 2, fmt.code)
    writes = [(write, memory[write.line_address]) for write in mover(load, HALF_STEPS)]
    return operand, codes, block_scale, operand_banks(writes, banks, HALF_STEPS)


@pytest.mark.parametrize("half", [0, 1])
@pytest.mark.parametrize("banks", [2, 4, 8])
@pytest.mark.parametrize("fmt", OPERANDS, ids=lambda fmt: fmt.name)
def test_every_word_of_every_row_has_its_place(fmt, banks, half):
    operand, codes, _, (elements, _) = loaded(fmt, banks, half)
    sub_rows, count = 16 // banks, fmt.word_elements
    for row in range(18):
        for begin in range(0, codes.shape[1], count):
            step, word = row // 16 * operand.steps + begin // count // 2, begin // count % 2
            place = (half * HALF_STEPS + step) * 2 + word
            found = elements[row % banks, place * sub_rows + row % 16 // banks]
            expected = codes[row, begin : begin + count]
            np.testing.assert_array_equal(unpack_codes(found, fmt.element.bits)[: len(expected)], expected)


@pytest.mark.parametrize("half", [0, 1])
@pytest.mark.parametrize("fmt", [MXFP4_OPERAND, MXFP8_OPERAND], ids=lambda fmt: fmt.name)
def test_every_block_has_its_scales_where_its_number_says(fmt, half):
    """A panel's blocks follow the last one's; what an odd MXFP8 panel wrote too many has been replaced."""
    operand, _, block_scale, (_, scales) = loaded(fmt, 4, half)
    panel_blocks = operand.steps * fmt.line_elements // 32
    for row in range(18):
        for block in range(operand.blocks):
            place = half * HALF_STEPS * 2 + row // 16 * panel_blocks + block
            assert scales[place, row % 16] == block_scale[row, block]


@pytest.mark.parametrize("banks", [2, 4, 8])
def test_both_halves_fill_the_memories_exactly(banks):
    writes = [
        (LineWrite(0, 0, half, step * (1 + scale), row, scale, 0), np.full(32, 1, np.uint8))
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
    for step, scale in ((8, 0), (16, 1)):
        with pytest.raises(ValueError, match="expected a step below 8, or a block below twice that"):
            operand_banks([(LineWrite(0, 0, 0, step, row=0, scale=scale, last=0), line)], 4, HALF_STEPS)
    with pytest.raises(ValueError, match="3 banks: expected 2, 4 or 8"):
        operand_banks([], 3, HALF_STEPS)


@pytest.mark.parametrize("seed", [1, 2])
def test_hdl_equals_golden_under_stalls_and_reset(seed):
    evidence = cosim.run(seed, quick=True)
    assert evidence.ok, f"{evidence.first_mismatch} {evidence.violations}"
    assert evidence.unhit == {}
    assert evidence.achieved == pytest.approx(evidence.bound)
