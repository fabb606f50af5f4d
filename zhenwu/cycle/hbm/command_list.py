"""A list of DRAM commands as text, a line each, for one pseudo-channel: what a reader writes by hand.

    0  ACT   bg=0 ba=0 row=5     # CK, command, then its place; what follows a # is a remark
    31 RD    bg=0 ba=0 col=3
    45 PREpb bg=0 ba=0

`bg`, `ba`, `row` and `col` are bank group, bank, row and column. A column command whose row is not given means the row
that its bank has open. The lines stand in the order of their CK. Chapter: HBM3 from the cell up.
"""

from collections.abc import Iterator
from typing import NamedTuple

from zhenwu.spec.hbm3 import COMMANDS, HBM3_GEOMETRY, DramAddress, DramCommand

LAST_CK = 1_000_000
FIELDS = {  # as written: the field's name, and how many there are
    "bg": ("bank_group", int(HBM3_GEOMETRY.bank_groups)),
    "ba": ("bank", int(HBM3_GEOMETRY.banks)),
    "row": ("row", int(HBM3_GEOMETRY.rows)),
    "col": ("column", int(HBM3_GEOMETRY.columns)),
}
BANK, COLUMN = ("bg", "ba"), ("bg", "ba", "row", "col")
PLACES = dict.fromkeys(COMMANDS[1:], BANK) | {  # what a command may name
    "ACT": ("bg", "ba", "row"), "RD": COLUMN, "RDA": COLUMN, "WR": COLUMN, "WRA": COLUMN,
    "PREab": (), "REFab": (), "RFMab": (),
}
NEEDED = PLACES | dict.fromkeys(("RD", "RDA", "WR", "WRA"), BANK)  # and what it must


class BadCommand(ValueError):
    """A line that is no command: one sentence with its number."""


class Listed(NamedTuple):
    """A command, and the number of its line in the text, counted from 1."""

    line: int
    command: DramCommand


def command_list(text: str) -> list[DramCommand]:
    """The commands in order; BadCommand names the first line that is none."""
    return [listed.command for listed in numbered(text)]


def numbered(text: str) -> list[Listed]:
    """The same, each with the number of its line. BadCommand too if there is no command at all."""
    found: list[Listed] = []
    opened: dict[tuple[int, int], int] = {}  # the row last opened in each bank
    for number, line in enumerate(text.splitlines(), 1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        try:
            command = _command(words, opened)
            if found and command.cycle < found[-1].command.cycle:
                raise ValueError(
                    f"CK {command.cycle} comes after CK {found[-1].command.cycle}: expected commands in their order"
                )
        except ValueError as error:
            raise BadCommand(f"line {number}: {error}") from None
        place = command.address
        if command.op == "ACT":
            opened[place.bank_group, place.bank] = place.row
        found.append(Listed(number, command))
    if not found:
        raise BadCommand("line 1: there is no command in the list; expected one such as 0 ACT bg=0 ba=0 row=5")
    return found


def _command(words: list[str], opened: dict[tuple[int, int], int]) -> DramCommand:
    """The command of one line's words."""
    cycle = _number(words[0], "CK", LAST_CK)
    if len(words) < 2:
        raise ValueError(f"CK {cycle} has no command; expected one of {', '.join(COMMANDS[1:])}")
    op = next((name for name in COMMANDS[1:] if name.lower() == words[1].lower()), None)
    if op is None:
        raise ValueError(f'"{words[1]}": expected a command, one of {", ".join(COMMANDS[1:])}')
    place = dict(_fields(op, words[2:]))
    missing = [name for name in NEEDED[op] if FIELDS[name][0] not in place]
    if missing:
        raise ValueError(f"{op} without {missing[0]}: expected {' '.join(f'{name}=' for name in NEEDED[op])}")
    if "row" not in place and "row" in PLACES[op]:
        place["row"] = opened.get((place["bank_group"], place["bank"]), 0)
    return DramCommand(cycle, op, DramAddress(**place))


def _fields(op: str, words: list[str]) -> Iterator[tuple[str, int]]:
    """(name of the record's field, value) of each word; each field stands once."""
    allowed = PLACES[op]
    expected = f"expected {' '.join(f'{name}=' for name in allowed)}" if allowed else "expected nothing after it"
    seen: set[str] = set()
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or name not in allowed:
            raise ValueError(f'"{word}" after {op}: {expected}')
        if name in seen:
            raise ValueError(f"{name} stands twice: expected it once")
        seen.add(name)
        field, count = FIELDS[name]
        yield field, _number(value, f"{name} =", count - 1)


def _number(text: str, name: str, most: int) -> int:
    """A whole number of 0 .. most, in digits."""
    if not (text.isascii() and text.isdigit()) or len(text) > 9 or int(text) > most:
        raise ValueError(f'{name} "{text}": expected a whole number of 0 .. {most}')
    return int(text)
