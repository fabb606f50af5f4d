"""Cosimulation of the exact dot product: every product in every lane, and sums of all sizes."""

import numpy as np
from numpy.typing import NDArray

from hdl.bench.coverage import Coverage
from hdl.numerics.mx_dot import mx_dot, ports
from zhenwu.cosim.combinational import check_combinational
from zhenwu.cosim.evidence import Evidence
from zhenwu.cosim.numbers import scaled
from zhenwu.golden import numerics as golden
from zhenwu.golden.tile.layout import pack_codes
from zhenwu.spec.formats import BLOCK_SIZE, PRODUCT_UNIT_EXPONENT

ORACLE = "golden mx_dot, held to ml_dtypes in float64"
NOT_CHECKED = "most of the 2**256 inputs; but every product is tried in every lane"
PAIRS = 16 * 16
LARGEST = 32 * 12 * 12
BINS = {
    "cp_every_product_in_every_lane": f"hit once all {PAIRS} pairs of codes have met in each of the {BLOCK_SIZE} lanes",
    "cp_largest": "36 in all lanes: the sum needs all its bits",
    "cp_smallest": "-36 in all lanes",
    "cp_zero_of_nonzeros": "products that cancel exactly",
    "cp_zeros_of_both_signs": "+0 and -0 in one block are worth nothing, whatever they meet",
    "cp_one_lane": "all lanes but one are zero: a lane left out, or read twice, shows",
    "cp_odd": "a sum that is no whole number: the last bit counts",
    "cp_negative": "a negative sum",
    "cp_small_of_large": "large products that almost cancel: no rounding on the way",
}


def run(seed: int, quick: bool = False) -> Evidence:
    """All products in all lanes, each lane alone, the extremes, then random blocks."""
    a, b = stimulus(np.random.default_rng(seed), 30 if quick else 3000)
    return check_combinational(
        mx_dot, ports, inputs={"a": words(a), "b": words(b)}, outputs={"dot": golden.mx_dot(a, b)},
        bins=covered(a, b), planned=BINS, oracle=ORACLE, not_checked=NOT_CHECKED, seed=seed,
        numbers={"dot": scaled(PRODUCT_UNIT_EXPONENT), "a": elements, "b": elements},
    )


def stimulus(rng: np.random.Generator, count: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Blocks a and b, uint8[vectors, 32] each: 325 of them by design and `count` at random."""
    lanes = np.arange(BLOCK_SIZE)
    # Vector v brings pair v + 37 i to lane i: in 256 vectors each lane sees each pair once, beside 31 different ones.
    pair = (np.arange(PAIRS)[:, None] + 37 * lanes) % PAIRS
    alone = np.eye(BLOCK_SIZE, dtype=np.uint8)
    six, minus_six = np.full((1, BLOCK_SIZE), 7), np.full((1, BLOCK_SIZE), 15)
    zeros = 8 * rng.integers(0, 2, (1, BLOCK_SIZE))
    signs = 8 * (lanes % 2)[None]
    almost = np.where(lanes == 5, 5, 7)[None]  # 36 and -36 cancel down to what one 18 leaves over
    a = [pair >> 4, alone * rng.integers(1, 8, (BLOCK_SIZE, 1)), six, six, six, almost, zeros]
    b = [pair & 15, alone * rng.integers(9, 16, (BLOCK_SIZE, 1)), six, minus_six, signs | 7, signs | 7, six]
    for chosen in (range(16), (7, 15), (0, 8, 1, 9)):
        codes = rng.choice(list(chosen), (2, count // 3 + 1, BLOCK_SIZE))
        a, b = [*a, codes[0]], [*b, codes[1]]
    order = rng.permutation(sum(len(part) for part in a))
    return (np.concatenate(a)[order].astype(np.uint8), np.concatenate(b)[order].astype(np.uint8))


def words(codes: NDArray[np.uint8]) -> list[int]:
    """Codes uint8[vectors, 32] as 128-bit words, element i in bits 4i+3 .. 4i."""
    return [int.from_bytes(row.tobytes(), "little") for row in pack_codes(codes)]


def elements(word: int) -> str:
    """The values of a word's 32 elements."""
    codes = np.array([word >> 4 * i & 15 for i in range(BLOCK_SIZE)], np.uint8)
    return " ".join(f"{value:g}" for value in golden.e2m1_decode(codes))


def covered(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> dict[str, int]:
    """How many of the vectors are in each bin."""
    coverage = Coverage(BINS)
    products = (4 * golden.e2m1_decode(a) * golden.e2m1_decode(b)).astype(int)  # [vectors, 32], in quarters
    dot, terms = products.sum(axis=1), (products != 0).sum(axis=1)
    seen = np.zeros((BLOCK_SIZE, PAIRS), bool)
    seen[np.arange(BLOCK_SIZE), a.astype(int) << 4 | b] = True
    coverage.hit("cp_every_product_in_every_lane", seen.all())
    coverage.hit("cp_largest", (dot == LARGEST).sum())
    coverage.hit("cp_smallest", (dot == -LARGEST).sum())
    coverage.hit("cp_zero_of_nonzeros", ((dot == 0) & (terms > 0)).sum())
    zero, minus_zero = ((a == code) & (b & 7 != 0) for code in (0, 8))
    coverage.hit("cp_zeros_of_both_signs", (zero.any(axis=1) & minus_zero.any(axis=1)).sum())
    coverage.hit("cp_one_lane", (terms == 1).sum())
    coverage.hit("cp_odd", (dot % 2).sum())
    coverage.hit("cp_negative", (dot < 0).sum())
    coverage.hit("cp_small_of_large", ((abs(products).sum(axis=1) > LARGEST * 3 // 4) & (abs(dot) < 100)).sum())
    return coverage.hits
