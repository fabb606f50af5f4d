"""The assembler and the disassembler: programs that a person can read, one instruction a line.

    load a.0 rows=64 k_steps=2 elements=0x0+2 scales=0x80+2     # half 0 of A; base+stride, in lines
    load b.1 rows=64 k_steps=2 elements=0x88+2 scales=0x108+2
    mma a.0[2] b.1[0] m=16 n=16 k_blocks=4 first last release_b # [first step of the panel in the half]
    store m=16 n=16 lines=0x200+16
    wait
    word 0x0000000f                                             # anything else, to try what traps

`#` starts a comment; blank lines are free. Chapter: the sequencer and the tile mover.
"""

import re
from collections.abc import Iterable

from zhenwu.spec import isa

# One table for both directions: the disassembler fills the places in, the assembler reads them back.
SYNTAX = {
    isa.Load: "load {operand}.{half} rows={rows} k_steps={k_steps} "
    "elements={element_base}+{element_stride} scales={scale_base}+{scale_stride}",
    isa.Mma: "mma a.{a_half}[{a_step}] b.{b_half}[{b_step}] m={m} n={n} k_blocks={k_blocks}",
    isa.Store: "store m={m} n={n} lines={base}+{stride}",
    isa.Wait: "wait",
}
FLAGS = {isa.Mma: ("first", "last", "release_a", "release_b")}  # bits that stand as words at the end of a line
MNEMONICS = {text.split()[0]: record for record, text in SYNTAX.items()}
OPERANDS = "ab"
ADDRESSES = ("element_base", "scale_base", "base")
NUMBER = "0x[0-9a-fA-F]+|[0-9]+"


def disassemble(words: Iterable[int]) -> str:
    """One line per 128-bit word; `assemble` gives the same words back. A word that would trap is shown as it is."""
    return "".join(disassembled_line(word) + "\n" for word in words)


def disassembled_line(word: int) -> str:
    """The line of one word."""
    try:
        instruction = isa.decode(word)
    except ValueError as reason:
        return f"word {word:#x}  # {reason}"
    record = type(instruction)
    values = dict(vars(instruction))
    flags = [name for name in FLAGS.get(record, ()) if values[name]]
    for name in ADDRESSES:
        if name in values:
            values[name] = f"{values[name]:#x}"
    if "operand" in values:
        values["operand"] = OPERANDS[values["operand"]]
    return " ".join([SYNTAX[record].format_map(values), *flags])


def assemble(text: str) -> list[int]:
    """The 128-bit words of a program; ValueError names the first wrong line and what was expected there."""
    words = []
    for number, line in enumerate(text.splitlines(), start=1):
        tokens = line.split("#")[0].split()
        if not tokens:
            continue
        try:
            words.append(assembled_word(tokens))
        except ValueError as reason:
            raise ValueError(f"line {number}: {reason}") from None
    return words


def assembled_word(tokens: list[str]) -> int:
    """The word of one line's tokens."""
    mnemonic, *rest = tokens
    if mnemonic == "word":
        return literal_word(rest)
    if mnemonic not in MNEMONICS:
        raise ValueError(f"{mnemonic!r} is no instruction: expected {', '.join([*MNEMONICS, 'word'])}")
    record = MNEMONICS[mnemonic]
    patterns = SYNTAX[record].split()[1:]
    flags = FLAGS.get(record, ())
    values = dict.fromkeys(flags, 0)
    for pattern, token in zip(patterns, rest, strict=False):
        values |= token_values(mnemonic, pattern, token)
    if len(rest) < len(patterns):
        raise ValueError(f"{mnemonic}: expected {shown(patterns[len(rest)])} at the end of the line")
    for token in rest[len(patterns) :]:
        if token not in flags:
            raise ValueError(f"{mnemonic}: expected {' or '.join(flags) or 'the line to end'}, found {token!r}")
        values[token] = 1
    return isa.encode(record(**values))


def literal_word(rest: list[str]) -> int:
    """The word that a `word` line gives as a number."""
    if len(rest) != 1 or not re.fullmatch(NUMBER, rest[0]):
        raise ValueError(f"word: expected one number, found {' '.join(rest)!r}")
    word = parsed_number(rest[0])
    if word >> isa.INSTRUCTION_BITS:
        raise ValueError(f"word: {rest[0]} is too large: expected {isa.INSTRUCTION_BITS} bits")
    return word


def token_values(mnemonic: str, pattern: str, token: str) -> dict[str, int]:
    """The values by field name that a token such as `elements=0x88+2` gives to `elements={element_base}+{...}`."""
    literals = re.split(r"\{(\w+)\}", pattern)  # text, name, text, name, ..., text
    expression = "".join(
        re.escape(part) if index % 2 == 0 else f"(?P<{part}>{f'[{OPERANDS}]' if part == 'operand' else NUMBER})"
        for index, part in enumerate(literals)
    )
    match = re.fullmatch(expression, token)
    if match is None:
        raise ValueError(f"{mnemonic}: expected {shown(pattern)}, found {token!r}")
    return {
        name: OPERANDS.index(value) if name == "operand" else parsed_number(value)
        for name, value in match.groupdict().items()
    }


def parsed_number(digits: str) -> int:
    """A decimal or, after 0x, hexadecimal number."""
    return int(digits, 16 if digits.startswith("0x") else 10)


def shown(pattern: str) -> str:
    """A pattern as an error message shows it: rows=<rows>."""
    return re.sub(r"\{(\w+)\}", lambda place: "a|b" if place[1] == "operand" else f"<{place[1]}>", pattern)
