"""Sessions looked for among a bounded number, because they show something: a failure, a compaction, a catch.

They are no sample. Who shows them says that they were chosen, and how many were looked through.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from zhenwu.agent.ledger import COMPACT
from zhenwu.agent.mind import Format
from zhenwu.agent.play import play
from zhenwu.agent.replay import COMPUTED, RETRIEVED, Step, steps
from zhenwu.agent.session import Harness, Session
from zhenwu.study.cell import Voice, check_by, mind
from zhenwu.study.cells import OTHERS

MOST, BATCH, FIRST_SEED = 128, 64, 7_000_000  # sessions looked through at most; how many at once; the first of them
HARNESS = Harness(limit=128, calls=20)  # so narrow that it compacts soon

Shows = Callable[[list[Step]], bool]


@dataclass(frozen=True)
class Wanted:
    """What is looked for, in words too, and in which sessions; `instead` is taken where no session shows it."""

    title: str
    event: str
    voice: Voice
    shows: Shows
    instead: Shows | None = None
    checked: bool = False


@dataclass(frozen=True)
class Recorded:
    """The first session that shows it; else the first that shows what is taken instead; else the last one of all."""

    wanted: Wanted
    session: Session
    steps: list[Step]
    looked: int  # sessions looked through, this one included
    found: bool


def succeeds(found: list[Step]) -> bool:
    return not fails(found)


def fails(found: list[Step]) -> bool:
    return any(step.turn.wrong for step in found)


def compacts(found: list[Step]) -> bool:
    return succeeds(found) and sum(step.said[0] == COMPACT for step in found) > 1


def fails_first_in(parts: tuple[str, ...]) -> Shows:
    """Whether the first wrong turn is wrong in one of these parts."""
    return lambda found: next((step.slip for step in found if step.turn.wrong), "") in parts


def catches(found: list[Step]) -> bool:
    return any(step.turn.first_wrong and not step.turn.wrong for step in found)


FLOOR = Voice("plain", Format("mxfp4"))
WANTED = (
    Wanted("FP32", "a session without a wrong turn", Voice("plain", Format()), succeeds),
    Wanted("MXFP4, floor rule", "a failure that begins in the total or the retries", FLOOR,
           fails_first_in(COMPUTED), fails),
    Wanted("FP32, KV cache in MXFP4", "a failure that begins in something copied", Voice("plain", Format(kv="mxfp4")),
           fails_first_in(RETRIEVED), fails),
    Wanted("MXFP4, even rule, trained for it", "two compactions and no wrong turn",
           Voice("qat", Format("mxfp4", "even")), compacts, succeeds),
    Wanted("MXFP4, floor rule, with check and retry", "a wrong turn that the check caught", FLOOR, catches, succeeds,
           checked=True),
)


def played(voice: Voice, seeds: Sequence[int], harness: Harness = HARNESS, checked: bool = False) -> list[Session]:
    """The sessions of these seeds, all at once, in their order."""
    check = check_by(OTHERS, len(seeds), harness) if checked else None
    sessions = play(mind(voice, len(seeds), harness), seeds, harness, check)
    return sorted(sessions, key=lambda each: each.seed)


def search(wanted: Wanted, harness: Harness = HARNESS, most: int = MOST, first: int = FIRST_SEED) -> Recorded:
    """Look through at most `most` sessions, by seed."""
    looked, second_best = 0, None
    for begin in range(first, first + most, BATCH):
        seeds = range(begin, min(begin + BATCH, first + most))
        for session in played(wanted.voice, seeds, harness, wanted.checked):
            looked += 1
            found = list(steps(session))
            if wanted.shows(found):
                return Recorded(wanted, session, found, looked, True)
            if wanted.instead and wanted.instead(found) and second_best is None:
                second_best = session, found
    return Recorded(wanted, *(second_best or (session, found)), looked, False)
