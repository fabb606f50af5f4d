"""Questions to the reader: a prediction that is kept and shown beside the result, or an answer marked at once.

In the page a form keeps what is typed in the reader's own browser (`book/_static/questions.js`); in a notebook
the guess is an argument.
"""

from collections.abc import Sequence
from html import escape

from zhenwu.chapter.show import Html, written

predictions: dict[str, float | str | None] = {}  # what was asked for in this run, and the guess if there is one


def ask(
    name: str, question: str, unit: str = "", guess: float | str | None = None, answer: float | str | None = None,
    choices: Sequence[str] = (),
) -> Html:
    """A box with a number to fill in, or one of `choices`: a prediction, or, where `answer` is given, an exercise that
    is marked at once.

    `guess` is what a notebook's reader puts in; one that is no choice raises ValueError. A prediction is shown again
    when the result is kept by its name.
    """
    if choices and guess is not None and guess not in choices:
        raise ValueError(f"guess = {guess!r}: expected one of {', '.join(choices)}")
    marked = ""
    if answer is None:
        predictions[name] = guess
        verdict = "" if guess is None else f"Kept: {written(guess)} {unit}".rstrip() + "."
        title, button = "Predict", "Keep it"
    else:
        title, button, verdict = "Your answer", "Check", "" if guess is None else _verdict(guess, answer)
        marked = f' data-answer="{escape(str(answer))}"'
    html = (
        f'<form class="question" data-name="{name}"{marked} onsubmit="return false"><p><strong>{title}.</strong> '
        f'<label for="question-{name}">{escape(question)}</label></p><p>{_field(name, choices)} {escape(unit)} '
        f'<button type="submit">{button}</button> '
        f'<output for="question-{name}">{escape(verdict)}</output></p></form>'
    )
    one_of = f" ({', '.join(choices)})" if choices else ""
    return Html(html, f"{title}. {question}{one_of} {verdict}".rstrip())


def _field(name: str, choices: Sequence[str]) -> str:
    if not choices:
        return f'<input id="question-{name}" type="text" inputmode="decimal" autocomplete="off" size="8">'
    options = "".join(f"<option>{escape(choice)}</option>" for choice in choices)
    return f'<select id="question-{name}"><option value="">choose</option>{options}</select>'


def _verdict(guess: float | str, answer: float | str) -> str:
    if isinstance(answer, str):
        return "Right." if guess == answer else f"Not {guess}."
    return "Right." if guess == answer else f"{written(guess)} is too {'small' if guess < answer else 'large'}."


def revealed(name: str, result: str, unit: str = "") -> Html:
    """The prediction made under `name` beside the result."""
    guess = predictions[name]
    before = "No prediction kept" if guess is None else f"You predicted {written(guess)} {unit}".rstrip()
    html = (
        f'<p class="revealed" data-name="{name}" data-unit="{escape(unit)}">'
        f'<span class="mine">{escape(before)}</span>. '
        f"<strong>The result is {escape(f'{result} {unit}'.rstrip())}.</strong></p>"
    )
    return Html(html, f"{before}. The result is {result} {unit}".rstrip() + ".")
