"""Exercises of the chapter "HBM3 from the cell up"."""

import random
from collections.abc import Sequence

from zhenwu.cosim.hbm.judged_commands import wait
from zhenwu.cycle.hbm.timing_checker import TimingChecker
from zhenwu.exercises.exercise import Exercise
from zhenwu.exercises.played import Sizes, live_exercise, planted
from zhenwu.spec.hbm3 import HBM3_GEOMETRY, DramAddress, DramCommand

GROUPS, BANKS = int(HBM3_GEOMETRY.bank_groups), int(HBM3_GEOMETRY.banks)
OPS = ("ACT", "RD", "WR", "PREpb")
Placed = tuple[int, str, int, int]  # CK, command, bank group, bank
LEAVES = "if ((int(starts[int(oldest)]) + gap) & last_ck) == ((ck + LOOK_AHEAD) & last_ck):"
LATE = "if ((int(starts[int(oldest)]) + gap) & last_ck) == ck:"


def most_cells(cell_af: int, each_af: int, half_mv: int, least_mv: int) -> int:
    """The cells that a bit line may have so that one of them still moves it by that much, 0 if none may."""
    return max(0, cell_af * (half_mv - least_mv) // (each_af * least_mv))


def bit_lines(rng: random.Random) -> list[tuple[int, int, int, int]]:
    """Cells and wires of all sizes, some too weak for any cell; none within a hair of one cell more or less."""
    cases = [(rng.randint(5, 40) * 1000, rng.randint(20, 200), 500, rng.randint(501, 600))]
    while len(cases) < 15:
        case = (rng.randint(5, 40) * 1000 + 1, rng.randint(20, 200), rng.randint(300, 700), rng.randint(40, 290))
        exact = case[0] * (case[2] - case[3]) / (case[1] * case[3])
        if abs(exact - round(exact)) > 1e-4:
            cases.append(case)
    return cases


def earliest(before: Sequence[Placed], op: str, bank_group: int, bank: int) -> int:
    """The first CK in which the checker's rules allow a command behind those `before`."""
    checker = TimingChecker()
    for cycle, kind, *place in before:
        checker.check(DramCommand(cycle, kind, DramAddress(bank_group=place[0], bank=place[1])))
    return wait(checker, DramCommand(0, op, DramAddress(bank_group=bank_group, bank=bank))).earliest


def lists(rng: random.Random) -> list[tuple[list[Placed], str, int, int]]:
    """Short lists of all kinds of commands, and of ACTs alone, so that every scope and the window decide in some."""
    cases: list[tuple[list[Placed], str, int, int]] = [([], "ACT", rng.randrange(GROUPS), rng.randrange(BANKS))]
    for turn in range(40):
        kinds = ("ACT",) if turn % 4 == 0 else OPS
        cycle, before = rng.randrange(20), []
        for _ in range(rng.randint(1, 9)):
            before.append((cycle, rng.choice(kinds), rng.randrange(GROUPS), rng.randrange(BANKS)))
            cycle += rng.randint(1, 12 if turn % 2 else 5)
        near = before[-1] if turn % 3 else before[0]
        place = near[2:] if turn % 5 else (rng.randrange(GROUPS), rng.randrange(BANKS))
        cases.append((before, rng.choice(kinds), *place))
    return cases


def lines_needed(percent: int, rrds: int, faw: int, burst: int) -> int:
    """The fewest lines of each opened row with which opening rows does not hold DQ below a share of its peak."""
    return max(1, -(-percent * max(4 * rrds, faw) // (400 * burst)))


def shares(rng: random.Random) -> list[tuple[int, int, int, int]]:
    """Tables in which either limit decides; none within a hair of a line more or less."""
    cases = []
    while len(cases) < 20:
        rrds = rng.randint(2, 12)
        case = (rng.randint(5, 99), rrds, rng.randint(2 * rrds, 6 * rrds), rng.randint(1, 4))
        if case[0] * max(4 * case[1], case[2]) % (400 * case[3]):
            cases.append(case)
    return cases


def windows(rng: random.Random) -> list[Sizes]:
    """Other windows."""
    return [{"window": rng.randint(2, 6), "gap": rng.randint(14, 60), "seed": rng.randrange(1 << 30)} for _ in range(4)]


EXERCISES = (
    Exercise(
        "ex-cells", "How long may a bit line be?", "most_cells", most_cells,
        shown=[(20_000, 50, 600, 170), (24_000, 166, 550, 100), (20_000, 50, 500, 510)], hidden=bit_lines,
        hint="what is the charge before and after, and what if no cell is strong enough?",
    ),
    Exercise(
        "ex-earliest", "Not before", "earliest", earliest,
        shown=[
            ([(0, "ACT", 0, 0)], "RD", 0, 0), ([(0, "ACT", 0, 0)], "ACT", 0, 1), ([(31, "RD", 0, 0)], "WR", 2, 1),
            ([(0, "ACT", 0, 0), (4, "ACT", 1, 0), (8, "ACT", 2, 0), (12, "ACT", 3, 0)], "ACT", 0, 1), ([], "ACT", 3, 3),
        ],
        hidden=lists,
        hint="each rule that ends with this command counts from a command of the same scope, and a window from one "
             "further back; the latest of them decides",
    ),
    live_exercise(
        "ex-window", "A window that opens late", "activate_window_bug", "activate_window",
        "when must the oldest be forgotten, so that the gate is open in the CK of the next one?",
        planted("hdl/hbm/activate_window.py", (LEAVES, LATE)), windows,
    ),
    Exercise(
        "ex-share", "Enough of each row", "lines_needed", lines_needed,
        shown=[(90, 4, 24, 2), (30, 4, 24, 2), (99, 6, 20, 2)], hidden=shares,
        hint="which of the two limits on opening rows is the slower one, and may a row give part of a line?",
    ),
)
