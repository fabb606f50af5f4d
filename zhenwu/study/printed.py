"""What `zhenwu agent run` prints: transcripts turn by turn, then the counts with their intervals."""

import math
import time
from pathlib import Path

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from zhenwu.agent.binomial import half_survival, interval
from zhenwu.agent.ledger import COMPACT
from zhenwu.agent.mind import Format, Mind
from zhenwu.agent.play import play
from zhenwu.agent.session import Harness, Session, Turn
from zhenwu.agent.symbols import VOCABULARY
from zhenwu.bad_input import BadInput
from zhenwu.console import console
from zhenwu.qwen.model import CheckpointError, Qwen, load
from zhenwu.study.cell import SLACK, WEIGHTS, agent, check_by
from zhenwu.study.cells import OTHERS

BATCH = 256


def model_of(weights: str) -> Qwen:
    """Shipped weights by name, else a checkpoint's folder."""
    if weights in WEIGHTS:
        return agent(weights)
    try:
        model = load(Path(weights))
    except CheckpointError as error:
        raise BadInput(f"--weights: {error}") from None
    if model.config.vocab_size < VOCABULARY:
        raise BadInput(f"--weights {weights}: knows {model.config.vocab_size} tokens; expected the {VOCABULARY} of the "
                       "agent's task, or more")
    return model


def run_and_print(
    first: Format, weights: str, check: bool, harness: Harness, episodes: int, seed: int, show: int
) -> None:
    """Play `episodes` sessions from `seed` on and print what came of them."""
    model = model_of(weights)
    rows = min(BATCH, episodes)
    mind = Mind(model, first, rows, harness.limit + SLACK)
    sessions: list[Session] = []
    turns = episodes * (harness.calls or 1)
    begun = time.perf_counter()
    progress_out = console(stderr=True)
    columns = TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), TimeRemainingColumn()
    with Progress(*columns, console=progress_out, transient=True, disable=not progress_out.is_terminal) as progress:
        task = progress.add_task(f"{episodes:,} sessions", total=turns)
        seeds = range(seed, seed + episodes)
        checked = check_by(OTHERS, rows, harness) if check else None
        try:
            for session in play(mind, seeds, harness, checked, lambda n: progress.update(task, advance=n)):
                sessions.append(session)
                progress.update(task, description=f"{len(sessions):,} of {episodes:,} sessions")
        except ValueError as error:  # layers that a format cannot take
            raise BadInput(f"--weights {weights}: {error}") from None
    seconds = time.perf_counter() - begun
    sessions.sort(key=lambda session: session.seed)
    out = console()
    named = weights.encode(errors="backslashreplace").decode()  # a folder's name need be no text
    how = f"{first}, weights {named}, {harness.kind}, context {harness.limit}"
    out.print(f"{how}{', checked' if check else ''}; seed {seed}", highlight=False, markup=False, soft_wrap=True)
    failed = [session for session in sessions if session.errors]
    for session in sessions[:show]:
        print_transcript(session, out)
    for session in [s for s in failed if s not in sessions[:show]][:show]:
        print_transcript(session, out)
    summary(sessions, mind.read_tokens, seconds, out)


def print_transcript(session: Session, out) -> None:
    """A line a turn: what the agent said, what was answered, and a mark where the turn was wrong."""
    out.print(f"\nsession {session.seed}: {verdict(session)}", highlight=False)
    heard = session.transcript[0]
    out.print(f"  context {heard}", highlight=False, markup=False, soft_wrap=True)
    texts = session.transcript[1:]
    place = 0
    for turn in session.turns:
        said = texts[place]
        place += 1
        answer = texts[place] if place < len(texts) else ""
        mark = "  <- wrong" if turn.wrong else ""
        if said.startswith(COMPACT) or answer.startswith("#"):
            out.print(f"  {said}{mark}", highlight=False, markup=False, soft_wrap=True)
            out.print(f"  context {answer}", highlight=False, markup=False, soft_wrap=True)
        else:
            out.print(f"  {said:9} {answer}{mark}", highlight=False, markup=False, soft_wrap=True)
        place += 1


def verdict(session: Session) -> str:
    wrong = next((turn for turn in session.turns if turn.wrong), None)
    calls = f"{session.tools.calls} calls"
    return f"no wrong turn in {calls}" if wrong is None else f"first wrong turn after {wrong.call} of {calls}"


def summary(sessions: list[Session], tokens: int, seconds: float, out) -> None:
    """Success, error per turn and turns to half-survival; where a check ran, what it caught."""
    turns: list[Turn] = [turn for session in sessions for turn in session.turns]
    wrong, good = sum(turn.wrong for turn in turns), sum(not session.errors for session in sessions)
    low, high = interval(good, len(sessions))
    out.print(f"\nsessions without a wrong turn: {good:,} of {len(sessions):,}, {good / len(sessions):.2%} "
              f"({low:.2%} to {high:.2%})", highlight=False)
    low, high = interval(wrong, len(turns))
    out.print(f"wrong turns: {wrong:,} of {len(turns):,}, {wrong / len(turns):.3g} a turn ({low:.2g} to {high:.2g})",
              highlight=False)
    failed, clean = sum(session.errors > 0 for session in sessions), sum(turn.errors == 0 for turn in turns)
    low, high = interval(failed, clean)
    out.print(f"first wrong turns: {failed:,} in {clean:,} turns without one before, {failed / clean:.3g} a turn "
              f"({low:.2g} to {high:.2g})", highlight=False)
    half, least = half_survival(failed, clean), half_survival(high, 1)
    least = math.floor(least)
    told = f"{half:,.0f}, at least {least:,}" if failed else f"no error seen, so at least {least:,}"
    out.print(f"turns to half-survival, if every turn is as risky: {told}", highlight=False)
    first, doubted = sum(t.first_wrong for t in turns), sum(t.doubted for t in turns)
    if doubted:
        both = sum(t.first_wrong and t.second_wrong for t in turns)
        out.print(f"doubted turns: {doubted:,}; first opinion wrong in {first:,}, the second too in {both:,}",
                  highlight=False)
    out.print(f"{tokens:,} tokens in {seconds:.0f} s, {tokens / seconds:,.0f} a second", highlight=False)
