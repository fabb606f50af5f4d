"""Why an instruction traps: what its fields say that this tile cannot do. Chapter: the sequencer and the tile mover."""

from zhenwu.spec.formats import SCALE_RULES
from zhenwu.spec.isa import (
    RESIDUAL,
    RESIDUAL_STEPS,
    STEP_ROWS,
    STORE_FORMATS,
    Instruction,
    Load,
    Loop,
    Mma,
    Store,
)
from zhenwu.spec.mma_formats import ALL_FORMATS, FLOAT32_RESIDUAL, MMA_CODES, STEP_WORDS, operand_codes


def fault(instruction: Instruction, half_steps: int, formats: tuple[str, ...] = ALL_FORMATS) -> str | None:
    """Why a decoded instruction traps on a tile with `half_steps` steps per scratchpad half, or None.

    `formats` are those that the tile has built in. What a loop holds is not looked at: see `golden.tile.sequencer`.
    """
    match instruction:
        case Load():
            return load_fault(instruction, half_steps, formats)
        case Mma():
            return shape_fault(instruction) or mma_fault(instruction, half_steps, formats)
        case Store(fmt=fmt, rule=rule):
            if fmt >= len(STORE_FORMATS) or rule >= len(SCALE_RULES):
                return f"format {fmt}, scale rule {rule}: expected at most {len(STORE_FORMATS) - 1} each"
            return shape_fault(instruction)
        case Loop(length=0) | Loop(count=0):
            return "a loop of nothing"
    return None


def load_fault(load: Load, half_steps: int, formats: tuple[str, ...]) -> str | None:
    """Why a load traps, or None."""
    if not load.rows or not load.k_steps:
        return "a load of nothing"
    panels = -(-load.rows // STEP_ROWS)
    if load.operand == RESIDUAL:
        if load.fmt != FLOAT32_RESIDUAL.code:
            return f"format {load.fmt} of a residual: expected {FLOAT32_RESIDUAL.code}, float32"
        if panels > 1 or load.k_steps > RESIDUAL_STEPS:
            return f"{load.rows} rows x {load.k_steps} lines exceed a residual of {STEP_ROWS} x {RESIDUAL_STEPS}"
        return None
    if load.operand > RESIDUAL:
        return f"operand {load.operand}: expected 0, 1 or {RESIDUAL}"
    if load.fmt not in operand_codes(formats):
        return f"format {load.fmt} of an operand: this tile multiplies {', '.join(formats)}"
    if panels * load.k_steps > half_steps:
        return f"{panels} panels x {load.k_steps} steps exceed a half of {half_steps} steps"
    return None


def shape_fault(instruction: Mma | Store) -> str | None:
    """Why the m x n of an instruction traps, or None."""
    if 1 <= instruction.m <= STEP_ROWS and 1 <= instruction.n <= STEP_ROWS:
        return None
    return f"m = {instruction.m}, n = {instruction.n}: expected 1 .. {STEP_ROWS} each"


def mma_fault(mma: Mma, half_steps: int, formats: tuple[str, ...]) -> str | None:
    """Why the format or the steps of an mma trap, or None."""
    fmt = MMA_CODES[mma.fmt]
    if fmt.name not in formats:
        return f"format {mma.fmt} of a product: this tile multiplies {', '.join(formats)}"
    if not mma.k_groups:
        return "an mma over no groups"
    for step, words in ((mma.a_step, fmt.a_words), (mma.b_step, fmt.b_words)):
        if STEP_WORDS * step + words * mma.k_groups > STEP_WORDS * half_steps:
            return f"step {step} + {mma.k_groups} groups exceed a half of {half_steps} steps"
    return None
