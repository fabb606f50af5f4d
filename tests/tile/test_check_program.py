"""The static check: each way to hang, by name; and what it lets pass runs to its end."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhenwu.golden.tile.assembly import assemble
from zhenwu.golden.tile.check_program import check_program
from zhenwu.golden.tile.compile_matmul import compile_matmul
from zhenwu.golden.tile.layout import plan
from zhenwu.golden.tile.tile import tile
from zhenwu.spec.isa import FINISHED, decode, encode, status

LOAD_A = "load a.0 rows=16 k_steps=1 elements=0+1 scales=16+1\n"
LOAD_B = "load b.0 rows=16 k_steps=1 elements=0+1 scales=16+1\n"
LOADS = LOAD_A + LOAD_B
MMA = "mma a.0[0] b.0[0] m=16 n=16 k_blocks=2 "
STORE = "store m=16 n=16 lines=0+2\n"


def check(text):
    """Check a program given as text."""
    check_program([decode(word) for word in assemble(text)], half_steps=8)


@pytest.mark.parametrize(
    "text",
    [
        "",
        LOADS,
        LOADS + MMA + "first last\n" + STORE + "wait",
        LOADS + (MMA + "first last\n") * 2 + STORE * 2,
        LOADS + MMA + "first\n" + MMA + "\n" + MMA + "last release_a\n" + STORE + LOAD_A,
        LOADS + MMA + "first\n" + MMA + "first last\n" + STORE,
    ],
)
def test_accepts(text):
    check(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (LOAD_A + MMA + "first last\n" + STORE, "instruction 1 multiplies b.0, which is not loaded: mma a.0"),
        (LOAD_B + MMA + "first last\n" + STORE, "instruction 1 multiplies a.0, which is not loaded"),
        (LOADS + MMA + "first last release_a\n" + STORE + MMA + "first", "instruction 4 multiplies a.0, which is not"),
        (LOADS + MMA + "first last release_b\n" + STORE + MMA + "first", "instruction 4 multiplies b.0, which is not"),
        (LOADS + LOAD_A, "instruction 2 loads a.0, which no mma has released"),
        (LOADS + MMA + "first last release_a\n" + STORE + LOAD_B, "instruction 4 loads b.0, which no mma has released"),
        (LOADS + MMA + "first last", "ends after instruction 2 with 1 results not stored"),
        (LOADS + MMA + "first\n" + STORE, "instruction 3 stores a result, but none is finished"),
        (LOADS + MMA + "first last\n" + STORE * 2, "instruction 4 stores a result, but none is finished"),
        (LOADS + (MMA + "first last\n") * 3 + STORE * 3, "instruction 4 begins a result while 2 wait for their stores"),
        (LOADS + MMA + "last\n" + STORE, "instruction 2 accumulates on a result that no mma with `first` began"),
        (LOADS + MMA + "first last\n" + STORE + MMA + "last\n" + STORE, "instruction 4 accumulates on a result that"),
        (LOADS + MMA + "first\n" + MMA.replace("m=16", "m=9") + "last\n", "3 accumulates 9 x 16 on a result of 16 x"),
        (LOADS + MMA + "first last\nstore m=16 n=15 lines=0+2", "3 stores 16 x 15, but the next result is 16 x 16"),
        (LOADS.replace("rows=16", "rows=15", 1) + MMA + "first", "2 multiplies rows or steps that no load filled"),
        (LOADS + MMA.replace("b.0[0]", "b.0[7]") + "first", "2 multiplies rows or steps that no load filled"),
        (LOADS.replace("rows=16", "rows=0"), "instruction 0 traps on a load of nothing"),
        (LOADS + MMA.replace("a.0[0]", "a.0[8]"), "instruction 2 traps on step 8"),
    ],
)
def test_refuses(text, message):
    with pytest.raises(ValueError, match=message):
        check(text)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    shape=st.sampled_from([(5, 40, 64), (20, 3, 200), (33, 33, 30)]),
    edits=st.lists(st.tuples(st.sampled_from("delete double swap".split()), st.integers(0, 30)), max_size=2),
)
def test_what_passes_runs_to_its_end(shape, edits):
    """Edit a good program; if the check finds nothing wrong with it, the tile does not hang on it either."""
    a, b, c = plan(*shape)
    program = compile_matmul(a, b, c, half_steps=2)[0]
    for edit, place in edits:
        place %= len(program) - 1
        if edit == "delete":
            del program[place]
        elif edit == "double":
            program.insert(place, program[place])
        else:
            program[place : place + 2] = program[place : place + 2][::-1]
    memory = np.zeros((c.base + c.rows * c.stride, 32), np.uint8)
    try:
        check_program(program, half_steps=2)
    except ValueError:
        return
    assert tile(map(encode, program), memory, 4, 4, half_steps=2)[1] == status(FINISHED)
