"""The sequencer: from program words to the instructions that the mover, the array and the store path get.

A loop runs its body, the `length` instructions behind it, `count` times. In round 0, 1, 2 .. of a loop each address of
its body is moved by 0, 1, 2 .. times the loop's advance for it, on top of what a loop round that one adds, modulo
2^23 lines; behind the loop all is as it was before. `ADVANCES` says which advance an address takes. Loops stand in one
another at most LOOP_DEPTH deep; two may end with the same instruction. Chapter: the sequencer and the tile mover.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from zhenwu.spec.isa import (
    BAD_INSTRUCTION,
    FINISHED,
    LOOP_DEPTH,
    RESIDUAL,
    Instruction,
    Load,
    LoadFields,
    Loop,
    Store,
    Wait,
    decode,
    status,
)
from zhenwu.spec.mma_formats import ALL_FORMATS
from zhenwu.spec.trap import fault

ADDRESSES = 1 << LoadFields.element_base.width
ADVANCES = {  # by a load's operand, or Store: which advance each of its addresses takes
    0: {"element_base": "a_elements", "scale_base": "a_scales"},
    1: {"element_base": "b_elements", "scale_base": "b_scales"},
    RESIDUAL: {"element_base": "residual"},
    Store: {"base": "result", "scale_base": "result_scales"},
}
STREAMS = tuple(name for advances in ADVANCES.values() for name in advances.values())
Offsets = dict[str, int]  # by stream
UNMOVED = dict.fromkeys(STREAMS, 0)


class Passed(NamedTuple):
    """An instruction that the sequencer is done with, its addresses moved: `rounds` of the loops that hold it."""

    index: int  # in the program
    rounds: tuple[int, ...]  # from 0, the outer loop's first
    instruction: Instruction


class Trap(Exception):
    """The instruction at `index` cannot be run."""

    def __init__(self, index: int, reason: str):
        super().__init__(index, reason)
        self.index, self.reason = index, reason


def sequencer(
    words: Iterable[int], half_steps: int, formats: tuple[str, ...] = ALL_FORMATS
) -> tuple[list[Instruction], int]:
    """The loads, mmas and stores handed out, in order and with their addresses moved, and the status word at the end.

    A word that does not decode, or an instruction that a tile with `half_steps` steps per half and these formats built
    in cannot do (`trap.fault`), ends the program with BAD_INSTRUCTION and its index; those before it are handed out.
    So does a loop of which `misplaced` tells. A wait goes to nobody: it only holds back what follows.
    """
    handed_out: list[Instruction] = []
    try:
        for passed in unroll([decoded(word) for word in words], half_steps, formats):
            if not isinstance(passed.instruction, Wait):
                handed_out.append(passed.instruction)
    except Trap as trap:
        return handed_out, status(BAD_INSTRUCTION, trap.index)
    return handed_out, status(FINISHED)


def decoded(word: int) -> Instruction | None:
    """The instruction of a word, or None if there is none."""
    try:
        return decode(word)
    except ValueError:
        return None


def unroll(
    program: Sequence[Instruction | None], half_steps: int, formats: tuple[str, ...] = ALL_FORMATS
) -> Iterator[Passed]:
    """Everything but the loops themselves, in the order in which it is run, waits too; Trap where the program traps."""
    return run_body(program, 0, len(program), (), UNMOVED, half_steps, formats)


def until_trap(
    program: Sequence[Instruction | None], half_steps: int, formats: tuple[str, ...] = ALL_FORMATS
) -> Iterator[Passed]:
    """`unroll` up to a trap, if there is one."""
    try:
        yield from unroll(program, half_steps, formats)
    except Trap:
        return


def first_trap(
    program: Sequence[Instruction | None], half_steps: int, formats: tuple[str, ...] = ALL_FORMATS
) -> int:
    """The index of the instruction that ends a program before its time, or the program's length."""
    trap = trap_of(program, half_steps, formats)
    return len(program) if trap is None else trap.index


def trap_of(
    program: Sequence[Instruction | None], half_steps: int, formats: tuple[str, ...] = ALL_FORMATS
) -> Trap | None:
    """Where and why a program traps, or None.

    Instructions trap for what they are and where they stand, so if at all in the first round of the loops round them.
    """
    once = [replace(each, count=1) if isinstance(each, Loop) and each.count else each for each in program]
    try:
        for _ in unroll(once, half_steps, formats):
            pass
    except Trap as trap:
        return trap
    return None


def run_body(
    program: Sequence[Instruction | None], first: int, end: int, rounds: tuple[int, ...], offsets: Offsets,
    half_steps: int, formats: tuple[str, ...],
) -> Iterator[Passed]:
    """`unroll` the instructions from `first` up to `end`, in these rounds of the loops that hold them."""
    index = first
    while index < end:
        instruction = program[index]
        reason = "no instruction" if instruction is None else fault(instruction, half_steps, formats)
        if isinstance(instruction, Loop):
            reason = reason or misplaced(instruction, index, end, len(rounds))
        if reason:
            raise Trap(index, reason)
        behind = index + 1
        if isinstance(instruction, Loop):
            behind += instruction.length
            for time in range(instruction.count):
                moved = {name: offsets[name] + time * getattr(instruction, name) for name in STREAMS}
                yield from run_body(program, index + 1, behind, (*rounds, time), moved, half_steps, formats)
        else:
            yield Passed(index, rounds, with_offsets(instruction, offsets) if rounds else instruction)
        index = behind


def misplaced(loop: Loop, index: int, end: int, depth: int) -> str | None:
    """Why the loop at `index` traps there: `end` of what holds it, `depth` loops round it. None if it does not."""
    if depth == LOOP_DEPTH:
        return f"a loop within {LOOP_DEPTH} loops"
    if index + loop.length >= end:
        return f"a loop of {loop.length} instructions, of which {end - index - 1} are there"
    return None


def advances_of(instruction: Instruction) -> dict[str, str]:
    """By address field of an instruction, the advance of a loop that moves it."""
    match instruction:
        case Load(operand=operand):
            return ADVANCES.get(operand, {})
        case Store():
            return ADVANCES[Store]
    return {}


def moved_addresses(instruction: Instruction, offsets: Offsets) -> dict[str, int]:
    """The address fields of an instruction with the offsets added, which may lead beyond memory."""
    return {field: getattr(instruction, field) + offsets[name] for field, name in advances_of(instruction).items()}


def with_offsets(instruction: Instruction, offsets: Offsets) -> Instruction:
    """The instruction with its addresses moved, round the end of memory if they reach it."""
    moved = {field: address % ADDRESSES for field, address in moved_addresses(instruction, offsets).items()}
    return replace(instruction, **moved) if moved else instruction
