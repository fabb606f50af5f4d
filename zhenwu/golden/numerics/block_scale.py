"""The scale of a block: three rules to get a power of two from its largest magnitude.

Each works on the bits of a float32: its exponent field, less the exponent of the largest element, is the scale byte,
for float32 and E8M0 share the bias 127. The rules differ in which magnitudes move up to the next power of two, and so
in what is added to the bits before the mantissa is cut off. Never take a logarithm: in float32 log2 of a value just
under a power of two gives the next exponent, and the block's scale doubles.
"""

import numpy as np
from numpy.typing import NDArray

from zhenwu.spec.formats import E8M0_NAN, FLOAT32, SCALE_RULES, FloatFormat

MANTISSA = (1 << FLOAT32.mantissa_bits) - 1
NON_FINITE = (1 << FLOAT32.exponent_bits) - 1


def block_scale(amax: NDArray[np.uint32], element: FloatFormat, rule: str = "floor") -> NDArray[np.uint8]:
    """The E8M0 byte of each block: amax uint32[...], the float32 bits of its largest magnitude -> uint8[...].

    floor: 2^(floor(log2(amax)) - emax), OCP MX v1.0, section 6.3. even: the same of amax rounded to the element's
    mantissa, to nearest even (as in torchao). rceil: the smallest power of two that is at least amax / max, exactly
    (NVIDIA; torchao multiplies by a rounded 1 / max and is one lower where amax is one ulp past max times a power of
    two). The byte is clamped to 0 .. 254; infinity and NaN give 255. An unknown rule raises ValueError.
    """
    if rule not in SCALE_RULES:
        raise ValueError(f"scale rule {rule!r}: expected one of {', '.join(SCALE_RULES)}")
    bits = np.asarray(amax).astype(np.int64)
    field = bits >> FLOAT32.mantissa_bits
    if rule == "even":
        # Half of the element's last place carries into the exponent just where rounding reaches the next power of
        # two; a tie does too, because the mantissa below it is all ones, thus odd.
        carried = (bits + (1 << (FLOAT32.mantissa_bits - element.mantissa_bits - 1))) >> FLOAT32.mantissa_bits
    elif rule == "rceil":
        largest = int(np.float32(element.value(element.largest_code)).view(np.uint32)) & MANTISSA
        carried = (bits + (MANTISSA - largest)) >> FLOAT32.mantissa_bits  # up where the mantissa is above max's
    else:
        carried = field
    byte = np.clip(carried - element.emax, 0, E8M0_NAN - 1)
    return np.where(field == NON_FINITE, E8M0_NAN, byte).astype(np.uint8)
