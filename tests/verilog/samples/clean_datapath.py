"""Near the traps, and right: nothing may be found here."""

from myhdl import Signal, always_comb, block, intbv

TRAPS = set()


ROM = (0, 1, -2, 3)


def ports():
    return {
        "a": Signal(intbv(0)[32:]),
        "b": Signal(intbv(0)[4:]),
        "c": Signal(intbv(0, min=-8, max=8)),
        "y": Signal(intbv(0)[8:]),
        "z": Signal(intbv(0)[32:]),
        "below": Signal(bool(0)),
        "nibbles": Signal(intbv(0)[8:]),
    }


@block
def sample(a, b, c, y, z, below, nibbles):
    picked = [Signal(intbv(word)[8:]) for word in range(64)]

    @always_comb
    def compute():
        bank = 0
        slot = 0
        entry = 0
        total = 0
        high = 0
        low = 0
        distance = 0
        bank = int(a) & 3
        slot = int(b)
        high = int(a >> 23)
        low = int(a & 0x7FFFFF)
        for i in range(4):
            entry = ROM[(low >> (2 * i)) & 3]
            total = total + entry * (i + 1)
        distance = total - slot
        if distance < 0:
            distance = -distance
        y.next = picked[(bank << 4) | slot]
        z.next = (high << 23) | (low ^ (distance >> 1))
        below.next = distance < slot

    @always_comb
    def swap():
        for i in range(4):
            nibbles.next[i] = b[3 - i]
        nibbles.next[8:4] = b

    return compute, swap
