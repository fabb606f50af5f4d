"""A reader's own matmul on the tile: one job without stalls, checked bit by bit. Behind `zhenwu sim --a --b`."""

import numpy as np
from numpy.typing import NDArray

from hdl.bench.coverage import Coverage
from zhenwu.cosim.evidence import Evidence
from zhenwu.cosim.tile.tile import check_jobs
from zhenwu.cosim.tile.tile_bench import BINS, sized_job


def matmul_run(
    a: NDArray[np.float32], b: NDArray[np.float32], *, rows: int, cols: int, seed: int
) -> tuple[NDArray[np.float32], Evidence]:
    """C float32[m, n] = A[m, k] . B[n, k] in MXFP4 as the tile computes it, and the evidence that it is right."""
    job = sized_job("your matrices", a, b, rows, cols)
    evidence = check_jobs([job], seed=seed, coverage=Coverage({}), rows=rows, cols=cols)
    return job.product.view(np.float32), evidence
