"""The sequencer: what it hands out, and where it stops."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhenwu.cosim.tile import sequencer as cosim
from zhenwu.cycle.tile.sequencer import UNITS, Sequencer
from zhenwu.golden.tile.assembly import assemble
from zhenwu.golden.tile.sequencer import ADDRESSES, STREAMS, first_trap, sequencer, unroll
from zhenwu.spec.isa import BAD_INSTRUCTION, FINISHED, Load, Loop, LoopFields, Store, Wait, decode, encode, status

PROGRAM = """
    load a.0 rows=16 k_steps=2 elements=0+2 scales=32+2
    load b.0 rows=16 k_steps=2 elements=0+2 scales=32+2
    wait
    mma a.0[0] b.0[0] m=16 n=16 k_groups=4 first last release_a release_b
    store m=16 n=16 lines=64+2
    wait
"""
BAD = [
    pytest.param("word 0", id="opcode 0, an unwritten word"),
    pytest.param("word 6", id="an opcode that is not there"),
    pytest.param("word 0x14", id="a reserved bit"),
    pytest.param("load a.0 rows=0 k_steps=1 elements=0+1 scales=0+1", id="a load of no rows"),
    pytest.param("load a.0 rows=16 k_steps=9 elements=0+1 scales=0+1", id="a load larger than a half"),
    pytest.param("load 3.0 rows=16 k_steps=1 elements=0+1 scales=0+1", id="an operand that is not there"),
    pytest.param("load r.0 rows=17 k_steps=1 elements=0+1", id="a residual of two panels"),
    pytest.param("mma a.0[0] b.0[0] m=17 n=1 k_groups=1", id="an mma too tall"),
    pytest.param("mma a.0[7] b.0[0] m=1 n=1 k_groups=3", id="an mma beyond its half"),
    pytest.param("mma a.0[7] b.0[0] m=1 n=1 k_groups=2 w4a8", id="an mma of two words beyond its half"),
    pytest.param("store m=1 n=0 lines=0+0", id="a store of no columns"),
    pytest.param("store m=1 n=1 lines=0+0 rule3", id="a rule that is not there"),
    pytest.param("loop 1 times length=0", id="a loop of no instructions"),
    pytest.param("loop 0 times length=1", id="a loop of no rounds"),
    pytest.param("loop 2 times length=9", id="a loop that goes on behind the program"),
]
LOAD = Load(0, 0, 16, 1, 100, 1, 200, 1)
STORE = Store(16, 16, 300, 2, scale_base=400)


def run(*program, **tile):
    """What comes of these instructions."""
    return sequencer(map(encode, program), **{"half_steps": 8, **tile})


# facts


def test_hands_out_everything_but_waits_in_order():
    words = assemble(PROGRAM)
    assert sequencer(words, half_steps=8) == ([decode(words[i]) for i in (0, 1, 3, 4)], status(FINISHED))


def test_an_empty_program_finishes():
    assert sequencer([], half_steps=8) == ([], status(FINISHED))


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("index", [0, 4, 6])
def test_a_bad_instruction_ends_the_program_at_its_index(index, bad):
    words = assemble(PROGRAM)
    good = [decode(word) for word in words[:index]]
    words.insert(index, *assemble(bad))
    handed_out, end = sequencer(words, half_steps=8)
    assert end == status(BAD_INSTRUCTION, index)
    assert handed_out == [instruction for instruction in good if vars(instruction)]


def test_what_fits_depends_on_the_tile():
    words = assemble("load a.0 rows=16 k_steps=9 elements=0+1 scales=0+1")
    assert sequencer(words, half_steps=9)[1] == status(FINISHED)
    assert sequencer(words, half_steps=9, formats=("mxfp8",))[1] == status(BAD_INSTRUCTION, 0)


# loops


def test_each_round_moves_the_addresses_on():
    moved = [replace(LOAD, element_base=100 + 3 * i, scale_base=200 + 5 * i) for i in range(4)]
    assert run(Loop(1, 4, a_elements=3, a_scales=5), LOAD) == (moved, status(FINISHED))


@pytest.mark.parametrize(
    ("instruction", "fields"),
    [
        (LOAD, {"element_base": "a_elements", "scale_base": "a_scales"}),
        (replace(LOAD, operand=1), {"element_base": "b_elements", "scale_base": "b_scales"}),
        (replace(LOAD, operand=2, fmt=3), {"element_base": "residual"}),
        (STORE, {"base": "result", "scale_base": "result_scales"}),
    ],
)
def test_each_stream_has_advances_of_its_own(instruction, fields):
    advances = {name: 1 << index for index, name in enumerate(STREAMS)}
    second = run(Loop(1, 2, **advances), instruction)[0][1]
    assert second == replace(
        instruction, **{field: getattr(instruction, field) + advances[name] for field, name in fields.items()}
    )


def test_addresses_go_round_the_end_of_memory():
    last = replace(STORE, base=ADDRESSES - 1)
    assert [each.base for each in run(Loop(1, 3, result=2), last)[0]] == [ADDRESSES - 1, 1, 3]


def test_an_inner_loop_goes_on_from_the_round_of_the_outer_one():
    handed_out, end = run(Loop(4, 2, result=100), STORE, Loop(1, 3, result=1), STORE, STORE)
    assert [each.base for each in handed_out] == [300, 300, 301, 302, 300, 400, 400, 401, 402, 400]
    assert end == status(FINISHED)


def test_behind_a_loop_nothing_is_moved():
    assert [each.base for each in run(Loop(1, 2, result=7), STORE, STORE)[0]] == [300, 307, 300]


def test_two_loops_may_end_together():
    handed_out, _ = run(Loop(2, 2, result=100), Loop(1, 2, result=1), STORE, LOAD)
    assert [each.base for each in handed_out[:-1]] == [300, 301, 400, 401]
    assert handed_out[-1] == LOAD


def test_a_bad_instruction_in_a_loop_has_its_own_index():
    program = [encode(each) for each in (LOAD, Loop(3, 5, a_elements=1), Loop(1, 2, result=1), STORE)]
    handed_out, end = sequencer([*program, 0], half_steps=8)
    assert handed_out == [LOAD, STORE, replace(STORE, base=301)]
    assert end == status(BAD_INSTRUCTION, 4)


@pytest.mark.parametrize(
    ("program", "index"),
    [
        ((Loop(2, 1), Wait()), 0),
        ((Wait(), Loop(1, 1)), 1),
        ((Loop(1, 1), Loop(1, 1), Wait(), Wait()), 1),
        ((Loop(2, 1), Loop(2, 1), Wait(), Wait()), 1),
        ((Loop(4, 1), Wait(), Loop(2, 1), Loop(1, 1), Wait()), 3),
    ],
)
def test_a_loop_that_does_not_fit_traps(program, index):
    assert run(*program) == ([], status(BAD_INSTRUCTION, index))
    assert first_trap(program, 8) == index


def test_rounds_are_told():
    passed = list(unroll([Loop(2, 2), Loop(1, 2), Wait(), Wait()], 8))
    assert [(each.index, each.rounds) for each in passed] == [
        (2, (0, 0)), (2, (0, 1)), (2, (1, 0)), (2, (1, 1)), (3, ())
    ]


@given(
    counts=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    advances=st.lists(st.integers(0, (1 << LoopFields.result.width) - 1), min_size=2, max_size=2),
    base=st.integers(0, ADDRESSES - 1),
)
def test_the_cycle_model_hands_out_the_same(counts, advances, base):
    program = [
        Loop(4, counts[0], result=advances[0], a_elements=1), replace(LOAD, element_base=base),
        Loop(2, counts[1], result=advances[1], a_scales=1), replace(STORE, base=base), LOAD, Wait(), STORE,
    ]
    assert handed_out_by_cycle_model(program) == run(*program)[0]


def handed_out_by_cycle_model(program, cycles: int = 400):
    """What the cycle model hands out to units that end everything at once."""
    return [offered for _, offered in offers(program, cycles)]


def offers(program, cycles: int):
    """(cycle, instruction) of each hand-out; cycle 0 is the first one after the start."""
    model = Sequencer(16, 8)
    nothing = dict.fromkeys(UNITS, False)
    for index, each in enumerate(program):
        model.step((index, encode(each)), False, 0, nothing, nothing, False, None)
    model.step(None, True, len(program), nothing, nothing, False, None)
    ends = nothing
    result = []
    for cycle in range(cycles):
        offered = model.offered
        if offered is not None:
            result.append((cycle, offered))
        model.step(None, False, len(program), dict.fromkeys(UNITS, True), ends, False, None)
        ends = {unit: isinstance(offered, unit) for unit in UNITS}
    assert model.done and model.status == status(FINISHED)
    return result


def test_an_instruction_takes_3_cycles_and_a_loop_2_where_it_begins():
    """Twice round the outer loop, twice the inner one: only where the inner one begins are hand-outs further apart."""
    times = [cycle for cycle, _ in offers([Loop(3, 2), LOAD, Loop(1, 3), LOAD, LOAD], 60)]
    gaps = [after - before for before, after in zip(times, times[1:], strict=False)]
    assert times[0] == 2 + 2
    assert gaps == [5, 3, 3, 3, 5, 3, 3, 3]


# hdl


@pytest.mark.parametrize("seed", [1, 2])
def test_hdl_equals_golden_under_stalls_and_reset(seed):
    evidence = cosim.run(seed, quick=True)
    assert evidence.ok, f"{evidence.first_mismatch} {evidence.violations}"
    assert evidence.unhit == {}
    assert evidence.achieved == pytest.approx(evidence.bound)
