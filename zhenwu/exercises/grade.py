"""`zhenwu grade`: run a learner's notebook, judge each of its chapter's exercises, and print what came out."""

import asyncio
import shlex
from pathlib import Path

from nbformat import NotebookNode
from rich.markup import escape
from rich.text import Text

from zhenwu.cosim.table import console, working
from zhenwu.exercises import of_chapter
from zhenwu.exercises.exercise import Exercise
from zhenwu.exercises.judge import RIGHT, WRONG
from zhenwu.exercises.notebook import read
from zhenwu.exercises.session import Lost, Verdict, run_cells, session, verdict_on

ANSWER_LIMIT_S = 60  # the slowest of the book's own answers takes about ten on a busy machine
STYLES = {RIGHT: "green", WRONG: "bold red"}


def grade(chapter: str, path: Path, seed: int, limit: int) -> int:
    """Print the report; 0 if every exercise is right, 1 otherwise. Unusable if the notebook cannot be graded."""
    exercises = of_chapter(chapter)
    notebook = read(path, chapter)
    verdicts = asyncio.run(_verdicts(exercises, notebook, path, seed, limit))
    again = shlex.join(["zhenwu", "grade", chapter, str(path), "--seed", str(seed)])
    return report(exercises, verdicts, again)


async def _verdicts(
    exercises: tuple[Exercise, ...], notebook: NotebookNode, path: Path, seed: int, limit: int
) -> dict[str, Verdict]:
    """By label. An answer that kills or blocks the kernel costs a new one, in which the notebook runs again."""
    found: dict[str, Verdict] = {}
    most = min(limit, ANSWER_LIMIT_S)
    while len(found) < len(exercises):
        async with session(notebook, path.resolve().parent) as client:
            with working(escape(f"{path.name}: running its cells")) as advance:
                await run_cells(client, path, limit, advance)
            with working(escape(f"{path.name}: judging {len(exercises) - len(found)} exercises")) as advance:
                for exercise in exercises[len(found) :]:
                    advance(len(found), len(exercises))
                    try:
                        found[exercise.label] = await verdict_on(client, exercise.label, seed, most)
                    except Lost as lost:
                        found[exercise.label] = WRONG, str(lost)
                        break
    return found


def report(exercises: tuple[Exercise, ...], verdicts: dict[str, Verdict], again: str) -> int:
    """Print a line for each exercise and a summary; 0 if all are right, else 1."""
    out = console()
    wide = max(len(status) for status, _ in verdicts.values())
    for exercise in exercises:
        status, reason = verdicts[exercise.label]
        mark = status.ljust(wide), STYLES.get(status, "yellow")
        line = Text.assemble(mark, f"  {exercise.label}: {exercise.title}")
        if reason:
            line.append(f"\n{' ' * wide}  {reason}")
        out.print(line, soft_wrap=True)
    right = sum(status == RIGHT for status, _ in verdicts.values())
    out.print(f"\n{right} of {len(exercises)} right. Again on the same hidden cases: {again}", soft_wrap=True,
              highlight=False, markup=False)
    return 0 if right == len(exercises) else 1
