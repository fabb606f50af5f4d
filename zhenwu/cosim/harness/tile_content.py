"""What `hdl/harness/operand_hash.py` and `tile_content.py` compute, in plain Python: all pieces of a line at once.

The pieces stand side by side in one long int, in lanes of 32 bits that no product leaves.
"""

from hdl.harness.operand_hash import (
    CUT,
    EXTREME,
    EXTREMES,
    FOLD,
    HIGH_FACTORS,
    LOW_BITS,
    LOW_FACTORS,
    MIXER,
    OFFSETS,
    PIECES,
    REGION_LSB,
    RESULTS,
    SCALE_LOW,
    SCALES,
    SPLIT,
)
from hdl.harness.tile_content import PLACE_BITS, PLACES

LANE_BITS = 32
LANE_BYTES = LANE_BITS // 8


def lanes(values: tuple[int, ...]) -> int:
    """The values side by side, the first one lowest."""
    return sum(value << LANE_BITS * lane for lane, value in enumerate(values))


EVERY_LANE = lanes((1,) * PIECES)
LOW, HIGH, OFFSET = lanes(LOW_FACTORS), lanes(HIGH_FACTORS), lanes(OFFSETS)
LOW_MASK = (1 << LOW_BITS) - 1
FOLDED = EVERY_LANE * ((1 << LANE_BITS - FOLD) - 1)
LOWER = EVERY_LANE * ((1 << SPLIT) - 1)
UPPER = EVERY_LANE * ((1 << LANE_BITS - SPLIT) - 1)
RESULT_BIT, LANE_PLACES = 1 << REGION_LSB, (1 << PLACE_BITS) - 1


def operand_hash(address: int) -> int:
    """The line at an address that nobody wrote."""
    bits = (address & LOW_MASK) * LOW + (address >> LOW_BITS) * HIGH + OFFSET
    bits ^= bits >> FOLD & FOLDED
    bits = (bits & LOWER) * MIXER + (bits >> SPLIT & UPPER)
    whole = (bits >> CUT).to_bytes(LANE_BYTES * PIECES, "little")
    line = bytearray(2 * PIECES)
    line[0::2], line[1::2] = whole[0::LANE_BYTES], whole[1::LANE_BYTES]
    if address >> REGION_LSB + 1 == SCALES // 2:
        for place in range(0, 2 * PIECES, 2):
            low, high = line[place : place + 2]
            line[place] = SCALE_LOW + (low & 15)
            line[place + 1] = EXTREMES[(high << 8 | low) >> 7 & 3] if high >> 1 == EXTREME else SCALE_LOW + (low >> 4)
    return int.from_bytes(line, "little")


def is_result(address: int) -> bool:
    """Whether an address lies in a region of results."""
    return address >> REGION_LSB + 1 == RESULTS // 2


def place_of(address: int) -> int:
    """Where a line of a region of results is kept."""
    return (LANE_PLACES + 1 if address & RESULT_BIT else 0) + (address & LANE_PLACES)


class Content:
    """The memory: `lines` that were written, by place. Also what a `zhenwu.cycle.hbm.device.Device` keeps its lines in.
    """

    def __init__(self):
        self.lines: list[int | None] = [None] * PLACES

    def read(self, address: int) -> int:
        """The bits of a line."""
        kept = self.lines[place_of(address)] if is_result(address) else None
        return operand_hash(address) if kept is None else kept

    def write(self, address: int, line: int) -> None:
        """Store a line, as the hardware does: wherever the address points, its place is in a region of results."""
        self.lines[place_of(address)] = line
