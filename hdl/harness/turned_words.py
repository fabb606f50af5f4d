"""Words of 32 bits, each turned by another number of bits: two that changed places would else leave no trace.

The signature XORs all words of a cycle. Chapter: down to Verilog.
"""

from collections.abc import Iterator

from hdl.harness.signature import SIGNATURE_BITS


def turned_words(pins, first_turn: int) -> Iterator:
    """The parts of a signal of 32-bit words, the highest first, word k turned left by `first_turn` + k bits."""
    for word in reversed(range(len(pins) // SIGNATURE_BITS)):
        low, high = SIGNATURE_BITS * word, SIGNATURE_BITS * (word + 1)
        cut = high - (first_turn + word) % SIGNATURE_BITS
        yield part(pins, cut, low)
        if cut != high:
            yield part(pins, high, cut)


def part(signal, high: int, low: int):
    """Bits low .. high - 1: MyHDL slices a single bit in its own way."""
    return signal(low) if high == low + 1 else signal(high, low)
