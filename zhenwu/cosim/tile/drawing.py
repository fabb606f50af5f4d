"""The waveform of one small matmul, for the report: every stream of the tile from the first load to `done`."""

from dataclasses import replace

import numpy as np

from hdl.bench.coverage import Coverage
from hdl.bench.waveform import waveform
from zhenwu.cosim.evidence import Drawing
from zhenwu.cosim.profiles import NONE
from zhenwu.cosim.stream_bench import run_once
from zhenwu.cosim.tile.host import Host
from zhenwu.cosim.tile.tile_bench import BINS, COLS, LATENCY, ROWS, budget, sized_job, tile_bench, tile_sizes

SIZE = (8, 8, 64)
PINS = (
    "start", "done", "load_valid", "load_ready", "mma_valid", "mma_ready", "store_valid", "store_ready",
    "port_cmd_valid", "port_cmd_ready", "port_cmd_write", "port_cmd_line_address", "port_rdata_valid",
    "port_rdata_ready", "line_valid", "line_ready", "line_operand", "line_row", "step_valid", "step_ready",
    "step_slot", "step_first", "step_last", "beats_valid", "beats_ready", "beats_data", "port_wdata_valid",
    "port_wdata_ready", "port_wdata_data",
)


def matmul_drawing(seed: int) -> Drawing:
    """An 8 x 8 x 64 matmul on the 4 x 4 array."""
    m, n, k = SIZE
    rng = np.random.default_rng(seed)
    job = sized_job("drawing", rng.standard_normal((m, k), np.float32), rng.standard_normal((n, k), np.float32))
    hosts: list[Host] = []
    make = tile_bench([job], Coverage(BINS), tile_sizes([job], ROWS, COLS), hosts)
    outcome = run_once(make, NONE, seed, budget([job]), window=(0, budget([job])))
    columns = {column.name: column for column in outcome.trace.columns}
    begin = columns["start"].values.index(1)
    end = begin + columns["done"].values[begin:].index(1) + 2
    shown = [replace(columns[name], values=columns[name].values[begin:end]) for name in PINS]
    title = f"One matmul on the tile: {m} x {n} x {k}, {ROWS} x {COLS} dot units, MXFP4"
    caption = (
        f"Two loads bring {m} rows of A and {n} of B, and their scales, from a memory that answers after {LATENCY} "
        "cycles; the mma makes 8 steps of them, 4 sub-tiles by 2 blocks; the result drains as 16 beats of 4 float32, "
        "which leave as 8 lines. A dot marks a transfer."
    )
    return Drawing(title, caption, waveform(shown, begin, title))
