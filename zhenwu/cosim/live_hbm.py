"""What the live cells of the memory controller's blocks are held against, as `zhenwu/cosim/live.py` has the others."""

from hdl.bench.coverage import Coverage
from hdl.hbm.controller import act_window
from zhenwu.cosim.hbm.activate_window import BINS, NOW_BITS, Bench
from zhenwu.spec.hbm3 import HBM3_6400
from zhenwu.spec.hbm3_rules import TIMING_RULES

SEED, CYCLES = 5, 1500  # a clock of NOW_BITS runs round several times
WINDOW, GAP = act_window(TIMING_RULES, HBM3_6400)


def activate_window(seed: int = SEED, window: int = WINDOW, gap: int = GAP) -> dict:
    """Random ACTs as the window allows, with rests in which all of them grow old."""
    bench = Bench(window, gap, f"live {seed}/{window}", Coverage(BINS))
    inputs = bench.begin()
    columns: dict[str, list[int]] = {name: [] for name in inputs}
    shut = []
    for _ in range(CYCLES):
        for name, value in inputs.items():
            columns[name].append(value)
        shut.append(bench.expected()["shut"])
        inputs = bench.advance(None)
    sizes = {"window": window, "gap": gap}
    return {"module": "hdl.hbm.activate_window", "clocked": True, "inputs": columns, "expected": {"shut": shut},
            "ports": {"now_bits": NOW_BITS}, "parameters": sizes}
