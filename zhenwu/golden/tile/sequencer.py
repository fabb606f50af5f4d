"""The sequencer: from program words to the instructions that the mover, the array and the store path get."""

from collections.abc import Iterable

from zhenwu.spec.isa import BAD_INSTRUCTION, FINISHED, Instruction, Wait, decode, fault, status


def sequencer(words: Iterable[int], half_steps: int) -> tuple[list[Instruction], int]:
    """The loads, mmas and stores handed out, in program order, and the status word at the end.

    A word that does not decode, or an instruction that does not fit a scratchpad of `half_steps` steps per
    half, ends the program with BAD_INSTRUCTION and its index; those before it are handed out. A wait goes to
    nobody: it only holds back what follows.
    """
    handed_out: list[Instruction] = []
    for index, word in enumerate(words):
        try:
            instruction = decode(word)
        except ValueError:
            return handed_out, status(BAD_INSTRUCTION, index)
        if fault(instruction, half_steps):
            return handed_out, status(BAD_INSTRUCTION, index)
        if not isinstance(instruction, Wait):
            handed_out.append(instruction)
    return handed_out, status(FINISHED)
