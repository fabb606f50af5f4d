"""The static check: each way to hang, by name; and what it lets pass runs to its end."""

from collections import deque

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tile.programs import product
from zhenwu.golden.tile.assembly import assemble
from zhenwu.golden.tile.check_program import RESULT_BUFFERS, check_program
from zhenwu.golden.tile.roll import roll
from zhenwu.golden.tile.sequencer import unroll
from zhenwu.spec.isa import RESIDUAL, Load, Mma, Store, Wait, decode

LOAD_A = "load a.0 rows=16 k_steps=1 elements=0+1 scales=16+1\n"
LOAD_B = "load b.0 rows=16 k_steps=1 elements=0+1 scales=16+1\n"
LOAD_R = "load r.0 rows=16 k_steps=2 elements=0+2\n"
LOADS = LOAD_A + LOAD_B
MMA = "mma a.0[0] b.0[0] m=16 n=16 k_groups=2 "
RESULT = MMA + "first last\n"
STORE = "store m=16 n=16 lines=0+2\n"
PART = "store m=16 n=16 lines=0+1 mxfp4 scales=32 part={}\n"


def parts(*numbers, closing=None):
    """Results and their stores as parts of a quantised matrix."""
    closing = "" if closing is None else RESULT + PART.format(closing).rstrip() + " closes\n"
    return "".join(RESULT + PART.format(number) for number in numbers) + closing


def words_of(fmt, groups):
    """Loads of 4 lines a row in the formats of an mma of `groups` groups, that mma, and its store."""
    a, b = {"mxfp8": ("mxfp8", "mxfp8"), "w4a8": ("mxfp8", "mxfp4"), "bf16": ("bf16", "bf16")}[fmt]
    loads = "".join(
        f"load {operand}.0 rows=16 k_steps=4 elements=0+4 {'' if name == 'bf16' else 'scales=64+2'} {name}\n"
        for operand, name in (("a", a), ("b", b))
    )
    return f"{loads}mma a.0[0] b.0[0] m=16 n=16 k_groups={groups} {fmt} first last\n{STORE}"


def check(text, **tile):
    """Check a program given as text."""
    check_program([decode(word) for word in assemble(text)], half_steps=8, **tile)


@pytest.mark.parametrize(
    "text",
    [
        "",
        LOADS,
        LOADS + RESULT + STORE + "wait",
        LOADS + RESULT * 2 + STORE * 2,
        LOADS + MMA + "first\n" + MMA + "\n" + MMA + "last release_a\n" + STORE + LOAD_A,
        LOADS + MMA + "first\n" + RESULT + STORE,
        LOADS + parts(0, 1, 2, closing=3) + "wait\n" + parts(closing=0),
        LOADS + parts(0) + parts(closing=1).replace("n=16", "n=3"),
        LOADS + parts(0) + RESULT + "store m=16 n=16 lines=0+2 part=3\n" + parts(closing=1),
        LOADS + LOAD_R + RESULT + STORE.strip() + " add r.0 release\n" + LOAD_R,
        LOADS + LOAD_R + (RESULT + STORE.strip() + " add r.0\n") * 2,
        LOADS + LOAD_R.replace("k_steps=2", "k_steps=8") + RESULT + STORE.strip() + " part=3 add r.0\n",
        words_of("mxfp8", 4),
        words_of("w4a8", 4),
        words_of("bf16", 8),
        LOADS + "loop 9 times length=2\n" + RESULT + STORE,
        "loop 3 times length=4\n" + LOADS + MMA + "first last release_a release_b\n" + STORE,
        LOADS + "loop 5 times length=4\nloop 2 times length=2\n" + RESULT + STORE + "wait",
    ],
)
def test_accepts(text):
    check(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (LOAD_A + RESULT + STORE, "instruction 1 multiplies b.0, which is not loaded: mma a.0"),
        (LOAD_B + RESULT + STORE, "instruction 1 multiplies a.0, which is not loaded"),
        (LOADS + MMA + "first last release_a\n" + STORE + MMA + "first", "instruction 4 multiplies a.0, which is not"),
        (LOADS + MMA + "first last release_b\n" + STORE + MMA + "first", "instruction 4 multiplies b.0, which is not"),
        (LOADS + LOAD_A, "instruction 2 loads a.0, which no mma has released"),
        (LOADS + MMA + "first last release_a\n" + STORE + LOAD_B, "instruction 4 loads b.0, which no mma has released"),
        (LOADS + RESULT, "ends after instruction 2 with 1 results not stored"),
        (LOADS + MMA + "first\n" + STORE, "instruction 3 stores a result, but none is finished"),
        (LOADS + RESULT + STORE * 2, "instruction 4 stores a result, but none is finished"),
        (LOADS + RESULT * 3 + STORE * 3, "instruction 4 begins a result while 2 wait for their stores"),
        (LOADS + MMA + "last\n" + STORE, "instruction 2 accumulates on a result that no mma with `first` began"),
        (LOADS + RESULT + STORE + MMA + "last\n" + STORE, "instruction 4 accumulates on a result that"),
        (LOADS + MMA + "first\n" + MMA.replace("m=16", "m=9") + "last\n", "accumulates 9 x 16 in mxfp4 on a result of"),
        (LOADS + RESULT + "store m=16 n=15 lines=0+2", "3 stores 16 x 15, but the next result is 16 x 16"),
        (LOADS.replace("rows=16", "rows=15", 1) + MMA + "first", "2 multiplies rows or steps that no load filled"),
        (LOADS + MMA.replace("b.0[0]", "b.0[7]") + "first", "2 multiplies rows or steps that no load filled"),
        (LOADS.replace("rows=16", "rows=0"), "instruction 0 traps on a load of nothing"),
        (LOADS + MMA.replace("a.0[0]", "a.0[8]"), "instruction 2 traps on step 8"),
    ],
)
def test_refuses(text, message):
    with pytest.raises(ValueError, match=message):
        check(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (words_of("mxfp8", 5), "2 multiplies rows or steps that no load filled"),
        (words_of("w4a8", 5), "2 multiplies rows or steps that no load filled"),
        (words_of("bf16", 9), "2 multiplies rows or steps that no load filled"),
        (words_of("mxfp8", 4).replace("mxfp8 first", "w4a8 first"), "2 multiplies b.0 as mxfp4, but it is loaded in"),
        (words_of("w4a8", 4).replace("w4a8 first", "mxfp4 first"), "2 multiplies a.0 as mxfp4, but it is loaded in"),
        (LOADS + MMA + "first\n" + MMA + "bf16 last\n", "3 multiplies a.0 as bf16, but it is loaded in another format"),
    ],
)
def test_refuses_what_the_formats_do_not_allow(text, message):
    with pytest.raises(ValueError, match=message):
        check(text)


def test_one_result_has_one_format():
    """W4A8 and MXFP8 read A alike: only B must be loaded anew between them, so that nothing else is wrong."""
    text = words_of("w4a8", 2).replace("first last", "first release_b").replace(STORE, "")
    text += "load b.0 rows=16 k_steps=4 elements=0+4 scales=64+2 mxfp8\n"
    text += "mma a.0[0] b.0[0] m=16 n=16 k_groups=2 mxfp8 last\n" + STORE
    with pytest.raises(ValueError, match="4 accumulates 16 x 16 in mxfp8 on a result of 16 x 16 in w4a8"):
        check(text)


def test_a_format_that_is_not_built_in_traps():
    check(words_of("bf16", 8), formats=("bf16",))
    with pytest.raises(ValueError, match="instruction 0 traps on format 2 of an operand: this tile multiplies mxfp4"):
        check(words_of("bf16", 8), formats=("mxfp4",))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (parts(0), "the program ends after instruction 3 with a quantised matrix that no store closed"),
        (parts(0) + "wait", "instruction 4 waits while a quantised matrix is not closed"),
        (parts(0, closing=0), "instruction 5 begins a quantised matrix while one is not closed"),
        (parts(1), "instruction 3 stores part 1 of a quantised matrix, but the next is part 0"),
        (parts(0, 2), "instruction 5 stores part 2 of a quantised matrix, but the next is part 1"),
        (parts(closing=0) + parts(1), "instruction 5 stores part 1 of a quantised matrix, but the next is part 0"),
        (parts(0, 1, 2, 3), "instruction 9 stores the last of 4 parts and does not close the matrix"),
        (parts(0).replace("n=16", "n=9"), "stores a part of 9 columns: expected 16 of all but the one that closes"),
        (parts(0) + parts(1).replace("mxfp4", "mxfp8"), "5 stores a part that differs from the one before it in"),
        (parts(0) + parts(1).replace("mxfp4", "mxfp4 even"), "5 stores a part that differs"),
        (parts(0) + parts(1).replace("lines=0+1", "lines=1+1"), "5 stores a part that differs"),
        (parts(0) + parts(1).replace("lines=0+1", "lines=0+2"), "5 stores a part that differs"),
        (parts(0) + parts(1).replace("scales=32", "scales=33"), "5 stores a part that differs"),
        (parts(0) + parts(1).replace("m=16", "m=15"), "5 stores a part that differs"),
    ],
)
def test_refuses_parts_that_make_no_matrix(text, message):
    with pytest.raises(ValueError, match=message):
        check(LOADS + text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (RESULT + STORE.strip() + " add r.0", "3 adds r.0, which is not loaded"),
        (LOAD_R + RESULT + STORE.strip() + " add r.1", "4 adds r.1, which is not loaded"),
        (LOAD_R + (RESULT + STORE.strip() + " add r.0 release\n") * 2, "6 adds r.0, which is not loaded"),
        (LOAD_R + (RESULT + STORE.strip() + " add r.0\n") + LOAD_R, "5 loads r.0, which no store has released"),
        (LOAD_R + RESULT + STORE.strip() + " r.0 release", "4 releases r.0 without adding it"),
        (LOAD_R.replace("rows=16", "rows=15") + RESULT + STORE.strip() + " add r.0", "4 adds rows or columns that no"),
        (LOAD_R.replace("k_steps=2", "k_steps=1") + RESULT + STORE.strip() + " add r.0", "4 adds rows or columns that"),
        (LOAD_R + RESULT + STORE.strip() + " part=1 add r.0", "4 adds rows or columns that no load filled"),
    ],
)
def test_refuses_residuals_that_are_not_there(text, message):
    with pytest.raises(ValueError, match=message):
        check(LOADS + text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("loop 1 times length=1", "instruction 0 traps on a loop of 1 instructions, of which 0 are there"),
        ("wait\nloop 0 times length=1\nwait", "instruction 1 traps on a loop of nothing: loop 0 times length=1"),
        ("loop 1 times length=2\nloop 1 times length=2\nwait\nwait", "1 traps on a loop of 2 instructions, of which 1"),
        ("loop 1 times length=3\nloop 1 times length=2\nloop 1 times length=1\nwait", "traps on a loop within 2 loops"),
        ("loop 3 times length=1\n" + LOAD_A, "instruction 1 in round 2 loads a.0, which no mma has released"),
        (
            LOADS + "loop 4 times length=3\nloop 1 times length=2\n" + MMA + "first last release_a\n" + STORE + "wait",
            "instruction 4 in round 1 of round 2 multiplies a.0, which is not loaded",
        ),
        (
            LOADS + "loop 2 times length=2\nloop 3 times length=1\n" + RESULT + STORE,
            "instruction 4 in round 3 of round 1 begins a result while 2 wait for their stores",
        ),
    ],
)
def test_refuses_loops_that_cannot_go_round(text, message):
    with pytest.raises(ValueError, match=message):
        check(text)


def hangs(program) -> bool:
    """Whether units that work in order, one instruction each at a time, ever stop short of the end.

    An oracle of its own: queues as long as they like, flags and buffers as in hardware, and no look at what is held.
    """
    queues = {Load: deque(), Mma: deque(), Store: deque()}
    full, begun, made = set(), 0, 0  # results begun, and of those made, that no store has taken
    rest = deque(passed.instruction for passed in unroll(program, 8))
    while True:
        moved = False
        if rest and not (isinstance(rest[0], Wait) and queues[Store]):
            each = rest.popleft()
            moved = True
            if not isinstance(each, Wait):
                queues[type(each)].append(each)
        if queues[Load] and (queues[Load][0].operand, queues[Load][0].half) not in full:
            load = queues[Load].popleft()
            full.add((load.operand, load.half))
            moved = True
        if queues[Mma]:
            mma = queues[Mma][0]
            if {(0, mma.a_half), (1, mma.b_half)} <= full and (not mma.first or begun < RESULT_BUFFERS):
                queues[Mma].popleft()
                full -= {(0, mma.a_half)} if mma.release_a else set()
                full -= {(1, mma.b_half)} if mma.release_b else set()
                begun, made = begun + mma.last, made + mma.last
                moved = True
        if queues[Store] and made:
            store = queues[Store][0]
            if not store.add or (RESIDUAL, store.add_half) in full:
                queues[Store].popleft()
                full -= {(RESIDUAL, store.add_half)} if store.release else set()
                begun, made = begun - 1, made - 1
                moved = True
        if not moved:
            return bool(rest or made or any(queues.values()))


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    shape=st.sampled_from([(1, 2, 2), (2, 2, 1), (1, 5, 1)]),
    options=st.sampled_from([{}, {"add": True}, {"fmt": 1}, {"fmt": 2, "add": True}]),
    edits=st.lists(st.tuples(st.sampled_from("delete double swap".split()), st.integers(0, 30)), max_size=2),
)
def test_what_passes_runs_to_its_end(shape, options, edits):
    """Edit a good program; if the check finds nothing wrong with it, units that work in order do not hang on it."""
    program = product(*shape, **options)
    for edit, place in edits:
        place %= len(program) - 1
        if edit == "delete":
            del program[place]
        elif edit == "double":
            program.insert(place, program[place])
        else:
            program[place : place + 2] = program[place : place + 2][::-1]
    try:
        check_program(program, half_steps=8)
    except ValueError:
        return
    assert not hangs(program)
    check_program(roll(program), half_steps=8)


def test_the_oracle_sees_programs_hang():
    program = product(1, 1, 1)
    assert not hangs(program)
    assert hangs(program[1:]) and hangs(program[:-2]) and hangs([program[0], *program])
