"""Cosimulation of the E8M0 decoder: all 256 scale bytes."""

import numpy as np

from hdl.bench.coverage import Coverage
from hdl.numerics.e8m0_decode import e8m0_decode, ports
from zhenwu.cosim.combinational import check_combinational
from zhenwu.cosim.evidence import Evidence
from zhenwu.cosim.numbers import float32
from zhenwu.golden import numerics as golden
from zhenwu.spec.formats import E8M0_BIAS, E8M0_NAN

ORACLE = "golden e8m0_decode, held to ml_dtypes over all codes"
NOT_CHECKED = "nothing: every code is tried"
BINS = {
    "cp_subnormal": "byte 0 is 2**-127, which float32 holds only as a subnormal, and not zero",
    "cp_smallest_normal": "byte 1 is the first with an exponent field of its own",
    "cp_one": "byte 127, the bias",
    "cp_largest": "byte 254, just below NaN",
    "cp_nan": "byte 255 is NaN with our payload, and not infinity, which the exponent field alone would give",
}
BOUNDARIES = dict(zip(BINS, (0, 1, E8M0_BIAS, E8M0_NAN - 1, E8M0_NAN), strict=True))


def run(seed: int, quick: bool = False) -> Evidence:
    """Every byte several times, shuffled."""
    codes = np.tile(np.arange(256, dtype=np.uint8), 1 if quick else 4)
    codes = np.random.default_rng(seed).permutation(codes)
    coverage = Coverage(BINS)
    for name, code in BOUNDARIES.items():
        coverage.hit(name, (codes == code).sum())
    return check_combinational(
        e8m0_decode, ports, inputs={"code": codes}, outputs={"value": golden.e8m0_decode(codes).view(np.uint32)},
        bins=coverage.hits, planned=BINS, oracle=ORACLE, not_checked=NOT_CHECKED, seed=seed,
        numbers={"value": float32},
    )
