"""Programs of the chapter on sequencer and mover: a loop, two layers, wrong ones; and what checks say of them."""

import re
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from zhenwu.cosim.agent_layer import LAYER, agent
from zhenwu.cosim.tile.bad_programs import good_job
from zhenwu.cosim.tile.format_jobs import followed_by
from zhenwu.cosim.tile.host import Job
from zhenwu.cosim.tile.jobs import Wanted
from zhenwu.cosim.tile.tile_bench import COLS, HALF_STEPS, ROWS, sized_job
from zhenwu.golden.tile.check_addresses import check_addresses
from zhenwu.golden.tile.check_program import check_program
from zhenwu.golden.tile.layout import LINE_FLOATS, MEMORY_LINES, plan
from zhenwu.spec.formats import SCALE_RULES
from zhenwu.spec.isa import (
    LOOP_DEPTH,
    OPCODE_BITS,
    STEP_ROWS,
    WAIT,
    Instruction,
    Load,
    Loop,
    Mma,
    Store,
    Wait,
    decode,
    encode,
)
from zhenwu.spec.mma_formats import MXFP4_MMA, MXFP4_OPERAND
from zhenwu.spec.tile import HALVES, SLICE_FORMATS

GROUPS = 2  # of a step, in MXFP4


def by_panels(m: int, n: int, k: int, halves: int = HALVES) -> list[Instruction]:
    """C[m, n] = A[m, k] . B[n, k] in MXFP4, places as `layout.plan` has them: A is loaded once, B goes by in a loop.

    In each round a panel of B comes into each of so many `halves`, and is multiplied by every panel of A. ValueError
    where A does not fit a half, or n is no whole number of rounds.
    """
    a, b, c = plan(m, n, k)
    if a.panels * a.steps > HALF_STEPS:
        raise ValueError(f"A of {m} x {k} takes {a.panels * a.steps} steps: expected at most {HALF_STEPS}, a half")
    if n % (halves * STEP_ROWS) or m % STEP_ROWS:
        raise ValueError(f"m = {m}, n = {n}: expected multiples of {STEP_ROWS} and {halves * STEP_ROWS}")
    panel, columns = STEP_ROWS * b.element_stride, STEP_ROWS // LINE_FLOATS
    body: list[Instruction] = [
        Load(1, half, STEP_ROWS, b.steps, b.element_base + half * panel, b.element_stride,
             b.scale_base + half * b.scale_stride, b.scale_stride)
        for half in range(halves)
    ]
    for half in range(halves):
        for row in range(a.panels):
            base, last_user = c.base + row * STEP_ROWS * c.stride + half * columns, int(row == a.panels - 1)
            body.append(Mma(0, half, 1, 1, 0, last_user, STEP_ROWS, STEP_ROWS, GROUPS * a.steps, row * a.steps, 0,
                            MXFP4_MMA.code))
            body.append(Store(STEP_ROWS, STEP_ROWS, base, c.stride))
    loop = Loop(
        len(body), n // (halves * STEP_ROWS), b_elements=halves * panel, b_scales=halves * b.scale_stride,
        result=halves * columns,
    )
    whole = Load(0, 0, m, a.steps, a.element_base, a.element_stride, a.scale_base, a.scale_stride)
    return [whole, loop, *body, Wait()]


def one_after_another(tokens: NDArray[np.float32]) -> tuple[Job, Job]:
    """The first layer's queries of these tokens in MXFP4; and that job followed by the output weights of the layer.

    The second job has two programs.
    """
    weights = [agent().weights[f"{LAYER}self_attn.{name}_proj.weight"] for name in "qo"]
    first = sized_job("queries", tokens, weights[0], wanted=Wanted(MXFP4_MMA, MXFP4_OPERAND))
    return first, followed_by(first, weights[1], MXFP4_MMA, SCALE_RULES[0], ROWS, COLS)


def wrong_programs() -> tuple[Job, dict[str, list[int]]]:
    """A small product of two results, and programs that differ from its own in a word or two, by what is wrong."""
    good = good_job(HALF_STEPS, "a small product")
    words = list(good.programs[0])  # load a, load b, then mma and store twice, wait
    a, first_store = decode(words[0]), decode(words[3])
    beyond = encode(replace(first_store, base=MEMORY_LINES - 1))
    loops = [encode(Loop(length=left, count=1)) for left in range(LOOP_DEPTH + 1, 0, -1)]  # all end with one word
    return good, {
        "a word that nobody wrote": [*words[:4], 0, *words[5:]],
        "a bit that no field has": [*words[:6], WAIT | 1 << OPCODE_BITS],
        "a load larger than its half": [encode(replace(a, rows=(HALF_STEPS + 1) * STEP_ROWS)), *words[1:]],
        "a loop too many": [*words[:6], *loops, words[6]],
        "a half loaded twice": [*words[:2], words[0], *words[2:]],
        "an mma on what nobody loads": [words[0], *words[2:]],
        "a result that nobody stores": [*words[:5], words[6]],
        "a result beyond memory": [*words[:3], beyond, *words[4:]],
    }


def refused(words: Iterable[int]) -> str:
    """What the checks say of a program for our tile before it runs, without the instruction's text; or "nothing"."""
    words = list(words)
    try:
        for index, word in enumerate(words):
            try:
                decode(word)
            except ValueError as reason:
                raise ValueError(f"instruction {index}, {re.sub('0x0+', '0x', str(reason))}") from None
        check_program(map(decode, words), HALF_STEPS, SLICE_FORMATS)
        check_addresses(words, HALF_STEPS, SLICE_FORMATS)
    except ValueError as reason:
        return str(reason).partition(": ")[0]
    return "nothing"
