"""Lists of DRAM commands inside a chapter: what the checker says of one, with its picture; and the rules as rows."""

from collections.abc import Iterable, Sequence
from html import escape

from zhenwu.chapter.figure import drawing
from zhenwu.chapter.show import Html
from zhenwu.cosim.hbm.command_picture import picture
from zhenwu.cosim.hbm.judged_commands import judge, verdict
from zhenwu.spec.hbm3 import HBM3_6400, DramCommand, HbmTiming
from zhenwu.spec.hbm3_rules import TIMING_RULES, TimingRule

CAPTION = "The list as the checker sees it."
ALT = "The banks that the list names and DQ, with each command where it starts, in CK."
PLAIN = ("ACT", "RD", "WR", "PREpb")  # the commands of a bank that is read and written


def commands(text: str, caption: str = CAPTION, alt: str = ALT) -> Html:
    """The verdict on a list, one command a line, and its picture; BadCommand if a line is none.

    Lines are counted from the first one that is written: the text may begin with the end of a line.
    """
    found = judge(text.removeprefix("\n"))
    said, drawn = verdict(found), drawing(picture(found.commands, caption, found.broken), caption, alt)
    word, _, reason = said.partition(": ")
    kind = "open" if found.broken else "right"
    html = f'<p class="verdict verdict-{kind}"><strong>{escape(word)}.</strong> {escape(_sentence(reason))}</p>'
    return Html(html + drawn.html, f"{said}\n{drawn.text}")


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def said_of(text: str) -> str:
    """The checker's sentence on the first command of a list that breaks a rule, or "nothing"."""
    broken = judge(text).broken
    return str(broken[0]) if broken else "nothing"


def recorded(found: Sequence[DramCommand], caption: str, alt: str) -> Html:
    """The picture of commands that a controller sent."""
    return drawing(picture(found, caption), caption, alt)


def rule_rows(
    ops: Iterable[str] = PLAIN, rules: Iterable[TimingRule] = TIMING_RULES, timing: HbmTiming = HBM3_6400
) -> list[tuple[str, str, str, int]]:
    """(scope, from -> to, sum, CK) of each rule between two of these commands, of one stack id."""
    wanted, found = set(ops), []
    for rule in rules:
        if not {*rule.precedents, rule.following} <= wanted or rule.sibling:
            continue
        order = f", every {rule.window + 1}th" if rule.window > 1 else ""
        pair = f"{rule.preceding} to {rule.following}{order}"
        found.append((rule.scope.replace("_", " "), pair, " + ".join(rule.gap), rule.cycles(timing)))
    return found
