"""The check for traps: which words it lets pass."""

import pytest

from zhenwu.cosim.tile import trap_check as cosim
from zhenwu.golden.tile.assembly import assemble
from zhenwu.golden.tile.trap_check import trap_check

LEGAL = [
    "load a.0 rows=64 k_steps=2 elements=0+1 scales=0+1",
    "load r.1 rows=16 k_steps=8 elements=0+1",
    "mma a.0[6] b.0[6] m=16 n=16 k_groups=4",
    "mma a.0[6] b.0[7] m=16 n=16 k_groups=2 w4a8",
    "store m=16 n=16 lines=0+1 mxfp8 rceil part=3 scales=0",
    "wait",
    "loop 4095 times length=255",
]
TRAPS = [
    "word 0",
    "word 0x14",
    "load a.0 rows=65 k_steps=2 elements=0+1 scales=0+1",
    "load r.1 rows=16 k_steps=9 elements=0+1",
    "load r.1 rows=16 k_steps=8 elements=0+1 scales=0+0 mxfp4",
    "mma a.0[6] b.0[6] m=16 n=16 k_groups=5",
    "mma a.0[7] b.0[6] m=16 n=16 k_groups=2 w4a8",
    "store m=16 n=16 lines=0+1 format3",
    "loop 1 times length=0",
]


@pytest.mark.parametrize("text", LEGAL)
def test_lets_pass_what_just_fits(text):
    assert trap_check(*assemble(text), half_steps=8)


@pytest.mark.parametrize("text", TRAPS)
def test_traps_what_just_does_not(text):
    assert not trap_check(*assemble(text), half_steps=8)


def test_knows_the_formats_that_are_built_in():
    (word,) = assemble("mma a.0[0] b.0[0] m=1 n=1 k_groups=1 bf16")
    assert trap_check(word, 8, ("mxfp4", "bf16")) and not trap_check(word, 8, ("mxfp4",))


@pytest.mark.parametrize("seed", [1, 2])
def test_hdl_equals_golden(seed):
    evidence = cosim.run(seed, quick=True)
    assert evidence.ok, f"{evidence.first_mismatch} {evidence.violations}"
    assert evidence.unhit == {}
