"""Matrices in memory: where every code, scale and word lies, and plans that do not overlap."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhenwu.golden.tile.layout import (
    MEMORY_BYTES,
    MEMORY_LINES,
    Operand,
    Result,
    line_of,
    pack_operand,
    plan,
    unpack_result,
)

sizes = st.integers(1, 150)


def packed(rows, k, seed=0):
    """A random operand somewhere in a random memory."""
    rng = np.random.default_rng(seed)
    operand = Operand(element_base=5, element_stride=9, scale_base=500, scale_stride=11, rows=rows, k=k)
    codes = rng.integers(0, 16, (rows, 32 * operand.blocks), dtype=np.uint8)
    block_scale = rng.integers(0, 256, (rows, operand.blocks), dtype=np.uint8)
    before = rng.integers(0, 256, (1000, 32), dtype=np.uint8)
    memory = before.copy()
    pack_operand(codes, block_scale, memory, operand)
    return operand, codes, block_scale, before, memory


# facts: the addresses of interfaces.md, one code and one scale at a time


def test_every_code_lies_in_its_nibble():
    operand, codes, _, _, memory = packed(rows=18, k=130)
    for row in range(18):
        for i in range(codes.shape[1]):
            byte = memory[5 + 9 * row + i // 64, i % 64 // 2]
            assert (byte >> 4 * (i % 2)) & 15 == codes[row, i]


def test_every_scale_lies_in_the_byte_of_its_row_and_block():
    operand, _, block_scale, _, memory = packed(rows=18, k=130)
    for row in range(18):
        for block in range(operand.blocks):
            line = 500 + 11 * (row // 16) + block // 2
            assert memory[line, 16 * (block % 2) + row % 16] == block_scale[row, block]


def test_padding_is_codes_0_and_scale_127():
    operand, _, _, _, memory = packed(rows=18, k=130)
    assert operand.blocks == 5 and operand.steps == 3
    assert (memory[5 + 2, 16:] == 0).all()  # block 5 of row 0
    assert (memory[502, 16:] == 127).all()  # block 5 of panel 0
    assert (memory[511, 2:16] == 127).all()  # rows 18 .. 31


def test_only_the_operand_s_lines_change():
    operand, _, _, before, memory = packed(rows=18, k=130)
    own = {5 + 9 * row + step for row in range(18) for step in range(3)}
    own |= {500 + 11 * panel + step for panel in range(2) for step in range(3)}
    others = [line for line in range(1000) if line not in own]
    np.testing.assert_array_equal(memory[others], before[others])


def test_a_result_is_float32_little_endian_with_pad_words_left_out():
    memory = np.zeros((40, 32), np.uint8)
    expected = np.arange(3 * 11, dtype=np.uint32).reshape(3, 11) * 0x01020304
    for row in range(3):
        for column in range(11):
            word = int(expected[row, column]).to_bytes(4, "little")
            memory[7 + 5 * row + column // 8, 4 * (column % 8) : 4 * (column % 8) + 4] = list(word)
    memory[8, 12:] = 255
    np.testing.assert_array_equal(unpack_result(memory, Result(base=7, stride=5, rows=3, columns=11)), expected)


# laws


@settings(max_examples=40, deadline=None, derandomize=True)
@given(m=sizes, n=sizes, k=sizes)
def test_a_plan_fills_memory_from_line_0_without_gap_or_overlap(m, n, k):
    a, b, c = plan(m, n, k)
    lines = []
    steps = range(-(-k // 64))
    for operand, rows in ((a, m), (b, n)):
        assert (operand.rows, operand.k) == (rows, k)
        lines += [operand.element_base + r * operand.element_stride + s for r in range(rows) for s in steps]
        panels = range(-(-rows // 16))
        lines += [operand.scale_base + p * operand.scale_stride + s for p in panels for s in steps]
    assert (c.rows, c.columns) == (m, n)
    lines += [c.base + r * c.stride + line for r in range(m) for line in range(-(-n // 8))]
    assert sorted(lines) == list(range(len(lines)))


# corners


def test_a_plan_that_ends_at_the_last_line_is_accepted_and_one_row_more_refused():
    m = 1597828  # 4 lines of A and 1 of C a row, 4 scale lines a panel, 8 lines of B: 2**23
    c = plan(m, 1, 256)[2]
    assert c.base + m * c.stride == MEMORY_LINES == 1 << 23
    with pytest.raises(ValueError, match="m = 1597829, n = 1, k = 256 take 8388613 lines of memory: expected at most"):
        plan(m + 1, 1, 256)


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ((0, 1, 1), "m = 0, n = 1, k = 1: expected at least 1 each"),
        ((1, 1, -3), "k = -3: expected at least 1 each"),
        ((1 << 14, 1 << 14, 1 << 14), "take .* lines of memory: expected at most 8388608"),
        ((1, 1, 64 << 16), "k = 4194304 takes 65536 lines a row: expected at most 65535"),
        ((1, 8 << 16, 1), "n = 524288 takes 65536 lines a row"),
    ],
)
def test_plan_refuses_what_memory_or_an_instruction_cannot_hold(sizes, message):
    with pytest.raises(ValueError, match=message):
        plan(*sizes)


# bad input


def test_refuses_arrays_that_do_not_fit_the_operand_and_leaves_memory_alone():
    operand = Operand(0, 1, 16, 1, rows=16, k=40)
    codes, scale = np.zeros((16, 64), np.uint8), np.zeros((16, 2), np.uint8)
    memory = np.full((17, 32), 9, np.uint8)
    with pytest.raises(ValueError, match=r"codes has shape \(16, 40\): expected \(16, 64\)"):
        pack_operand(codes[:, :40], scale, memory, operand)
    with pytest.raises(ValueError, match=r"block_scale has shape \(15, 2\): expected \(16, 2\)"):
        pack_operand(codes, scale[:15], memory, operand)
    with pytest.raises(TypeError, match="codes is float32: expected uint8"):
        pack_operand(codes.astype(np.float32), scale, memory, operand)
    with pytest.raises(ValueError, match="codes hold 16: expected E2M1 codes"):
        pack_operand(codes + np.uint8(16), scale, memory, operand)
    with pytest.raises(ValueError, match="line 16 lies beyond the 16 lines of memory"):
        pack_operand(codes, scale, memory[:16], operand)
    with pytest.raises(ValueError, match=r"memory has shape \(17, 16\): expected \(lines, 32\)"):
        pack_operand(codes, scale, memory[:, :16], operand)
    assert (memory == 9).all()
    with pytest.raises(ValueError, match="line 17 lies beyond the 17 lines"):
        unpack_result(memory, Result(base=16, stride=1, rows=2, columns=1))


@pytest.mark.parametrize(("address", "line"), [(0, 0), (32, 1), (MEMORY_BYTES - 32, MEMORY_LINES - 1)])
def test_a_line_begins_at_every_thirty_second_byte(address, line):
    assert line_of(address) == line


@pytest.mark.parametrize("address", [1, 16, 31, 33, 40, -1, MEMORY_BYTES - 1])
def test_an_unaligned_address_is_refused(address):
    with pytest.raises(ValueError, match=f"address {address:#x} lies within a line: expected a multiple of 32 bytes"):
        line_of(address)


@pytest.mark.parametrize("address", [-32, MEMORY_BYTES, 2 * MEMORY_BYTES])
def test_an_address_beyond_memory_is_refused(address):
    with pytest.raises(ValueError, match=f"address {address:#x} lies beyond memory: expected 0 .. 0xfffffe0"):
        line_of(address)


def test_places_may_begin_at_any_line():
    for at_zero, shifted in zip(plan(5, 7, 100), plan(5, 7, 100, 1000), strict=True):
        for name, value in vars(at_zero).items():
            assert vars(shifted)[name] == value + 1000 * name.endswith("base"), name
