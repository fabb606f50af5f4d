"""Which bank group, bank, row and column a line lies in. Chapter: the controller and its limits."""

from zhenwu.spec.hbm3 import HBM3_GEOMETRY, DramAddress
from zhenwu.spec.hbm_controller import ADDRESS_MAPS

LINES = int(HBM3_GEOMETRY.lines)
FIELD_BITS = {
    "bank_group": (int(HBM3_GEOMETRY.bank_groups) - 1).bit_length(),
    "bank": (int(HBM3_GEOMETRY.banks) - 1).bit_length(),
    "row": (int(HBM3_GEOMETRY.rows) - 1).bit_length(),
    "column": (int(HBM3_GEOMETRY.columns) - 1).bit_length(),
}


def address_map(line_address: int, name: str) -> DramAddress:
    """The place of a line under the map `name` of ADDRESS_MAPS, exact.

    The fields lie side by side in the line address, the map's first one lowest. ValueError for a line beyond the
    memory or a map that is not there.
    """
    if name not in ADDRESS_MAPS:
        raise ValueError(f"address map {name!r}: expected one of {', '.join(ADDRESS_MAPS)}")
    if not 0 <= line_address < LINES:
        raise ValueError(f"line {line_address}: expected 0 .. {LINES - 1}")
    place = {}
    for field in ADDRESS_MAPS[name]:
        place[field] = line_address & (1 << FIELD_BITS[field]) - 1
        line_address >>= FIELD_BITS[field]
    return DramAddress(**place)


def line_address(place: DramAddress, name: str) -> int:
    """The line at a place: the inverse of `address_map`."""
    line = 0
    for field in reversed(ADDRESS_MAPS[name]):
        line = line << FIELD_BITS[field] | getattr(place, field)
    return line
