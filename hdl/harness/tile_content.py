"""What a memory of 2**23 lines holds, in the space of 512: results that were stored, and a hash elsewhere.

Only the two regions of results (`operand_hash.py`) can be written. A line in them shares its place with all lines of
the same region whose low bits are the same: the last one written is what they all read.
"""

from myhdl import Signal, always, always_comb, block, intbv

from hdl.bundle import ADDRESS_BITS, LINE_BITS, wire
from hdl.harness.operand_hash import REGION_LSB, RESULTS, operand_hash

PLACE_BITS = 8  # of a region of results
PLACES = 2 << PLACE_BITS


@block
def tile_content(clk, wipe, write, write_address, write_data, read, read_address, data):
    """Keep lines, and read them.

    wipe                : 1 bit in, forget all that was written
    write               : 1 bit in, store a line now
    write_address       : 23 bits in, in a region of results
    write_data          : 256 bits in
    read, read_address  : 1 bit and 23 bits in, read a line now
    data                : 256 bits out, what was read last; after the next edge

    A read sees what was written at an earlier edge. Nothing is reset: a memory's content outlives that.
    """
    lines = [wire(LINE_BITS) for _ in range(PLACES)]
    written = Signal(intbv(0)[PLACES:])
    address = wire(ADDRESS_BITS)
    found = wire(1)
    kept, hashed = wire(LINE_BITS), wire(LINE_BITS)
    fresh = operand_hash(address, hashed)

    @always(clk.posedge)
    def remember():
        place = 0
        if write:
            place = int(write_address)
            place = ((place >> REGION_LSB) & 1) * (1 << PLACE_BITS) + (place & ((1 << PLACE_BITS) - 1))
            lines[place].next = write_data

    @always(clk.posedge)
    def mark():
        place = 0
        place = int(write_address)
        place = ((place >> REGION_LSB) & 1) * (1 << PLACE_BITS) + (place & ((1 << PLACE_BITS) - 1))
        if wipe:
            written.next = 0
        elif write:
            written.next[place] = True

    @always(clk.posedge)
    def fetch():
        place = 0
        region = 0
        if read:
            place = int(read_address)
            region = place >> REGION_LSB
            place = (region & 1) * (1 << PLACE_BITS) + (place & ((1 << PLACE_BITS) - 1))
            address.next = read_address
            kept.next = lines[place]
            found.next = (region >> 1) == RESULTS // 2 and written[place]

    @always_comb
    def choose():
        if found:
            data.next = kept
        else:
            data.next = hashed

    return fresh, remember, mark, fetch, choose
