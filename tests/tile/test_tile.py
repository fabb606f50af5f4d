"""The whole tile: compiled matrix products equal the mathematics, and programs end as they must."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hdl.bench.coverage import Coverage
from hdl.tile.tile import ports
from hdl.tile.tile import tile as hdl_tile
from zhenwu.cosim.tile import tile as cosim
from zhenwu.cosim.tile.tile_bench import sized_job
from zhenwu.golden.tile.assembly import assemble
from zhenwu.golden.tile.compile_matmul import compile_matmul
from zhenwu.golden.tile.layout import pack_operand, plan, unpack_result
from zhenwu.golden.tile.matmul import mx_matmul
from zhenwu.golden.tile.tile import tile
from zhenwu.spec.isa import BAD_INSTRUCTION, FINISHED, POISONED, Mma, Store, encode, status
from zhenwu.spec.mma_formats import ALL_FORMATS


def random_matmul(m, n, k, seed=0, scales=(100, 155)):
    """Random operands in a random memory: memory, places, and the operands' codes and scales."""
    rng = np.random.default_rng(seed)
    a, b, c = plan(m, n, k)
    memory = rng.integers(0, 256, (c.base + m * c.stride + 3, 32), dtype=np.uint8)
    operands = []
    for operand in (a, b):
        codes = rng.integers(0, 16, (operand.rows, 32 * operand.blocks), dtype=np.uint8)
        block_scale = rng.integers(scales[0], scales[1] + 1, (operand.rows, operand.blocks)).astype(np.uint8)
        pack_operand(codes, block_scale, memory, operand)
        operands += [codes, block_scale]
    return memory, (a, b, c), operands


def run(memory, places, array=(4, 4), half_steps=8, program_depth=256):
    """The memory after the compiled programs."""
    for program in compile_matmul(*places, half_steps, program_depth):
        memory, end = tile(map(encode, program), memory, *array, half_steps)
        assert end == status(FINISHED)
    return memory


# laws: every bit of C, and no other line of memory


@pytest.mark.parametrize(
    ("m", "n", "k", "array", "half_steps"),
    [
        (1, 1, 1, (4, 4), 8),
        (2, 3, 5, (2, 2), 1),
        (17, 19, 23, (4, 4), 8),
        (31, 37, 257, (8, 8), 2),
        (16, 16, 64, (4, 4), 8),
        (64, 128, 128, (4, 4), 8),
        (1, 128, 128, (4, 4), 8),
        (33, 5, 1030, (4, 4), 3),
        (13, 70, 1300, (2, 8), 8),
        (70, 13, 520, (8, 2), 8),
        (130, 40, 33, (8, 4), 128),
    ],
)
def test_a_compiled_matmul_is_the_matrix_product_bit_for_bit(m, n, k, array, half_steps):
    memory, places, operands = random_matmul(m, n, k)
    after = run(memory, places, array, half_steps)
    np.testing.assert_array_equal(unpack_result(after, places[2]), mx_matmul(*operands))
    outside = [*range(places[2].base), *range(places[2].base + m * places[2].stride, len(memory))]
    np.testing.assert_array_equal(after[outside], memory[outside])


@settings(max_examples=30, deadline=None, derandomize=True)
@given(
    shape=st.tuples(st.integers(1, 40), st.integers(1, 40), st.integers(1, 400)),
    array=st.tuples(st.sampled_from([2, 4, 8]), st.sampled_from([2, 4, 8])),
    half_steps=st.integers(1, 9),
    program_depth=st.sampled_from([40, 60, 256]),
    seed=st.integers(0, 99),
)
def test_any_shape_any_array_any_scale(shape, array, half_steps, program_depth, seed):
    memory, places, operands = random_matmul(*shape, seed, scales=(0, 255))
    after = run(memory, places, array, half_steps, program_depth)
    np.testing.assert_array_equal(unpack_result(after, places[2]), mx_matmul(*operands))


def test_pad_words_of_the_result_are_positive_zero():
    memory, places, _ = random_matmul(3, 11, 40)
    c = places[2]
    words = run(memory, places)[c.base : c.base + 6].reshape(3, 64).view("<u4")
    assert (words[:, 11:] == 0).all()


# corners


def test_two_results_wait_for_their_stores_in_order():
    memory, places, operands = random_matmul(16, 32, 64)
    (program,) = compile_matmul(*places, half_steps=8)
    first_store = next(i for i, instruction in enumerate(program) if isinstance(instruction, Store))
    program.insert(first_store + 1, program.pop(first_store))
    assert isinstance(program[first_store], Mma)
    after, _ = tile(map(encode, program), memory, 4, 4, half_steps=8)
    np.testing.assert_array_equal(unpack_result(after, places[2]), mx_matmul(*operands))


def test_the_argument_s_memory_is_kept():
    memory, places, _ = random_matmul(3, 3, 3)
    before = memory.copy()
    assert (run(memory, places) != before).any()
    np.testing.assert_array_equal(memory, before)


def test_a_bad_instruction_lets_those_before_it_finish_and_no_other():
    memory, places, operands = random_matmul(16, 32, 64)
    (program,) = compile_matmul(*places, half_steps=8)
    words = [encode(instruction) for instruction in program]
    first_store = next(i for i, instruction in enumerate(program) if isinstance(instruction, Store))
    words.insert(first_store + 1, 0)
    after, end = tile(words, memory, 4, 4, half_steps=8)
    assert end == status(BAD_INSTRUCTION, first_store + 1)
    c = places[2]
    np.testing.assert_array_equal(unpack_result(after, c)[:, :16], mx_matmul(*operands)[:, :16])
    np.testing.assert_array_equal(unpack_result(after, c)[:, 16:], unpack_result(memory, c)[:, 16:])


def test_poison_stops_at_the_load_that_reads_it():
    memory, places, operands = random_matmul(16, 80, 64)
    (program,) = compile_matmul(*places, half_steps=2)
    last_chunk = places[1].element_base + 64
    after, end = tile(map(encode, program), memory, 4, 4, 2, poisoned={last_chunk + 9, last_chunk + 3})
    assert end == status(POISONED, last_chunk + 3)
    result = unpack_result(after, places[2])
    np.testing.assert_array_equal(result[:, :32], mx_matmul(*operands)[:, :32])
    np.testing.assert_array_equal(result[:, 32:], unpack_result(memory, places[2])[:, 32:])


def test_a_store_heals_the_poisoned_lines_that_it_writes():
    text = """
    load a.0 rows=16 k_steps=1 elements=0+1 scales=16+1
    load b.0 rows=16 k_steps=1 elements=0+1 scales=16+1
    mma a.0[0] b.0[0] m=16 n=16 k_groups=2 first last
    store m=16 n=16 lines=32+2
    wait
    load a.1 rows=16 k_steps=1 elements=32+1 scales=40+1
    """
    memory = np.zeros((64, 32), np.uint8)
    assert tile(assemble(text), memory, 4, 4, 2, poisoned={35})[1] == status(FINISHED)
    assert tile(assemble(text), memory, 4, 4, 2, poisoned={5})[1] == status(POISONED, 5)


def test_poison_in_lines_that_nobody_reads_does_no_harm():
    memory, places, _ = random_matmul(5, 5, 5)
    (program,) = compile_matmul(*places, half_steps=2)
    unread = {places[2].base, len(memory) - 1}
    assert tile(map(encode, program), memory, 4, 4, 2, unread)[1] == status(FINISHED)


# bad input

LOADS = """
    load a.0 rows=1 k_steps=1 elements=0+1 scales=1+1
    load b.0 rows=1 k_steps=1 elements=0+1 scales=1+1
"""
MMA = "mma a.0[0] b.0[0] m=1 n=1 k_groups=1 first last\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (LOADS + LOADS, "half a.0 is reserved"),
        (MMA, "expected half 0 of a to be full"),
        (LOADS + MMA.replace("b.0", "b.1"), "expected half 1 of b to be full"),
        (LOADS + MMA * 3, "expected a store before it, as 2 results wait"),
        (LOADS + "store m=1 n=1 lines=0+1", "expected a finished result of 1 x 1"),
        (LOADS + MMA + "store m=1 n=2 lines=0+1", "expected a finished result of 1 x 2"),
        (LOADS + MMA + "store m=1 n=1 lines=0+1 add r.1", "expected half 1 of r to be full"),
        ("load r.0 rows=1 k_steps=1 elements=0+1\n" * 2, "half r.0 is reserved"),
        (LOADS + MMA + "store m=1 n=1 lines=9+1", "line 9 lies beyond the 4 lines of memory"),
        ("load a.0 rows=1 k_steps=1 elements=4+1 scales=1+1", "line 4 lies beyond the 4 lines of memory"),
    ],
)
def test_refuses_a_program_that_would_hang_or_leave_memory(text, message):
    with pytest.raises(ValueError, match=message):
        tile(assemble(text), np.zeros((4, 32), np.uint8), 4, 4, half_steps=8)


def test_refuses_a_memory_of_another_shape():
    with pytest.raises(ValueError, match=r"memory has shape \(4, 16\): expected \(lines, 32\)"):
        tile([], np.zeros((4, 16), np.uint8), 4, 4, half_steps=8)


def test_hdl_equals_the_mathematics_under_stalls_and_reset():
    evidence = cosim.run(seed=2, quick=True)
    assert evidence.ok, f"{evidence.first_mismatch} {evidence.violations}"


@pytest.mark.parametrize("size", [2, 8])
def test_hdl_of_another_array_size_equals_the_mathematics(size):
    rng = np.random.default_rng(size)
    shapes = [(1, 1, 1), (16, 16, 64), (9, 21, 45)]
    jobs = [
        sized_job(f"{m} x {n} x {k}", rng.standard_normal((m, k), np.float32), rng.standard_normal((n, k), np.float32),
                  size, size)
        for m, n, k in shapes
    ]
    evidence = cosim.check_jobs(jobs, seed=size, coverage=Coverage(cosim.BINS), rows=size, cols=size)
    assert evidence.ok, f"{evidence.first_mismatch} {evidence.violations}"


SIZES = {"cols": 4, "half_steps": 8, "program_depth": 16, "queue_depth": 2, "outstanding": 4, "latency": 1}


def test_hdl_refuses_an_array_of_three_rows():
    with pytest.raises(AssertionError, match="array 3 x 4: expected 2, 4 or 8 each"):
        hdl_tile(**ports(), **SIZES, formats=ALL_FORMATS, rows=3)
