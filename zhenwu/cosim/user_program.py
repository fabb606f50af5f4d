"""A reader's own programs for the tile: read from assembly and checked. `zhenwu.cosim.program_run` runs them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import prod
from pathlib import Path

from zhenwu.cosim.tile.tile_bench import HALF_STEPS
from zhenwu.cosim.user_matmul import InputError
from zhenwu.golden.tile.assembly import Line, assemble_programs, disassembled_line
from zhenwu.golden.tile.check_addresses import check_addresses
from zhenwu.golden.tile.check_order import check_order
from zhenwu.golden.tile.check_program import Refused, check_program
from zhenwu.golden.tile.sequencer import Trap, decoded, trap_of
from zhenwu.spec.isa import Instruction, Loop, decode

LONGEST = (1 << 16) - 1  # instructions: what a tile's `length` says
EXPECTED = "expected a program in assembly, as zhenwu program prints it"
LEAST_CYCLES = 2  # that an instruction takes in the sequencer each time


@dataclass(frozen=True)
class UserProgram:
    """A program of a file: its words, and the line on which each stands.

    `trap`: where it traps, if it does. `refused`: why the checks would not run it, with the place, or None. `trusted`:
    what it writes is sure, since nothing but a trap or an address stands against it.
    """

    path: Path
    name: str  # of several
    lines: Sequence[Line]
    trap: Trap | None = None
    refused: str | None = None
    trusted: bool = True

    @property
    def words(self) -> list[int]:
        """The words alone."""
        return [line.word for line in self.lines]

    @property
    def instructions(self) -> list[Instruction | None]:
        """What they mean; None is a word that does not decode."""
        return [decoded(line.word) for line in self.lines]

    @property
    def why_trap(self) -> str:
        """The reason of the trap."""
        word = self.lines[self.trap.index].word
        try:
            decode(word)
        except ValueError as reason:
            return str(reason)
        return f"{self.trap.reason}: {disassembled_line(word)}"

    def times(self) -> Iterator[tuple[int, Instruction]]:
        """How often each instruction up to a trap is run, loops and all, without going through their rounds."""
        end = len(self.lines) if self.trap is None else self.trap.index
        holding: list[tuple[int, int]] = []  # what comes behind each loop round an instruction, and its rounds
        for index, instruction in enumerate(self.instructions[:end]):
            holding = [(behind, count) for behind, count in holding if behind > index]
            # a loop with the bad instruction in it does not come to a second round
            yield prod(count for behind, count in holding if behind <= end), instruction
            if isinstance(instruction, Loop):
                holding.append((index + 1 + instruction.length, instruction.count))

    def place(self, index: int) -> str:
        """Where an instruction stands; behind the last one, where that stands."""
        number = self.lines[min(max(index, 0), len(self.lines) - 1)].number
        return f"{self.path}, line {number}{self.name}"


def read_programs(path: Path) -> list[UserProgram]:
    """The programs of an assembly file, not checked yet; InputError if it cannot be read or assembled."""
    try:
        if path.is_char_device() or path.is_block_device():
            raise InputError(f"{path}: is no ordinary file; {EXPECTED}")
        found = assemble_programs(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such file; {EXPECTED}") from None
    except OSError as error:
        raise InputError(f"{path}: {(error.strerror or str(error)).lower()}; {EXPECTED}") from None
    except UnicodeDecodeError:
        raise InputError(f"{path}: is not text in UTF-8; {EXPECTED}") from None
    except ValueError as reason:
        raise InputError(f"{path}, {reason}") from None
    for index, lines in enumerate(found, start=1):
        which = f"program {index} has" if len(found) > 1 else "has"
        if not 1 <= len(lines) <= LONGEST:
            raise InputError(f"{path}: {which} {len(lines)} instructions; expected 1 .. {LONGEST}")
    names = [f", in program {index}" for index in range(1, len(found) + 1)] if len(found) > 1 else [""]
    return [with_trap(UserProgram(path, name, lines)) for name, lines in zip(names, found, strict=True)]


def with_trap(program: UserProgram) -> UserProgram:
    """The program and where it traps."""
    return replace(program, trap=trap_of(program.instructions, HALF_STEPS))


def checked_program(program: UserProgram) -> UserProgram:
    """The program with what the checks say of it: whether it hangs, reads too early, traps or reaches beyond memory."""
    instructions = program.instructions
    trap, refused = program.trap, None
    try:
        check_program(instructions, HALF_STEPS)
    except Refused as reason:
        refused = reason
        if trap is None or reason.index != trap.index:
            return stopped(program, reason, trusted=False)
        refused = Refused(trap.index, f"instruction {trap.index} traps on {program.why_trap}")
    try:
        check_order(instructions, HALF_STEPS)
    except Refused as reason:
        return stopped(program, reason, trusted=False)
    try:
        check_addresses(program.words, HALF_STEPS)
    except Refused as reason:  # comes before a trap
        refused = reason
    return program if refused is None else stopped(program, refused, trusted=True)


def least_cycles(programs: Sequence[UserProgram]) -> int:
    """Cycles that the programs take at least in the sequencer, without going through the rounds of their loops."""
    return sum(LEAST_CYCLES * times for program in programs for times, _ in program.times())


def stopped(program: UserProgram, refused: Refused, trusted: bool) -> UserProgram:
    """The program with the reason why it is not run."""
    return replace(program, refused=f"{program.place(refused.index)}: {refused}", trusted=trusted)
