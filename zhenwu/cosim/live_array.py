"""What the live cells of the array are held against: an mma's steps, and a tile on a memory with a knob.

Part of `zhenwu/cosim/live.py`, which says how such vectors are made and used.
"""

from random import Random

from hdl.harness.starved_tile import PROGRAM_DEPTH
from zhenwu.cosim.tile.mma_issue import corners, random_result
from zhenwu.cycle.tile.mma_issue import MmaIssue
from zhenwu.golden.tile.compile_matmul import compile_matmul
from zhenwu.golden.tile.layout import plan
from zhenwu.golden.tile.mma_issue import mma_issue as golden
from zhenwu.spec.isa import STEP_ROWS, Mma, encode
from zhenwu.spec.mma_formats import MXFP4_MMA

ROWS, COLS, LATENCY, HALF_STEPS = 4, 8, 4, 3  # of the issue: one row of results has few sub-tiles and must pause
KNOB_SIDE, KNOB_K, KNOB_CYCLES = 2, 1024, 700  # of the tile with the knob


def mma_issue(seed: int = 5, latency: int = LATENCY, results: int = 16) -> dict:
    """One row of results, then a whole panel, then the bench's corners and random mmas in all formats, on 4 x 8 units.

    A half that is freed is full again some cycles later, a finished result drained some cycles later.
    """
    random = Random(seed)
    plain = {"b_half": 0, "first": 1, "last": 1, "release_b": 0, "a_step": 0, "b_step": 0, "k_groups": 4}
    mmas = [
        Mma(**plain, a_half=half, release_a=1 - half, m=m, n=STEP_ROWS, fmt=MXFP4_MMA.code)
        for half, m in enumerate((1, STEP_ROWS))
    ]
    mmas += corners()
    for _ in range(results):
        mmas += random_result(random)
    steps, buffer = [], 0
    for mma in mmas:
        steps += [vars(step) for step in golden(mma, buffer, ROWS, COLS, HALF_STEPS)]
        buffer ^= mma.last
    model = MmaIssue(ROWS, COLS, latency)
    columns: dict[str, list] = {}
    refill, drained = [0, 0, 0, 0], {}  # the cycle in which each half is full, each buffer free
    at = 0
    while steps or model.at_work:
        full = sum(1 << half for half in range(4) if refill[half] <= at)
        done = next((each for each, when in drained.items() if when <= at), None)
        drained.pop(done, None)
        freed, ready = 0 if done is None else 1 << done, at < 40 or random.random() < 0.85
        offered = mmas[0] if mmas else None
        takes, moves = model.takes(offered, full, ready), model.valid and ready
        ends = moves and model.ending
        row = {"instr_valid": offered is not None, "instr_word": encode(offered) if offered else at, "full": full}
        row |= {"freed": freed, "step_ready": ready, "expected step_valid": model.valid, "expected mma_done": ends}
        row |= {"expected instr_ready": takes if offered else None, "expected free": model.frees if ends else 0}
        row["expected blocked"] = model.blocked(offered, full)
        shown = steps[0] if model.valid else {}
        row |= {f"expected step_{name}": shown.get(name) for name in vars_of_a_step()}
        for name, value in row.items():
            columns.setdefault(name, []).append(value if value is None else int(value))
        if ends:
            if model.mma.last:
                drained[model.buffer] = at + random.choice([3, 5, 40])
            for half in range(4):
                if model.frees >> half & 1:
                    refill[half] = at + random.choice([1, 2, 20])
        model.step(offered if takes else None, moves, freed)
        mmas, steps = mmas[takes:], steps[moves:]
        at += 1
    sizes = {"rows": ROWS, "cols": COLS, "half_steps": HALF_STEPS}
    return parted("hdl.tile.mma_issue", columns) | {"ports": sizes, "parameters": sizes | {"latency": latency}}


def vars_of_a_step() -> tuple[str, ...]:
    """What a step says of itself, by the names of its pins."""
    return (
        "a_address", "b_address", "a_scale_address", "b_scale_address", "sub_row", "sub_col", "slot", "fmt", "upper",
        "closes", "first", "last",
    )


def starved_tile(k: int = KNOB_K) -> dict:
    """One result of 16 x 16 from its start on. Whatever the knob says, each cycle is of one kind and counted once.

    It does not end within the vectors, even where memory is as fast as can be.
    """
    (program,) = compile_matmul(*plan(STEP_ROWS, STEP_ROWS, k, fmt=MXFP4_MMA), half_steps=1)
    words = [encode(instruction) for instruction in program]
    assert len(words) <= PROGRAM_DEPTH, f"{len(words)} instructions: expected at most {PROGRAM_DEPTH}"
    began, idle = len(words), KNOB_CYCLES - len(words)
    inputs = {
        "code_valid": [1] * began + [0] * idle, "code_index": [*range(began)] + [0] * idle,
        "code_word": words + [0] * idle, "start": [0] * began + [1] + [0] * (idle - 1),
        "length": [began] * KNOB_CYCLES,
    }
    counted = [0] * (began + 2) + [*range(1, idle - 1)]
    anything = dict.fromkeys(("busy", "starved", "blocked", "draining"), [None] * KNOB_CYCLES)
    kinds = [0] * (began + 2) + [1] * (idle - 2)
    return {
        "module": "hdl.harness.starved_tile", "clocked": True, "inputs": inputs,
        "expected": anything | {"kinds": kinds, "counted": counted}, "begin": began + 2 * (STEP_ROWS + 1),
        "parameters": {"rows": KNOB_SIDE, "cols": KNOB_SIDE, "half_steps": 1, "latency": 1},
    }


def parted(module: str, columns: dict[str, list]) -> dict:
    """The stimulus of a clocked block, of columns that are an input each or, with the word `expected`, an output."""
    inputs = {name: values for name, values in columns.items() if " " not in name}
    expected = {name.split()[1]: values for name, values in columns.items() if " " in name}
    return {"module": module, "clocked": True, "inputs": inputs, "expected": expected}
