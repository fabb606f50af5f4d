"""The words of `hdl/harness/tile_pins.py`, turned and XORed, in plain Python."""

from hdl.harness.signature import SIGNATURE_BITS
from hdl.harness.tile_pins import HOST_WORDS
from zhenwu.cosim.harness.signature import WORD, turned
from zhenwu.cosim.harness.tile_host import TileHost
from zhenwu.cycle.tile.counters import Counters
from zhenwu.cycle.tile.tile import Tile

STATUS, LENGTH, CODE, COUNTS = 1, 2, 3, 7  # the turns of the first words
COUNTED = ("busy", "starved", "blocked", "draining", "conflicts")
FLAGS, CMD, WDATA, RDATA = (HOST_WORDS + word for word in (0, 1, 2, 10))


def by(value: int, turn: int) -> int:
    """A word turned left by `turn` bits."""
    return (value << turn | value >> SIGNATURE_BITS - turn) & WORD


def folded_words(bits: int, words: int, turn: int) -> int:
    """The words of a payload, word k turned left by `turn` + k, XORed."""
    total = 0
    for word in reversed(range(words)):
        total = turned(total) ^ bits >> SIGNATURE_BITS * word & WORD
    return by(total, turn)


def counts(counters: Counters) -> dict[str, int]:
    """The tile's counters, in the order of their words."""
    shown = counters.cycles | {"conflicts": counters.conflicts}
    return {name: shown[name] for name in COUNTED}


def folded_host(host: TileHost, tile: Tile) -> int:
    """The pins between host and tile."""
    sequencer = tile.sequencer
    fold = host.start << 3 ^ sequencer.done << 2 ^ sequencer.ready << 1 ^ by(sequencer.status, STATUS)
    for word, count in enumerate(counts(tile.counters).values()):
        fold ^= by(count, COUNTS + word)
    if host.code is None:
        return fold ^ by(host.length << 16, LENGTH)
    index, word = host.code
    return fold ^ 1 ^ by(host.length << 16 | index, LENGTH) ^ folded_words(word, 4, CODE)


def folded_port(
    cmd: tuple[bool, int] | None, cmd_ready: bool, wdata: int | None, wdata_ready: bool,
    rdata: tuple[int, bool] | None, rdata_ready: bool,
) -> int:
    """The pins of a MemoryPort all of whose ids are 0: `cmd` is (write, line address), `rdata` (line, error)."""
    flags = cmd_ready | wdata_ready << 2 | rdata_ready << 4
    fold = 0
    if cmd is not None:
        flags |= 1 << 1
        fold ^= by(cmd[1] | cmd[0] << 27, CMD)
    if wdata is not None:
        flags |= 1 << 3
        fold ^= folded_words(wdata, 8, WDATA)
    if rdata is not None:
        flags |= 1 << 5 | rdata[1] << 6
        fold ^= folded_words(rdata[0], 8, RDATA)
    return fold ^ by(flags, FLAGS)
