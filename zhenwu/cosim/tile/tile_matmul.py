"""Linear layers of a model on the tile in MyHDL: a `Matmul` like any other, and the evidence that it gathers."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from hdl.bench.coverage import Coverage
from zhenwu.cosim.evidence import Evidence
from zhenwu.cosim.tile.check_jobs import check_jobs
from zhenwu.cosim.tile.host import Host
from zhenwu.cosim.tile.tile_bench import sized_job
from zhenwu.qwen.linear import Matmul


@dataclass
class TileMatmul:
    """Multiplies the layers whose names begin with `prefix` on the tile, in MXFP4 `floor`, all others by `golden`.

    x[..., k] . w[n, k]^T is what the tile's memory holds afterwards. Every product is a job of its own on a fresh tile
    without stalls, and leaves a piece of `evidence`. After one that fails, nothing more is simulated.
    """

    prefix: str
    golden: Matmul
    seed: int
    coverage: Coverage
    evidence: list[Evidence] = field(default_factory=list)

    def __call__(self, name: str, x: NDArray, w: NDArray) -> NDArray:
        if not name.startswith(self.prefix) or not all(each.ok for each in self.evidence):
            return self.golden(name, x, w)
        hosts: list[Host] = []
        rows = np.asarray(x.reshape(-1, x.shape[-1]), np.float32)
        job = sized_job(name, rows, np.asarray(w, np.float32))
        self.evidence.append(check_jobs([job], seed=self.seed, coverage=self.coverage, hosts=hosts))
        if not self.evidence[-1].ok:
            return self.golden(name, x, w)
        return hosts[-1].product(job).reshape(*x.shape[:-1], len(w)).astype(x.dtype, copy=False)
