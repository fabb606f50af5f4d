"""Where a line lies. Chapter: the controller and its limits."""

from myhdl import always_comb, block

from hdl.bundle import ADDRESS_BITS, BANK_BITS, BANK_GROUP_BITS, COLUMN_BITS, ROW_BITS, wire
from zhenwu.spec.hbm_controller import ADDRESS_MAPS

WIDTHS = {"bank_group": BANK_GROUP_BITS, "bank": BANK_BITS, "row": ROW_BITS, "column": COLUMN_BITS}


def ports() -> dict:
    """Fresh ports."""
    return {"line_address": wire(ADDRESS_BITS)} | {name: wire(width) for name, width in WIDTHS.items()}


@block
def address_map(line_address, bank_group, bank, row, column, *, map_name):
    """Cut a line address into its fields: wires, no logic.

    line_address             : 23 bits in
    bank_group, bank, row, column : 2, 2, 14 and 5 bits out
    map_name                 : in ADDRESS_MAPS, such as RoBaCoBg: the field read last is lowest
    """
    assert map_name in ADDRESS_MAPS, f"address map {map_name!r}: expected one of {', '.join(ADDRESS_MAPS)}"

    lsb, bit = {}, 0
    for part in ADDRESS_MAPS[map_name]:
        lsb[part] = bit
        bit += WIDTHS[part]
    group_lsb, bank_lsb, row_lsb, column_lsb = (lsb[part] for part in WIDTHS)
    group_mask, bank_mask, row_mask, column_mask = ((1 << width) - 1 for width in WIDTHS.values())

    @always_comb
    def cut():
        line = 0
        line = int(line_address)
        bank_group.next = (line >> group_lsb) & group_mask
        bank.next = (line >> bank_lsb) & bank_mask
        row.next = (line >> row_lsb) & row_mask
        column.next = (line >> column_lsb) & column_mask

    return cut
