"""Descriptors that would run into memory's end are refused; those that end with its last line are not."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhenwu.golden.tile.check_addresses import check_addresses
from zhenwu.golden.tile.sequencer import ADDRESSES
from zhenwu.golden.tile.sequencer import sequencer as golden
from zhenwu.spec.isa import RESIDUAL, Load, Loop, Mma, Store, Wait, encode

HALF_STEPS = 8
FITS = {
    "the last line of elements": Load(0, 0, 16, 2, ADDRESSES - 32, 2, 0, 2),
    "the last line of scales": Load(1, 0, 33, 2, 0, 2, ADDRESSES - 6, 2),
    "the last line of scales of MXFP8": Load(1, 0, 33, 2, 0, 2, ADDRESSES - 3, 1, fmt=1),
    "scales of BF16, which has none": Load(1, 0, 33, 2, 0, 2, ADDRESSES - 1, 2, fmt=2),
    "the last line of a residual": Load(RESIDUAL, 0, 16, 8, ADDRESSES - 128, 8, ADDRESSES - 1, 8, fmt=3),
    "the last line of results": Store(16, 16, ADDRESSES - 32, 2),
    "the last line of a part": Store(16, 16, ADDRESSES - 128, 8, part=3),
    "the last line of MXFP4": Store(16, 16, ADDRESSES - 16, 1, fmt=1, part=3, closes=1),
    "the last line of MXFP8": Store(16, 16, ADDRESSES - 32, 2, fmt=2, part=3, closes=1),
    "the first block alone of MXFP8": Store(16, 16, ADDRESSES - 16, 1, fmt=2, part=1, closes=1),
    "the scales of a result": Store(16, 16, 0, 2, fmt=2, closes=1, scale_base=ADDRESSES - 1),
    "a stride that is not used": Load(0, 0, 1, 1, ADDRESSES - 1, 65535, ADDRESSES - 1, 65535),
}
TOO_FAR = {
    "elements, by a line": Load(0, 0, 16, 2, ADDRESSES - 31, 2, 0, 2),
    "elements, by a stride": Load(0, 0, 2, 1, ADDRESSES - 1, 1, 0, 1),
    "scales, by a line": Load(1, 0, 33, 2, 0, 2, ADDRESSES - 5, 2),
    "scales of MXFP8, by a line": Load(1, 0, 33, 2, 0, 2, ADDRESSES - 2, 1, fmt=1),
    "elements of BF16, by a line": Load(0, 0, 16, 2, ADDRESSES - 31, 2, 0, 2, fmt=2),
    "a residual, by a line": Load(RESIDUAL, 0, 16, 8, ADDRESSES - 127, 8, fmt=3),
    "results, by a line": Store(16, 16, ADDRESSES - 31, 2),
    "results, by half a line": Store(1, 9, ADDRESSES - 1, 2),
    "a part, by a line": Store(16, 16, ADDRESSES - 127, 8, part=3),
    "MXFP4, by a line": Store(16, 16, ADDRESSES - 15, 1, fmt=1, part=3, closes=1),
    "MXFP8, by a line": Store(16, 16, ADDRESSES - 31, 2, fmt=2, part=3, closes=1),
}
ADVANCED = {"a_elements": 1, "b_scales": 1, "residual": 8, "result": 2}
AT_THE_END = [  # what each of them moves to the end of memory in 5 rounds of 3
    Load(0, 0, 16, 2, ADDRESSES - 32 - 14, 2),
    Load(1, 0, 33, 2, 0, 2, ADDRESSES - 6 - 14, 2),
    Load(RESIDUAL, 0, 16, 8, ADDRESSES - 128 - 14 * 8, 8, fmt=3),
    Store(16, 16, ADDRESSES - 32 - 14 * 2, 2),
]


def moved(instruction, lines):
    """The instruction with each address so many lines further."""
    return replace(instruction, **{
        field: getattr(instruction, field) + lines for field in ("element_base", "scale_base", "base")
        if hasattr(instruction, field) and getattr(instruction, field)
    })


@pytest.mark.parametrize("name", FITS)
def test_what_ends_with_memory_fits(name):
    check_addresses([encode(FITS[name])], HALF_STEPS)


@pytest.mark.parametrize("name", TOO_FAR)
def test_what_reaches_further_is_refused_and_named(name):
    program = [encode(Wait()), encode(Mma(0, 0, 1, 1, 0, 0, 1, 1, 1, 0, 0)), encode(TOO_FAR[name])]
    line = f"^instruction 2 reaches line {ADDRESSES}: expected at most {ADDRESSES - 1}, .*: (load|store) "
    with pytest.raises(ValueError, match=line) as error:
        check_addresses(program, HALF_STEPS)
    assert "\n" not in str(error.value)


def test_what_comes_behind_a_trap_is_never_run():
    check_addresses([0, encode(TOO_FAR["results, by a line"])], HALF_STEPS)


def test_what_is_not_built_in_traps():
    words = [encode(Load(0, 0, 1, 1, 0, 1, fmt=2)), encode(TOO_FAR["results, by a line"])]
    check_addresses(words, HALF_STEPS, formats=("mxfp4",))
    with pytest.raises(ValueError, match="instruction 1 reaches line"):
        check_addresses(words, HALF_STEPS)


@pytest.mark.parametrize("each", AT_THE_END)
def test_the_last_round_of_all_loops_counts(each):
    loops = [Loop(2, 5, **{name: 2 * lines for name, lines in ADVANCED.items()}), Loop(1, 7, **ADVANCED)]
    fits = [*loops, moved(each, 0)]
    check_addresses(map(encode, fits), HALF_STEPS)
    with pytest.raises(ValueError, match=f"^instruction 2 reaches line {ADDRESSES} in the last round: expected"):
        check_addresses(map(encode, [*loops, moved(each, 1)]), HALF_STEPS)


def test_the_scales_of_the_last_round_count_where_they_are_written():
    loop, store = Loop(1, 3, result_scales=2), Store(16, 16, 0, 2, fmt=2, scale_base=ADDRESSES - 4)
    check_addresses(map(encode, [loop, store]), HALF_STEPS)
    check_addresses(map(encode, [loop, replace(store, closes=1, scale_base=ADDRESSES - 5)]), HALF_STEPS)
    with pytest.raises(ValueError, match=f"instruction 1 reaches line {ADDRESSES} in the last round"):
        check_addresses(map(encode, [loop, replace(store, closes=1)]), HALF_STEPS)


def test_a_loop_that_traps_does_not_come_to_its_last_round():
    store = Store(16, 16, ADDRESSES - 32, 2)
    check_addresses([encode(Loop(2, 9, result=1)), encode(store), 0], HALF_STEPS)
    inner_runs = [encode(Loop(3, 9)), encode(Loop(1, 2, result=1)), encode(store), 0]
    with pytest.raises(ValueError, match="^instruction 2 reaches line"):
        check_addresses(inner_runs, HALF_STEPS)


def test_behind_a_loop_nothing_is_moved():
    check_addresses(map(encode, [Loop(1, 9, result=1), Wait(), FITS["the last line of results"]]), HALF_STEPS)


@given(
    counts=st.tuples(st.integers(1, 3), st.integers(1, 3)), advances=st.tuples(st.integers(0, 3), st.integers(0, 3)),
    room=st.integers(0, 14),
)
def test_what_fits_is_what_no_round_takes_round_the_end(counts, advances, room):
    """Against the program unrolled, in which an address that has gone round the end is a small one."""
    store = Store(1, 1, ADDRESSES - 1 - room, 1)
    loops = [Loop(2, counts[0], result=advances[0]), Loop(1, counts[1], result=advances[1])]
    words = [encode(each) for each in (*loops, store)]
    wraps = any(each.base < store.base for each in golden(words, HALF_STEPS)[0])
    if wraps:
        with pytest.raises(ValueError, match="instruction 2 reaches line"):
            check_addresses(words, HALF_STEPS)
    else:
        check_addresses(words, HALF_STEPS)
