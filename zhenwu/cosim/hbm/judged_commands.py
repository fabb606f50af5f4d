"""What the timing checker says of a list of commands, in words, as a table and as a picture.

The same code runs when the book is built and in the reader's page: standard library, the checker, and the rules.
"""

from collections.abc import Iterator, Sequence
from html import escape
from typing import NamedTuple

from zhenwu.cosim.hbm.command_picture import burst_of, picture
from zhenwu.cycle.hbm.command_list import FIELDS, PLACES, BadCommand, Listed, numbered
from zhenwu.cycle.hbm.timing_checker import TimingChecker, Violation
from zhenwu.spec.hbm3 import HBM3_6400, DramCommand, HbmTiming
from zhenwu.spec.hbm3_rules import TimingRule

TITLE = "The banks of the list and DQ, in CK; the table below has the same commands"


class Wait(NamedTuple):
    """From which CK on the rules allow a command, and what says so: a rule and the command it counts from, or None."""

    earliest: int
    rule: TimingRule | None = None
    first: DramCommand | None = None


class Judged(NamedTuple):
    """A list as the checker saw it; `waits` and `listed` are of one length, `broken` in the order of the list."""

    listed: Sequence[Listed]
    waits: Sequence[Wait]
    broken: Sequence[Violation]
    tight: set[TimingRule]

    @property
    def commands(self) -> list[DramCommand]:
        """Without the numbers of lines."""
        return [each.command for each in self.listed]

    def line(self, command: DramCommand) -> int:
        """The line in which a command stands."""
        return next(each.line for each in self.listed if each.command is command)


def judge(text: str, timing: HbmTiming = HBM3_6400) -> Judged:
    """Hold a list against all rules; BadCommand if it is none."""
    listed, checker, waits = numbered(text), TimingChecker(timing), []
    for each in listed:
        waits.append(wait(checker, each.command))
        checker.check(each.command)
    return Judged(listed, waits, checker.violations, checker.tight)


def wait(checker: TimingChecker, command: DramCommand) -> Wait:
    """What a command waits for longest, by the table's rules; the first of them where several end in the same CK."""
    found = Wait(0)
    for rule, gap in checker.rules[command.op]:
        first = checker.previous(rule, command.address)
        if first is not None and first.cycle + gap > found.earliest:
            found = Wait(first.cycle + gap, rule, first)
    return found


def judged(text: str) -> dict[str, str]:
    """`outcome` (right, wrong or error) and pieces of HTML: `verdict`, `summary`, `table`, `wave`, `output`."""
    try:
        found = judge(text)
    except BadCommand as error:
        said = escape(str(error))
        return {"outcome": "error", "verdict": said[0].upper() + said[1:] + "."} | dict.fromkeys(
            ("summary", "table", "wave", "output"), ""
        )
    return {
        "outcome": "wrong" if found.broken else "right",
        "verdict": escape(verdict(found)),
        "summary": f"<ul>{''.join(f'<li>{escape(each)}</li>' for each in summary(found))}</ul>",
        "table": table(found),
        "wave": picture(found.commands, TITLE, found.broken),
        "output": "",
    }


def verdict(found: Judged) -> str:
    """One sentence: that no rule is broken, or the first that is."""
    count = len(found.listed)
    if not found.broken:
        return f"Right: {count} {'command' if count == 1 else 'commands'}, and no rule is broken."
    first = found.broken[0]
    guilty = len({id(each.second) for each in found.broken})
    breaks = "breaks" if guilty == 1 else "break"
    return f"Not yet: line {found.line(first.second)}, {first}. {guilty} of {count} commands {breaks} a rule."


def summary(found: Judged, timing: HbmTiming = HBM3_6400) -> Iterator[str]:
    """What DQ does, and which rules the list meets to the CK."""
    burst = timing.total("nBL")
    begins = [begin for command in found.commands if (begin := burst_of(command, timing)) is not None]
    if begins:
        lines = "1 line" if len(begins) == 1 else f"{len(begins)} lines"
        yield f"DQ carries {lines}: the first from CK {min(begins)} on, the last until CK {max(begins) + burst}"
    else:
        yield "DQ carries nothing"
    gaps = sorted({" + ".join(rule.gap) for rule in found.tight})
    yield f"met to the CK: {', '.join(gaps) or 'no rule'}"


def table(found: Judged) -> str:
    """A row a command: where it stands, what it is, and the CK from which on the rules allow it."""
    late = {id(each.second) for each in found.broken}
    rows = []
    for (line, command), allowed in zip(found.listed, found.waits, strict=True):
        mark = " class='wrong'" if id(command) in late else ""
        why = "nothing"
        if allowed.rule is not None:
            why = f"{' + '.join(allowed.rule.gap)} from line {found.line(allowed.first)}"
        rows.append(
            f"<tr><th scope='row'>{line}</th><td{mark}>{command.cycle}</td><td class='words'>{place(command)}</td>"
            f"<td>{allowed.earliest}</td><td class='words'>{why}</td></tr>"
        )
    heads = {"line": "", "CK": "", "command": " class='words'", "allowed from": "", "waits for": " class='words'"}
    head = "".join(f"<th scope='col'{kind}>{each}</th>" for each, kind in heads.items())
    caption = "Each command, and the first CK in which the table's rules allow it after those above."
    return f"<caption>{caption}</caption><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody>"


def place(command: DramCommand) -> str:
    """A command as it is written."""
    fields = (f"{name}={getattr(command.address, FIELDS[name][0])}" for name in PLACES[command.op])
    return " ".join([command.op, *fields])
