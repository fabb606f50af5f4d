"""A static check: would this program trap the tile, hang it, or compute with what nothing has filled?

The sequencer hands instructions out in program order and each unit works its queue in order, so a program in
which no instruction waits for a later one cannot hang. That is what is checked, round by round of its loops; it
refuses some programs that happen to work because queues are deep enough. What an instruction waits for:

    load        its half, until the last user of what is in it: an mma or a store that releases it
    mma         its halves, until their loads have filled them; with `first` also one of the RESULT_BUFFERS
                accumulators, until the store of an earlier result
    store       its result, until the mma with `last`; with `add` also its residual, until the load has filled it
    wait, end   all stores before it, and the end also all results

It does not look at addresses: see `check_addresses`, and `check_order` on loads and stores of the same lines.
Chapter: the sequencer and the tile mover.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from zhenwu.golden.tile.assembly import disassembled_line
from zhenwu.golden.tile.sequencer import Trap, unroll
from zhenwu.golden.tile.syntax import OPERANDS
from zhenwu.spec.isa import RESIDUAL, STEP_ROWS, STORE_FORMATS, STORE_PARTS, Instruction, Load, Mma, Store, Wait, encode
from zhenwu.spec.mma_formats import ALL_FORMATS, FLOAT32_RESIDUAL, MMA_CODES, STEP_WORDS

RESULT_BUFFERS = 2  # one drains while the next is computed
FLOAT32 = STORE_FORMATS.index("float32")


class Refused(ValueError):
    """A program that must not be run: `index` is the instruction at which it goes wrong."""

    def __init__(self, index: int, reason: str):
        super().__init__(reason)
        self.index = index


@dataclass
class Progress:
    """What the instructions so far have left."""

    loaded: dict[tuple[int, int], Load] = field(default_factory=dict)  # by (operand, half), until it is released
    open_result: tuple[int, int, int] | None = None  # m, n and format between `first` and `last`
    pending: list[tuple[int, int]] = field(default_factory=list)  # m, n of results not yet stored
    open_matrix: Store | None = None  # the last part of a quantised matrix that no store has closed


def check_program(
    program: Iterable[Instruction | None], half_steps: int, formats: tuple[str, ...] = ALL_FORMATS
) -> None:
    """Refused, naming the index and the reason, at the first instruction that the tile could not finish.

    A load needs a half that is free, an mma halves that hold what it reads in its formats. A result begins with
    `first`, keeps its m x n and format until `last`, and is stored once, in order, before a third one begins or the
    program ends. A residual that is added is loaded before, with all that the store reads; only a store that adds it
    releases it. The parts of a quantised matrix come in order from 0 on, all alike and 16 wide but for the one that
    closes; a matrix is closed before the next one, a wait and the end. None stands for a word that does not decode.
    Rounds of loops are counted from 1.
    """
    program = list(program)
    progress = Progress()
    index = -1
    try:
        for index, rounds, instruction in unroll(program, half_steps, formats):
            reason = refusal(progress, instruction)
            if reason:
                times = f" in round {' of round '.join(str(time + 1) for time in reversed(rounds))}" if rounds else ""
                line = disassembled_line(encode(instruction))
                raise Refused(index, f"instruction {index}{times} {reason}: {line}")
    except Trap as trap:
        bad = program[trap.index]
        line = "" if bad is None else f": {disassembled_line(encode(bad))}"
        raise Refused(trap.index, f"instruction {trap.index} traps on {trap.reason}{line}") from None
    if progress.pending:
        count = len(progress.pending)
        raise Refused(index, f"the program ends after instruction {index} with {count} results not stored")
    if progress.open_matrix:
        raise Refused(index, f"the program ends after instruction {index} with a quantised matrix that no store closed")


def refusal(progress: Progress, instruction: Instruction) -> str | None:
    """Why an instruction cannot come next, or None; `progress` goes on."""
    match instruction:
        case Load():
            return refusal_of_load(progress, instruction)
        case Mma():
            return refusal_of_mma(progress, instruction)
        case Store():
            return (
                refusal_of_result(progress, instruction)
                or refusal_of_part(progress, instruction)
                or refusal_of_residual(progress, instruction)
            )
        case Wait() if progress.open_matrix:
            return "waits while a quantised matrix is not closed"
    return None


def refusal_of_load(progress: Progress, load: Load) -> str | None:
    """Why a load cannot come next, or None."""
    place = (load.operand, load.half)
    if place in progress.loaded:
        user = "store" if load.operand == RESIDUAL else "mma"
        return f"loads {name(*place)}, which no {user} has released"
    progress.loaded[place] = load
    return None


def refusal_of_mma(progress: Progress, mma: Mma) -> str | None:
    """Why an mma cannot come next, or None."""
    fmt = MMA_CODES[mma.fmt]
    users = (0, mma.a_half), (1, mma.b_half)
    needs = (fmt.a, fmt.a_words, mma.a_step, mma.m), (fmt.b, fmt.b_words, mma.b_step, mma.n)
    for place, (operand, words, step, rows) in zip(users, needs, strict=True):
        load = progress.loaded.get(place)
        if load is None:
            return f"multiplies {name(*place)}, which is not loaded"
        if load.fmt != operand.code:
            return f"multiplies {name(*place)} as {operand.name}, but it is loaded in another format"
        if not holds(load, step, -(-mma.k_groups * words // STEP_WORDS), rows):
            return "multiplies rows or steps that no load filled"
    result = (mma.m, mma.n, mma.fmt)
    if mma.first and len(progress.pending) == RESULT_BUFFERS:
        return f"begins a result while {RESULT_BUFFERS} wait for their stores"
    if not mma.first and progress.open_result is None:
        return "accumulates on a result that no mma with `first` began"
    if not mma.first and progress.open_result != result:
        return f"accumulates {described(*result)} on a result of {described(*progress.open_result)}"
    progress.open_result = None if mma.last else result
    if mma.last:
        progress.pending.append((mma.m, mma.n))
    for place, released in zip(users, (mma.release_a, mma.release_b), strict=True):
        if released:
            del progress.loaded[place]
    return None


def refusal_of_result(progress: Progress, store: Store) -> str | None:
    """Why a store has no result to store, or None."""
    if not progress.pending:
        return "stores a result, but none is finished"
    m, n = progress.pending.pop(0)
    if (m, n) != (store.m, store.n):
        return f"stores {store.m} x {store.n}, but the next result is {m} x {n}"
    return None


def refusal_of_part(progress: Progress, store: Store) -> str | None:
    """Why a store cannot be the next part of a quantised matrix, or None."""
    if store.fmt == FLOAT32:
        return None
    before = progress.open_matrix
    following = before.part + 1 if before else 0
    if store.part == 0 and before:
        return "begins a quantised matrix while one is not closed"
    if store.part != following:
        return f"stores part {store.part} of a quantised matrix, but the next is part {following}"
    if before and matrix_of(before) != matrix_of(store):
        return "stores a part that differs from the one before it in m, format, rule or lines"
    if not store.closes and store.n != STEP_ROWS:
        return f"stores a part of {store.n} columns: expected {STEP_ROWS} of all but the one that closes"
    if not store.closes and store.part == STORE_PARTS - 1:
        return f"stores the last of {STORE_PARTS} parts and does not close the matrix"
    progress.open_matrix = None if store.closes else store
    return None


def matrix_of(store: Store) -> tuple[int, ...]:
    """What the parts of a quantised matrix have in common."""
    return store.m, store.fmt, store.rule, store.base, store.stride, store.scale_base


def refusal_of_residual(progress: Progress, store: Store) -> str | None:
    """Why a store cannot add its residual, or None."""
    place = (RESIDUAL, store.add_half)
    if not store.add:
        return f"releases {name(*place)} without adding it" if store.release else None
    load = progress.loaded.get(place)
    if load is None:
        return f"adds {name(*place)}, which is not loaded"
    if load.rows < store.m or load.k_steps * FLOAT32_RESIDUAL.line_elements < STEP_ROWS * store.part + store.n:
        return "adds rows or columns that no load filled"
    if store.release:
        del progress.loaded[place]
    return None


def holds(load: Load, step: int, steps: int, rows: int) -> bool:
    """Whether a load filled `rows` rows of the `steps` steps from `step` on."""
    last_panel = (step + steps - 1) // load.k_steps
    return load.rows - last_panel * STEP_ROWS >= rows


def name(operand: int, half: int) -> str:
    """A half as the assembler writes it."""
    return f"{OPERANDS[operand]}.{half}"


def described(m: int, n: int, fmt: int) -> str:
    """A result in words."""
    return f"{m} x {n} in {MMA_CODES[fmt].name}"
