"""A reader's own matmul on the tile: one job without stalls, checked bit by bit. Behind `zhenwu sim --a --b`."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from hdl.bench.coverage import Coverage
from zhenwu.cosim.evidence import Evidence
from zhenwu.cosim.tile.check_jobs import BINS, check_jobs
from zhenwu.cosim.tile.host import Job, Progress, no_progress


def matmul_run(
    job: Job, *, rows: int, cols: int, seed: int, progress: Progress = no_progress
) -> tuple[NDArray[np.float32], Evidence]:
    """C float32[m, n] of a matmul job, and the evidence that the tile computes just that.

    C is the golden product: where the evidence is ok, memory held the same bits after the simulation.
    """
    coverage = Coverage(BINS)
    evidence = check_jobs([job], seed=seed, coverage=coverage, rows=rows, cols=cols, progress=progress)
    # one job plans no coverage: which situations it meets is up to the reader's matrices
    return job.product.view(np.float32), replace(evidence, bins={}, planned={})
