"""Recorded sessions of the small agent, to be walked turn by turn: a list of all turns each, and a script on top.

    transcripts([search(wanted) for wanted in WANTED], "Recorded sessions.")

In the page `book/_extra/transcripts.js` makes a choice of sessions and buttons out of the tables: without script, in a
notebook and in a copy there are the tables.
"""

from collections.abc import Sequence
from html import escape

from zhenwu.agent.ledger import COMPACT, State, words
from zhenwu.agent.replay import Step, begins_with
from zhenwu.chapter.explore import SCROLLS
from zhenwu.chapter.show import Html, written
from zhenwu.study.recorded import Recorded

HEAD = ("turn", "tokens in context", "its state", "it said", "right was", "what came back", "remark")


def transcripts(recorded: Sequence[Recorded], caption: str) -> Html:
    """All of them; ValueError if there is none."""
    if not recorded:
        raise ValueError("recorded: expected at least one session")
    parts = "".join(_session(each) for each in recorded)
    said = "\n".join(f"  {title(each)}: {verdict(each)}" for each in recorded)
    return Html(f'<div class="transcripts" data-caption="{escape(caption)}">{parts}</div>', f"{caption}\n{said}")


def title(each: Recorded) -> str:
    return f"{each.wanted.title}: {each.wanted.event if each.found else 'another session'}"


def verdict(each: Recorded) -> str:
    """What happens in it, and how it was chosen."""
    wrong = [number for number, step in enumerate(each.steps, 1) if step.turn.wrong]
    slip = next((step.slip for step in each.steps if step.slip), "")
    happened = f"Turn {wrong[0]} is the first wrong one, in {slip}." if wrong else "No turn is wrong."
    looked = f"{each.looked:,} session{'' if each.looked == 1 else 's'}"
    chosen = (f"Chosen because it shows {each.wanted.event}: the first of {looked}." if each.found else
              f"Looked for was {each.wanted.event}; none of {looked} shows it, so this is another.")
    return f"{happened} {chosen} Seed {written(each.session.seed, 'd')}."


def _session(each: Recorded) -> str:
    """One session: folded, with its verdict above the table of its turns."""
    name, said = escape(title(each)), escape(verdict(each))
    head = "".join(f'<th scope="col">{escape(word)}</th>' for word in HEAD)
    rows = "".join(_row(number, step) for number, step in enumerate(each.steps, 1))
    return (
        f'<details class="transcript"><summary>{name}</summary><p>{said} Its context begins with '
        f'{_code(begins_with(each.session))}.</p><div class="wide" style="{SCROLLS}" tabindex="0" role="region" '
        f'aria-label="All turns: {name}"><table class="side-by-side"><caption>{name}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div></details>"
    )


def _row(number: int, step: Step) -> str:
    note = remark(step)
    cells = (
        written(step.turn.context), escape(in_words(step.state)), _code(step.said),
        "the same" if step.said == step.right else _code(step.right),
        _code(step.heard) if step.heard else "the session ends", escape(note),
    )
    mark = ' class="marked"' if note else ""
    return f'<tr{mark}><th scope="row">{number}</th>' + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def in_words(state: State) -> str:
    """What the agent has to know, as the rules see it."""
    left = f"{len(state.keys)} key{'' if len(state.keys) == 1 else 's'} left"
    due = {COMPACT: "; compaction is due"}.get(state.due, "")
    spoken = words(state)
    return f"total {state.total}, written {spoken[:2]}; retries {state.retries}; ticket {state.ticket}; {left}{due}"


def remark(step: Step) -> str:
    """Why a reader might stop at this turn; mostly nothing."""
    found = []
    if step.turn.wrong:
        found.append(f"wrong: {step.slip}")
    if step.turn.first_wrong and not step.turn.wrong:
        found.append("the first opinion was wrong, and the check caught it")
    elif step.turn.doubted:
        found.append("the check doubted it")
    if step.said[0] == COMPACT:
        found.append("compaction: from here on it knows only what it wrote")
    return "; ".join(found)


def _code(text: str) -> str:
    """Symbols of the agent's language; a long list may break behind its commas."""
    return f"<code>{escape(text).replace(',', ',<wbr/>')}</code>"
