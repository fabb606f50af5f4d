"""Cosimulation of the quantiser: blocks of every size, scale and kind, back to back and under stalls.

Words past the end of a block hold random bits, NaN and infinity among them: they must not count.
"""

from collections import Counter
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from hdl.bench.coverage import Coverage, watch
from hdl.bench.monitor import Transfer, monitor
from hdl.numerics.mx_quantise import mx_quantise, ports
from zhenwu.cosim.evidence import Evidence
from zhenwu.cosim.numerics.mx_dot import elements
from zhenwu.cosim.stream_bench import Bench, check_streams
from zhenwu.golden import numerics as golden
from zhenwu.golden.tile.layout import pack_codes
from zhenwu.spec.formats import BLOCK_SIZE, E2M1, E8M0_BIAS, E8M0_NAN, FLOAT32

BEAT_WORDS = 8
FRACTION_BITS = FLOAT32.mantissa_bits
SMALLEST_NORMAL = 1 << FRACTION_BITS
INFINITY = FLOAT32.largest_code + 1
NOT_FINITE = INFINITY >> FRACTION_BITS  # the exponent field of NaN and infinity
SIGN = 1 << FLOAT32.magnitude_bits
RECIPES = ("any", "zeros", "subnormals", "small", "large", "ties", "near ties", "wide", "nan", "infinity")
MIDPOINTS = np.array([0.25, 0.75, 1.25, 1.75, 2.5, 3.5, 5])  # between neighbouring E2M1 values

ORACLE = "golden mx_quantise, held to frexp and ml_dtypes"
NOT_CHECKED = "most of the values; sources that send a gap in a block or a fifth beat, which the block rules out"
BINS = {
    "cp_every_size": "hit once blocks of all sizes from 1 to 32 elements have come",
    "cp_whole": "32 elements in 4 beats",
    "cp_ragged": "a last beat that is not full: the codes past it are 0",
    "cp_short_full_beats": "8, 16 or 24 elements: ragged, though every beat is full",
    "cp_short_after_whole": "what the block before left behind must not count",
    "cp_larger_past_the_end": "a word past the end that would change the scale",
    "cp_not_finite_past_the_end": "a NaN or infinity past the end of a finite block",
    "cp_nan": "a NaN makes the whole block NaN, codes 0",
    "cp_infinity": "so does an infinity, if there is no NaN",
    "cp_not_finite_early": "only in beats before the last: remembered until the block closes",
    "cp_not_finite_last": "only in the very last element",
    "cp_zeros": "a block of zeros of both signs: scale 0, signs kept",
    "cp_subnormals": "the largest is subnormal: scale 0",
    "cp_clamped_scale": "the largest is normal, but its scale would be below 2**-127",
    "cp_smallest_scale": "scale 0 without a clamp",
    "cp_largest_scale": "scale 252, from the largest floats",
    "cp_largest_in_last_beat": "the scale is known only with the last beat",
    "cp_tie": "exactly between two codes: the even one",
    "cp_below_tie": "one ulp below: the lower one",
    "cp_above_tie": "one ulp above: the upper one, by the sticky bit alone",
    "cp_saturates": "between 7 and 8 scales, nearer to 8 than to 6: 6 all the same",
    "cp_underflow": "a positive element becomes zero",
    "cp_underflow_negative": "a negative one becomes the zero with the sign",
    "cp_far_below": "an element so small that nothing but the sticky bit is left of it",
    "cp_every_code": "hit once all 16 codes have come out",
    "cp_source_waits": "back-pressure reaches the source",
    "cp_output_waits": "a finished block waits, and must hold still",
    "cp_gap_in_block": "the source pauses inside a block",
    "cp_gather_and_encode": "the first beat of a block comes in the cycle in which the last one is encoded",
    "cp_output_replaced": "a block is offered in the cycle after the last one left",
}
# The largest exponent field of blocks whose scale is at a limit.
SCALE_LIMITS = {"cp_clamped_scale": 1, "cp_smallest_scale": E2M1.emax, "cp_largest_scale": NOT_FINITE - 1}


def run(seed: int, quick: bool = False) -> Evidence:
    """The same blocks under every stall profile, each size equally often."""
    rng = np.random.default_rng(seed)
    sizes = rng.permutation(np.tile(np.arange(1, BLOCK_SIZE + 1), 2 if quick else 12)).tolist()
    coverage = Coverage(BINS)
    items, expected = [], []
    offered = Counter()  # the bins of one pass over all blocks
    for index, size in enumerate(sizes):
        words = block_words(rng, size, index)
        codes, block_scale = golden.mx_quantise(words[:size].view(np.float32))
        items += beats(words, size)
        expected.append({"codes": int.from_bytes(pack_codes(codes).tobytes(), "little"), "scale": int(block_scale[0])})
        offered.update(situations(words, size, expected[-1]["scale"]))
        offered["cp_short_after_whole"] += index > 0 and size < sizes[index - 1] == BLOCK_SIZE
    offered["cp_every_size"] += len(set(sizes)) == BLOCK_SIZE
    offered["cp_every_code"] += len({digit for block in expected for digit in f"{block['codes']:x}"}) == 16

    def bench(stalls) -> Bench:
        for name, times in offered.items():
            coverage.hit(name, times)
        pins = ports()
        clk, rst, src, dst = pins.values()
        last_beat, last_block = [], []

        def took(beat: Transfer) -> None:
            coverage.hit("cp_gather_and_encode", last_beat == [beat.cycle - 1])
            last_beat[:] = [beat.cycle] if beat.payload["last"] else []

        def gave(block: Transfer) -> None:
            coverage.hit("cp_output_replaced", last_block == [block.cycle - 1])
            last_block[:] = [block.cycle]

        waits = {
            "cp_source_waits": lambda: src.valid and not src.ready,
            "cp_output_waits": lambda: dst.valid and not dst.ready,
            "cp_gap_in_block": lambda: not src.valid and src.ready and not last_beat,
        }
        extra = [monitor(clk, rst, src, took), monitor(clk, rst, dst, gave), watch(clk, rst, coverage, waits)]
        return Bench(mx_quantise(**pins), pins, {"src": items}, {"dst": expected}, extra)

    return check_streams(
        "mx_quantise", bench, seed=seed, coverage=coverage, budget_cycles=20_000, oracle=ORACLE,
        not_checked=NOT_CHECKED, numbers={"codes": elements, "scale": scale}, notes=("achieved, bound: beats a cycle",),
        achieved=lambda outcome: outcome.boards["src"].rate, bound=1.0,
    )


def block_words(rng: np.random.Generator, size: int, index: int) -> NDArray[np.uint32]:
    """Block `index`, by the recipes in turn: 32 words, the first `size` its elements and the others anything."""
    turn, recipe = divmod(index, len(RECIPES))
    recipe = RECIPES[recipe]
    words = rng.integers(0, SIGN, BLOCK_SIZE)
    words[rng.integers(0, 8, BLOCK_SIZE) == 0] |= INFINITY
    if recipe != "any":
        largest = {"subnormals": 0, "small": 1 + turn % 3, "large": NOT_FINITE - 1}.get(recipe, rng.integers(20, 250))
        binades = rng.integers(0, 60 if recipe == "wide" else 6, size)
        binades[size - 1 if recipe == "wide" else rng.integers(size)] = 0
        exponent = np.maximum(largest - binades, 0)
        words[:size] = exponent << FRACTION_BITS | rng.integers(0, SMALLEST_NORMAL, size)
    if recipe == "zeros":
        words[:size] = 0
    elif recipe in ("ties", "near ties"):
        chosen = (rng.integers(0, 4, size) > 0) & (binades > 0)
        midpoints = np.ldexp(rng.choice(MIDPOINTS, size), largest - E2M1.emax - E8M0_BIAS).astype(np.float32)
        beside = rng.integers(-1, 2, size) if recipe == "near ties" else 0
        words[:size] = np.where(chosen, midpoints.view(np.uint32) + beside, words[:size])
    elif recipe in ("nan", "infinity"):
        words[size - 1 if turn % 2 else 0] = INFINITY + (recipe == "nan") * rng.integers(1, SMALLEST_NORMAL)
    return (words | SIGN * rng.integers(0, 2, BLOCK_SIZE)).astype(np.uint32)


def beats(words: NDArray[np.uint32], size: int) -> list[dict[str, int]]:
    """The transfers of one block."""
    return [
        {
            "data": int.from_bytes(words[start : start + BEAT_WORDS].tobytes(), "little"),
            "count": min(BEAT_WORDS, size - start),
            "last": size <= start + BEAT_WORDS,
        }
        for start in range(0, size, BEAT_WORDS)
    ]


def scale(byte: int) -> str:
    """The value of a scale byte."""
    return "nan" if byte == E8M0_NAN else f"2**{byte - E8M0_BIAS}"


def situations(words: NDArray[np.uint32], size: int, scale_byte: int) -> Iterator[str]:
    """The bins that a block is in."""
    exponents = (words >> FRACTION_BITS) & NOT_FINITE
    inside, last_beat = exponents[:size], slice((size - 1) // BEAT_WORDS * BEAT_WORDS, size)
    past_the_end = exponents[size : last_beat.start + BEAT_WORDS]
    if size == BLOCK_SIZE:
        yield "cp_whole"
    else:
        yield "cp_ragged" if size % BEAT_WORDS else "cp_short_full_beats"
    broken = np.flatnonzero(inside == NOT_FINITE)
    if broken.size:
        yield "cp_nan" if (words[broken] & (SMALLEST_NORMAL - 1)).any() else "cp_infinity"
        if broken[-1] < last_beat.start:
            yield "cp_not_finite_early"
        if broken[0] == size - 1 > 0:
            yield "cp_not_finite_last"
        return
    if past_the_end.max(initial=0) > inside.max():
        yield "cp_not_finite_past_the_end" if NOT_FINITE in past_the_end else "cp_larger_past_the_end"
    block = words[:size]
    if set(block.tolist()) == {0, SIGN}:
        yield "cp_zeros"
    elif inside.max() == 0:
        yield "cp_subnormals"
    for name, exponent in SCALE_LIMITS.items():
        if inside.max() == exponent:
            yield name
    if size > BEAT_WORDS and inside[last_beat].max() > inside[: last_beat.start].max():
        yield "cp_largest_in_last_beat"
    yield from roundings(block, scale_byte)


def roundings(block: NDArray[np.uint32], scale_byte: int) -> Iterator[str]:
    """The bins of how the elements of a finite block are rounded."""
    magnitude = block & (SIGN - 1)

    def scales(bits: NDArray[np.uint32]) -> NDArray[np.float64]:
        return np.ldexp(bits.view(np.float32).astype(np.float64), E8M0_BIAS - scale_byte)

    value = scales(magnitude)
    to_zero = (magnitude > 0) & (value <= MIDPOINTS[0])
    found = {
        "cp_tie": np.isin(value, MIDPOINTS),
        "cp_below_tie": np.isin(scales(magnitude + 1), MIDPOINTS),
        "cp_above_tie": np.isin(scales(np.maximum(magnitude, 1) - 1), MIDPOINTS),
        "cp_saturates": value > 7,
        "cp_underflow": to_zero & (block < SIGN),
        "cp_underflow_negative": to_zero & (block >= SIGN),
        "cp_far_below": (magnitude > 0) & (value < 2.0**-FRACTION_BITS),
    }
    yield from (name for name, elements in found.items() if elements.any())
