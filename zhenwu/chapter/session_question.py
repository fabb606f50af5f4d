"""The landing page's question as HTML: the form, the answer with its arithmetic line by line, every choice in tables.

Without script the answer stands there for the first choice, and the form is not shown. With it, the form comes first
and the answer after a prediction (`book/_extra/landing.js`).
"""

import json
from collections.abc import Iterable
from html import escape
from typing import Any

from zhenwu.chapter.session_cases import FIRST, TEXTS, few_digits, fits_of, gigabytes, landing_data, linked, slots
from zhenwu.spec.agent_session import SESSIONS, STRESS
from zhenwu.spec.chips import CHIPS, GROUP
from zhenwu.spec.models import MODELS, STAND_IN, Model
from zhenwu.spec.results import Results
from zhenwu.spec.storage import WEIGHT_BITS

LINES = {
    "weights": "All weights",
    "context": "Longest context",
    "session": "One session",
    "memory": "Memory to fill",
    "left": "Left for sessions",
    "count": "Sessions",
    "chip": "For each chip",
    "least": "Chips for the weights alone",
}
WHY = {"least": "the smallest power of two that holds them"}
FORMAT_NAMES = {"MXFP4": "MXFP4, four bits", "FP8": "FP8, eight bits", "BF16": "BF16, sixteen bits"}
SESSIONS_ASKED = (
    f"{GROUP.value} such chips share one copy of the model. How many such sessions do they hold, for each chip?"
)
SURVIVAL_ASKED = "Of a hundred sessions with as many calls, how many end well for our own small agent?"
NOT_YET = " (Not yet measured: your guess is kept.)"


def question(results: Results) -> tuple[str, str]:
    """Form, answer, data and script; and the answer alone, for a book without script."""
    data = landing_data(results)
    plain = answer(data)
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/")
    page = (
        f'{_form(bool(results.survival))}{plain}<script type="application/json" id="landing-data">{text}</script>'
        '<script defer="defer" src="landing.js"></script>'
    )
    return page, plain


def _select(name: str, label: str, options: Iterable[tuple[str, str]], first: str) -> str:
    chosen = {first: ' selected="selected"'}
    items = "".join(
        f'<option value="{key}"{chosen.get(key, "")}>{escape(text)}</option>' for key, text in options
    )
    return f'<label for="landing-{name}">{label}</label><select id="landing-{name}" name="{name}">{items}</select>'


def _form(measured: bool) -> str:
    chip, model, weight_format, session = FIRST
    models = [(entry.key, entry.name + (" (stands for Qwen3.7-Max)" if entry is STAND_IN else "")) for entry in MODELS]
    choices = (
        _select("format", "Number format of the weights", FORMAT_NAMES.items(), weight_format)
        + _select("session", "Length of the session", [(entry.key, entry.name) for entry in SESSIONS], session.key)
        + _select("chip", "Chip", [(entry.key, entry.name) for entry in CHIPS], chip.key)
    )
    asked = "".join(
        f'<label for="landing-{name}">{text}</label>'
        f'<input id="landing-{name}" name="{name}" type="text" inputmode="decimal" autocomplete="off" />'
        for name, text in (("sessions", SESSIONS_ASKED), ("survival", SURVIVAL_ASKED + ("" if measured else NOT_YET)))
    )
    return (
        '<form class="landing" id="landing" hidden="hidden" onsubmit="return false">'
        f'<fieldset><legend>Choose</legend><div class="fields">{choices}</div>'
        f'<details><summary>Advanced: the model</summary><div class="fields">'
        f'{_select("model", "Model", models, model.key)}</div></details></fieldset>'
        f'<fieldset><legend>Predict</legend><div class="fields">{asked}</div></fieldset>'
        '<p><button type="submit" class="book-button">Show what comes out</button> '
        '<button type="button" class="landing-skip">I make no prediction</button></p>'
        '<p class="landing-said" role="status"></p></form>'
    )


def answer(data: dict[str, Any]) -> str:
    """The answer to the first choice, with a name on every place that another choice fills otherwise."""
    filled = slots(data, *FIRST)
    chip, model, weight_format, session = FIRST
    how = {name: linked(filled.get(f"{name}-how", WHY.get(name, ""))) for name in LINES}
    rows = "".join(
        f'<div><dt>{label}</dt><dd><span data-slot="{name}-how">{how[name]}</span> '
        f'<span class="landing-result">= <span data-slot="{name}-result">{escape(filled[f"{name}-result"])}</span> '
        f'{_badge(name, filled.get(f"{name}-kind", "assumed"))}</span></dd></div>'
        for name, label in LINES.items()
    )
    roots = f'<span data-slot="assumed">{linked(filled["assumed"])}</span>'
    choice = f"{weight_format}, {session.name}, {chip.name}, {model.name}"
    lines = "".join(f'<p data-slot="{name}">{escape(filled[name])}</p>' for name in ("survival", "rate", "remark"))
    return (
        '<section class="landing-answer" id="landing-answer" aria-label="What comes out">'
        f'<p class="landing-choice" data-slot="choice">{escape(choice)}</p>'
        f'<p class="landing-headline"><strong data-slot="headline">{escape(filled["headline"])}</strong></p>{lines}'
        f"<p>The arithmetic, line by line; each link leads to a number's source:</p><dl>{rows}</dl>"
        f'<p class="landing-choice">Assumed on the way: {roots}</p></section>'
    )


def _badge(name: str, kind: str) -> str:
    return f'<span class="kind kind-{kind}" data-kind="{name}">{kind}</span>'


def every_choice(results: Results) -> str:
    """Sessions per chip for every model, format, chip and length, and survival for every format and length."""
    return _survival(results) + "".join(
        f'<details class="every-choice"><summary>Sessions per chip: {escape(model.name)}</summary>'
        + "".join(_table(model, weight_format) for weight_format in WEIGHT_BITS) + "</details>"
        for model in MODELS
    )


def _table(model: Model, weight_format: str) -> str:
    lengths = [session for session in SESSIONS if session is not STRESS]  # needs no more memory than the reported run
    rows = []
    for chip in CHIPS:
        fits = fits_of(chip, model, weight_format)
        shown = [fits[SESSIONS.index(session)] for session in lengths]
        cells = "".join(f"<td>{few_digits(each.per_chip.value)}</td>" for each in shown)
        if shown[0].shortfall:
            cells = f'<td colspan="{len(lengths)}">{gigabytes(shown[0].shortfall)} short</td>'
        rows.append(f'<tr><th scope="row">{chip.name}</th>{cells}<td>{shown[0].least_chips.value}</td></tr>')
    head = [*(session.name for session in lengths), "for weights"]
    caption = f"{model.name} in {weight_format} on {GROUP.value} chips: sessions per chip, chips for the weights alone."
    return _grid(caption, [weight_format, *head], rows)


def _survival(results: Results) -> str:
    rows = []
    for weight_format in WEIGHT_BITS:
        found = [results.survival.get((weight_format, session.key)) for session in SESSIONS]
        cells = "".join(f"<td>{f'{100 * each.value:.1f} %' if each else TEXTS['unmeasured']}</td>" for each in found)
        rows.append(f'<tr><th scope="row">{weight_format}</th>{cells}</tr>')
    caption = "Sessions of our own small agent that end well, by format and length; no other model was measured."
    grid = _grid(caption, ["format", *(each.name for each in SESSIONS)], rows)
    return f'<details class="every-choice"><summary>Survival</summary>{grid}</details>'


def _grid(caption: str, head: list[str], rows: list[str]) -> str:
    top = "".join(f'<th scope="col">{escape(text)}</th>' for text in head)
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="{escape(caption)}">'
        f'<table class="side-by-side numbers"><caption>{escape(caption)}</caption><thead><tr>{top}</tr></thead>'
        f'<tbody>{"".join(rows)}</tbody></table></div>'
    )
