"""Exercises of the chapter "What an agent asks of silicon"."""

import math
import random
from collections.abc import Sequence
from functools import cache

from zhenwu.agent.quantiles import COMPACTED
from zhenwu.cycle.hbm.controller import Controller
from zhenwu.cycle.hbm.kv_read import kv_read
from zhenwu.cycle.hbm.traffic import run
from zhenwu.exercises.exercise import Exercise
from zhenwu.golden.hbm.bound import counted_bound
from zhenwu.spec.models import MODELS
from zhenwu.spec.storage import BF16_BITS

LINES = 1024  # that the read of a cache has, in the exercise on runs
RUNS = tuple(2**power for power in range(9))


def sessions_held(
    memory_gb: float, weights_gb: float, context: int, kv_bytes: int, state_gb: float, kv_bits: int
) -> int:
    """Whole sessions beside the weights, where `kv_bytes` is what a token takes in BF16."""
    session_gb = context * kv_bytes * kv_bits / BF16_BITS.value / 1e9 + state_gb
    return max(0, math.floor((memory_gb - weights_gb) / session_gb))


def memories(rng: random.Random) -> list[tuple]:
    """Groups of chips and models of other sizes, some too small for the weights; none within a hair of a session."""
    cases = []
    while len(cases) < 12:
        model = rng.choice(MODELS)
        state_gb = model.state_bytes.value / 1e9 if model.state_bytes else 0.0
        case = (rng.randint(500, 20000), rng.randint(20, 2000), rng.randint(10, 900) * 1000, model.kv_bytes.value,
                state_gb, rng.choice((4, 8, 16)))
        exact = (case[0] - case[1]) / (case[2] * case[3] * case[5] / BF16_BITS.value / 1e9 + case[4])
        if abs(exact - round(exact)) > 1e-6:
            cases.append(case)
    return cases


def compactions(contexts: Sequence[int]) -> int:
    """Turns whose context is less than COMPACTED of the one before."""
    return sum(after < COMPACTED * before for before, after in zip(contexts, contexts[1:], strict=False))


def at_the_limit(rng: random.Random) -> tuple[int, int]:
    """A context, and exactly COMPACTED of it: five and three times a power of two, so that floats are exact too."""
    part = 2 ** rng.randrange(11, 15)
    return 5 * part, 3 * part


def sessions(rng: random.Random) -> list[tuple[list[int]]]:
    """Contexts that grow and sometimes drop, by a lot or by a little; none, one, and drops one after another too. And
    drops to just the limit, to which a turn may drop, and to a token less and more."""
    cases = [([],), ([rng.randrange(10**5)],), ([100_000, 50_000, 20_000, 19_000],)]
    for off in (-1, 0, 0, 1):
        before, limit = at_the_limit(rng)
        cases.append(([before - rng.randrange(before // 4), before, limit + off],))
    for _ in range(9):
        contexts = [rng.randrange(15_000, 60_000)]
        for _ in range(rng.randrange(3, 40)):
            drop = rng.random() < 0.2
            # never within 2 % of the limit itself
            contexts.append(int(contexts[-1] * rng.choice((0.3, 0.5, 0.58, 0.62, 0.9))) if drop
                            else contexts[-1] + rng.randrange(6_000))
        cases.append((contexts,))
    return cases


def may_live(at_once: int, answer_s: int, wait_s: int, in_memory: int) -> tuple[int, str]:
    """Sessions that may be alive at most, and what says so: "memory" or "bandwidth"; memory where they say the same."""
    by_bandwidth = at_once * (answer_s + wait_s) // answer_s
    return (in_memory, "memory") if in_memory <= by_bandwidth else (by_bandwidth, "bandwidth")


def loads(rng: random.Random) -> list[tuple[int, int, int, int]]:
    """Some that wait long, some that hardly wait; some whose limits say the same, or nearly.

    Bandwidth's limit is a whole number, before it is rounded down, only where every way to compute it in floats finds
    just that: nobody waits, or all that is divided by is a power of two.
    """
    plenty = 10**4  # of memory, where bandwidth says what is no whole number: odd times odd over even
    cases = [(4 * rng.randint(1, 200) + 1, 4, 3, plenty)]  # three quarters behind the point: down, not to the nearest
    cases += [tie(rng), tie(rng), (2 * rng.randint(1, 400) + 1, 2 * rng.randint(1, 9), rng.choice((1, 3, 5)), plenty)]
    while len(cases) < 15:
        at_once, answer = rng.randint(1, 900), rng.randint(2, 30)
        wait = rng.choice((0, rng.randint(1, 9), rng.randint(20, 200)))
        if wait and at_once * wait % answer == 0:
            continue
        by_bandwidth = at_once * (answer + wait) // answer
        near = max(0, by_bandwidth + rng.randint(-1, 1))
        cases.append((at_once, answer, wait, rng.choice((near, rng.randint(0, 4000)))))
    return cases


def tie(rng: random.Random) -> tuple[int, int, int, int]:
    """Memory and bandwidth say the same; an answer, and it with its wait, take powers of two of seconds."""
    at_once, answer, times = rng.randint(1, 900), 2 ** rng.randint(1, 4), 2 ** rng.randint(0, 4)
    return at_once, answer, answer * times - answer, at_once * times


@cache
def reached(length: int, read_entries: int) -> float:
    """The share of DQ's peak at which the controller's model reads a cache in runs of that length, without refresh."""
    found = run(kv_read(LINES, length, 1), Controller(read_entries=read_entries, refresh_enable=False))
    return counted_bound((command.cycle, command.op) for command in found.referee.commands).achieved


def shortest_run(share: float, read_entries: int) -> int:
    """The shortest of RUNS that reaches the share, 0 if none does."""
    return next((length for length in RUNS if reached(length, read_entries) >= share), 0)


def controllers(rng: random.Random) -> list[tuple[float, int]]:
    """Queues of other depths, and shares near what some run reaches with them."""
    cases = []
    for _ in range(3):
        entries, length = rng.choice((8, 16, 24, 48)), rng.choice(RUNS[2:7])
        cases.append((round(reached(length, entries) + rng.choice((-0.01, 0.01)), 3), entries))
    deep, length = rng.choice((16, 24)), 16  # a share that a deeper queue reaches with shorter runs
    between = (reached(length, deep) + reached(length, 32)) / 2
    return [*cases, (round(between, 4), deep), (0.999, rng.choice((4, 16)))]


EXERCISES = (
    Exercise(
        "ex-held", "A cache of eight bits", "sessions_held", sessions_held,
        shown=[
            (1000, 200, 50_000, 100_000, 0.5, 8), (8294, 1270, 100_000, 94208, 0.58, 16),
            (100, 200, 1000, 1000, 0.0, 16),
        ],
        hidden=memories,
        hint="does it hold where the state is large, where the cache has four bits, and where the weights do not fit?",
    ),
    Exercise(
        "ex-compacted", "Who compacts?", "compactions", compactions,
        shown=[([20_000, 30_000, 12_000, 13_000],), ([20_000, 19_000, 40_000],), ([90_000, 50_000, 20_000],),
            ([100_000, 60_000, 35_999],)],
        hidden=sessions,
        hint="compare each turn with the one just before it; a drop of a third is none, and one to the limit itself is "
             "none; a session may have one turn",
    ),
    Exercise(
        "ex-alive", "Which limit comes first?", "may_live", may_live,
        shown=[(500, 10, 50, 700), (500, 10, 0, 700), (100, 4, 6, 250)],
        hidden=loads,
        hint="a session that waits asks for nothing, but it is still there; only whole sessions count; and what "
             "if both say the same?",
    ),
    Exercise(
        "ex-run", "The shortest run that is long enough", "shortest_run", shortest_run,
        shown=[(0.5, 32), (0.9, 32), (0.9, 8)], hidden=controllers,
        hint="try runs of one line, two, four and so on with that many read entries; it may be that none is enough",
    ),
)
