"""The fast twin of `bf16_matmul`: the same alignment for a whole matrix at a time, in float32 and int32.

A product of two BF16 numbers has 16 bits, so float32 holds it and every power of two of it. Multiplied by 2^(24 - E)
and converted to an integer it is cut toward zero, which is what the definition asks for.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zhenwu.golden.arguments import require_dtype
from zhenwu.golden.numerics.bf16 import bf16_decode, bf16_encode
from zhenwu.golden.numerics.bf16_matmul import bf16_matmul
from zhenwu.spec.formats import BF16_ALIGNED_BITS, BF16_GROUP, FLOAT32

# Exponents within +-48 keep every product and every power of two here within float32's normal numbers.
REACH = 48
OF_ZERO = np.int16(-4 * REACH)  # below every sum of two exponents, and in float32's range still as a sum of two
ROWS_AT_ONCE = 128  # so that what one step writes stays in the processor's cache


@dataclass(frozen=True)
class Bf16Rows:
    """Rows in BF16: codes uint16[rows, k], and by column the values float32[k', rows] and exponents int16[k', rows].

    k' is k filled up with +0 to whole groups. `ordinary` bool[rows] marks the rows whose nonzero exponents lie within
    REACH, and so can be multiplied here.
    """

    codes: NDArray[np.uint16]
    values: NDArray[np.float32]
    exponents: NDArray[np.int16]
    ordinary: NDArray[np.bool_]


def bf16_rows(x: NDArray[np.float32]) -> Bf16Rows:
    """Rows x float32[rows, k] rounded to BF16 and unpacked; another dtype raises TypeError."""
    codes = bf16_encode(require_dtype("x", x, np.float32))
    values = bf16_decode(np.ascontiguousarray(np.pad(codes, [(0, 0), (0, -x.shape[1] % BF16_GROUP)]).T))
    field = (values.view(np.int32) >> FLOAT32.mantissa_bits) & ((1 << FLOAT32.exponent_bits) - 1)
    exponents = np.where(values == 0, OF_ZERO, (field - FLOAT32.bias).astype(np.int16))
    return Bf16Rows(codes, values, exponents, ((np.abs(exponents) <= REACH) | (values == 0)).all(axis=0))


def bf16_rows_matmul(a: Bf16Rows, b: Bf16Rows) -> NDArray[np.float32]:
    """A times B transposed, bit for bit bf16_matmul of the codes: float32[m, n]."""
    product = np.empty((len(a.codes), len(b.codes)), np.float32)
    if not b.ordinary.all():
        return bf16_matmul(a.codes, b.codes).view(np.float32)
    for start in range(0, len(product), ROWS_AT_ONCE):
        rows = slice(start, start + ROWS_AT_ONCE)
        product[rows] = aligned(a.values[:, rows], a.exponents[:, rows], b)
    if not a.ordinary.all():
        product[~a.ordinary] = bf16_matmul(a.codes[~a.ordinary], b.codes).view(np.float32)
    return product


def aligned(values: NDArray[np.float32], exponents: NDArray[np.int16], b: Bf16Rows) -> NDArray[np.float32]:
    """The definition, group by group: values and exponents [k', m] against b -> float32[m, n]."""
    shape = (values.shape[1], b.values.shape[1])
    total, product = np.zeros((2, *shape), np.float32)
    part, exponent, largest = np.empty(shape, np.int32), np.empty(shape, np.int16), np.empty(shape, np.int16)
    with np.errstate(all="ignore"):  # rows that are not ordinary run along, and are replaced
        for start in range(0, len(values), BF16_GROUP):
            group = range(start, start + BF16_GROUP)
            largest.fill(-2 * REACH)  # no nonzero product has less
            for i in group:
                np.add(exponents[i][:, None], b.exponents[i], out=exponent)
                np.maximum(largest, exponent, out=largest)
            to_integer = power_of_two(BF16_ALIGNED_BITS - largest)
            integer = np.zeros(shape, np.int32)
            for i in group:
                np.multiply(values[i][:, None], b.values[i], out=product)
                product *= to_integer
                np.copyto(part, product, casting="unsafe")
                integer += part
            np.copyto(product, integer, casting="same_kind")
            product *= power_of_two(largest - BF16_ALIGNED_BITS)
            total += product
    return total


def power_of_two(exponent: NDArray[np.int16]) -> NDArray[np.float32]:
    """2^exponent from its bits."""
    return ((exponent.astype(np.int32) + FLOAT32.bias) << FLOAT32.mantissa_bits).view(np.float32)
