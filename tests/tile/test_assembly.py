"""The assembler: round trips, the syntax by example, and errors that name the line."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhenwu.golden.tile.assembly import assemble, disassemble
from zhenwu.spec import isa

EXAMPLE = """\
load a.0 rows=64 k_steps=2 elements=0x0+2 scales=0x80+2
load b.1 rows=64 k_steps=2 elements=0x88+2 scales=0x108+2
mma a.0[2] b.1[0] m=16 n=16 k_blocks=4 first last release_b
mma a.0[0] b.1[6] m=1 n=3 k_blocks=511
store m=16 n=16 lines=0x200+16
wait
"""
INSTRUCTIONS = [
    isa.Load(0, 0, 64, 2, element_base=0, element_stride=2, scale_base=0x80, scale_stride=2),
    isa.Load(1, 1, 64, 2, element_base=0x88, element_stride=2, scale_base=0x108, scale_stride=2),
    isa.Mma(0, 1, first=1, last=1, release_a=0, release_b=1, m=16, n=16, k_blocks=4, a_step=2, b_step=0),
    isa.Mma(0, 1, first=0, last=0, release_a=0, release_b=0, m=1, n=3, k_blocks=511, a_step=0, b_step=6),
    isa.Store(16, 16, base=0x200, stride=16),
    isa.Wait(),
]


def instructions():
    """Any instruction, each field over its whole width."""
    kinds = []
    for opcode, (record, layout) in isa.OPCODES.items():
        table = {name: field for name, field in isa.field_table(layout).items() if name != "opcode"}
        values = {name: st.integers(0, (1 << field.width) - 1) for name, field in table.items()}
        kinds.append(st.builds(record, **values))
        assert opcode
    return st.one_of(kinds)


# facts


def test_the_example_reads_as_it_says():
    assert assemble(EXAMPLE) == [isa.encode(instruction) for instruction in INSTRUCTIONS]


def test_the_example_is_what_the_disassembler_writes():
    assert disassemble(isa.encode(instruction) for instruction in INSTRUCTIONS) == EXAMPLE


# laws


@settings(max_examples=200, deadline=None, derandomize=True)
@given(program=st.lists(instructions(), max_size=5))
def test_programs_survive_the_round_trip(program):
    words = [isa.encode(instruction) for instruction in program]
    assert assemble(disassemble(words)) == words


@settings(max_examples=200, deadline=None, derandomize=True)
@given(word=st.integers(0, 2**128 - 1))
def test_any_word_survives_the_round_trip(word):
    assert assemble(disassemble([word])) == [word]


# corners


def test_comments_blank_lines_and_hexadecimal_are_free():
    assert assemble("\n  # nothing\n wait# at once\n\nstore m=0x10 n=0xB lines=512+0x10 # C") == [
        isa.encode(isa.Wait()),
        isa.encode(isa.Store(16, 11, 512, 16)),
    ]


def test_a_word_that_traps_is_shown_with_the_reason():
    assert disassemble([0]) == "word 0x0  # opcode 0: expected 1, 2, 3, 4\n"
    assert disassemble([isa.WAIT | 1 << 4]).startswith("word 0x14  # Wait word")


# bad input


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("lode a.0", "line 2: 'lode' is no instruction: expected load, mma, store, wait, word"),
        ("load c.0 rows=1 k_steps=1 elements=0+1 scales=0+1", r"line 2: load: expected a\|b.<half>, found 'c.0'"),
        ("load a.0 k_steps=1", "line 2: load: expected rows=<rows>, found 'k_steps=1'"),
        ("load a.0 rows=1 k_steps=1 elements=0", r"expected elements=<element_base>\+<element_stride>, found"),
        ("store m=1 n=1", r"line 2: store: expected lines=<base>\+<stride> at the end of the line"),
        ("store m=one n=1 lines=0+0", "line 2: store: expected m=<m>, found 'm=one'"),
        ("store m=1 n=1 lines=0+0 last", "line 2: store: expected the line to end, found 'last'"),
        ("mma a.0[0] b.0[0] m=1 n=1 k_blocks=1 frist", "line 2: mma: expected first or last or .*, found 'frist'"),
        ("mma a.0[0] b.0[0] m=32 n=1 k_blocks=1", r"line 2: Mma.m = 32: expected 0 .. 31"),
        ("load a.2 rows=1 k_steps=1 elements=0+1 scales=0+1", r"line 2: Load.half = 2: expected 0 .. 1"),
        ("word", "line 2: word: expected one number, found ''"),
        ("word 0x1" + 32 * "0", "line 2: word: 0x1000.* is too large: expected 128 bits"),
    ],
)
def test_an_error_names_the_line_and_what_was_expected(line, message):
    with pytest.raises(ValueError, match=message):
        assemble("wait\n" + line + "\nwait")
