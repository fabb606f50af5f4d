"""Made-up sessions inside a chapter: pictures of how near they are, and their reads."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from zhenwu.agent.compare import HELD, Line
from zhenwu.agent.quantiles import COMPACTED
from zhenwu.agent.traces import Trace
from zhenwu.chapter.figure import BLUE, GREEN, MUTED, RED, SAND
from zhenwu.chapter.kv_reads import SEED, Manner
from zhenwu.cycle.hbm.controller import Controller
from zhenwu.cycle.hbm.kv_read import beginnings
from zhenwu.cycle.hbm.traffic import Access, run
from zhenwu.golden.hbm.address_map import address_map
from zhenwu.golden.hbm.bound import counted_bound
from zhenwu.spec.chips import GROUP
from zhenwu.spec.hbm_controller import CONTROLLER
from zhenwu.spec.kv_cache import PAGE, page_lines
from zhenwu.spec.models import STAND_IN

if TYPE_CHECKING:
    from matplotlib.axes import Axes

RUN = 8  # lines that lie side by side in the reads
COLOURS = (BLUE, SAND, RED, GREEN)


def ratio_dots(place: "Axes", lines: Sequence[Line]) -> None:
    """A row a quantity: a dot for each of HELD, a cross for the last percentile, and a band of a tenth round 1."""
    for row, line in enumerate(lines):
        place.plot(line.ratios[: len(HELD)], [row] * len(HELD), "o", ms=4, color=BLUE)
        place.plot(line.ratios[len(HELD)], row, "x", color=RED)
    place.axvspan(0.9, 1.1, color=MUTED, alpha=0.25)
    _name_rows(place, [line.name for line in lines], 0)


def bars(place: "Axes", names: Sequence[str], groups: Mapping[str, Sequence[float]]) -> None:
    """For each name a bar of each group, side by side."""
    width = 0.8 / len(groups)
    for group, (values, colour) in enumerate(zip(groups.values(), COLOURS, strict=False)):
        place.barh(np.arange(len(names)) + group * width, list(values), width, color=colour, label=list(groups)[group])
    _name_rows(place, names, 0.4 - width / 2)


def _name_rows(place: "Axes", names: Sequence[str], shift: float) -> None:
    place.set(yticks=np.arange(len(names)) + shift, yticklabels=names)
    place.invert_yaxis()


def contexts(trace: Trace, turns: int, compactions: int) -> list[list[float]]:
    """The contexts of the sessions with at least so many turns and just so many compactions."""
    found = [trace.in_tokens[part] for part in trace.slices() if part.stop - part.start >= turns]
    return [each.tolist() for each in found if (each[1:] < COMPACTED * each[:-1]).sum() == compactions]


def read_of(context: float) -> Manner:
    """The read of one layer's keys and values of so many tokens, on one pseudo-channel of a group, in short runs."""
    lines = context * page_lines(STAND_IN).value / PAGE.value / GROUP.value
    return Manner(RUN * max(1, round(lines / RUN)), RUN, {"refresh_enable": False})


def banks_in_turn(read: Manner) -> int:
    """The CK of so many runs on the cycle model if they take turns among the sets of banks, and none meets the next.

    RuntimeError if a rule was broken or a line was wrong.
    """
    runs = -(-read.lines // read.run)
    sets: dict[tuple, list[int]] = {}
    for begin in beginnings(8 * runs, read.run, SEED):  # more than are needed, so that no set runs out
        sets.setdefault(_banks(begin, read.run), []).append(begin)
    turns = [begin for each in zip(*sets.values(), strict=False) for begin in each][:runs]
    found = run([Access(False, begin + step) for begin in turns for step in range(read.run)], Controller(**read.sizes))
    if found.faults:
        raise RuntimeError(found.faults[0])
    return counted_bound((command.cycle, command.op) for command in found.referee.commands).took


def _banks(begin: int, lines: int) -> tuple:
    places = (address_map(begin + step, str(CONTROLLER.address_map.value)) for step in range(lines))
    return tuple(sorted({(place.bank_group, place.bank) for place in places}))
