"""Cosimulation of the pipelined adder: the vectors of the plain one, a pair every cycle, in two to four stages.

    c      0     1     2     3     4     5
    x, y   pair  pair  noise pair  pair  ...     noise: any bits, for a few cycles
    total              0     1     2     3       at latency 3

Neighbours in the pipeline differ in every way there is, so that a flag or a bit which reaches a stage a cycle early or
late meets the wrong pair. The total of noise is compared too: noise is a pair like any other. Latency 1 is `fp32_add`
itself, which has a bench of its own.
"""

from collections.abc import Sequence

import numpy as np
from myhdl import ResetSignal
from numpy.typing import NDArray

from hdl.bench.coverage import Coverage
from hdl.numerics.fp32_add_pipelined import CUTS, fp32_add_pipelined, ports
from zhenwu.cosim.evidence import Evidence, merge
from zhenwu.cosim.lockstep import Pair, Values, check_lockstep
from zhenwu.cosim.numbers import float32
from zhenwu.cosim.numerics import fp32_add as plain
from zhenwu.golden.numerics.fp32_add_pipelined import fp32_add_pipelined as golden

LONGEST_NOISE = 5  # cycles: longer than the pipeline
NOISE_EVERY = 8  # pairs, on average

ORACLE = "golden fp32_add_pipelined, in every cycle"
NOT_CHECKED = f"{plain.NOT_CHECKED}; what stands at the output before the first total"
BINS = plain.BINS | {
    "cp_pair_behind_pair": "a pair in the cycle after another: both are inside",
    "cp_pair_behind_noise": "what noise left in a stage must not count",
    "cp_noise_fills_the_pipeline": "a gap as long as the latency: no stage holds a pair that somebody waits for",
    "cp_number_behind_nan": "the flag goes with its own pair",
    "cp_nan_behind_number": "and the number before it keeps its total",
    "cp_sign_changes": "the sign goes with its own pair",
    "cp_subtract_behind_add": "so does the choice of + or -",
}


def run(seed: int, quick: bool = False) -> Evidence:
    """The vectors of `fp32_add`, with noise between, at each latency."""
    return merge("fp32_add_pipelined", *(check_latency(latency, seed, quick) for latency in CUTS))


def check_latency(latency: int, seed: int, quick: bool) -> Evidence:
    """One latency, with vectors of its own."""
    rng = np.random.default_rng([seed, latency])
    x, y, wanted = with_noise(rng, latency, *plain.stimulus(rng, 100 if quick else 350))
    totals = golden(x, y, latency)
    coverage = Coverage(BINS)
    bins = situations(x, y, wanted, latency)

    def make() -> Pair:
        bench = Bench(x.tolist(), y.tolist(), totals.tolist(), latency, bins, coverage)
        pins = {"rst": ResetSignal(0, active=1, isasync=False), **ports()}
        dut = fp32_add_pipelined(**{name: pins[name] for name in ports()}, latency=latency)
        return Pair(dut, pins, bench.begin, bench.expected, bench.advance)

    return check_lockstep(
        "fp32_add_pipelined", make, seed=seed, cycles=len(x), coverage=coverage, oracle=ORACLE,
        not_checked=NOT_CHECKED, numbers={"total": float32},
    )


def with_noise(
    rng: np.random.Generator, latency: int, x: NDArray[np.uint32], y: NDArray[np.uint32]
) -> tuple[NDArray[np.uint32], NDArray[np.uint32], NDArray[np.bool_]]:
    """x, y: uint32[pairs] -> both with noise between and behind, and which entries are pairs: [cycles] each."""
    gaps = np.where(rng.integers(0, NOISE_EVERY, x.size) == 0, rng.integers(1, LONGEST_NOISE + 1, x.size), 0)
    places = np.arange(x.size) + np.cumsum(gaps)
    words = rng.integers(0, 1 << 32, (2, places[-1] + latency), dtype=np.uint32)
    words[:, places] = x, y
    wanted = np.zeros(words.shape[1], bool)
    wanted[places] = True
    return *words, wanted


def situations(
    x: NDArray[np.uint32], y: NDArray[np.uint32], wanted: NDArray[np.bool_], latency: int
) -> list[list[str]]:
    """The bins of each cycle; noise has none of its own."""
    total = golden(x, y, 1)
    magnitude = total & plain.MAGNITUDE
    nan, finite = magnitude > plain.INFINITY, magnitude < plain.INFINITY
    negative, subtract = total >= plain.SIGN, (x ^ y) >= plain.SIGN
    filled = np.convolve(~wanted, np.ones(latency, int))[: wanted.size] == latency
    behind = {
        "cp_pair_behind_pair": wanted[:-1],
        "cp_pair_behind_noise": ~wanted[:-1],
        "cp_noise_fills_the_pipeline": filled[:-1],
        "cp_number_behind_nan": nan[:-1] & finite[1:],
        "cp_nan_behind_number": finite[:-1] & nan[1:],
        "cp_sign_changes": negative[:-1] != negative[1:],
        "cp_subtract_behind_add": ~subtract[:-1] & subtract[1:],
    }
    found = [list(plain.situations(*pair)) for pair in zip(x.tolist(), y.tolist(), strict=True)]
    for name, cycles in behind.items():
        for cycle in np.flatnonzero(cycles) + 1:
            found[cycle].append(name)
    return [bins if pair else [] for bins, pair in zip(found, wanted, strict=True)]


class Bench:
    """Drives a pair a cycle and knows which total stands there."""

    def __init__(
        self, x: Sequence[int], y: Sequence[int], totals: Sequence[int], latency: int, bins: Sequence[Sequence[str]],
        coverage: Coverage,
    ):
        self.x, self.y, self.totals, self.latency = x, y, totals, latency
        self.bins, self.coverage = bins, coverage

    def begin(self) -> Values:
        """From the first pair on."""
        self.cycle = 0
        return self.pair()

    def pair(self) -> Values:
        """The operands of this cycle; behind the last one they stay."""
        place = min(self.cycle, len(self.x) - 1)
        return {"x": self.x[place], "y": self.y[place]}

    def expected(self, driven: Values) -> Values:
        """The total that is due in this cycle."""
        due = self.cycle - self.latency + 1
        return {"total": self.totals[due]} if 0 <= due < len(self.totals) else {}

    def advance(self, driven: Values) -> Values:
        """One edge."""
        due = self.cycle - self.latency + 1
        if 0 <= due < len(self.totals):
            for name in self.bins[due]:
                self.coverage.hit(name)
        self.cycle += 1
        return self.pair()
