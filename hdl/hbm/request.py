"""A request as one word: where its line lies in the memory, and which slot holds the line on this side.

    bits 0..3   bank, counted over all bank groups, the group in the lowest bits
    bits 4..8   column
    bits 9..22  row
    bits 23..   slot: of the return buffer for a read, of the write buffer for a write

The word has less than 32 bits, so that a process can take it apart as an int. The bits below the slot tell lines apart.
"""

from hdl.bundle import BANK_BITS, BANK_GROUP_BITS, COLUMN_BITS, ROW_BITS
from zhenwu.spec.hbm_controller import SLOTS

BANKS = 1 << (BANK_GROUP_BITS + BANK_BITS)
BANK_GROUPS = 1 << BANK_GROUP_BITS
COLUMN_LSB = BANK_GROUP_BITS + BANK_BITS
ROW_LSB = COLUMN_LSB + COLUMN_BITS
SLOT_LSB = ROW_LSB + ROW_BITS
SLOT_BITS = (SLOTS - 1).bit_length()
REQUEST_BITS = SLOT_LSB + SLOT_BITS

COLUMNS, ROWS, PLACES = 1 << COLUMN_BITS, 1 << ROW_BITS, 1 << SLOT_LSB
BANK_MASK, BANK_GROUP_MASK, COLUMN_MASK, ROW_MASK, PLACE_MASK = (
    size - 1 for size in (BANKS, BANK_GROUPS, COLUMNS, ROWS, PLACES)
)
