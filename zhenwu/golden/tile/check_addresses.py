"""Do the descriptors of a program stay within memory? Hardware does not ask: its addresses wrap at the end.

Chapter: a slice that runs a matmul.
"""

from collections.abc import Iterable
from dataclasses import replace

from zhenwu.golden.tile.assembly import disassembled_line
from zhenwu.golden.tile.check_program import Refused
from zhenwu.golden.tile.sequencer import ADDRESSES, STREAMS, decoded, first_trap, moved_addresses
from zhenwu.spec.formats import BLOCK_SIZE
from zhenwu.spec.isa import STEP_ROWS, STORE_FORMATS, Instruction, Load, Loop, Store, encode
from zhenwu.spec.mma_formats import ALL_FORMATS, FLOAT32_RESIDUAL, OPERAND_FORMATS

LINE_FLOATS = FLOAT32_RESIDUAL.line_elements
LINE_BLOCKS = 2  # whose scales for 16 rows share a line
FLOAT32, MXFP8 = STORE_FORMATS.index("float32"), STORE_FORMATS.index("mxfp8")


def check_addresses(words: Iterable[int], half_steps: int, formats: tuple[str, ...] = ALL_FORMATS) -> None:
    """Refused at the first load or store of a program of 128-bit words that reaches beyond memory.

    In a loop the last round reaches furthest. What a bad instruction keeps from being run is not looked at.
    """
    program = [decoded(word) for word in words]
    end = first_trap(program, half_steps, formats)
    holding: list[tuple[int, Loop]] = []  # the loops round an instruction, and what comes behind each
    for index, instruction in enumerate(program[:end]):
        holding = [(behind, loop) for behind, loop in holding if behind > index]
        if isinstance(instruction, Loop):
            holding.append((index + 1 + instruction.length, instruction))
            continue
        # A loop with the bad instruction in it does not come to a second round
        again = [loop for behind, loop in holding if behind <= end]
        furthest = {name: sum((loop.count - 1) * getattr(loop, name) for loop in again) for name in STREAMS}
        last = last_line(replace(instruction, **moved_addresses(instruction, furthest)))
        if last >= ADDRESSES:
            raise Refused(
                index,
                f"instruction {index} reaches line {last}{' in the last round' if again else ''}: expected at most "
                f"{ADDRESSES - 1}, the last of memory: {disassembled_line(encode(instruction))}",
            )


def last_line(instruction: Instruction) -> int:
    """The highest line that an instruction touches, -1 if none; of a quantised part one that its matrix does."""
    match instruction:
        case Load(rows=rows, k_steps=k_steps, fmt=fmt):
            last = instruction.element_base + (rows - 1) * instruction.element_stride + k_steps - 1
            fmt = OPERAND_FORMATS[fmt]
            if fmt.scaled:
                panels = -(-rows // STEP_ROWS)
                scale_lines = -(-k_steps * fmt.line_elements // (BLOCK_SIZE * LINE_BLOCKS))
                last = max(last, instruction.scale_base + (panels - 1) * instruction.scale_stride + scale_lines - 1)
            return last
        case Store(m=m, n=n, fmt=fmt, part=part):
            columns = STEP_ROWS * part + n
            row = instruction.base + (m - 1) * instruction.stride
            if fmt == FLOAT32:
                return row + -(-columns // LINE_FLOATS) - 1
            line = -(-columns // BLOCK_SIZE) - 1 if fmt == MXFP8 else 0
            return max(row + line, instruction.scale_base if instruction.closes else 0)
    return -1
