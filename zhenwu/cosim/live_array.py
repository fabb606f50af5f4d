"""What the live cells of the array are held against: an mma's steps, and a tile on a memory with a knob.

Part of `zhenwu/cosim/live.py`, which says how such vectors are made and used.
"""

from collections.abc import Iterator
from dataclasses import fields
from random import Random

from hdl.harness.starved_tile import PROGRAM_DEPTH
from zhenwu.cosim.tile.mma_issue import corners, random_result
from zhenwu.cycle.tile.mma_issue import MmaIssue
from zhenwu.golden.tile.compile_matmul import compile_matmul
from zhenwu.golden.tile.layout import plan
from zhenwu.golden.tile.mma_issue import Step
from zhenwu.golden.tile.mma_issue import mma_issue as golden
from zhenwu.spec.isa import STEP_ROWS, Mma, encode
from zhenwu.spec.mma_formats import MXFP4_MMA

ROWS, COLS, LATENCY, HALF_STEPS = 4, 8, 4, 3  # of the issue: one row of results has few sub-tiles and must pause
STEP = tuple(field.name for field in fields(Step))  # what a step says of itself, by the names of its pins
CALM = 40  # cycles at the beginning, without a stall
KNOB_SIDE, KNOB_K, KNOB_CYCLES = 2, 1024, 700  # of the tile with the knob


def issued(random: Random, latency: int, results: int) -> Iterator[dict[str, int | None]]:
    """The issue's pins, a cycle a row: one row of results, a whole panel, the bench's corners, then random mmas.

    A half that is freed is full again some cycles later, a finished result drained some cycles later.
    """
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
    refill, drained = [0, 0, 0, 0], {}  # the cycle in which each half is full, each buffer free
    at = 0
    while steps or model.at_work:
        full = sum(1 << half for half in range(4) if refill[half] <= at)
        done = next((each for each, when in drained.items() if when <= at), None)
        drained.pop(done, None)
        freed, ready = 0 if done is None else 1 << done, at < CALM or random.random() < 0.85
        offered = mmas[0] if mmas else None
        takes, moves = model.takes(offered, full, ready), model.valid and ready
        ends = moves and model.ending
        row = {"instr_valid": offered is not None, "instr_word": encode(offered) if offered else at, "full": full}
        row |= {"freed": freed, "step_ready": ready, "expected step_valid": model.valid, "expected mma_done": ends}
        row |= {"expected instr_ready": takes if offered else None, "expected free": model.frees if ends else 0}
        row["expected blocked"] = model.blocked(offered, full)
        row |= {f"expected step_{name}": steps[0][name] if model.valid else None for name in STEP}
        yield {name: value if value is None else int(value) for name, value in row.items()}
        if ends:
            if model.mma.last:
                drained[model.buffer] = at + random.choice([3, 5, 40])
            for half in range(4):
                if model.frees >> half & 1:
                    refill[half] = at + random.choice([1, 2, 20])
        model.step(offered if takes else None, moves, freed)
        mmas, steps = mmas[takes:], steps[moves:]
        at += 1


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
    counted = [0] * (began + 1) + [*range(1, idle)]
    anything = dict.fromkeys(("busy", "starved", "blocked", "draining"), [None] * KNOB_CYCLES)
    kinds = [0] * (began + 1) + [1] * (idle - 1)
    return {
        "module": "hdl.harness.starved_tile", "clocked": True, "inputs": inputs,
        "expected": anything | {"kinds": kinds, "counted": counted}, "begin": began + 2 * (STEP_ROWS + 1),
        "parameters": {"rows": KNOB_SIDE, "cols": KNOB_SIDE, "half_steps": 1, "latency": 1},
    }
