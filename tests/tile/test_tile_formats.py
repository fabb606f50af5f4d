"""The whole tile in every format: products to any target are the mathematics, and feed one another."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tile.placed import Placed, products
from zhenwu.golden.numerics import fp32_add, mx_quantise
from zhenwu.golden.tile.assembly import assemble
from zhenwu.golden.tile.compile_matmul import compile_matmul
from zhenwu.golden.tile.dot_unit import dot_unit
from zhenwu.golden.tile.layout import Operand, Result, pack_operand, unpack_result
from zhenwu.golden.tile.mac_array import mac_array
from zhenwu.golden.tile.matmul import encode_operand, product
from zhenwu.golden.tile.mma_issue import mma_issue
from zhenwu.golden.tile.scratchpad import Scratchpad
from zhenwu.golden.tile.tile import group_operations, tile
from zhenwu.spec.isa import BAD_INSTRUCTION, FINISHED, Mma, encode, status
from zhenwu.spec.mma_formats import BF16_MMA, MMA_FORMATS, MXFP4_MMA, MXFP8_MMA, MXFP8_OPERAND, W4A8_MMA


def random_codes(rng, operand):
    """Codes and scales of an operand; of BF16 numbers over forty binades, now and then infinite or NaN."""
    if operand.fmt.scaled:
        codes = rng.integers(0, 1 << operand.fmt.element.bits, (operand.rows, 32 * operand.blocks), dtype=np.uint8)
        if operand.fmt == MXFP8_OPERAND and rng.random() < 0.7:
            codes[codes & 0x7F == 0x7F] = 0  # else nearly every row has a NaN
        return codes, rng.integers(100, 155, (operand.rows, operand.blocks), dtype=np.uint8)
    exponent = rng.integers(107, 147, (operand.rows, operand.k)).astype(np.uint16)
    sign, mantissa = (rng.integers(0, size, exponent.shape, np.uint16) for size in (2, 128))
    codes = sign << 15 | exponent << 7 | mantissa
    if rng.random() < 0.3:
        codes[rng.integers(operand.rows), rng.integers(operand.k)] = rng.choice([0x7F80, 0xFF80, 0x7FC1])
    return codes, None


def filled(placed, seed):
    """Random operands in a random memory, and what must stand there for the result: float32 bits uint32[m, n]."""
    rng = np.random.default_rng(seed)
    memory = rng.integers(0, 256, (placed.lines + 3, 32), dtype=np.uint8)
    a, b = placed.operands
    a_codes, b_codes = random_codes(rng, a), random_codes(rng, b)
    pack_operand(*a_codes, memory, a)
    pack_operand(*b_codes, memory, b)
    expected = product(a_codes, b_codes, placed.fmt)
    if placed.adds:
        expected = fp32_add(expected, unpack_result(memory, placed.residual))
    return memory, expected


def expected_memory(placed, memory, expected):
    """The memory with a result in its place, float32 or quantised by the definition."""
    memory = memory.copy()
    place = placed.result
    if isinstance(place, Operand):
        pack_operand(*mx_quantise(expected.view(np.float32), place.fmt.element, placed.rule), memory, place)
        return memory
    padded = np.zeros((place.rows, 8 * place.stride), np.uint32)
    padded[:, : place.columns] = expected
    memory[place.base : place.base + place.rows * place.stride] = padded.view(np.uint8).reshape(-1, 32)
    return memory


def run(programs, memory, array=(4, 4), half_steps=8, formats=tuple(MMA_FORMATS)):
    """The memory after programs that end well."""
    for program in programs:
        memory, end = tile(map(encode, program), memory, *array, half_steps, formats=formats)
        assert end == status(FINISHED)
    return memory


# laws


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    drawn=products(m=36, n=80, k=200),
    array=st.tuples(st.sampled_from([2, 4, 8]), st.sampled_from([2, 4, 8])),
    seed=st.integers(0, 99),
)
def test_any_format_any_target_any_residual(drawn, array, seed):
    """Every line of memory: the result in its place, and nothing else changed."""
    placed, half_steps, program_depth = drawn
    before, expected = filled(placed, seed)
    programs = placed.programs(half_steps, program_depth)
    memory = run(programs, before, array, half_steps, (placed.fmt.name,))
    np.testing.assert_array_equal(memory, expected_memory(placed, before, expected))


@pytest.mark.parametrize("fmt", MMA_FORMATS.values(), ids=MMA_FORMATS)
def test_the_steps_of_a_group_together_are_the_plain_array(fmt):
    rng = np.random.default_rng(5)
    banks = [(rng.integers(0, 256, (4, 64, 16), dtype=np.uint8), rng.integers(0, 256, (16, 16), dtype=np.uint8))] * 2
    residual = np.zeros((2, 16, 8, 32), np.uint8)
    accumulators = np.zeros((32, 4, 4), np.uint32)
    mma = Mma(0, 1, first=1, last=1, release_a=0, release_b=0, m=16, n=10, k_groups=2, a_step=2, b_step=1, fmt=fmt.code)
    steps = mma_issue(mma, 1, 4, 4, half_steps=4)
    together = dot_unit(group_operations(steps, Scratchpad(*banks, residual)), accumulators)
    np.testing.assert_array_equal(together, mac_array(steps, *banks, accumulators))


@pytest.mark.parametrize("rule", ["floor", "even", "rceil"])
@pytest.mark.parametrize(
    ("first", "then"), [(MXFP4_MMA, MXFP4_MMA), (BF16_MMA, MXFP8_MMA), (W4A8_MMA, W4A8_MMA)], ids=lambda fmt: fmt.name
)
def test_what_one_product_stores_the_next_one_reads(first, then, rule):
    layer = Placed(5, 70, 40, first, then.a, rule, adds=True)
    memory, hidden = filled(layer, seed=3)
    memory = np.pad(memory, ((0, 400), (0, 0)))
    b = Operand(layer.lines, 6, layer.lines + 9 * 6, 4, 9, 70, then.b)
    c = Result(layer.lines + 80, 2, 5, 9)
    weights = encode_operand(np.random.default_rng(4).standard_normal((9, 70), np.float32), then.b)
    pack_operand(*weights, memory, b)
    memory = run([*layer.programs(), *compile_matmul(layer.result, b, c, 8)], memory)
    expected = product(mx_quantise(hidden.view(np.float32), then.a.element, rule), weights, then)
    np.testing.assert_array_equal(unpack_result(memory, c), expected)


# corners


@pytest.mark.parametrize("name", MMA_FORMATS)
def test_a_format_that_is_not_built_in_ends_the_program_at_its_first_load(name):
    """W4A8 alone also loads what MXFP4 and MXFP8 multiply; then it is the mma that ends it."""
    memory = np.zeros((100, 32), np.uint8)
    (program,) = Placed(3, 3, 8, MMA_FORMATS[name]).programs()
    words = [encode(instruction) for instruction in program]
    for built_in in MMA_FORMATS:
        _, end = tile(words, memory, 4, 4, 8, formats=(built_in,))
        loads = {MMA_FORMATS[built_in].a.code, MMA_FORMATS[built_in].b.code}
        place = next((i for i, load in enumerate(program[:2]) if load.fmt not in loads), 2)
        assert end == status(FINISHED) if built_in == name else end == status(BAD_INSTRUCTION, place)


def test_a_fresh_part_0_forgets_what_no_store_closed():
    text = """
    load a.0 rows=1 k_steps=1 elements=0+1 scales=1+1
    load b.0 rows=16 k_steps=1 elements=0+1 scales=1+1
    mma a.0[0] b.0[0] m=1 n=16 k_groups=2 first last
    store m=1 n=16 lines=20+1 mxfp8 scales=22
    mma a.0[0] b.0[0] m=1 n=16 k_groups=2 first last
    store m=1 n=16 lines=24+1 mxfp8 scales=26 closes
    wait
    """
    after, end = tile(assemble(text), np.zeros((40, 32), np.uint8), 4, 4, half_steps=2)
    assert end == status(FINISHED)
    assert not after[20:26].any() and (after[26] != 0).any()
