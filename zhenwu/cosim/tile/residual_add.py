"""Cosimulation of the residual adder: beats of every width, at every place of a line."""

import numpy as np

from hdl.bench.coverage import Coverage
from hdl.tile.residual_add import ports, residual_add
from zhenwu.cosim.combinational import check_combinational
from zhenwu.cosim.evidence import Evidence, merge
from zhenwu.cosim.numerics.fp32_add import stimulus
from zhenwu.cosim.tile.store_work import to_int
from zhenwu.golden.tile.layout import LINE_FLOATS
from zhenwu.golden.tile.residual_add import residual_add as golden
from zhenwu.spec.formats import CANONICAL_NAN, FLOAT32
from zhenwu.spec.isa import RESIDUAL_STEPS, STEP_ROWS

INFINITY = FLOAT32.largest_code + 1
SIGN = 1 << FLOAT32.magnitude_bits

ORACLE = "golden residual_add, which is golden fp32_add"
NOT_CHECKED = "most of the sums: fp32_add has a bench of its own"
BINS = {
    "cp_added": "every column of the beat takes its own word of the line",
    "cp_not_added": "the beat keeps its bits, those of a NaN as well",
    "cp_every_chunk": "each part of the line in turn",
    "cp_cut_columns": "columns beyond the result are +0, whatever the residual holds there",
    "cp_minus_zero": "-0 stays -0 where nothing is added",
    "cp_nan_kept": "a NaN that is not canonical stays as it is where nothing is added",
    "cp_nan_made": "a sum that is NaN is canonical",
}
SIZES = (4, 8, 2)


def run(seed: int, quick: bool = False) -> Evidence:
    """Every width of array."""
    coverage = Coverage(BINS)
    parts = [check_size(cols, seed, 12 if quick else 60, coverage) for cols in SIZES]
    return merge("residual_add", *parts)


def check_size(cols: int, seed: int, share: int, coverage: Coverage) -> Evidence:
    """Beats and lines of the adder's own stimulus."""
    rng = np.random.default_rng([seed, cols])
    hits = dict(coverage.hits)
    words = stimulus(rng, share * cols)
    count = words.shape[1] // LINE_FLOATS
    beats = words[0, : count * cols].reshape(count, cols)
    lines = rng.permuted(words[1])[: count * LINE_FLOATS].reshape(count, LINE_FLOATS)
    lines[::2] = lines[::2] & 0x8000_FFFF | (beats[::2, :1] & 0x7FFF_0000)  # near enough to be rounded
    beats[:2, 0] = SIGN, SIGN | INFINITY + 1
    chunks = np.arange(count) % (LINE_FLOATS // cols)
    adding = rng.random(count) < 0.7
    adding[:2] = False
    kept = np.where(rng.random(count) < 0.4, rng.integers(1, cols + 1, count), cols)
    sums = []
    for beat, line, chunk, adds, columns in zip(beats, lines, chunks, adding, kept, strict=True):
        sums.append(beat.copy())
        if adds:
            residual = np.zeros((STEP_ROWS, RESIDUAL_STEPS, LINE_FLOATS), np.uint32)
            residual[0, 0] = line
            sums[-1] = golden(beat[None], residual.view(np.uint8), int(chunk) * cols)[0]
        sums[-1][columns:] = 0
        coverage.hit("cp_added" if adds else "cp_not_added")
        coverage.hit("cp_cut_columns", adds and columns < cols)
        nan = (beat & ~np.uint32(SIGN)) > INFINITY
        coverage.hit("cp_nan_kept", not adds and bool((nan & (beat != CANONICAL_NAN))[:columns].any()))
        coverage.hit("cp_minus_zero", not adds and bool((beat == SIGN)[:columns].any()))
        coverage.hit("cp_nan_made", adds and bool((sums[-1] == CANONICAL_NAN).any()))
    coverage.hit("cp_every_chunk", len(set(chunks.tolist())) * cols == LINE_FLOATS)
    return check_combinational(
        residual_add, ports,
        inputs={
            "beat": [to_int(beat) for beat in beats], "line": [to_int(line) for line in lines], "chunk": chunks,
            "adding": adding, "kept": kept,
        },
        outputs={"sums": [to_int(own) for own in sums]},
        bins={name: count - hits[name] for name, count in coverage.hits.items()}, planned=BINS, oracle=ORACLE,
        not_checked=NOT_CHECKED, seed=seed, sizes={"cols": cols}, parameters={"cols": cols},
    )
