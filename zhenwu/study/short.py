"""The study in short, for `make bench`: how fast each format computes the agent, and how often it is wrong."""

from collections.abc import Iterator

from zhenwu.agent.mind import Format
from zhenwu.agent.session import Harness
from zhenwu.study.cell import Cell, Outcome, Voice, run
from zhenwu.study.cells import MXFP4

SESSIONS, CALLS = 256, 12
VOICES = (
    Voice(), Voice("plain", Format("mxfp8")), Voice("plain", Format("w4a8")), Voice("plain", MXFP4["floor"]),
    Voice("plain", MXFP4["even"]), Voice("qat", MXFP4["even"]), Voice("plain", Format(kv="mxfp4")),
)


def short_study(seed: int) -> Iterator[tuple[Outcome, float]]:
    """Each cell, and its tokens a processor second as a multiple of float32's, which comes first; paired seeds."""
    reference = 0.0
    for voice in VOICES:
        outcome = run(Cell(voice, Harness(calls=CALLS), SESSIONS, seed=seed))
        speed = outcome.tokens / outcome.cpu_s
        reference = reference or speed
        yield outcome, speed / reference
