"""Exercises of the chapter "Down to Verilog"."""

import random
from collections.abc import Sequence

from hdl.harness.signature import SIGNATURE_BITS
from zhenwu.cosim.harness.signature import advanced, next_signature
from zhenwu.exercises.exercise import Exercise
from zhenwu.exercises.played import live_exercise, planted, seeds

WORDS = 3  # of the pins in a case


def as_index(a: int, a_bits: int, b: int, b_bits: int, shift: int) -> int:
    """`(a << shift) | b` where Verilog computes it as wide as its wider operand, as in an index."""
    return a << shift & (1 << max(a_bits, b_bits)) - 1 | b


def indices(rng: random.Random, count: int = 20) -> list[tuple[int, int, int, int, int]]:
    """Operands of both orders of width; some shifts lose nothing, some a part, some all."""
    cases = []
    for _ in range(count):
        a_bits, b_bits = rng.randint(1, 8), rng.randint(1, 8)
        a, b = rng.randrange(1 << a_bits - 1, 1 << a_bits), rng.randrange(1 << b_bits)
        cases.append((a, a_bits, b, b_bits, rng.randint(0, 9)))
    return cases


def steps(rng: random.Random, count: int = 20) -> list[tuple[int, int]]:
    """A signature, its highest bit set or not, and pins of some words, of which some are all low."""
    cases = []
    for turn in range(count):
        value = rng.getrandbits(SIGNATURE_BITS - 1) | turn % 2 << SIGNATURE_BITS - 1
        cases.append((value, rng.getrandbits(SIGNATURE_BITS * WORDS) if turn % 5 else 0))
    return cases


def hiding(bits: Sequence[int]) -> int:
    """What must be wrong in the next cycle so that wrong `bits` of this one leave no trace."""
    return advanced(sum(1 << bit for bit in bits))


def wrong_bits(rng: random.Random) -> list[tuple[list[int]]]:
    """One or more bits of the XOR of a cycle's words, with its highest and without."""
    last = SIGNATURE_BITS - 1
    several = [rng.sample(range(SIGNATURE_BITS), rng.randint(1, 4)) for _ in range(12)]
    return [(each,) for each in ([last], [0, last], [last - 1], *several)]


EXERCISES = (
    live_exercise(
        "signature_bug", "Find the bug in the signature", "signature_bug", "signature",
        "where does the bit that leaves the register come back?",
        planted("hdl/harness/signature.py", ("^ total ^ TAPS", "^ total")), seeds,
    ),
    Exercise(
        "ex-index", "What an index loses", "as_index", as_index,
        shown=[(3, 2, 5, 4, 4), (3, 2, 5, 4, 2), (9, 4, 1, 2, 1)], hidden=indices,
        hint="how many bits has the wider of the two operands, and what becomes of the bits of a beyond them?",
    ),
    Exercise(
        "ex-step", "One step of a signature", "step", next_signature,
        shown=[(1, 0), (1 << SIGNATURE_BITS - 1, 0), (5, 1 << SIGNATURE_BITS | 1)], hidden=steps,
        hint="what leaves at the top comes back in four places, and each word of the pins counts once",
    ),
    Exercise(
        "ex-hidden", "Two wrongs that make a right", "hiding", hiding,
        shown=[([0],), ([SIGNATURE_BITS - 1],)], hidden=wrong_bits,
        hint="how far has the first error moved by the next cycle, and into how many bits has it spread?",
    ),
)
