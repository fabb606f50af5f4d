"""Do the descriptors of a program stay within memory? Hardware does not ask: its addresses wrap at the end.

Chapter: a slice that runs a matmul.
"""

from collections.abc import Iterable

from zhenwu.golden.tile.assembly import disassembled_line
from zhenwu.golden.tile.layout import LINE_WORDS, MEMORY_LINES
from zhenwu.golden.tile.sequencer import sequencer
from zhenwu.spec.isa import FINISHED, STEP_ROWS, Instruction, Load, Store, decode, status


def check_addresses(words: Iterable[int], half_steps: int) -> None:
    """ValueError at the first load or store of a program of 128-bit words that reaches beyond memory.

    What a bad instruction keeps from being run is not looked at.
    """
    for index, word in enumerate(words):
        _, end = sequencer([word], half_steps)
        if end != status(FINISHED):
            return
        last = last_line(decode(word))
        if last >= MEMORY_LINES:
            raise ValueError(
                f"instruction {index} reaches line {last}: expected at most {MEMORY_LINES - 1}, the last of memory: "
                f"{disassembled_line(word)}"
            )


def last_line(instruction: Instruction) -> int:
    """The highest line that an instruction touches, -1 if none."""
    match instruction:
        case Load(rows=rows, k_steps=k_steps):
            elements = instruction.element_base + (rows - 1) * instruction.element_stride + k_steps - 1
            panels = -(-rows // STEP_ROWS)
            return max(elements, instruction.scale_base + (panels - 1) * instruction.scale_stride + k_steps - 1)
        case Store(m=m, n=n):
            return instruction.base + (m - 1) * instruction.stride + -(-n // LINE_WORDS) - 1
    return -1
