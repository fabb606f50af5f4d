"""Descriptors that would run into memory's end are refused; those that end with its last line are not."""

import pytest

from zhenwu.golden.tile.check_addresses import check_addresses
from zhenwu.golden.tile.compile_matmul import compile_matmul
from zhenwu.golden.tile.layout import MEMORY_LINES, plan
from zhenwu.spec.isa import Load, Mma, Store, Wait, encode

HALF_STEPS = 8
FITS = {
    "the last line of elements": Load(0, 0, 16, 2, MEMORY_LINES - 32, 2, 0, 2),
    "the last line of scales": Load(1, 0, 33, 2, 0, 2, MEMORY_LINES - 6, 2),
    "the last line of results": Store(16, 16, MEMORY_LINES - 32, 2),
    "a stride that is not used": Load(0, 0, 1, 1, MEMORY_LINES - 1, 65535, MEMORY_LINES - 1, 65535),
}
TOO_FAR = {
    "elements, by a line": Load(0, 0, 16, 2, MEMORY_LINES - 31, 2, 0, 2),
    "elements, by a stride": Load(0, 0, 2, 1, MEMORY_LINES - 1, 1, 0, 1),
    "scales, by a line": Load(1, 0, 33, 2, 0, 2, MEMORY_LINES - 5, 2),
    "results, by a line": Store(16, 16, MEMORY_LINES - 31, 2),
    "results, by half a line": Store(1, 9, MEMORY_LINES - 1, 2),
}


@pytest.mark.parametrize("name", FITS)
def test_what_ends_with_memory_fits(name):
    check_addresses([encode(FITS[name])], HALF_STEPS)


@pytest.mark.parametrize("name", TOO_FAR)
def test_what_reaches_further_is_refused_and_named(name):
    program = [encode(Wait()), encode(Mma(0, 0, 1, 1, 0, 0, 1, 1, 1, 0, 0)), encode(TOO_FAR[name])]
    line = f"^instruction 2 reaches line {MEMORY_LINES}: expected at most {MEMORY_LINES - 1}, .*: (load|store) "
    with pytest.raises(ValueError, match=line) as error:
        check_addresses(program, HALF_STEPS)
    assert "\n" not in str(error.value)


def test_what_comes_behind_a_trap_is_never_run():
    check_addresses([0, encode(TOO_FAR["results, by a line"])], HALF_STEPS)


@pytest.mark.parametrize("shape", [(1, 1, 1), (17, 40, 300), (64, 128, 128)])
def test_a_compiled_matmul_at_the_end_of_memory_fits_and_a_line_later_does_not(shape):
    _, _, c = plan(*shape)
    room = MEMORY_LINES - c.base - c.rows * c.stride
    places = plan(*shape, room)
    for program in compile_matmul(*places, HALF_STEPS):
        check_addresses(map(encode, program), HALF_STEPS)
    assert places[2].base + c.rows * c.stride == MEMORY_LINES
    left = f"expected at most the {MEMORY_LINES - room - 1} from line {room + 1} to the end of 256 MiB"
    with pytest.raises(ValueError, match=left):
        plan(*shape, room + 1)
