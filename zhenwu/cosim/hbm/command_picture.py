"""A short list of commands as a picture: the banks that it names, DQ below, and the rule that it breaks in red.

A bar is an open row, darker until it may be read; a tick is a command, with its name where there is room. It looks as
`timeline.py`, which shows every bank of a long run. Standard library only, so it also runs in a reader's page.
"""

from collections.abc import Sequence
from html import escape

from zhenwu.cosim.hbm.timeline import LEFT, STYLE, View
from zhenwu.cycle.hbm.timing_checker import COLUMN_COMMANDS, Violation
from zhenwu.spec.hbm3 import HBM3_6400, DramCommand, HbmTiming

ROW = 34  # px a bank: names of commands above its bar
UNDER = 11  # px more where a rule is broken: by how much stands below the bar
TOP = 22  # px of the line of CK
WIDTH = 505  # px that the CK take, where they fit in
LEAST, MOST = 0.9, 7.0  # px a CK
LONGEST = 700  # CK that are drawn, the last ones
STEPS = (1, 2, 5, 10, 20, 50, 100, 200)
CHARACTER = 6.2  # px of one of a command's name
NAMES = {"PREpb": "PRE", "PREab": "PREab"}
READS = ("RD", "RDA")
RED = """
.timeline .late { fill: none; stroke: var(--figure-red, #c8502f); stroke-width: 2 }
.timeline .late-words { font-weight: bold }
.timeline .command { stroke: currentColor; stroke-width: 1.2 }
.timeline .small { font-size: 10px }
"""
Bank = tuple[int, int]


def picture(
    commands: Sequence[DramCommand], title: str, broken: Sequence[Violation] = (), timing: HbmTiming = HBM3_6400
) -> str:
    """The SVG text of all commands and their bursts, of a long list the last LONGEST CK; `broken` marks in red."""
    last = max(end(command, timing) for command in commands)
    first = max(commands[0].cycle, last - LONGEST)
    view = View(first, last, max(LEAST, min(MOST, WIDTH / max(1, last - first))))
    banks = sorted({bank_of(command) for command in commands if bank_of(command) is not None})
    row = ROW + UNDER * bool(broken)
    tops = {bank: TOP + row * index for index, bank in enumerate(banks)}
    dq = TOP + row * len(banks)
    height, width = dq + ROW, view.x(last) + 24
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="timeline" role="img" width="{width:.0f}" height="{height}" '
        f'viewBox="0 0 {width:.0f} {height}" aria-label="{escape(title)}"><title>{escape(title)}</title>'
        f'<style>{STYLE}{RED}</style><rect class="paper" width="100%" height="100%"/>'
    ]
    step = next((each for each in STEPS if each * view.px_per_ck >= 36), STEPS[-1])
    for ck in range(first + -first % step, last + 1, step):
        parts.append(f'<line class="grid" x1="{view.x(ck)}" x2="{view.x(ck)}" y1="18" y2="{height - 4}"/>')
        parts.append(f'<text class="cycle" x="{view.x(ck)}" y="13">{ck}</text>')
    parts += refreshes(commands, view, dq, timing)
    for bank, top in tops.items():
        parts += bars(commands, bank, top, view, last, timing)
    parts += bursts(commands, dq, view, timing)
    for bank, top in tops.items():
        parts += ticks([command for command in commands if bank_of(command) in (bank, None)], top, view)
    parts += marks(broken, tops, view)
    names = [f'<g class="names"><rect class="paper" y="18" width="{LEFT - 6}" height="{height - 18}"/>']
    names += [f'<text class="name" x="{LEFT - 10}" y="{top + 27}">group {group} bank {bank}</text>'
              for (group, bank), top in tops.items()]
    names.append(f'<text class="name" x="{LEFT - 10}" y="{dq + 27}">DQ</text></g>')
    return "".join([*parts, *names, "</svg>\n"])


def bank_of(command: DramCommand) -> Bank | None:
    """The bank that a command names; None if it means all."""
    if command.op in ("PREab", "REFab", "RFMab"):
        return None
    return command.address.bank_group, command.address.bank


def burst_of(command: DramCommand, timing: HbmTiming) -> int | None:
    """The CK in which a column command's data begin on DQ; None of any other command."""
    if command.op not in COLUMN_COMMANDS:
        return None
    return command.cycle + timing.total("nCL" if command.op in READS else "nCWL")


def end(command: DramCommand, timing: HbmTiming) -> int:
    """The CK up to which a command shows."""
    burst = burst_of(command, timing)
    if burst is not None:
        return burst + timing.total("nBL")
    return command.cycle + {"ACT": timing.total("nRCDRD"), "REFab": timing.total("nRFCab")}.get(command.op, 4)


def bars(
    commands: Sequence[DramCommand], bank: Bank, top: int, view: View, last: int, timing: HbmTiming
) -> list[str]:
    """The rows that a bank has open, dark until they may be read."""
    parts: list[str] = []
    opened: DramCommand | None = None
    for command in [*commands, DramCommand(last + 1, "PREab")]:
        if bank_of(command) not in (bank, None):
            continue
        if opened is not None and command.op in ("PREpb", "PREab", "RDA", "WRA", "ACT"):
            words = f"row {opened.address.row}, CK {opened.cycle} to {command.cycle}"
            ready = min(command.cycle, opened.cycle + timing.total("nRCDRD"))
            parts += view.box("open", opened.cycle, command.cycle, top + 17, 13, words)
            parts += view.box("opening", opened.cycle, ready, top + 17, 13, words)
            opened = None
        if command.op == "ACT":
            opened = command
    return parts


def refreshes(commands: Sequence[DramCommand], view: View, bottom: int, timing: HbmTiming) -> list[str]:
    """A band over all banks for each of their refreshes."""
    parts: list[str] = []
    for command in commands:
        if command.op == "REFab":
            until = command.cycle + timing.total("nRFCab")
            words = f"REFab, CK {command.cycle} to {until}"
            parts += view.box("refresh", command.cycle, until, TOP, bottom - TOP, words)
    return parts


def bursts(commands: Sequence[DramCommand], top: int, view: View, timing: HbmTiming) -> list[str]:
    """What DQ carries."""
    parts: list[str] = []
    for command in commands:
        begin = burst_of(command, timing)
        if begin is not None:
            kind = "read-burst" if command.op in READS else "write-burst"
            words = f"data of the {command.op} in CK {command.cycle}"
            parts += view.box(kind, begin, begin + timing.total("nBL"), top + 17, 13, words)
    return parts


def ticks(commands: Sequence[DramCommand], top: int, view: View) -> list[str]:
    """A bank's commands; a name that would run into the one before it is left out."""
    parts: list[str] = []
    free = 0.0
    for command in commands:
        if command.cycle < view.first:
            continue
        x = view.x(command.cycle)
        kind = "command" if command.op not in COLUMN_COMMANDS else "read" if command.op in READS else "write"
        parts.append(f'<line class="{kind}" x1="{x}" x2="{x}" y1="{top + 14}" y2="{top + 31}">'
                     f"<title>CK {command.cycle}: {command.op}</title></line>")
        name = NAMES.get(command.op, command.op)
        if x >= free:
            parts.append(f'<text class="small" x="{x - 1:.1f}" y="{top + 11}">{name}</text>')
            free = x + CHARACTER * len(name) + 3
    return parts


def marks(broken: Sequence[Violation], tops: dict[Bank, int], view: View) -> list[str]:
    """Each command that breaks a rule in red, and of the first such rule the way from the command it counts from."""
    parts: list[str] = []
    for number, violation in enumerate(broken):
        x, top = view.x(violation.second.cycle), tops.get(bank_of(violation.second), TOP)
        parts.append(f'<line class="late" x1="{x}" x2="{x}" y1="{top + 12}" y2="{top + 33}"/>')
        if number or violation.first is None or violation.gap is None:
            continue
        begin, above = view.x(violation.first.cycle), tops.get(bank_of(violation.first), TOP)
        parts.append(f'<path class="late" d="M{begin} {above + 33} L{x} {top + 33}"/>')
        words = f"{violation.gap}, not {violation.required}"
        parts.append(f'<text class="late-words small" x="{x + 4:.1f}" y="{top + 43}">{words}</text>')
    return parts
