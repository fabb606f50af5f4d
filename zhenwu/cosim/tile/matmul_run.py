"""A reader's own matmul on the tile: one job without stalls, checked bit by bit. Behind `zhenwu sim --a --b`."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from hdl.bench.coverage import Coverage
from zhenwu.cosim.evidence import Evidence
from zhenwu.cosim.tile.check_jobs import BINS, check_jobs
from zhenwu.cosim.tile.host import Job, Progress, no_progress
from zhenwu.cosim.tile.jobs import Wanted
from zhenwu.golden.numerics import mx_round


def matmul_run(
    job: Job, wanted: Wanted, kind: Mapping[str, object], *, seed: int, progress: Progress = no_progress
) -> tuple[NDArray[np.float32], Evidence]:
    """C float32[m, n] of a matmul job on a tile of this kind, and the evidence that the tile computes just that.

    C is the golden product, rounded to the format that it is stored in: where the evidence is ok, memory held the same
    after the simulation.
    """
    coverage = Coverage(BINS)
    evidence = check_jobs([job], seed=seed, coverage=coverage, progress=progress, **kind)
    # one job plans no coverage: which situations it meets is up to the reader's matrices
    return stored(job, wanted), replace(evidence, bins={}, planned={})


def stored(job: Job, wanted: Wanted) -> NDArray[np.float32]:
    """The numbers that a job leaves in memory."""
    product = job.product.view(np.float32)
    return product if wanted.store is None else mx_round(product, wanted.store.element, wanted.rule)
