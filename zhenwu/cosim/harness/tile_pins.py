"""The words of `hdl/harness/tile_pins.py`, turned and XORed, in plain Python."""

from hdl.harness.signature import SIGNATURE_BITS
from hdl.harness.tile_pins import HOST_WORDS
from zhenwu.cosim.harness.signature import WORD, turned
from zhenwu.cosim.harness.tile_host import TileHost

STATUS, LENGTH, CODE = 1, 2, 3  # the turns of the first words
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


def folded_host(host: TileHost, code_ready: bool, done: bool, status: int) -> int:
    """The pins between host and tile."""
    fold = host.start << 3 ^ done << 2 ^ code_ready << 1 ^ by(status, STATUS)
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
