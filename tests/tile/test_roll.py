"""Rolling up: what comes out runs as what went in, and is much shorter where much repeats."""

from dataclasses import replace
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tile.programs import product
from zhenwu.golden.tile.assembly import assemble, disassemble
from zhenwu.golden.tile.check_program import check_program
from zhenwu.golden.tile.roll import LARGEST_ADVANCE, Repeat, chosen, roll
from zhenwu.golden.tile.sequencer import ADDRESSES, unroll
from zhenwu.spec.isa import Load, Loop, Mma, Store, Wait, decode, encode

HALF_STEPS = 8
LOAD = Load(0, 0, 16, 1, 0, 1, 0, 1)
STORE = Store(16, 16, 0, 2)


def unrolled(program):
    """The instructions that a program with loops comes to, waits too."""
    return [passed.instruction for passed in unroll(program, HALF_STEPS)]


def depth(program):
    """How deep loops stand in one another."""
    return max((len(passed.rounds) for passed in unroll(program, HALF_STEPS)), default=0)


# facts


def test_what_advances_evenly_becomes_a_loop():
    program = [replace(LOAD, element_base=3 * i, scale_base=i) for i in range(7)]
    assert roll(program) == [Loop(1, 7, a_elements=3, a_scales=1), LOAD]


def test_loops_come_to_stand_in_loops():
    text = """\
loop 5 times length=5 a=+100+0
  load a.0 rows=16 k_steps=1 elements=0x0+1 scales=0x0+1
  loop 6 times length=2 b=+7+1 result=+2+0
    load b.0 rows=16 k_steps=1 elements=0x10+1 scales=0x0+1
    store m=16 n=16 lines=0x1000+2
  wait
"""
    program = unrolled([decode(word) for word in assemble(text)])
    assert len(program) == 5 * (1 + 6 * 2 + 1)
    assert disassemble(map(encode, roll(program))) == text


@pytest.mark.parametrize(
    ("shape", "most"),
    [((1, 1, 1), 5), ((4, 4, 1), 20), ((8, 8, 8), 30), ((5, 7, 9), 230), ((1, 64, 3), 30), ((16, 16, 12), 60)],
)
def test_a_product_fits_a_program_memory(shape, most):
    program = product(*shape)
    rolled = roll(program)
    assert unrolled(rolled) == program
    assert len(rolled) <= most


@pytest.mark.parametrize("options", [{"add": True}, {"fmt": 1}, {"fmt": 2, "add": True}])
def test_so_does_one_that_is_quantised_or_added_to(options):
    program = product(6, 8, 4, **options)
    rolled = roll(program)
    assert unrolled(rolled) == program
    assert len(rolled) <= 110 < len(program)
    check_program(program, HALF_STEPS)
    check_program(rolled, HALF_STEPS)


# laws


@settings(max_examples=40)
@given(shape=st.tuples(*(st.integers(1, 6) for _ in range(3))), fmt=st.integers(0, 2), add=st.booleans())
def test_a_rolled_product_runs_as_before(shape, fmt, add):
    program = product(*shape, fmt=fmt, add=add)
    rolled = roll(program)
    assert unrolled(rolled) == program
    assert len(rolled) <= len(program)


@settings(max_examples=150)
@given(
    pieces=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2), st.integers(0, 2)), max_size=8),
    repeats=st.lists(st.integers(1, 4), min_size=2, max_size=2),
    tail=st.integers(0, 3),
)
def test_any_program_runs_as_before(pieces, repeats, tail):
    """Short pieces of a few instructions, again and again, so that much almost repeats."""
    kinds = LOAD, replace(LOAD, operand=1), STORE, Wait()
    piece = []
    for kind, first, second in pieces:
        each = kinds[kind]
        if kind < 2:
            each = replace(each, element_base=(first - 1) % ADDRESSES, scale_base=second)
        piece.append(replace(each, base=first) if kind == 2 else each)
    program = (piece * repeats[0] + piece[:tail]) * repeats[1]
    rolled = roll(program)
    assert unrolled(rolled) == program
    assert len(rolled) <= len(program)
    assert depth(rolled) <= 2


# corners


def test_nothing_is_left_as_it_is():
    assert roll([]) == []
    assert roll([Wait()]) == [Wait()]


def test_a_program_in_which_nothing_repeats_is_left_as_it_is():
    program = [Wait(), LOAD, Mma(0, 0, 1, 1, 0, 0, 1, 1, 1, 0, 0), STORE, LOAD, Wait()]
    assert roll(program) == program


def test_a_loop_saves_an_instruction_or_is_none():
    assert roll([Wait(), Wait()]) == [Wait(), Wait()]
    assert roll([Wait()] * 3) == [Loop(1, 3), Wait()]


def test_two_streams_advance_by_themselves():
    program = [each for i in range(4) for each in (replace(LOAD, element_base=5 * i), replace(STORE, base=9 * i))]
    assert roll(program) == [Loop(2, 4, a_elements=5, result=9), LOAD, STORE]


def test_one_stream_advances_by_one_step_only():
    """Two loads of A in a body that go at different speeds cannot be in one loop."""
    program = [replace(LOAD, half=half, element_base=(3 + half) * i) for i in range(4) for half in range(2)]
    assert roll(program) == program


@pytest.mark.parametrize(("advance", "rolls"), [(LARGEST_ADVANCE, True), (LARGEST_ADVANCE + 1, False), (-1, False)])
def test_an_advance_has_14_bits(advance, rolls):
    program = [replace(LOAD, element_base=100_000 + advance * i) for i in range(4)]
    assert (len(roll(program)) == 2) == rolls
    assert unrolled(roll(program)) == program


def test_addresses_go_round_the_end_of_memory():
    program = [replace(LOAD, element_base=(ADDRESSES - 2 + i) % ADDRESSES) for i in range(5)]
    assert roll(program) == [Loop(1, 5, a_elements=1), program[0]]


def test_a_loop_has_at_most_4095_rounds():
    program = [Wait()] * 5000
    rolled = roll(program)
    assert unrolled(rolled) == program
    assert len(rolled) == 3 and rolled[0].count <= 4095


def test_a_body_has_at_most_255_instructions():
    for length, rolls in ((255, True), (256, False)):
        piece = [replace(LOAD, rows=1 + i) if i else Wait() for i in range(length)]
        assert (len(roll(piece * 2)) == length + 1) == rolls


def test_the_time_goes_with_the_length():
    """Four times the program takes less than eight times as long."""
    seconds = []
    for rows in (4, 16):
        program = product(rows, 12, 8)
        start = process_time()
        roll(program)
        seconds.append(process_time() - start)
    assert seconds[1] < 8 * seconds[0]


def test_what_begins_in_a_chosen_repeat_is_dropped_and_what_runs_into_one_is_cut():
    assert chosen([Repeat(0, 2, 8), Repeat(15, 1, 9)]) == [Repeat(0, 2, 8)]
    assert chosen([Repeat(0, 2, 8), Repeat(16, 1, 9)]) == [Repeat(0, 2, 8), Repeat(16, 1, 9)]
    assert chosen([Repeat(0, 2, 4), Repeat(7, 1, 9)]) == [Repeat(0, 2, 3), Repeat(7, 1, 9)]
    assert chosen([Repeat(6, 1, 4), Repeat(7, 1, 9)]) == [Repeat(7, 1, 9)]


def test_a_loop_holds_all_of_another_or_nothing():
    """Rolled once, the first three instructions are like the next three, of which the first is in the first's loop."""
    program = [replace(LOAD, element_base=1000)]
    program += [each for i in range(5) for each in (Wait(), replace(LOAD, element_base=2000 + i))]
    program += [each for i in range(5) for each in (Wait(), replace(LOAD, rows=8, element_base=5000 + i))]
    rolled = roll(program)
    assert unrolled(rolled) == program
    assert rolled[:3] == [program[0], Loop(2, 5, a_elements=1), Wait()]


def test_a_program_with_loops_is_refused():
    with pytest.raises(ValueError, match="the program has loops"):
        roll([Loop(1, 3), Wait()])
