"""The assembler: round trips, the syntax by example, and errors that name the line."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhenwu.golden.tile.assembly import assemble, assemble_programs, disassemble, disassembled_line
from zhenwu.spec import isa

EXAMPLE = """\
load a.0 rows=64 k_steps=2 elements=0x0+2 scales=0x80+2
load b.1 rows=64 k_steps=4 elements=0x88+4 scales=0x188+2 mxfp8
load a.1 rows=16 k_steps=4 elements=0x0+4 bf16
load r.1 rows=16 k_steps=8 elements=0x400+8
mma a.0[2] b.1[0] m=16 n=16 k_groups=4 first last release_b
mma a.0[0] b.1[6] m=1 n=3 k_groups=511 w4a8
store m=16 n=16 lines=0x200+16
store m=16 n=16 lines=0x200+16 part=1 add r.1
store m=16 n=9 lines=0x300+1 mxfp4 even part=3 scales=0x340 closes add r.0 release
store m=16 n=16 lines=0x300+1 mxfp8 scales=0x340
loop 4 times length=3 a=+2+1 r=+8
  wait
  loop 4095 times length=1 b=+0+1 result=+16383+0
    wait
wait
"""
INSTRUCTIONS = [
    isa.Load(0, 0, 64, 2, element_base=0, element_stride=2, scale_base=0x80, scale_stride=2),
    isa.Load(1, 1, 64, 4, element_base=0x88, element_stride=4, scale_base=0x188, scale_stride=2, fmt=1),
    isa.Load(0, 1, 16, 4, element_base=0, element_stride=4, fmt=2),
    isa.Load(2, 1, 16, 8, element_base=0x400, element_stride=8, fmt=3),
    isa.Mma(0, 1, first=1, last=1, release_a=0, release_b=1, m=16, n=16, k_groups=4, a_step=2, b_step=0),
    isa.Mma(0, 1, first=0, last=0, release_a=0, release_b=0, m=1, n=3, k_groups=511, a_step=0, b_step=6, fmt=2),
    isa.Store(16, 16, base=0x200, stride=16),
    isa.Store(16, 16, base=0x200, stride=16, part=1, add=1, add_half=1),
    isa.Store(16, 9, 0x300, 1, fmt=1, rule=1, part=3, closes=1, add=1, release=1, scale_base=0x340),
    isa.Store(16, 16, 0x300, 1, fmt=2, scale_base=0x340),
    isa.Loop(3, 4, a_elements=2, a_scales=1, residual=8),
    isa.Wait(),
    isa.Loop(1, 4095, b_scales=1, result=16383),
    isa.Wait(),
    isa.Wait(),
]


def instructions():
    """Any instruction, each field over its whole width."""
    kinds = []
    for record, layout in isa.OPCODES.values():
        table = {name: field for name, field in isa.field_table(layout).items() if name != "opcode"}
        values = {name: st.integers(0, (1 << field.width) - 1) for name, field in table.items()}
        kinds.append(st.builds(record, **values))
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


@pytest.mark.parametrize("opcode", isa.OPCODES)
def test_every_code_of_the_small_fields_survives_the_round_trip(opcode):
    """The fields of up to 2 bits in all their combinations, the others zero or not: codes that trap among them."""
    record, layout = isa.OPCODES[opcode]
    table = {name: field for name, field in isa.field_table(layout).items() if name != "opcode"}
    words = [opcode]
    for lsb, width in table.values():
        words = [word | code << lsb for word in words for code in (range(1 << width) if width <= 2 else (0, 1))]
        words = words[:: 1 + len(words) // 3000]
    assert assemble("\n".join(map(disassembled_line, words))) == words


# corners


def test_comments_blank_lines_and_hexadecimal_are_free():
    assert assemble("\n  # nothing\n wait# at once\n\nstore m=0x10 n=0xB lines=512+0x10 # C") == [
        isa.encode(isa.Wait()),
        isa.encode(isa.Store(16, 11, 512, 16)),
    ]


def test_a_comment_as_zhenwu_program_prints_it_begins_a_program():
    wait = isa.encode(isa.Wait())
    lines = "# program 1 of 2: 2 instructions\nwait\n\nwait\n# program\n #program 2 of 2\nwait"
    assert assemble_programs(lines) == [[(2, wait), (4, wait)], [(7, wait)]]
    assert assemble_programs("wait # program 2 of 2\nwait\n# program 9 of 9") == [[(1, wait), (2, wait)], []]
    assert assemble_programs("# nothing") == [[]] and assemble(lines) == [wait] * 3


def test_what_may_stand_behind_a_line_stands_in_any_order():
    assert assemble("store m=1 n=1 lines=0+1 release scales=2 r.1 add closes rceil mxfp8 part=2") == [
        isa.encode(isa.Store(1, 1, 0, 1, 2, 2, 2, 1, 1, 1, 1, 2))
    ]


def test_a_default_may_be_said():
    assert assemble("store m=1 n=1 lines=0+1 float32 floor part=0 r.0") == [isa.encode(isa.Store(1, 1, 0, 1))]
    assert assemble("load r.0 rows=1 k_steps=1 elements=0+1 float32") == assemble(
        "load r.0 rows=1 k_steps=1 elements=0+1"
    )


def test_a_word_that_traps_is_shown_with_the_reason():
    assert disassemble([0]) == "word 0x0  # opcode 0: expected 1, 2, 3, 4, 5\n"
    assert disassemble([isa.WAIT | 1 << 4]).startswith("word 0x14  # Wait word")


def test_lines_are_indented_as_deep_as_loops_go():
    deep = [isa.encode(isa.Loop(9, 1))] * 4
    assert [len(line) - len(line.lstrip()) for line in disassemble(deep).splitlines()] == [0, 2, 4, 4]
    assert not disassemble([isa.encode(isa.Loop(0, 1)), isa.WAIT]).splitlines()[1].startswith(" ")


# bad input


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("lode a.0", "'lode' is no instruction: expected load, mma, store, wait, loop, word"),
        ("load c.0 rows=1 k_steps=1 elements=0+1 scales=0+1", r"load: expected a\|b\|r\|3.<half>, found 'c.0'"),
        ("load a.0 k_steps=1", "load: expected rows=<rows>, found 'k_steps=1'"),
        ("load a.0 rows=1 k_steps=1 elements=0", r"load: expected elements=<element_base>\+<element_stride>, found"),
        ("load a.0 rows=1 k_steps=1 elements=0+1", r"load: expected scales=<scale_base>\+<scale_stride> at the end"),
        ("load b.0 rows=1 k_steps=1 elements=0+1 mxfp8", r"load: expected scales=<scale_base>\+<scale_stride> at the"),
        ("load a.0 rows=1 k_steps=1 elements=0+1 mxfp6", r"load: expected scales=.* or mxfp4\|mxfp8\|.*, found"),
        ("store m=1 n=1", r"store: expected lines=<base>\+<stride> at the end of the line"),
        ("store m=1 n=1 lines=0+1 mxfp8 closes", "store: expected scales=<scale_base> at the end of the line"),
        ("store m=one n=1 lines=0+0", "store: expected m=<m>, found 'm=one'"),
        ("store m=1 n=1 lines=0+0 last", r"store: expected float32\|mxfp4\|.* or release, found 'last'"),
        ("store m=1 n=1 lines=0+0 part=1 part=1", "store: 'part=1' says again what stands before it"),
        ("store m=1 n=1 lines=0+0 mxfp4 mxfp8", "store: 'mxfp8' says again what stands before it"),
        ("mma a.0[0] b.0[0] m=1 n=1 k_groups=1 frist", "mma: expected .* or first or last or .*, found 'frist'"),
        ("mma a.0[0] b.0[0] m=32 n=1 k_groups=1", r"Mma.m = 32: expected 0 .. 31"),
        ("load a.2 rows=1 k_steps=1 elements=0+1 scales=0+1", r"Load.half = 2: expected 0 .. 1"),
        ("loop 3 length=1", "loop: expected times, found 'length=1'"),
        ("loop 3 times length=1 a=2+1", r"loop: expected a=\+<a_elements>\+<a_scales> or b=.*, found 'a=2\+1'"),
        ("loop 4096 times length=1", r"Loop.count = 4096: expected 0 .. 4095"),
        ("wait 3", "wait: expected the line to end, found '3'"),
        ("word", "word: expected one number, found ''"),
        ("word 0x1" + 32 * "0", "word: 0x1000.* is too large: expected 128 bits"),
    ],
)
def test_an_error_names_the_line_and_what_was_expected(line, message):
    with pytest.raises(ValueError, match=f"line 2: instruction 1: {message}"):
        assemble("wait\n" + line + "\nwait")
