"""A static check: would this program trap the tile, hang it, or add to an accumulator that holds nothing?

The sequencer hands instructions out in program order and each unit works its queue in order, so a program in
which no instruction waits for a later one cannot hang. That is what is checked; it refuses some programs that
happen to work because queues are deep enough. It does not look at addresses: see `golden.tile.tile` on loads and
stores of the same lines. Chapter: the sequencer and the tile mover.
"""

from collections.abc import Iterable

from zhenwu.golden.tile.assembly import OPERANDS, disassembled_line
from zhenwu.spec.isa import STEP_BLOCKS, STEP_ROWS, Instruction, Load, Mma, Store, encode, fault

RESULT_BUFFERS = 2  # one drains while the next is computed


def check_program(program: Iterable[Instruction], half_steps: int) -> None:
    """ValueError, naming the index and the reason, at the first instruction that the tile could not finish.

    A load needs a half that is free, an mma halves that hold what it reads. A result begins with `first`, keeps its
    m x n until `last`, and is stored once, in order, before a third one begins or the program ends.
    """
    loaded: dict[tuple[int, int], Load] = {}  # by (operand, half)
    open_result: tuple[int, int] | None = None  # m, n between `first` and `last`
    pending: list[tuple[int, int]] = []  # m, n of results not yet stored
    index = -1
    for index, instruction in enumerate(program):
        reason = fault(instruction, half_steps)
        match instruction:
            case _ if reason:
                reason = f"traps on {reason}"
            case Load(operand=operand, half=half):
                if (operand, half) in loaded:
                    reason = f"loads {name(operand, half)}, which no mma has released"
                loaded[operand, half] = instruction
            case Mma(m=m, n=n):
                users = (0, instruction.a_half), (1, instruction.b_half)
                absent = [user for user in users if user not in loaded]
                steps = -(-instruction.k_blocks // STEP_BLOCKS)
                a, b = (loaded.get(user) for user in users)
                if absent:
                    reason = f"multiplies {name(*absent[0])}, which is not loaded"
                elif not (holds(a, instruction.a_step, steps, m) and holds(b, instruction.b_step, steps, n)):
                    reason = "multiplies rows or steps that no load filled"
                elif instruction.first and len(pending) == RESULT_BUFFERS:
                    reason = f"begins a result while {RESULT_BUFFERS} wait for their stores"
                elif not instruction.first and open_result is None:
                    reason = "accumulates on a result that no mma with `first` began"
                elif not instruction.first and open_result != (m, n):
                    reason = f"accumulates {m} x {n} on a result of {open_result[0]} x {open_result[1]}"
                open_result = (m, n)
                if instruction.last:
                    pending.append((m, n))
                    open_result = None
                for user, released in zip(users, (instruction.release_a, instruction.release_b), strict=True):
                    if released:
                        loaded.pop(user, None)
            case Store(m=m, n=n):
                if not pending:
                    reason = "stores a result, but none is finished"
                elif pending[0] != (m, n):
                    reason = f"stores {m} x {n}, but the next result is {pending[0][0]} x {pending[0][1]}"
                pending = pending[1:]
        if reason:
            raise ValueError(f"instruction {index} {reason}: {disassembled_line(encode(instruction))}")
    if pending:
        raise ValueError(f"the program ends after instruction {index} with {len(pending)} results not stored")


def holds(load: Load, step: int, steps: int, rows: int) -> bool:
    """Whether a load filled `rows` rows of the `steps` steps from `step` on."""
    last_panel = (step + steps - 1) // load.k_steps
    return load.rows - last_panel * STEP_ROWS >= rows


def name(operand: int, half: int) -> str:
    """A half as the assembler writes it."""
    return f"{OPERANDS[operand]}.{half}"
