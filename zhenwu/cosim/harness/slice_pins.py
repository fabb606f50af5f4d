"""The words of `hdl/harness/slice_pins.py`, turned and XORed, in plain Python."""

from hdl.harness.slice_pins import BANK_GROUP_LSB, LAST_LSB
from hdl.harness.tile_pins import HOST_WORDS
from zhenwu.cosim.harness.signature import SIGNATURE_BITS
from zhenwu.cosim.harness.tile_pins import by, folded_words
from zhenwu.cycle.hbm.commands import Commands
from zhenwu.cycle.hbm.dq_path import DqPath
from zhenwu.spec.hbm3 import ACT, NOP, PREPB

RISE, FALL, COLUMN, WRITE, READ = (HOST_WORDS + word for word in (0, 1, 2, 3, 7))
DRIVE = 1 << SIGNATURE_BITS - 2
HALF_WORDS = 4


def folded_memory(pins: Commands, dq: DqPath, read: int) -> int:
    """The pins of command bus and DQ; a bank, counted through, has its group in the lowest bits, as the pins do."""
    rise, fall, column = pins.rise, pins.fall, pins.column
    if rise == ACT:
        rise |= pins.rise_bank << BANK_GROUP_LSB | pins.row << LAST_LSB
    if fall == PREPB:
        fall |= pins.fall_bank << BANK_GROUP_LSB
    if column != NOP:
        column |= pins.column_bank << BANK_GROUP_LSB | pins.column_number << LAST_LSB
    fold = 0
    if dq.drive:
        column |= DRIVE
        fold = folded_words(dq.write, HALF_WORDS, WRITE)
    if read:
        fold ^= folded_words(read, HALF_WORDS, READ)
    return fold ^ by(rise, RISE) ^ by(fall, FALL) ^ by(column, COLUMN)
