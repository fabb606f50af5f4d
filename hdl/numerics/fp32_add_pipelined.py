"""The float32 adder, cut into as many stages as its latency says. Chapter: a dot product that is exact.

         x, y
    ┌──────┴────────┐
    │ alignment     │   order by size; >> the smaller one by the difference of the exponents
    └──────┬────────┘
          [1]  head, significand, aligned
    ┌──────┴────────┐
    │ addition      │   + or -, never negative
    └──────┬────────┘
          [2]  head, significand
    ┌──────┴────────┐
    │ normalisation │   >> 1 after a carry; << past leading zeros, as far as there is room
    └──────┬────────┘
          [3]  head, significand
    ┌──────┴────────┐
    │ rounding      │   guard, round and sticky decide; pack
    └──────┬────────┘
         total

A place in brackets is a row of registers where CUTS has it for the latency, and wires otherwise. A head is `room` with
the flags above it, in one signal because each costs simulation time. Room is the exponent less 1: so many places may
the leading one move left. Only NaN needs a flag of its own: infinity has the largest room, and nothing is added to it;
an exact zero is a sum of 0 without room.

The steps are those of `fp32_add`, but for two in `alignment`, which would be the slowest stage by far: both differences
of the exponents are there before the comparison has chosen one, and what the shift drops is found beside it, not by
shifting back.
"""

from myhdl import Signal, always, always_comb, block

from hdl.bundle import wire
from hdl.numerics.fp32_add import (
    FRACTION,
    FRACTION_BITS,
    HALF,
    INFINITY,
    INFINITY_EXPONENT,
    LEADING_BIT,
    MAGNITUDE,
    ROUNDING,
    SIGN,
    fp32_add,
)
from zhenwu.spec.formats import CANONICAL_NAN

SIGNIFICAND_BITS = LEADING_BIT + 1  # with guard, round and sticky
SUM_BITS = SIGNIFICAND_BITS + 1  # and a carry
ROOM = 0xFF  # of a head
NEGATIVE = 1 << 8
NAN = 1 << 9  # the total is NaN, whatever else stands in the head
SUBTRACT = 1 << 10  # at place 1 only
REACH = SIGNIFICAND_BITS  # a shift by so many places drops all bits
LOST = tuple((1 << places) - 1 for places in range(REACH + 1))  # the bits that a shift drops
# The places with registers, by latency. The stages are some 24, 13, 23 and 8 levels of gates deep.
CUTS = {2: (2,), 3: (1, 2), 4: (1, 2, 3)}


class Operands:
    """What crosses place 1: the larger operand's significand, and the smaller one's in its units."""

    def __init__(self):
        self.head = wire(11)
        self.significand = wire(FRACTION_BITS + 1)
        self.aligned = wire(SIGNIFICAND_BITS)


class Sum:
    """What crosses place 2, with one bit more for the carry, and place 3."""

    def __init__(self, bits: int):
        self.head = wire(10)
        self.significand = wire(bits)


def ports() -> dict:
    """Fresh ports."""
    return {"clk": wire(1), "x": wire(32), "y": wire(32), "total": wire(32)}


@block
def fp32_add_pipelined(clk, x, y, total, *, latency):
    """total = RNE_f32(x + y), bit for bit that of `fp32_add`.

    x, y    : 32 bits in, float32, a new pair in every cycle if need be
    total   : 32 bits out, float32, combinational behind the last registers
    latency : 1 is `fp32_add` itself; 2 to 4 put latency - 1 rows of registers inside

    The total of the operands of cycle c stands in cycle c + latency - 1. The registers have no reset: they hold data
    only, and whoever put operands in knows when their total is there.
    """
    assert latency in (1, *CUTS), f"latency is {latency}: the adder can be cut into 1 to {max(CUTS)} stages"
    if latency == 1:
        return fp32_add(x, y, total)
    cuts = CUTS[latency]
    ordered, added, normalised = Operands(), Sum(SUM_BITS), Sum(SIGNIFICAND_BITS)
    to_add = Operands() if 1 in cuts else ordered
    to_normalise = Sum(SUM_BITS) if 2 in cuts else added
    to_round = Sum(SIGNIFICAND_BITS) if 3 in cuts else normalised

    stages = [alignment(x, y, ordered), addition(to_add, added)]
    stages += [normalisation(to_normalise, normalised), rounding(to_round, total)]
    if 1 in cuts:
        stages.append(operands_register(clk, ordered, to_add))
    if 2 in cuts:
        stages.append(sum_register(clk, added, to_normalise))
    if 3 in cuts:
        stages.append(sum_register(clk, normalised, to_round))
    return stages


@block
def alignment(x: Signal, y: Signal, ordered: Operands):
    """The operands by size, the smaller one in the units of the larger; lost bits gather in sticky. Combinational."""

    @always_comb
    def align():
        x_negative = x >= SIGN
        y_negative = y >= SIGN
        subtract = x_negative != y_negative
        x_magnitude = int(x) & MAGNITUDE
        y_magnitude = int(y) & MAGNITUDE
        x_exponent = x_magnitude >> FRACTION_BITS
        y_exponent = y_magnitude >> FRACTION_BITS
        x_significand = x_magnitude & FRACTION
        y_significand = y_magnitude & FRACTION
        larger = 0
        smaller = 0
        negative = False
        exponent = 0
        significand = 0
        addend = 0
        distance = 0
        lost = 0
        head = 0
        if x_exponent == 0:
            x_exponent = 1
        else:
            x_significand = x_significand + (1 << FRACTION_BITS)
        if y_exponent == 0:
            y_exponent = 1
        else:
            y_significand = y_significand + (1 << FRACTION_BITS)

        # Two differences, so that neither waits for the comparison.
        if x_magnitude >= y_magnitude:
            larger = x_magnitude
            smaller = y_magnitude
            negative = x_negative
            exponent = x_exponent
            significand = x_significand
            addend = y_significand
            distance = x_exponent - y_exponent
        else:
            larger = y_magnitude
            smaller = x_magnitude
            negative = y_negative
            exponent = y_exponent
            significand = y_significand
            addend = x_significand
            distance = y_exponent - x_exponent

        # The table finds the bits to drop while the shifter works.
        addend = addend << 3
        if distance > REACH:
            distance = REACH
        lost = LOST[distance]
        lost = addend & lost
        addend = addend >> distance
        if lost != 0:
            addend = addend | 1

        if larger >= INFINITY:
            addend = 0
            if larger > INFINITY or (smaller == INFINITY and subtract):
                head = NAN
        elif larger == smaller and subtract:
            exponent = 1
            negative = False

        head = head + exponent - 1
        if negative:
            head = head + NEGATIVE
        if subtract:
            head = head + SUBTRACT
        ordered.head.next = head
        ordered.significand.next = significand
        ordered.aligned.next = addend

    return align


@block
def addition(operands: Operands, added: Sum):
    """The larger significand plus or minus the smaller one. Combinational."""

    @always_comb
    def add():
        head = int(operands.head)
        significand = int(operands.significand) << 3
        if head >= SUBTRACT:
            head = head - SUBTRACT
            significand = significand - int(operands.aligned)
        else:
            significand = significand + int(operands.aligned)
        added.head.next = head
        added.significand.next = significand

    return add


@block
def normalisation(added: Sum, normalised: Sum):
    """The leading one of the sum to its place, the exponent along with it. Combinational."""

    @always_comb
    def normalise():
        significand = int(added.significand)
        head = int(added.head)
        room = head & ROOM
        head = head - room
        if significand >= (1 << (LEADING_BIT + 1)):
            significand = (significand >> 1) | (significand & 1)
            room = room + 1
        else:
            if significand < (1 << (LEADING_BIT - 15)) and room >= 16:
                significand = significand << 16
                room = room - 16
            if significand < (1 << (LEADING_BIT - 7)) and room >= 8:
                significand = significand << 8
                room = room - 8
            if significand < (1 << (LEADING_BIT - 3)) and room >= 4:
                significand = significand << 4
                room = room - 4
            if significand < (1 << (LEADING_BIT - 1)) and room >= 2:
                significand = significand << 2
                room = room - 2
            if significand < (1 << LEADING_BIT) and room >= 1:
                significand = significand << 1
                room = room - 1
        normalised.head.next = head + room
        normalised.significand.next = significand

    return normalise


@block
def rounding(normalised: Sum, total: Signal):
    """To nearest, ties to even; infinity where the exponent is past the largest. Combinational."""

    @always_comb
    def pack():
        magnitude = 0
        head = int(normalised.head)
        room = head & ROOM
        significand = int(normalised.significand)
        rest = significand & ROUNDING
        significand = significand >> 3
        if rest > HALF or (rest == HALF and (significand & 1) == 1):
            significand = significand + 1
        if room >= INFINITY_EXPONENT - 1:
            magnitude = INFINITY
        else:
            magnitude = (room << FRACTION_BITS) + significand
        if head >= NAN:
            total.next = CANONICAL_NAN
        elif head >= NEGATIVE:
            total.next = SIGN | magnitude
        else:
            total.next = magnitude

    return pack


@block
def operands_register(clk: Signal, here: Operands, held: Operands):
    """A row of registers at place 1."""

    @always(clk.posedge)
    def hold():
        held.head.next = here.head
        held.significand.next = here.significand
        held.aligned.next = here.aligned

    return hold


@block
def sum_register(clk: Signal, here: Sum, held: Sum):
    """A row of registers at place 2 or 3."""

    @always(clk.posedge)
    def hold():
        held.head.next = here.head
        held.significand.next = here.significand

    return hold
