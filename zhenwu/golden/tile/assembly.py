"""The assembler and the disassembler: programs that a person can read, one instruction a line.

    load a.0 rows=64 k_steps=2 elements=0x0+2 scales=0x80+2     # half 0 of A; base+stride, in lines
    load b.1 rows=64 k_steps=4 elements=0x88+4 scales=0x188+2 mxfp8
    load r.0 rows=16 k_steps=8 elements=0x400+8                 # what a store adds, float32
    mma a.0[2] b.1[0] m=16 n=16 k_groups=4 first last release_b # [first step of the panel in the half]
    store m=16 n=16 lines=0x200+16 add r.0 release
    store m=16 n=16 lines=0x300+1 mxfp4 even part=3 scales=0x340 closes
    loop 4 times length=1 b=+64+8 result=+2+0                   # the next 1; b: elements +64, scales +8
      load b.0 rows=64 k_steps=2 elements=0x88+2 scales=0x108+2
    wait
    word 0x0000000f                                             # anything else, to try what traps

`#` starts a comment, and `# program 2 of 3` a program; blank lines and indentation are free. What a line leaves out is
zero: mxfp4, the scale rule floor, part 0, r.0; but a residual is float32. Chapter: the sequencer and the tile mover.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

from zhenwu.golden.tile.syntax import (
    NUMBER,
    SYNTAX,
    is_needed,
    options,
    parsed_number,
    patterns,
    shown,
    token_text,
    token_values,
    with_defaults,
)
from zhenwu.spec import isa

MNEMONICS = {text.split()[0]: record for record, (text, _) in SYNTAX.items()}
INDENT = "  "
HEAD = re.compile(r"\s*#\s*program \d+ of \d+")  # what `zhenwu program` writes above each program


class Line(NamedTuple):
    """An instruction word and the line of the text that it stands on."""

    number: int
    word: int


def disassemble(words: Iterable[int]) -> str:
    """One line per 128-bit word; `assemble` gives the same words back. A word that would trap is shown as it is.

    Lines within a loop are indented.
    """
    lines = []
    left: list[int] = []  # lines to come of the loops round this one
    for word in words:
        lines.append(INDENT * min(len(left), isa.LOOP_DEPTH) + disassembled_line(word) + "\n")
        left = [count - 1 for count in left]
        if word & ((1 << isa.OPCODE_BITS) - 1) == isa.LOOP:
            left.append(word >> isa.LoopFields.length.lsb & (1 << isa.LoopFields.length.width) - 1)
        left = [count for count in left if count]
    return "".join(lines)


def disassembled_line(word: int) -> str:
    """The line of one word."""
    try:
        instruction = isa.decode(word)
    except ValueError as reason:
        return f"word {word:#x}  # {reason}"
    record, values = type(instruction), vars(instruction)
    kept = [token for token in options(record) if is_needed(token, record, values)]
    mnemonic = SYNTAX[record][0].split()[0]
    return " ".join([mnemonic, *(token_text(token, record, values) for token in [*patterns(record), *kept])])


def assemble(text: str) -> list[int]:
    """The 128-bit words of a program; ValueError names the first wrong line and what was expected there."""
    return [line.word for lines in assemble_programs(text) for line in lines]


def assemble_programs(text: str) -> list[list[Line]]:
    """The programs of a text: a comment such as `# program 2 of 3` begins one. What stands before the first is one too.

    ValueError names the first wrong line, its instruction's index in its program, and what was expected there.
    """
    programs: list[list[Line]] = [[]]
    for number, line in enumerate(text.splitlines(), start=1):
        if HEAD.match(line):
            programs.append([])
        tokens = line.split("#")[0].split()
        if not tokens:
            continue
        try:
            programs[-1].append(Line(number, assembled_word(tokens)))
        except ValueError as reason:
            raise ValueError(f"line {number}: instruction {len(programs[-1])}: {reason}") from None
    return programs if programs[0] or len(programs) == 1 else programs[1:]


def assembled_word(tokens: list[str]) -> int:
    """The word of one line's tokens."""
    mnemonic, *rest = tokens
    if mnemonic == "word":
        return literal_word(rest)
    if mnemonic not in MNEMONICS:
        raise ValueError(f"{mnemonic!r} is no instruction: expected {', '.join([*MNEMONICS, 'word'])}")
    record = MNEMONICS[mnemonic]
    fixed = patterns(record)
    values: dict[str, int] = {}
    for pattern, token in zip(fixed, rest, strict=False):
        given = token_values(pattern, record, token)
        if given is None:
            raise ValueError(f"{mnemonic}: expected {shown(pattern, record)}, found {token!r}")
        values |= given
    if len(rest) < len(fixed):
        raise ValueError(f"{mnemonic}: expected {shown(fixed[len(rest)], record)} at the end of the line")
    for token in rest[len(fixed) :]:
        values |= option_values(mnemonic, record, values, token)
    values, missing = with_defaults(record, values)
    if missing:
        raise ValueError(f"{mnemonic}: expected {shown(missing, record)} at the end of the line")
    return isa.encode(record(**values))


def option_values(mnemonic: str, record: type, values: dict[str, int], token: str) -> dict[str, int]:
    """The values that one of a line's optional tokens gives, of which none may come twice."""
    for pattern in options(record):
        given = token_values(pattern, record, token)
        if given is not None:
            if given.keys() & values.keys():
                raise ValueError(f"{mnemonic}: {token!r} says again what stands before it")
            return given
    expected = " or ".join(shown(pattern, record) for pattern in options(record)) or "the line to end"
    raise ValueError(f"{mnemonic}: expected {expected}, found {token!r}")


def literal_word(rest: list[str]) -> int:
    """The word that a `word` line gives as a number."""
    if len(rest) != 1 or not re.fullmatch(NUMBER, rest[0]):
        raise ValueError(f"word: expected one number, found {' '.join(rest)!r}")
    word = parsed_number(rest[0])
    if word >> isa.INSTRUCTION_BITS:
        raise ValueError(f"word: {rest[0]} is too large: expected {isa.INSTRUCTION_BITS} bits")
    return word
