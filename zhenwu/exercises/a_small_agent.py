"""Exercises of the chapter "A small agent that works, and how its errors compound"."""

import math
import random
from collections.abc import Sequence

from zhenwu.agent.ledger import MODULUS
from zhenwu.exercises.exercise import Exercise
from zhenwu.spec.agent_session import STRESS

MILLION = 1_000_000
CLEAR = 0.01  # errors by which a hidden case keeps away from a whole number, where rounding down could go either way


def errors_allowed(share: float, calls: int) -> int:
    """Errors in a million calls, rounded down, with which that share of sessions survives so many calls."""
    return math.floor(MILLION * -math.expm1(math.log(share) / calls))


def horizons(rng: random.Random) -> list[tuple[float, int]]:
    """Short and long ones; with one call the answer is plain, with very many it is none."""
    cases: list[tuple[float, int]] = [(0.5, 1), (0.9, 2_000_000)]
    while len(cases) < 12:
        case = round(rng.uniform(0.2, 0.98), 2), rng.choice((rng.randint(2, 40), rng.randint(100, 20_000)))
        exact = MILLION * -math.expm1(math.log(case[0]) / case[1])
        if abs(exact - round(exact)) > CLEAR:
            cases.append(case)
    return cases


def wrong_totals(begin: int, amounts: Sequence[int], said: Sequence[int]) -> int:
    """Totals that do not follow from the one the agent said before and the amount; `begin` is right."""
    before = [begin, *said[:-1]] if said else []
    return sum((old + amount - new) % MODULUS != 0 for old, amount, new in zip(before, amounts, said, strict=True))


def sessions(rng: random.Random) -> list[tuple[int, list[int], list[int]]]:
    """Agents that slip now and then, and go on from there; one that slips and slips back, one that never speaks."""
    cases: list[tuple[int, list[int], list[int]]] = [(10, [5, 5, 5], [15, 21, 25]), (7, [], [])]
    for _ in range(10):
        total = begin = rng.randrange(MODULUS)
        amounts, said = [], []
        for _ in range(rng.randint(2, 20)):
            amounts.append(rng.randint(1 - MODULUS, MODULUS - 1))
            slips = rng.random() < 0.25
            total = (total + amounts[-1] + (rng.randint(1, MODULUS - 1) if slips else 0)) % MODULUS
            said.append(total)
        cases.append((begin, amounts, said))
    return cases


def checked(first: str, second: str, third: str, right: str) -> tuple[int, int, int]:
    """Symbols wrong by the first opinion alone, wrong after check and retry, and looked at a third time."""
    doubted = [one != two for one, two in zip(first, second, strict=True)]
    said = [again if doubt else one for one, again, doubt in zip(first, third, doubted, strict=True)]

    def wrong(symbols: Sequence[str]) -> int:
        return sum(symbol != good for symbol, good in zip(symbols, right, strict=True))

    return wrong(first), wrong(said), sum(doubted)


def opinions(rng: random.Random) -> list[tuple[str, str, str, str]]:
    """Three readers of the same digits, who are sometimes wrong, and sometimes alike; some doubts only do harm."""
    cases = [("1234", "1235", "1235", "1234"), ("77", "77", "12", "12")]
    for _ in range(10):
        right = "".join(rng.choice("0123456789") for _ in range(rng.randint(5, 60)))
        shared = [rng.choice("0123456789") if rng.random() < 0.1 else "" for _ in right]

        def read(right: str = right, shared: list[str] = shared) -> str:
            return "".join(slip or (rng.choice("0123456789") if rng.random() < 0.2 else digit)
                           for digit, slip in zip(right, shared, strict=True))

        cases.append((read(), read(), read(), right))
    return cases


EXERCISES = (
    Exercise(
        "ex-allowed", "What a long session allows", "errors_allowed", errors_allowed,
        shown=[(0.9, 100), (0.5, 1000), (0.9, int(STRESS.calls.value))], hidden=horizons,
        hint="the share that survives one call, to the power of the calls, is the share that survives them all; round "
             "down at the very end",
    ),
    Exercise(
        "ex-judge", "Judged where it stands", "wrong_totals", wrong_totals,
        shown=[(40, [10, 20, 30], [50, 71, 1]), (99, [1, -1], [0, 99]), (5, [5, 5], [11, 16])], hidden=sessions,
        hint="judge each total from the one that was said just before it, and let it wrap round; a slip carried "
             "along is one error and not many",
    ),
    Exercise(
        "ex-check", "Check and retry", "checked", checked,
        shown=[("305", "345", "345", "345"), ("305", "305", "345", "345"), ("345", "305", "305", "345")],
        hidden=opinions,
        hint="a third opinion is heard only where the first two differ, and then it is what is said, right or not",
    ),
)
