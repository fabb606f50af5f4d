"""Questions to the reader: a prediction that is kept and shown beside the result, or an answer marked at once.

In the page both are forms (`book/_static/questions.js`), the prediction's by the directive predict
(`book/_ext/predict.py`). In a notebook the guess is an argument.
"""

from collections.abc import Sequence
from html import escape

from zhenwu.chapter.show import Html, written

Guess = float | str | None
predictions: dict[str, Guess] = {}  # what was predicted in this run of a notebook


def predict(name: str, guess: Guess) -> Html:
    """In a notebook: keep a guess, a number or one of the choices offered, until the result is kept by its name."""
    if guess is None:
        predictions.pop(name, None)
        return Html(f"<p>No prediction of {escape(name)} yet.</p>", f"No prediction of {name} yet.")
    predictions[name] = guess
    return Html(f"<p>Kept: {escape(written(guess))}.</p>", f"Kept: {written(guess)}.")


def revealed(name: str, value: float | str, result: str) -> Html:
    """The prediction made under `name` beside the result: you said, it is, and by what factor they differ."""
    said = predictions[name]
    text = f"You said {written(said)}, it is {result}: {judged(said, value)}."
    return Html(f'<p class="revealed">{escape(text)}</p>', text)


def judged(said: float | str, value: float | str) -> str:
    """How near a prediction came: numbers by their ratio, as on a logarithmic scale. The page uses the same words."""
    if said == value:
        return "exactly"
    if isinstance(said, str) or isinstance(value, str):
        return "not the same"
    if said * value <= 0:
        return "no factor leads from one to the other"
    factor = max(said / value, value / said)
    size = "large" if abs(said) > abs(value) else "small"
    return f"a factor of {factor:.3g} too {size}"


def ask(
    name: str, question: str, unit: str = "", *, answer: float | str, guess: Guess = None, choices: Sequence[str] = ()
) -> Html:
    """An exercise on paper: a box with a number to fill in, or one of `choices`, marked at once.

    `guess` is what a notebook's reader puts in; one that is no choice raises ValueError.
    """
    if choices and guess is not None and guess not in choices:
        raise ValueError(f"guess = {guess!r}: expected one of {', '.join(choices)}")
    verdict = "" if guess is None else _verdict(guess, answer)
    html = (
        f'<form class="answer" data-name="{name}" data-answer="{escape(str(answer))}" onsubmit="return false">'
        f'<p><strong>Your answer.</strong> <label for="answer-{name}">{escape(question)}</label></p>'
        f'<p>{field(f"answer-{name}", choices)} {escape(unit)} <button type="submit">Check</button> '
        f'<output for="answer-{name}">{escape(verdict)}</output></p></form>'
    )
    one_of = f" ({', '.join(choices)})" if choices else ""
    return Html(html, f"Your answer. {question}{one_of} {verdict}".rstrip())


def field(identifier: str, choices: Sequence[str]) -> str:
    """The HTML of what is filled in: a number, or one of `choices`."""
    if not choices:
        return f'<input id="{identifier}" type="text" inputmode="decimal" autocomplete="off" size="8">'
    options = "".join(f"<option>{escape(choice)}</option>" for choice in choices)
    return f'<select id="{identifier}"><option value="">choose</option>{options}</select>'


def _verdict(guess: float | str, answer: float | str) -> str:
    if guess == answer:
        return "Right."
    if isinstance(answer, str):
        return f"Not {guess}."
    return f"{written(guess)} is too {'small' if guess < answer else 'large'}."
