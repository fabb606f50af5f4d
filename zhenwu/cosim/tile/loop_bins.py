"""Which situations of loops a program holds, for the coverage of the sequencer's bench."""

from collections.abc import Iterator, Sequence

from zhenwu.golden.tile.sequencer import ADDRESSES, Passed, advances_of, decoded, first_trap
from zhenwu.spec.isa import LOOP_DEPTH, Load, Loop, Store, Wait

LOOP_BINS = {
    "cp_loop_once": "a loop of one round is as if it were not there",
    "cp_loop_of_one": "a body may be one instruction",
    "cp_loop_in_loop": "an inner loop begins again: its addresses go on from those of the outer round",
    "cp_loops_end_together": "two loops may end with the same instruction",
    "cp_loop_ends_program": "a body may end with the program",
    "cp_loop_ends_with_wait": "and with a wait",
    "cp_behind_loop": "behind a loop addresses are as they were",
    "cp_advance_wraps": "an address goes round the end of memory",
    "cp_advance_a": "each operand advances by itself",
    "cp_advance_b": "likewise",
    "cp_advance_residual": "likewise",
    "cp_advance_result": "likewise",
    "cp_trap_in_loop": "a bad instruction in a loop traps with its own index",
    "cp_trap_in_inner_loop": "and in a loop in a loop",
    "cp_loop_beyond_program": "a body that goes on behind the program traps",
    "cp_loop_beyond_loop": "and one that goes on behind the loop round it",
    "cp_loop_too_deep": "and a loop in a loop in a loop",
}
STREAM_BINS = {0: "cp_advance_a", 1: "cp_advance_b", 2: "cp_advance_residual"}


def loop_situations(
    words: Sequence[int], passed: Sequence[Passed], half_steps: int, formats: tuple[str, ...]
) -> Iterator[str]:
    """The bins of a program, given what golden says that the sequencer is done with."""
    program = [decoded(word) for word in words]
    trap = first_trap(program, half_steps, formats)
    holding: list[int] = []  # where the loops round an instruction end
    for index, instruction in enumerate(program[: trap + 1]):
        holding = [end for end in holding if end > index]
        if index == trap:
            yield from trap_situations(instruction, index, holding, len(program))
        elif isinstance(instruction, Loop):
            end = index + 1 + instruction.length
            last = program[end - 1]
            for name, holds in (
                ("cp_loop_once", instruction.count == 1),
                ("cp_loop_of_one", instruction.length == 1 and instruction.count > 1),
                ("cp_loops_end_together", end in holding and instruction.count > 1),
                ("cp_loop_ends_program", end == len(program)),
                ("cp_loop_ends_with_wait", isinstance(last, Wait) and instruction.count > 1),
            ):
                if holds:
                    yield name
            holding.append(end)
    for before, each in zip(passed, passed[1:], strict=False):
        yield from round_situations(before, each, program)


def trap_situations(instruction, index: int, holding: Sequence[int], length: int) -> Iterator[str]:
    """The bins of the instruction that traps."""
    if holding:
        yield "cp_trap_in_loop" if len(holding) == 1 else "cp_trap_in_inner_loop"
    if isinstance(instruction, Loop) and instruction.length and instruction.count:
        if len(holding) == LOOP_DEPTH:
            yield "cp_loop_too_deep"
        elif index + instruction.length >= length:
            yield "cp_loop_beyond_program"
        elif holding and index + instruction.length >= min(holding):
            yield "cp_loop_beyond_loop"


def round_situations(before: Passed, each: Passed, program: Sequence) -> Iterator[str]:
    """The bins of an instruction that follows another."""
    instruction, written = each.instruction, program[each.index]
    if any(before.rounds[len(each.rounds) :]) and advances_of(instruction):
        yield "cp_behind_loop"
    if len(each.rounds) == LOOP_DEPTH and each.rounds[0] and not each.rounds[1]:
        yield "cp_loop_in_loop"
    for field in advances_of(instruction):
        if getattr(instruction, field) < getattr(written, field) < ADDRESSES:
            yield "cp_advance_wraps"
        elif getattr(instruction, field) > getattr(written, field):
            if isinstance(instruction, Load):
                yield STREAM_BINS[instruction.operand]
            elif isinstance(instruction, Store):
                yield "cp_advance_result"
