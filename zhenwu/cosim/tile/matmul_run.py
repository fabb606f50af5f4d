"""A reader's own matmul on the tile: one job without stalls, checked bit by bit. Behind `zhenwu sim --a --b`."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from hdl.bench.coverage import Coverage
from zhenwu.cosim.evidence import Evidence
from zhenwu.cosim.tile.check_jobs import BINS, check_jobs
from zhenwu.cosim.tile.host import Host, Job, Progress, no_progress


def matmul_run(
    job: Job, kind: Mapping[str, object], *, seed: int, progress: Progress = no_progress
) -> tuple[NDArray[np.float32], Evidence]:
    """C float32[m, n] of a matmul job as a tile of this kind leaves it in memory, and the evidence that it is right."""
    hosts: list[Host] = []
    evidence = check_jobs([job], seed=seed, coverage=Coverage(BINS), progress=progress, hosts=hosts, **kind)
    # one job plans no coverage: which situations it meets is up to the reader's matrices
    return hosts[0].product(job), replace(evidence, bins={}, planned={})
