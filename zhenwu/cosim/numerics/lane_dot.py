"""Cosimulation of the lanes: every format, each with the operands that are hard for it.

The block stands in the bench with its two limbs added up: their sum is what it promises.
"""

import numpy as np
from myhdl import always_comb, block

from hdl.bench.coverage import Coverage
from hdl.numerics import lane_dot as hardware
from hdl.numerics.lane_dot import HIGH_BITS, LIMB, signed
from zhenwu.cosim.combinational import check_combinational
from zhenwu.cosim.evidence import Evidence
from zhenwu.cosim.numerics.lane_bins import BINS, covered
from zhenwu.cosim.numerics.lane_words import vectors
from zhenwu.golden import numerics as golden
from zhenwu.spec.mma_formats import ALL_FORMATS, MMA_FORMATS

ORACLE = "golden lane_dot, held by way of term_round to mx_exact and bf16_matmul, and in MXFP4 to mx_dot"
NOT_CHECKED = "most of the 2**256 operands of a format; how a sum is divided between its limbs"
FLAGS = ("nan", "plus_infinity", "minus_infinity")


def run(seed: int, quick: bool = False) -> Evidence:
    """All formats in random order: operands by design, and some at random."""
    rng = np.random.default_rng(seed)
    coverage = Coverage(BINS)
    rows = []
    for fmt in MMA_FORMATS.values():
        made = vectors(rng, fmt, 20 if quick else 600)
        results = [golden.lane_dot(made.a, made.b, fmt, upper) for upper in (0, 1)]
        result = golden.LaneDot(*(np.where(made.upper == 1, upper, lower) for lower, upper in zip(
            *(vars(each).values() for each in results), strict=True)))
        covered(made, result, coverage)
        a, b = ([int.from_bytes(word.tobytes(), "little") for word in words] for words in (made.a, made.b))
        rows += zip(a, b, [fmt.code] * len(a), made.upper, *vars(result).values(), strict=True)
    columns = dict(zip(("a", "b", "fmt", "upper", "total", "largest", *FLAGS), zip(
        *(rows[at] for at in rng.permutation(len(rows))), strict=True), strict=True))
    inputs = {name: columns.pop(name) for name in ("a", "b", "fmt", "upper")}
    return check_combinational(
        lane_dot, ports, inputs=inputs, outputs=columns, bins=coverage.hits, planned=BINS, oracle=ORACLE,
        not_checked=NOT_CHECKED, seed=seed, parameters={"formats": ALL_FORMATS},
    )


def ports() -> dict:
    """Fresh ports of the block in the bench: `total` for both limbs."""
    pins = hardware.ports()
    del pins["high"], pins["low"]
    return pins | {"total": signed(HIGH_BITS + LIMB + 1)}


@block
def lane_dot(a, b, fmt, upper, total, largest, nan, plus_infinity, minus_infinity, *, formats):
    """The block, and its limbs as one number."""
    high, low = (hardware.ports()[name] for name in ("high", "low"))
    lanes = hardware.lane_dot(a, b, fmt, upper, high, low, largest, nan, plus_infinity, minus_infinity, formats=formats)

    @always_comb
    def join():
        total.next = (int(high) << LIMB) + int(low)

    return lanes, join
