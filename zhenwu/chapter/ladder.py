"""The header of a chapter: the ladder from a gate to an agent, where this chapter stands, and what it hands on."""

from collections.abc import Collection
from html import escape

from zhenwu.chapter.show import Html
from zhenwu.spec.chapters import RUNGS


def ladder(here: Collection[str], received: str, handed_on: str, needs: str, minutes: int) -> Html:
    """You are `here` (rungs of the ladder), and what comes in and goes out; an unknown rung raises ValueError."""
    unknown = set(here) - set(RUNGS)
    if unknown:
        raise ValueError(f"{', '.join(sorted(unknown))}: expected rungs among {', '.join(RUNGS)}")
    steps = "".join(
        f'<li class="here" aria-current="step">{rung}</li>' if rung in here else f"<li>{rung}</li>" for rung in RUNGS
    )
    facts = {"Receives": received, "Hands on": handed_on, "Needs": needs, "Reading time": f"{minutes} minutes"}
    rows = "".join(f"<dt>{name}</dt><dd>{escape(fact)}</dd>" for name, fact in facts.items())
    text = " · ".join(f"[{rung}]" if rung in here else rung for rung in RUNGS)
    return Html(
        f'<nav class="ladder" aria-label="Where this chapter stands"><ol>{steps}</ol><dl>{rows}</dl></nav>',
        f"{text}\n" + "\n".join(f"{name}: {fact}" for name, fact in facts.items()),
    )
