"""The compiler: programs by example, and laws over any shape, format and target.

Programs in other formats are in test_compile_formats, and that they compute is tested in test_tile.
"""

import pytest
from hypothesis import given, settings

from tests.tile.placed import products
from zhenwu.golden.tile.assembly import assemble
from zhenwu.golden.tile.bound import lines_moved, mma_cycles
from zhenwu.golden.tile.check_program import check_program
from zhenwu.golden.tile.compile_matmul import compile_matmul
from zhenwu.golden.tile.layout import Result, plan
from zhenwu.spec.isa import RESIDUAL, Load, Mma, Store, Wait, encode

any_product = products(m=200, n=200, k=2000)


def compiled(m, n, k, half_steps=8, program_depth=256):
    """The programs for a planned matmul."""
    return compile_matmul(*plan(m, n, k), half_steps, program_depth)


def encoded(program):
    """The words of a program."""
    return [encode(instruction) for instruction in program]


# facts: programs as a person would write them


def test_chunks_of_panels_the_next_load_goes_before_the_multiplications():
    # B has three chunks of two panels; A stays; the third B chunk takes the half that the first one left.
    (program,) = compiled(m=16, n=80, k=64, half_steps=2)
    assert encoded(program) == assemble("""
        load a.0 rows=16 k_steps=1 elements=0x0+1 scales=0x10+1
        load b.0 rows=32 k_steps=1 elements=0x11+1 scales=0x61+1
        load b.1 rows=32 k_steps=1 elements=0x31+1 scales=0x63+1
        mma a.0[0] b.0[0] m=16 n=16 k_groups=2 first last
        store m=16 n=16 lines=0x66+10
        mma a.0[0] b.0[1] m=16 n=16 k_groups=2 first last release_b
        store m=16 n=16 lines=0x68+10
        load b.0 rows=16 k_steps=1 elements=0x51+1 scales=0x65+1
        mma a.0[0] b.1[0] m=16 n=16 k_groups=2 first last
        store m=16 n=16 lines=0x6a+10
        mma a.0[0] b.1[1] m=16 n=16 k_groups=2 first last release_b
        store m=16 n=16 lines=0x6c+10
        mma a.0[0] b.0[0] m=16 n=16 k_groups=2 first last release_a release_b
        store m=16 n=16 lines=0x6e+10
        wait
    """)


def test_stretches_of_k_accumulate_and_leave_out_the_padded_block():
    (program,) = compiled(m=3, n=5, k=300, half_steps=2)  # 10 blocks in 5 steps: 2 + 2 + 1
    assert encoded(program) == assemble("""
        load a.0 rows=3 k_steps=2 elements=0x0+5 scales=0xf+5
        load b.0 rows=5 k_steps=2 elements=0x14+5 scales=0x2d+5
        load a.1 rows=3 k_steps=2 elements=0x2+5 scales=0x11+5
        load b.1 rows=5 k_steps=2 elements=0x16+5 scales=0x2f+5
        mma a.0[0] b.0[0] m=3 n=5 k_groups=4 first release_a release_b
        load a.0 rows=3 k_steps=1 elements=0x4+5 scales=0x13+5
        load b.0 rows=5 k_steps=1 elements=0x18+5 scales=0x31+5
        mma a.1[0] b.1[0] m=3 n=5 k_groups=4 release_a release_b
        mma a.0[0] b.0[0] m=3 n=5 k_groups=2 last release_a release_b
        store m=3 n=5 lines=0x32+1
        wait
    """)
    assert [i.k_groups for i in compiled(3, 5, 257, half_steps=4)[0] if isinstance(i, Mma)] == [8, 1]


# laws


@settings(max_examples=100, deadline=None, derandomize=True)
@given(any_product)
def test_programs_are_legal_fit_and_end_with_a_wait(drawn):
    placed, half_steps, program_depth = drawn
    for program in placed.programs(half_steps, program_depth):
        assert len(program) <= program_depth
        assert isinstance(program[-1], Wait)
        check_program(program, half_steps, (placed.fmt.name,))


@settings(max_examples=100, deadline=None, derandomize=True)
@given(any_product)
def test_every_line_of_the_result_is_stored_once(drawn):
    placed, half_steps, program_depth = drawn
    stores = [
        store for program in placed.programs(half_steps, program_depth) for store in program if isinstance(store, Store)
    ]
    c = placed.result
    if placed.store is None:
        stored = [s.base + row * s.stride + line for s in stores for row in range(s.m) for line in range(-(-s.n // 8))]
        assert sorted(stored) == list(range(c.base, c.base + c.rows * c.stride))
        return
    stored = []
    for store in stores:
        if store.closes:
            lines = -(-(16 * store.part + store.n) // placed.store.line_elements)
            stored += [store.base + row * store.stride + line for row in range(store.m) for line in range(lines)]
            stored.append(store.scale_base)
    assert sorted(stored) == list(range(c.element_base, c.scale_base + c.panels * c.scale_stride))


@settings(max_examples=100, deadline=None, derandomize=True)
@given(any_product)
def test_every_line_of_the_residual_is_read_once_and_added_where_it_belongs(drawn):
    placed, half_steps, program_depth = drawn
    read = []
    for program in placed.programs(half_steps, program_depth):
        halves = {}
        for each in program:
            if isinstance(each, Load) and each.operand == RESIDUAL:
                halves[each.half] = each
                read += [
                    each.element_base + row * each.element_stride + step
                    for row in range(each.rows) for step in range(each.k_steps)
                ]
            elif isinstance(each, Store):
                assert each.add == placed.adds
                if placed.adds and placed.store is None:
                    assert halves[each.add_half].element_base - placed.residual.base == each.base - placed.result.base
    added = placed.residual
    assert sorted(read) == (list(range(added.base, added.base + added.rows * added.stride)) if added else [])


@settings(max_examples=100, deadline=None, derandomize=True)
@given(any_product)
def test_no_work_is_done_twice(drawn):
    placed, half_steps, program_depth = drawn
    fmt = placed.fmt
    cycles = sum(mma_cycles(program, 4, 4) for program in placed.programs(half_steps, program_depth))
    assert cycles == -(-placed.m // 4) * -(-placed.n // 4) * -(-placed.k // fmt.group) * fmt.passes


@settings(max_examples=100, deadline=None, derandomize=True)
@given(any_product)
def test_the_next_group_s_loads_come_before_the_multiplications(drawn):
    """Where a half is freed, the load that takes the other half for the next group is already out."""
    placed, half_steps, program_depth = drawn
    for program in placed.programs(half_steps, program_depth):
        loads = [i.operand for i in program if isinstance(i, Load)]
        issued = [0, 0, 0]  # loads per operand so far
        freed = [0, 0]
        for instruction in program:
            if isinstance(instruction, Load):
                issued[instruction.operand] += 1
            elif isinstance(instruction, Mma):
                for operand, release in enumerate((instruction.release_a, instruction.release_b)):
                    freed[operand] += release
                    if release:
                        assert issued[operand] == min(freed[operand] + 1, loads.count(operand))
        assert issued[:2] == freed


@settings(max_examples=50, deadline=None, derandomize=True)
@given(any_product)
def test_each_result_is_stored_right_after_its_last_mma(drawn):
    placed, half_steps, program_depth = drawn
    for program in placed.programs(half_steps, program_depth):
        for instruction, following in zip(program, program[1:], strict=False):
            if isinstance(instruction, Mma):
                assert isinstance(following, Store) == bool(instruction.last)


# corners


@pytest.mark.parametrize(("m", "n"), [(16 * 8, 16 * 3), (16 * 3, 16 * 8)])
def test_the_loop_order_that_reads_less_is_taken(m, n):
    # Two panels to a half; with the fewer chunks outermost the other operand is read twice instead of four times.
    (program,) = compiled(m, n, 64, half_steps=2)
    assert sum(lines_moved([i]) for i in program if isinstance(i, Load)) == 3 * 17 + 2 * 8 * 17


def test_a_small_product_loads_each_operand_once():
    (program,) = compiled(64, 128, 128, half_steps=16)
    assert [type(i) for i in program[:3]] == [Load, Load, Mma]
    assert sum(isinstance(i, Load) for i in program) == 2


def test_groups_shrink_until_one_fits_in_a_program():
    programs = compiled(64, 64, 64, half_steps=8, program_depth=5)
    assert len(programs) == 16
    assert all(len(program) == 5 for program in programs)


def test_a_load_never_exceeds_its_fields():
    for shape, half_steps in [((16 * 300, 16, 64), 256), ((1, 1, 64 * 300), 256)]:
        for program in compiled(*shape, half_steps, 1 << 12):
            assert encoded(program)
            check_program(program, half_steps)


# bad input


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"half_steps": 0}, "half_steps = 0: expected 1 .. 256"),
        ({"half_steps": 257}, "half_steps = 257: expected 1 .. 256"),
        ({"program_depth": 4}, "1 units of k need 5 instructions: expected at most 4"),
        ({"k": 64 * 100, "half_steps": 1}, "100 units of k need 302 instructions: expected at most 256"),
    ],
)
def test_refuses_sizes_that_cannot_work(arguments, message):
    with pytest.raises(ValueError, match=message):
        compiled(**{"m": 1, "n": 1, "k": 1} | arguments)


def test_refuses_matrices_that_do_not_agree():
    a, b, c = plan(4, 5, 6)
    with pytest.raises(ValueError, match="a has k = 6 but b has k = 70"):
        compile_matmul(a, plan(4, 5, 70)[1], c, 8)
    with pytest.raises(ValueError, match="c is 5 x 4: expected 4 x 5"):
        compile_matmul(a, b, Result(0, 1, 5, 4), 8)
