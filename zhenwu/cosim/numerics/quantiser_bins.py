"""What the quantiser's blocks must have been, and the count of how many were."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from zhenwu.cosim.numerics.block_scale import FRACTION_BITS, INFINITY, ONE
from zhenwu.cosim.numerics.quantiser_blocks import ELEMENTS, KINDS, NOT_FINITE, SIGN, Block, midpoints
from zhenwu.golden import numerics as golden
from zhenwu.spec.formats import BLOCK_SIZE, E4M3, E8M0_BIAS, SCALE_RULES

BEAT_WORDS = 8
NAMES = ("e2m1", "e4m3")  # by fmt

OF_BLOCKS = {
    "cp_every_size": "hit once blocks of all sizes from 1 to 32 elements have come",
    "cp_every_rule": "hit once blocks of both elements have come by each rule",
    "cp_fmt_changes": "the block before was of the other element",
    "cp_rule_changes": "the block before had another rule",
    "cp_whole": "32 elements in 4 beats",
    "cp_ragged": "a last beat that is not full: the codes past it are 0",
    "cp_short_full_beats": "8, 16 or 24 elements: ragged, though every beat is full",
    "cp_short_after_whole": "what the block before left behind must not count",
    "cp_narrow_after_wide": "E2M1 after E4M3: the upper half of the codes is 0 again",
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
    "cp_largest_scale": "of the largest floats, by each rule's own count",
    "cp_largest_in_last_beat": "the scale is known only with the last beat",
    "cp_largest_by_fraction": "the largest has the exponent of others, and only its fraction moves the scale up",
    "cp_even_moves_up": "even doubles the scale that floor gives",
    "cp_rceil_moves_up": "so does rceil",
}
OF_ELEMENTS = {
    "cp_every_e2m1_code": "hit once all 16 codes have come out",
    "cp_every_e4m3_code": "hit once all 254 codes have come out; the NaN codes never do",
    "cp_every_e2m1_tie": "hit once each midpoint between two codes has come: the even one",
    "cp_every_e4m3_tie": "as before",
    "cp_every_e2m1_below_tie": "hit once the float under each midpoint has come: the lower code",
    "cp_every_e4m3_below_tie": "as before",
    "cp_every_e2m1_above_tie": "hit once the float over each midpoint has come: the upper code, by the sticky bit",
    "cp_every_e4m3_above_tie": "as before",
    "cp_saturates_e2m1": "7 scales or more, nearer to 8 than to 6: 6 all the same",
    "cp_saturates_e4m3": "464 scales or more: 448, and never the code of 480, which is NaN",
    "cp_underflow": "a positive element becomes zero",
    "cp_underflow_negative": "a negative one becomes the zero with the sign",
    "cp_far_below": "an element so small that nothing but the sticky bit is left of it",
    "cp_every_leading_one": "hit once a subnormal float has become a normal E4M3 code from each of the places of its "
    "leading one",
    "cp_below_the_search": "a subnormal float whose leading one stands lower, and is a subnormal code",
}
PLACES = range(FRACTION_BITS - 7, FRACTION_BITS)  # of the leading one, of a subnormal float that is 2**-133 or more


def covered(blocks: Sequence[Block], encoded: Sequence[tuple[NDArray[np.uint8], int]]) -> Counter[str]:
    """How many blocks are in each bin; `encoded` has the codes and the scale byte of each."""
    hits: Counter[str] = Counter()
    for block, (_, byte) in zip(blocks, encoded, strict=True):
        hits.update(situations(block, byte))
    for before, after in pairwise(blocks):
        hits["cp_fmt_changes"] += before.fmt != after.fmt
        hits["cp_rule_changes"] += before.rule != after.rule
        hits["cp_short_after_whole"] += after.size < before.size == BLOCK_SIZE
        hits["cp_narrow_after_wide"] += before.fmt > after.fmt
    hits["cp_every_size"] += {block.size for block in blocks} == {*range(1, BLOCK_SIZE + 1)}
    hits["cp_every_rule"] += {(block.fmt, block.rule) for block in blocks} == {*KINDS}
    for fmt, name in enumerate(NAMES):
        element = ELEMENTS[fmt]
        mine = [(block, codes, byte) for block, (codes, byte) in zip(blocks, encoded, strict=True) if block.fmt == fmt]
        seen = {int(code) for block, codes, _ in mine for code in codes[: block.size]}
        hits[f"cp_every_{name}_code"] += len(seen) == 2 * (element.largest_code + 1)
        finite = [
            ((block.words[: block.size] & (SIGN - 1)).astype(np.int64), byte)
            for block, _, byte in mine if byte != NOT_FINITE
        ]
        for beside, where in ((0, ""), (1, "below_"), (-1, "above_")):
            met = {value for bits, byte in finite for value in scales(np.maximum(bits, 1) + beside, byte).tolist()}
            hits[f"cp_every_{name}_{where}tie"] += met >= {*midpoints(element).tolist()}
    hits["cp_every_leading_one"] += {place for block, (_, byte) in zip(blocks, encoded, strict=True)
                                     for place in leading_ones(block, byte)} == {*PLACES}
    return hits


def scales(bits: NDArray, byte: int) -> NDArray[np.float64]:
    """Magnitudes as multiples of the scale, exactly."""
    return np.ldexp(bits.astype(np.uint32).view(np.float32).astype(np.float64), E8M0_BIAS - byte)


def leading_ones(block: Block, byte: int) -> set[int]:
    """Where the leading ones stand of the block's subnormal floats that become normal E4M3 codes."""
    if block.element != E4M3 or byte == NOT_FINITE:
        return set()
    magnitude = block.words[: block.size] & (SIGN - 1)
    normal = scales(magnitude, byte) >= 2.0 ** (1 - E4M3.bias)
    return {bits.bit_length() - 1 for bits in magnitude[normal & (magnitude < ONE)].tolist()}


def situations(block: Block, byte: int) -> Iterator[str]:
    """The bins that a block is in."""
    size, emax = block.size, block.element.emax
    magnitude = block.words & (SIGN - 1)
    inside, last_beat = magnitude[:size], slice((size - 1) // BEAT_WORDS * BEAT_WORDS, size)
    past_the_end = magnitude[size : last_beat.start + BEAT_WORDS]
    if size == BLOCK_SIZE:
        yield "cp_whole"
    else:
        yield "cp_ragged" if size % BEAT_WORDS else "cp_short_full_beats"
    broken = np.flatnonzero(inside >= INFINITY)
    if broken.size:
        yield "cp_nan" if (inside > INFINITY).any() else "cp_infinity"
        if broken[-1] < last_beat.start:
            yield "cp_not_finite_early"
        if broken[0] == size - 1 > 0:
            yield "cp_not_finite_last"
        return
    amax = inside.max()
    exponent = int(amax) // ONE
    if past_the_end.max(initial=0) > amax:
        yield "cp_not_finite_past_the_end" if past_the_end.max() >= INFINITY else "cp_larger_past_the_end"
    if {*block.words[:size].tolist()} == {0, SIGN}:
        yield "cp_zeros"
    elif exponent == 0:
        yield "cp_subnormals"
    elif exponent < emax and byte == 0:
        yield "cp_clamped_scale"
    elif exponent == emax and byte == 0:
        yield "cp_smallest_scale"
    elif exponent == NOT_FINITE - 1:
        yield "cp_largest_scale"
    if size > BEAT_WORDS and inside[last_beat].max() > inside[: last_beat.start].max():
        yield "cp_largest_in_last_beat"
    if exponent > emax and byte > exponent - emax:
        yield f"cp_{SCALE_RULES[block.rule]}_moves_up"
        others = np.sort(inside)[:-1]
        alike = others[others >= exponent * ONE]
        if alike.size and (golden.block_scale(alike, block.element, SCALE_RULES[block.rule]) < byte).any():
            yield "cp_largest_by_fraction"
    yield from roundings(block, byte)


def roundings(block: Block, byte: int) -> Iterator[str]:
    """The bins of how the elements of a finite block are rounded."""
    words = block.words[: block.size]
    magnitude = words & (SIGN - 1)
    value = scales(magnitude, byte)
    last_place = 2.0 ** (block.element.emax - block.element.mantissa_bits)
    to_zero = (magnitude > 0) & (value <= midpoints(block.element)[0])
    found = {
        f"cp_saturates_{NAMES[block.fmt]}": value >= block.element.value(block.element.largest_code) + last_place / 2,
        "cp_underflow": to_zero & (words < SIGN),
        "cp_underflow_negative": to_zero & (words >= SIGN),
        "cp_far_below": (magnitude > 0) & (value < 2.0**-FRACTION_BITS),
        "cp_below_the_search": (magnitude < 1 << PLACES.start) & ~to_zero & (magnitude > 0),
    }
    yield from (name for name, elements in found.items() if elements.any())
