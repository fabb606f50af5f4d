"""What a line that nobody wrote reads as: a hash of its address, and what kind of line that makes it.

    address 22..20    6, 7, 0, 1    elements: any bits             a load that begins at 6 or 7 may wrap past the end
                      2, 3          scales: near 1, a few extreme
                      4, 5          results: `tile_content.py` keeps what was stored there; before that, any bits

Chapter: down to Verilog.
"""

from myhdl import ConcatSignal, always_comb, block

from hdl.bundle import ADDRESS_BITS, LINE_BITS, wire

PIECE_BITS = 16  # of a hash: two products of 31 bits give as many
PIECES = LINE_BITS // PIECE_BITS
LOW_BITS = 12  # of an address: it is taken in two parts
LOW_FACTORS = tuple((40503 * (2 * piece + 1) | 1) & 0xFFFF for piece in range(PIECES))
HIGH_FACTORS = tuple((60493 * (2 * piece + 3) | 1) & 0xFFFF for piece in range(PIECES))
OFFSETS = tuple((12345 + 7919 * piece) & 0xFFFF for piece in range(PIECES))
MIXER = 27655
FOLD, SPLIT, CUT = 13, 15, 8  # places by which a sum is moved: XORed in, parted for the second product, cut

REGION_LSB = 20
RESULTS = 4  # address 22..20 of the first of two regions of results
SCALES = 2
ELEMENTS = 6
SCALE_LOW = 0x78  # usual scales are 2**-7 .. 2**8
EXTREME = 0x2D  # bits 15..9 of a piece whose upper scale is one of these
EXTREMES = (0xFF, 0x00, 0xFE, 0x01)  # NaN, the least, the greatest, nearly the least


@block
def operand_hash(address, line):
    """The line of an address, at once.

    address : 23 bits in
    line    : 256 bits out
    """
    pieces = [wire(PIECE_BITS) for _ in range(PIECES)]
    hashes = [piece_hash(address, pieces[index], index) for index in range(PIECES)]
    joined = ConcatSignal(*reversed(pieces))

    @always_comb
    def join():
        line.next = joined

    return hashes, join


@block
def piece_hash(address, piece, index):
    """Bits 16 index .. 16 index + 15 of it: two elements' bytes, or the scales of two rows."""
    low_factor, high_factor, offset = LOW_FACTORS[index], HIGH_FACTORS[index], OFFSETS[index]

    @always_comb
    def mix():
        place = 0
        bits = 0
        upper = 0
        place = int(address)
        bits = (place & ((1 << LOW_BITS) - 1)) * low_factor + (place >> LOW_BITS) * high_factor + offset
        bits = bits ^ (bits >> FOLD)
        bits = (bits & ((1 << SPLIT) - 1)) * MIXER + (bits >> SPLIT)
        bits = (bits >> CUT) & 0xFFFF
        if (place >> (REGION_LSB + 1)) == SCALES // 2:
            upper = SCALE_LOW + ((bits >> 4) & 15)
            if (bits >> 9) == EXTREME:
                upper = EXTREMES[(bits >> 7) & 3]
            bits = (upper << 8) | (SCALE_LOW + (bits & 15))
        piece.next = bits

    return mix


assert ADDRESS_BITS == REGION_LSB + 3, "a region is an eighth of the address space"
