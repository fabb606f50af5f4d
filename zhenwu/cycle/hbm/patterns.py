"""Traffic that reaches the corners of a memory controller: each pattern is a name, a sentence and a few lines."""

from collections.abc import Callable
from random import Random

from zhenwu.cycle.hbm.traffic import Access
from zhenwu.golden.hbm.address_map import FIELD_BITS, LINES, line_address
from zhenwu.spec.hbm3 import HBM3_GEOMETRY, DramAddress

LINE_BITS = 8 * int(HBM3_GEOMETRY.line_bytes)
IDS = 16
GROUPS, BANKS, ROWS, COLUMNS = (1 << FIELD_BITS[name] for name in ("bank_group", "bank", "row", "column"))


def line(group: int, bank: int, row: int, column: int) -> int:
    """A line by its place, under the map RoBaCoBg."""
    return line_address(DramAddress(bank_group=group, bank=bank, row=row, column=column), "RoBaCoBg")


def stream(random: Random, index: int) -> tuple[bool, int]:
    """Reads of one line after the other."""
    return False, index % LINES


def triad(random: Random, index: int) -> tuple[bool, int]:
    """Two streams read and one written, far apart, a line each in turn."""
    step, array = divmod(index, 3)
    return array == 2, (array * (LINES // 4 + 144) + step) % LINES


def few_rows(random: Random, index: int) -> tuple[bool, int]:
    """Anywhere in two rows of each bank, a third of it writes: hits, conflicts and turns all mixed."""
    place = line(random.randrange(GROUPS), random.randrange(BANKS), random.randrange(2), random.randrange(COLUMNS))
    return random.random() < 1 / 3, place


def everywhere(random: Random, index: int) -> tuple[bool, int]:
    """Anywhere at all: every access opens a row."""
    return random.random() < 1 / 3, random.randrange(LINES)


def random_reads(random: Random, index: int) -> tuple[bool, int]:
    """Reads of anywhere at all."""
    return False, random.randrange(LINES)


def one_group(random: Random, index: int) -> tuple[bool, int]:
    """The four banks of one bank group, mostly hits: the long gaps between column commands bind."""
    row = index // 60 % 3 if random.random() < 0.9 else random.randrange(3)
    return index // 40 % 2 == 1, line(2, random.randrange(BANKS), row, random.randrange(COLUMNS))


def one_bank(random: Random, index: int) -> tuple[bool, int]:
    """A new row of one bank each time, reads and writes in turn for a while each."""
    return index // 20 % 2 == 1, line(1, 3, index % ROWS, index % COLUMNS)


def bursts(random: Random, index: int) -> tuple[bool, int]:
    """Runs of neighbouring lines at random places, every fourth run written."""
    run, step = divmod(index, 32)
    base = Random(f"{run}").randrange(LINES // 128) * 128
    return run % 4 == 3, (base + step) % LINES


def hot_lines(random: Random, index: int) -> tuple[bool, int]:
    """Half a dozen lines over and over: forwarding, and writes that must wait for reads."""
    return random.random() < 0.5, line(random.randrange(2), 0, 5, random.randrange(3))


def read_back(random: Random, index: int) -> tuple[bool, int]:
    """Every line is written, then read at once: all reads are forwarded."""
    return index % 2 == 0, line(index // 2 % GROUPS, 1, 3, index // 2 // GROUPS % COLUMNS)


def update(random: Random, index: int) -> tuple[bool, int]:
    """Every line is read, then written at once: all writes wait for a read."""
    return index % 2 == 1, line(index // 2 % GROUPS, 2, 4, index // 2 // GROUPS % COLUMNS)


def turns(random: Random, index: int) -> tuple[bool, int]:
    """Pairs of a write and a read in one bank group, then in two: DQ turns round all the time."""
    group = 1 if index // 24 % 2 else random.randrange(GROUPS)
    return index // 6 % 2 == 0, line(group, random.randrange(2), random.randrange(2), random.randrange(COLUMNS))


def row_flood(random: Random, index: int) -> tuple[bool, int]:
    """Hits of one row without end, and now and then somebody who wants another row of that bank, or to write."""
    if random.random() < 0.02:
        return random.random() < 0.5, line(0, 0, random.randrange(1, 9), random.randrange(COLUMNS))
    return False, line(0, 0, 0, random.randrange(COLUMNS))


PATTERNS: dict[str, Callable[[Random, int], tuple[bool, int]]] = {
    make.__name__: make
    for make in (
        stream, triad, few_rows, everywhere, random_reads, one_group, one_bank, bursts, hot_lines, read_back, update,
        turns, row_flood,
    )
}


def accesses(name: str, count: int, seed: int) -> list[Access]:
    """`count` accesses of the pattern; writes carry random lines, ids are random. ValueError for an unknown name."""
    if name not in PATTERNS:
        raise ValueError(f"pattern {name!r}: expected one of {', '.join(PATTERNS)}")
    random = Random(f"{name}/{seed}")
    made = []
    for index in range(count):
        write, place = PATTERNS[name](random, index)
        made.append(Access(write, place, random.getrandbits(LINE_BITS) if write else 0, random.randrange(IDS)))
    return made
