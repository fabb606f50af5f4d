"""Cosimulation of the address map: every field of random lines, and of all lines that differ in one bit."""

from random import Random

from hdl.bundle import ADDRESS_BITS
from hdl.hbm.address_map import WIDTHS, address_map, ports
from zhenwu.cosim.combinational import check_combinational
from zhenwu.cosim.evidence import Evidence, merge
from zhenwu.golden.hbm.address_map import address_map as golden
from zhenwu.spec.hbm_controller import ADDRESS_MAPS

ORACLE = "golden address_map"
NOT_CHECKED = "most of the 2**23 lines; but every bit alone"
BINS = {
    "cp_neighbours": "the next line, which a stream reads next, goes where the map says",
    "cp_last_line": "the highest line of the memory",
    "cp_one_bit": "each address bit alone reaches one bit of one field",
}


def run(seed: int, quick: bool = False) -> Evidence:
    """Both maps."""
    random = Random(seed)
    lines = [0, 1, (1 << ADDRESS_BITS) - 1, *(1 << bit for bit in range(ADDRESS_BITS))]
    lines += [random.getrandbits(ADDRESS_BITS) for _ in range(100 if quick else 1000)]
    bins = {
        "cp_neighbours": sum(after == before + 1 for before, after in zip(lines, lines[1:], strict=False)),
        "cp_last_line": lines.count((1 << ADDRESS_BITS) - 1),
        "cp_one_bit": sum(line.bit_count() == 1 for line in lines),
    }
    return merge("address_map", *(check_map(name, lines, bins, seed) for name in ADDRESS_MAPS))


def check_map(name: str, lines: list[int], bins: dict[str, int], seed: int) -> Evidence:
    """One map."""
    places = [golden(line, name) for line in lines]
    return check_combinational(
        address_map, ports, inputs={"line_address": lines},
        outputs={field: [getattr(place, field) for place in places] for field in WIDTHS},
        bins=bins, planned=BINS, oracle=ORACLE, not_checked=NOT_CHECKED, seed=seed, parameters={"map_name": name},
    )
