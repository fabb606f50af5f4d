"""The sequencer: what it hands out, and where it stops."""

import pytest

from zhenwu.cosim.tile import sequencer as cosim
from zhenwu.golden.tile.assembly import assemble
from zhenwu.golden.tile.sequencer import sequencer
from zhenwu.spec.isa import BAD_INSTRUCTION, FINISHED, decode, status

PROGRAM = """
    load a.0 rows=16 k_steps=2 elements=0+2 scales=32+2
    load b.0 rows=16 k_steps=2 elements=0+2 scales=32+2
    wait
    mma a.0[0] b.0[0] m=16 n=16 k_blocks=4 first last release_a release_b
    store m=16 n=16 lines=64+2
    wait
"""
BAD = [
    pytest.param("word 0", id="opcode 0, an unwritten word"),
    pytest.param("word 5", id="an opcode that is not there"),
    pytest.param("word 0x14", id="a reserved bit"),
    pytest.param("load a.0 rows=0 k_steps=1 elements=0+1 scales=0+1", id="a load of no rows"),
    pytest.param("load a.0 rows=16 k_steps=9 elements=0+1 scales=0+1", id="a load larger than a half"),
    pytest.param("mma a.0[0] b.0[0] m=17 n=1 k_blocks=1", id="an mma too tall"),
    pytest.param("mma a.0[7] b.0[0] m=1 n=1 k_blocks=3", id="an mma beyond its half"),
    pytest.param("store m=1 n=0 lines=0+0", id="a store of no columns"),
]


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


def test_what_fits_depends_on_the_scratchpad():
    words = assemble("load a.0 rows=16 k_steps=9 elements=0+1 scales=0+1")
    assert sequencer(words, half_steps=9)[1] == status(FINISHED)


@pytest.mark.parametrize("seed", [1, 2])
def test_hdl_equals_golden_under_stalls_and_reset(seed):
    evidence = cosim.run(seed, quick=True)
    assert evidence.ok, f"{evidence.first_mismatch} {evidence.violations}"
    assert evidence.unhit == {}
    assert evidence.achieved == pytest.approx(evidence.bound)
