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
    pack_codes,
    pack_operand,
    plan,
    unpack_codes,
    unpack_operand,
    unpack_result,
)
from zhenwu.spec.mma_formats import BF16_OPERAND, MMA_FORMATS, MXFP4_OPERAND, MXFP8_OPERAND

sizes = st.integers(1, 150)


def packed(rows, k, seed=0, fmt=MXFP4_OPERAND):
    """A random operand somewhere in a random memory."""
    rng = np.random.default_rng(seed)
    operand = Operand(element_base=5, element_stride=9, scale_base=500, scale_stride=11, rows=rows, k=k, fmt=fmt)
    codes = rng.integers(0, 1 << fmt.element.bits, (rows, 32 * operand.blocks if fmt.scaled else k))
    codes = codes.astype(np.uint8 if fmt.scaled else np.uint16)
    block_scale = rng.integers(0, 256, (rows, operand.blocks), dtype=np.uint8) if fmt.scaled else None
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


def test_every_code_of_mxfp8_is_a_byte():
    operand, codes, _, _, memory = packed(rows=18, k=130, fmt=MXFP8_OPERAND)
    assert operand.steps == 5 and codes.shape == (18, 160)
    for row in range(18):
        for i in range(160):
            assert memory[5 + 9 * row + i // 32, i % 32] == codes[row, i]


def test_every_code_of_bf16_is_two_bytes_the_low_one_first():
    operand, codes, _, _, memory = packed(rows=18, k=130, fmt=BF16_OPERAND)
    assert operand.steps == 9
    for row in range(18):
        for i in range(130):
            low, high = memory[5 + 9 * row + i // 16, 2 * (i % 16) : 2 * (i % 16) + 2].tolist()
            assert low | high << 8 == codes[row, i]


@pytest.mark.parametrize("fmt", [MXFP4_OPERAND, MXFP8_OPERAND], ids=lambda fmt: fmt.name)
def test_every_scale_lies_in_the_byte_of_its_row_and_block(fmt):
    operand, _, block_scale, _, memory = packed(rows=18, k=130, fmt=fmt)
    for row in range(18):
        for block in range(operand.blocks):
            line = 500 + 11 * (row // 16) + block // 2
            assert memory[line, 16 * (block % 2) + row % 16] == block_scale[row, block]


@pytest.mark.parametrize("fmt", [MXFP4_OPERAND, MXFP8_OPERAND, BF16_OPERAND], ids=lambda fmt: fmt.name)
@given(rows=st.integers(1, 40), k=st.integers(1, 140))
@settings(max_examples=20, deadline=None)
def test_what_is_packed_is_unpacked(fmt, rows, k):
    operand, codes, block_scale, _, memory = packed(rows, k, fmt=fmt)
    found, scales = unpack_operand(memory, operand)
    np.testing.assert_array_equal(found, codes)
    assert scales is None if block_scale is None else np.array_equal(scales, block_scale)
    with pytest.raises(ValueError, match="lies beyond the 5 lines of memory"):
        unpack_operand(memory[:5], operand)


def test_padding_is_codes_0_and_scale_127():
    operand, _, _, _, memory = packed(rows=18, k=130)
    assert operand.blocks == 5 and operand.steps == 3
    assert (memory[5 + 2, 16:] == 0).all()  # block 5 of row 0
    assert (memory[502, 16:] == 127).all()  # block 5 of panel 0
    assert (memory[511, 2:16] == 127).all()  # rows 18 .. 31


def test_an_odd_number_of_mxfp8_blocks_pads_scales_but_no_codes():
    operand, codes, _, _, memory = packed(rows=18, k=130, fmt=MXFP8_OPERAND)
    assert (operand.blocks, operand.steps, operand.scale_steps) == (5, 5, 3)
    assert (memory[5 + 4] == codes[0, 128:]).all()
    assert (memory[502, 16:] == 127).all()  # block 5 of panel 0
    assert (memory[511, 2:16] == 127).all()  # rows 18 .. 31


def test_padding_of_bf16_is_code_0():
    operand, _, _, _, memory = packed(rows=18, k=130, fmt=BF16_OPERAND)
    assert operand.scale_steps == 0
    assert (memory[5 + 8, 4:] == 0).all()  # elements 130 .. 143 of row 0


@pytest.mark.parametrize(
    ("fmt", "steps", "scale_steps"), [(MXFP4_OPERAND, 3, 3), (MXFP8_OPERAND, 5, 3), (BF16_OPERAND, 9, 0)],
    ids=lambda value: getattr(value, "name", ""),
)
def test_only_the_operand_s_lines_change(fmt, steps, scale_steps):
    operand, _, _, before, memory = packed(rows=18, k=130, fmt=fmt)
    own = {5 + 9 * row + step for row in range(18) for step in range(steps)}
    own |= {500 + 11 * panel + step for panel in range(2) for step in range(scale_steps)}
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
@given(m=sizes, n=sizes, k=sizes, fmt=st.sampled_from(list(MMA_FORMATS.values())))
def test_a_plan_fills_memory_from_line_0_without_gap_or_overlap(m, n, k, fmt):
    a, b, c = plan(m, n, k, fmt=fmt)
    lines = []
    line_elements = {"mxfp4": 64, "mxfp8": 32, "bf16": 16}
    for operand, rows, operand_format in ((a, m, fmt.a), (b, n, fmt.b)):
        assert (operand.rows, operand.k, operand.fmt) == (rows, k, operand_format)
        steps = range(-(-k // line_elements[operand_format.name]))
        lines += [operand.element_base + r * operand.element_stride + s for r in range(rows) for s in steps]
        panels, scale_steps = range(-(-rows // 16)), range(-(-k // 64) if operand_format.scaled else 0)
        lines += [operand.scale_base + p * operand.scale_stride + s for p in panels for s in scale_steps]
    assert (c.rows, c.columns) == (m, n)
    lines += [c.base + r * c.stride + line for r in range(m) for line in range(-(-n // 8))]
    assert sorted(lines) == list(range(len(lines)))


@settings(max_examples=40, deadline=None, derandomize=True)
@given(bits=st.sampled_from([4, 8, 16]), words=st.integers(1, 5), seed=st.integers(0, 99))
def test_unpacking_undoes_packing_both_ways(bits, words, seed):
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, 1 << bits, (3, words * 128 // bits)).astype(np.uint16 if bits == 16 else np.uint8)
    packed_codes = pack_codes(codes, bits)
    assert packed_codes.shape == (3, 16 * words) and packed_codes.dtype == np.uint8
    np.testing.assert_array_equal(unpack_codes(packed_codes, bits), codes)
    assert unpack_codes(packed_codes, bits).dtype == codes.dtype
    lines = rng.integers(0, 256, (2, 3, 32), dtype=np.uint8)
    np.testing.assert_array_equal(pack_codes(unpack_codes(lines, bits), bits), lines)


# corners


def test_a_plan_that_ends_at_the_last_line_is_accepted_and_one_row_more_refused():
    m = 1597828  # 4 lines of A and 1 of C a row, 4 scale lines a panel, 8 lines of B: 2**23
    c = plan(m, 1, 256)[2]
    assert c.base + m * c.stride == MEMORY_LINES == 1 << 23
    with pytest.raises(ValueError, match="m = 1597829, n = 1, k = 256 take 8388613 lines of memory: expected at most"):
        plan(m + 1, 1, 256)


@pytest.mark.parametrize("name", ["mxfp8", "w4a8", "bf16"])
def test_a_row_of_wider_elements_takes_more_lines_and_is_refused_sooner(name):
    line_elements = MMA_FORMATS[name].a.line_elements
    for rows in ((2, 1), (1, 2)):
        a, b, _ = plan(*rows, 65535 * line_elements, fmt=MMA_FORMATS[name])
        assert max(a.steps, b.steps) == 65535
        with pytest.raises(ValueError, match=f"k = {65536 * line_elements} takes 65536 lines a row"):
            plan(*rows, 65536 * line_elements, fmt=MMA_FORMATS[name])


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
    with pytest.raises(ValueError, match="codes hold 16: expected codes of 4 bits, 0 .. 15"):
        pack_operand(codes + np.uint8(16), scale, memory, operand)
    with pytest.raises(ValueError, match="line 16 lies beyond the 16 lines of memory"):
        pack_operand(codes, scale, memory[:16], operand)
    with pytest.raises(ValueError, match=r"memory has shape \(17, 16\): expected \(lines, 32\)"):
        pack_operand(codes, scale, memory[:, :16], operand)
    with pytest.raises(ValueError, match="line 17 lies beyond the 17 lines of memory"):
        pack_operand(codes, scale, memory, Operand(0, 1, 17, 1, rows=16, k=40))
    with pytest.raises(TypeError, match="block_scale is object: expected uint8"):
        pack_operand(codes, None, memory, operand)
    assert (memory == 9).all()
    with pytest.raises(ValueError, match="line 17 lies beyond the 17 lines"):
        unpack_result(memory, Result(base=16, stride=1, rows=2, columns=1))


def test_bf16_takes_codes_of_16_bits_and_any_k():
    operand = Operand(0, 2, 0, 0, rows=2, k=20, fmt=BF16_OPERAND)
    memory = np.full((4, 32), 9, np.uint8)
    with pytest.raises(TypeError, match="codes is uint8: expected uint16"):
        pack_operand(np.zeros((2, 20), np.uint8), None, memory, operand)
    with pytest.raises(ValueError, match=r"codes has shape \(2, 32\): expected \(2, 20\)"):
        pack_operand(np.zeros((2, 32), np.uint16), None, memory, operand)
    assert (memory == 9).all()
    pack_operand(np.zeros((2, 20), np.uint16), None, memory, operand)
    assert (memory == 0).all()


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


@pytest.mark.parametrize("fmt", MMA_FORMATS.values(), ids=MMA_FORMATS)
def test_places_may_begin_at_any_line(fmt):
    for at_zero, shifted in zip(plan(5, 7, 100, fmt=fmt), plan(5, 7, 100, 1000, fmt), strict=True):
        for name, value in vars(at_zero).items():
            expected = value + 1000 if name.endswith("base") else value
            assert vars(shifted)[name] == expected, name
