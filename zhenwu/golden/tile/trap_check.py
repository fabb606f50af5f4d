"""Whether an instruction word traps: what `zhenwu.spec.trap` and `zhenwu.spec.isa` say, as one bit."""

from zhenwu.golden.tile.sequencer import decoded
from zhenwu.spec.mma_formats import ALL_FORMATS
from zhenwu.spec.trap import fault


def trap_check(word: int, half_steps: int, formats: tuple[str, ...] = ALL_FORMATS) -> bool:
    """Whether a tile with `half_steps` steps per half and these formats built in can do what a 128-bit word says.

    Where a loop stands is not looked at: see `golden.tile.sequencer`.
    """
    instruction = decoded(word)
    return instruction is not None and fault(instruction, half_steps, formats) is None
