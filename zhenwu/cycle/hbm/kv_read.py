"""How a decode step reads a session's keys and values on one pseudo-channel: runs of lines, each run somewhere else.

A KV cache grows while its session lives, so a server gives it memory page by page, wherever a page is free. A page's
lines lie side by side; what one pseudo-channel holds of it is a run. Chapter: what an agent asks of silicon.
"""

from random import Random

from zhenwu.cycle.hbm.traffic import Access
from zhenwu.golden.hbm.address_map import FIELD_BITS, LINES, address_map
from zhenwu.spec.hbm_controller import CONTROLLER


def kv_read(lines: int, run: int, seed: int) -> list[Access]:
    """Reads of `lines` lines in runs of `run` neighbours, the last one perhaps cut short; no run overlaps another.

    A run begins at a multiple of its length. ValueError if it does not divide the memory, or there is no room.
    """
    if run < 1 or LINES % run:
        raise ValueError(f"run = {run}: expected a power of two of lines, at most {LINES:,}")
    if not 1 <= lines <= LINES:
        raise ValueError(f"lines = {lines}: expected 1 .. {LINES:,}")
    begins = beginnings(-(-lines // run), run, seed)
    return [Access(False, begin + step) for begin in begins for step in range(run)][:lines]


def beginnings(count: int, run: int, seed: int) -> list[int]:
    """The lines at which so many runs begin, no two at the same."""
    return [run * place for place in Random(f"{run}/{seed}").sample(range(LINES // run), count)]


def lines_per_row(run: int) -> float:
    """Lines that a run finds in a row that it opened, on average, under the controller's address map."""
    name = str(CONTROLLER.address_map.value)
    places = [address_map(line, name) for line in range(min(run, 1 << sum(FIELD_BITS.values()) - FIELD_BITS["row"]))]
    return len(places) / len({(place.bank_group, place.bank, place.row) for place in places})
