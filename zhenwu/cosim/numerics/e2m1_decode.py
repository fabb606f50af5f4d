"""Cosimulation of the E2M1 decoder: all sixteen codes, in any order."""

import numpy as np

from hdl.bench.coverage import Coverage
from hdl.numerics.e2m1_decode import e2m1_decode, ports
from zhenwu.cosim.combinational import check_combinational
from zhenwu.cosim.evidence import Evidence
from zhenwu.cosim.numbers import scaled
from zhenwu.golden import numerics as golden

ORACLE = "golden e2m1_decode, held to ml_dtypes over all codes"
NOT_CHECKED = "nothing: every code is tried"
BINS = {
    "cp_zero": "the code 0 is no small number",
    "cp_minus_zero": "the sign of zero is lost in halves: code 8 gives 0, not -0.5",
    "cp_subnormal": "0.5 has no leading one",
    "cp_normal": "1 to 6: the leading one is not stored",
    "cp_negative": "the sign bit turns the value over",
    "cp_largest": "6, on which the width of every later sum rests",
}


def run(seed: int, quick: bool = False) -> Evidence:
    """Each code many times, shuffled."""
    codes = np.tile(np.arange(16, dtype=np.uint8), 5 if quick else 50)
    codes = np.random.default_rng(seed).permutation(codes)
    halves = 2 * golden.e2m1_decode(codes)
    return check_combinational(
        e2m1_decode, ports, inputs={"code": codes}, outputs={"halves": halves.astype(int)},
        bins=covered(codes), planned=BINS, oracle=ORACLE, not_checked=NOT_CHECKED, seed=seed,
        numbers={"halves": scaled(-1), "code": lambda code: repr(float(golden.e2m1_decode(np.uint8(code))))},
    )


def covered(codes) -> dict[str, int]:
    """How many of the codes are in each bin."""
    coverage = Coverage(BINS)
    magnitude = codes & 7
    coverage.hit("cp_zero", (codes == 0).sum())
    coverage.hit("cp_minus_zero", (codes == 8).sum())
    coverage.hit("cp_subnormal", (magnitude == 1).sum())
    coverage.hit("cp_normal", (magnitude >= 2).sum())
    coverage.hit("cp_negative", (codes > 8).sum())
    coverage.hit("cp_largest", (magnitude == 7).sum())
    return coverage.hits
