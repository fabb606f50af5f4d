"""Questions to the reader: a prediction that is kept and shown beside the result, or an answer marked at once.

In the page a form keeps what is typed in the reader's own browser (`book/_static/questions.js`); in a notebook
the guess is an argument.
"""

from html import escape

from zhenwu.chapter.show import Html, written

predictions: dict[str, float | None] = {}  # what was asked for in this run, and the guess if there is one


def ask(name: str, question: str, unit: str = "", guess: float | None = None, answer: float | None = None) -> Html:
    """A box with a number to fill in: a prediction, or, where `answer` is given, an exercise marked at once.

    `guess` is what a notebook's reader puts in. A prediction is shown again when the number is kept by its name.
    """
    marked = ""
    if answer is None:
        predictions[name] = guess
        title, button, verdict = "Predict", "Keep it", "" if guess is None else f"Kept: {written(guess)} {unit}."
    else:
        title, button, verdict = "Your answer", "Check", "" if guess is None else _verdict(guess, answer)
        marked = f' data-answer="{answer}"'
    html = (
        f'<form class="question" data-name="{name}"{marked} onsubmit="return false"><p><strong>{title}.</strong> '
        f'<label for="question-{name}">{escape(question)}</label></p><p><input id="question-{name}" type="text" '
        f'inputmode="decimal" autocomplete="off" size="8"> {escape(unit)} <button type="submit">{button}</button> '
        f'<output for="question-{name}">{escape(verdict)}</output></p></form>'
    )
    return Html(html, f"{title}. {question} {verdict}".rstrip())


def _verdict(guess: float, answer: float) -> str:
    return "Right." if guess == answer else f"{written(guess)} is too {'small' if guess < answer else 'large'}."


def revealed(name: str, result: str, unit: str = "") -> Html:
    """The prediction made under `name` beside the result."""
    guess = predictions[name]
    before = "No prediction kept" if guess is None else f"You predicted {written(guess)} {unit}".rstrip()
    html = (
        f'<p class="revealed" data-name="{name}" data-unit="{escape(unit)}">'
        f'<span class="mine">{escape(before)}</span>. '
        f"<strong>The result is {escape(result)} {escape(unit)}.</strong></p>"
    )
    return Html(html, f"{before}. The result is {result} {unit}".rstrip() + ".")
