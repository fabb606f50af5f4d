"""Number formats: how the bits of a code become a value.

Source: OCP Microscaling Formats (MX) Specification v1.0 (2023): concrete formats in section 5.2, E4M3 and E5M2 in
5.3.1, E2M1 in 5.3.3, E8M0 in 5.4.1; how the block scale is chosen in section 6.3. FLOAT32 is IEEE 754-2019
binary32, BF16 its upper half. NVFP4 is NVIDIA's: "Introducing NVFP4 for Efficient and Accurate Low-Precision
Inference" (2025) gives element, scale and block; its scale borrows the code of E4M3. The one NaN that our arithmetic
returns is our own choice, since MX leaves it open. Chapter: a dot product that is exact.
"""

import math
from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True)
class FloatFormat:
    """A float's code: sign bit, then exponent field, then mantissa field.

    value = (-1)^sign * 1.mantissa * 2^(exponent - bias), and 0.mantissa * 2^(1 - bias) where the exponent
    field is 0 (zero and the subnormals). A format without mantissa bits, as E8M0, holds powers of two and
    nothing else: no sign bit, no zero, no subnormals.
    """

    exponent_bits: int
    mantissa_bits: int
    bias: int
    has_infinity: bool  # the largest exponent field with mantissa 0 is infinity
    nan_codes: Collection[int]  # the NaN codes whose sign bit is clear

    @property
    def magnitude_bits(self) -> int:
        """Width of a code without its sign bit."""
        return self.exponent_bits + self.mantissa_bits

    @property
    def bits(self) -> int:
        """Width of a code."""
        return self.magnitude_bits + (self.mantissa_bits > 0)

    @property
    def largest_code(self) -> int:
        """The code of the largest finite value."""
        top_exponent = ((1 << self.exponent_bits) - 1) << self.mantissa_bits
        code = top_exponent - 1 if self.has_infinity else (1 << self.magnitude_bits) - 1
        while code in self.nan_codes:
            code -= 1
        return code

    @property
    def emax(self) -> int:
        """Exponent of the largest finite value: floor(log2(largest))."""
        return (self.largest_code >> self.mantissa_bits) - self.bias

    def value(self, code: int) -> float:
        """The exact value of a code (every format here fits float64); a code that is too wide raises ValueError."""
        if not 0 <= code < 1 << self.bits:
            raise ValueError(f"code {code}: expected 0 .. {(1 << self.bits) - 1}")
        negative, magnitude = divmod(code, 1 << self.magnitude_bits)
        exponent, mantissa = divmod(magnitude, 1 << self.mantissa_bits)
        if magnitude in self.nan_codes:
            return math.nan
        if self.has_infinity and magnitude > self.largest_code:
            result = math.inf
        elif exponent == 0 and self.mantissa_bits:
            result = math.ldexp(mantissa, 1 - self.bias - self.mantissa_bits)
        else:
            result = math.ldexp((1 << self.mantissa_bits) + mantissa, exponent - self.bias - self.mantissa_bits)
        return -result if negative else result


@dataclass(frozen=True)
class BlockFormat:
    """`block_size` element codes that share one scale: value = element * scale (OCP MX v1.0, section 5.1)."""

    element: FloatFormat
    scale: FloatFormat
    block_size: int

    @property
    def bits_per_element(self) -> float:
        """Bits that an element takes with its part of the scale."""
        return self.element.bits + self.scale.bits / self.block_size


E8M0_NAN = 0xFF
E8M0_BIAS = 127
E2M1 = FloatFormat(exponent_bits=2, mantissa_bits=1, bias=1, has_infinity=False, nan_codes=())
E8M0 = FloatFormat(exponent_bits=8, mantissa_bits=0, bias=E8M0_BIAS, has_infinity=False, nan_codes=(E8M0_NAN,))
E4M3 = FloatFormat(exponent_bits=4, mantissa_bits=3, bias=7, has_infinity=False, nan_codes=(0x7F,))
E5M2 = FloatFormat(exponent_bits=5, mantissa_bits=2, bias=15, has_infinity=True, nan_codes=range(0x7D, 0x80))
BF16 = FloatFormat(exponent_bits=8, mantissa_bits=7, bias=127, has_infinity=True, nan_codes=range(0x7F81, 0x8000))
FLOAT32 = FloatFormat(
    exponent_bits=8, mantissa_bits=23, bias=127, has_infinity=True, nan_codes=range(0x7F80_0001, 0x8000_0000)
)

BLOCK_SIZE = 32
MXFP4 = BlockFormat(element=E2M1, scale=E8M0, block_size=BLOCK_SIZE)
MXFP8 = BlockFormat(element=E4M3, scale=E8M0, block_size=BLOCK_SIZE)
SCALE_RULES = ("floor", "even", "rceil")  # how a block's scale follows from its largest magnitude; by code
NVFP4 = BlockFormat(element=E2M1, scale=E4M3, block_size=16)  # and one float32 for the whole tensor

# Every E2M1 value is a whole number of halves, so a product of two is a whole number of quarters.
E2M1_HALVES: tuple[int, ...] = tuple(int(2 * E2M1.value(code)) for code in range(1 << E2M1.bits))
PRODUCT_UNIT_EXPONENT = -2

# BF16 products in the tile are aligned to the largest of a group and cut below this many bits under its exponent. Both
# are ours: tensor cores of NVIDIA's Ampere and Ada keep as many bits (arXiv:2511.10909), and eight products of BF16 are
# as wide as the operand slice that feeds a dot unit with a block of MXFP4.
BF16_GROUP = 8
BF16_ALIGNED_BITS = 24

# Every float32 NaN that our arithmetic returns; IEEE 754 leaves sign and payload open.
CANONICAL_NAN = 0x7FC0_0000
