"""The syntax of each instruction as the assembler reads and the disassembler writes it: one table for both."""

import re
from collections.abc import Mapping

from zhenwu.spec import isa
from zhenwu.spec.formats import SCALE_RULES
from zhenwu.spec.mma_formats import FLOAT32_RESIDUAL, MMA_CODES, OPERAND_FORMATS

# What a line must have, in this order; and what it may have behind it, in any order: `{names}` are fields
SYNTAX = {
    isa.Load: (
        "load {operand}.{half} rows={rows} k_steps={k_steps} elements={element_base}+{element_stride}",
        "scales={scale_base}+{scale_stride} {fmt}",
    ),
    isa.Mma: (
        "mma a.{a_half}[{a_step}] b.{b_half}[{b_step}] m={m} n={n} k_groups={k_groups}",
        "{fmt} first last release_a release_b",
    ),
    isa.Store: (
        "store m={m} n={n} lines={base}+{stride}",
        "{fmt} {rule} part={part} scales={scale_base} closes add r.{add_half} release",
    ),
    isa.Wait: ("wait", ""),
    isa.Loop: (
        "loop {count} times length={length}",
        "a=+{a_elements}+{a_scales} b=+{b_elements}+{b_scales} r=+{residual} result=+{result}+{result_scales}",
    ),
}
OPERANDS = "abr3"  # the last one traps
WORDS: dict[tuple[type, str], tuple[str, ...]] = {  # fields that are written as words, in the order of their codes
    (isa.Load, "operand"): tuple(OPERANDS),
    (isa.Load, "fmt"): tuple(OPERAND_FORMATS[code].name for code in sorted(OPERAND_FORMATS)),
    (isa.Mma, "fmt"): tuple(MMA_CODES[code].name for code in sorted(MMA_CODES)),
    (isa.Store, "fmt"): (*isa.STORE_FORMATS, "format3"),  # the last one traps
    (isa.Store, "rule"): (*SCALE_RULES, "rule3"),  # likewise
}
ADDRESSES = ("element_base", "scale_base", "base")  # written in hexadecimal
NUMBER = "0x[0-9a-fA-F]{1,40}|[0-9]{1,40}"  # longer ones are none: 128 bits take fewer digits
PLACE = re.compile(r"\{(\w+)\}")


def patterns(record: type) -> list[str]:
    """The tokens that follow the mnemonic in every line of an instruction."""
    return SYNTAX[record][0].split()[1:]


def options(record: type) -> list[str]:
    """The tokens that a line may have after those."""
    return SYNTAX[record][1].split()


def fields_of(token: str) -> list[str]:
    """The fields that a token of the table stands for; one without places is a bit of this name."""
    return PLACE.findall(token) or ([token] if token.isidentifier() and token != "times" else [])


def defaults(record: type, values: Mapping[str, int]) -> dict[str, int]:
    """What the fields of an instruction's optional tokens are where a line leaves them out."""
    left_out = {name: 0 for token in options(record) for name in fields_of(token)}
    if record is isa.Load and values["operand"] == isa.RESIDUAL:
        left_out["fmt"] = FLOAT32_RESIDUAL.code
    return left_out


def must_stand(token: str, record: type, values: Mapping[str, int]) -> bool:
    """Whether an instruction with these values cannot do without an optional token: scales, where it has any."""
    scaled = record is isa.Load and OPERAND_FORMATS[values["fmt"]].scaled
    quantised = record is isa.Store and values["fmt"] in (1, 2)
    return token.startswith("scales=") and (scaled or quantised)


def is_needed(token: str, record: type, values: Mapping[str, int]) -> bool:
    """Whether the disassembler writes an optional token: it must stand, or says something else than its default."""
    left_out = defaults(record, values)
    tells = any(values[name] != left_out[name] for name in fields_of(token))
    return tells or must_stand(token, record, values) or (token == "r.{add_half}" and values["add"] == 1)


def with_defaults(record: type, values: Mapping[str, int]) -> tuple[dict[str, int], str | None]:
    """The values with those that a line left out, and the optional token that it should not have left out, if any."""
    complete = defaults(record, values) | values
    missing = [
        token for token in options(record)
        if must_stand(token, record, complete) and not values.keys() & set(fields_of(token))
    ]
    return complete, missing[0] if missing else None


def token_text(token: str, record: type, values: Mapping[str, int]) -> str:
    """A token of the table with its values."""

    def text(place: re.Match) -> str:
        name = place[1]
        value = values[name]
        if (record, name) in WORDS:
            return WORDS[record, name][value]
        return f"{value:#x}" if name in ADDRESSES else str(value)

    return PLACE.sub(text, token)


def token_values(token: str, record: type, text: str) -> dict[str, int] | None:
    """The values by field name that a text such as `elements=0x88+2` gives to a token of the table; None if none."""
    if not PLACE.search(token):
        return dict.fromkeys(fields_of(token), 1) if text == token else None
    parts = PLACE.split(token)  # text, name, text, name, ..., text
    expression = "".join(
        re.escape(part) if index % 2 == 0 else f"(?P<{part}>{'|'.join(WORDS.get((record, part), [NUMBER]))})"
        for index, part in enumerate(parts)
    )
    match = re.fullmatch(expression, text)
    if match is None:
        return None
    return {
        name: WORDS[record, name].index(value) if (record, name) in WORDS else parsed_number(value)
        for name, value in match.groupdict().items()
    }


def parsed_number(digits: str) -> int:
    """A decimal or, after 0x, hexadecimal number."""
    return int(digits, 16 if digits.startswith("0x") else 10)


def shown(token: str, record: type) -> str:
    """A token of the table as an error message shows it: rows=<rows>."""
    return PLACE.sub(
        lambda place: "|".join(WORDS[record, place[1]]) if (record, place[1]) in WORDS else f"<{place[1]}>", token
    )
