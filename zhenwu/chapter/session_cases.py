"""Every choice on the landing page, worked out before the page is opened: weights, sessions, memory, and what is left.

The page's script computes nothing. It picks these texts by the reader's choice of chip, model, format and session.
In a text, `[144 GB](m890.memory_capacity reported)` is a number with the key and kind of the value behind it; an empty
`[]` stands for the key itself.
"""

import re
from functools import cache
from html import escape
from typing import Any

from zhenwu.chapter.show import written
from zhenwu.perf.capacity import Fit, fit, session_bytes, usable_bytes, weights_bytes
from zhenwu.spec.agent_session import PREFIX, REPORTED, SESSIONS, TOKENS_PER_CALL, Session
from zhenwu.spec.chips import CHIPS, GROUP, M890, USABLE_SHARE, Chip
from zhenwu.spec.models import MODELS, STAND_IN, Model
from zhenwu.spec.results import Result, Results
from zhenwu.spec.sourced import Sourced
from zhenwu.spec.storage import WEIGHT_BITS

FIRST = (M890, STAND_IN, "MXFP4", REPORTED)  # what the page shows before anybody has chosen
TEXTS = {
    "fits": "By memory, yes: {sessions} such sessions fit on {group} chips, {per_chip} for each chip.",
    "full": "By memory, no: the weights leave no room for a session on {group} chips.",
    "short": "By memory, no: the weights alone are {missing} too large for {group} chips. {least} would hold them.",
    "survival": "By endurance, nobody measured this model. Our own small agent's sessions that end well: {text}.",
    "rate": "By speed, tokens a second for one session: {text}.",
    "unmeasured": "not yet measured",
    "widened": "{chip} does not multiply in {format}: it would have to widen every weight first.",
    "unsaid": "Nobody has said whether {chip} multiplies in {format}.",
}
Line = tuple[str, str, str]  # the arithmetic, its result, the result's kind
PARTS = ("how", "result", "kind")


def gigabytes(entry: Sourced) -> str:
    value = entry.to("GB").number()
    return f"{written(value, ',.1f')} GB"


def few_digits(value: float) -> str:
    return written(value, ".1f" if value >= 10 else ".2f")


def link(entry: Sourced, text: str) -> str:
    return f"[{text}]({entry.key} {entry.kind})"


def linked(text: str) -> str:
    """The HTML of a text with links."""
    return re.sub(
        r"\[(.*?)\]\((\S+) (\w+)\)",
        lambda found: f'<a class="operand" href="values.html#value-{found[2].replace(".", "-")}" title="{found[3]}">'
        f"{found[1] or found[2]}</a>",
        escape(text, quote=False),
    )


def weights_line(model: Model, weight_format: str) -> Line:
    weights, bits = weights_bytes(model, weight_format), WEIGHT_BITS[weight_format]
    count = link(model.parameters, f"{model.parameters.value / 1e9:,.1f} billion weights")
    return f"{count} × {link(bits, f'{bits.value} bit')}", gigabytes(weights), weights.kind


def context_line(model: Model, session: Session) -> Line:
    context, calls = session.context(model), link(session.calls, f"{session.calls.value:,} calls")
    each = link(TOKENS_PER_CALL, f"{TOKENS_PER_CALL.value:,} tokens")
    window = link(model.window, f"window of {model.window.value:,}")
    begins = link(PREFIX, f"{PREFIX.value:,}")
    return f"{begins} + {calls} × {each}, at most the {window}", f"{context.value:,} tokens", context.kind


def session_line(model: Model, session: Session) -> Line:
    context = session.context(model)
    total = session_bytes(model, context)
    text = f"{context.value:,} tokens × {link(model.kv_bytes, f'{model.kv_bytes.value:,} B')}"
    if model.state_bytes is not None:
        text += f" + {link(model.state_bytes, gigabytes(model.state_bytes))}"
    return text, gigabytes(total), total.kind


def memory_line(chip: Chip) -> Line:
    memory = usable_bytes(chip, GROUP)
    text = f"{link(GROUP, f'{GROUP.value} chips')} × {link(chip.memory, f'{chip.memory.value} GB')}"
    return f"{text} × {link(USABLE_SHARE, str(USABLE_SHARE.value))}", gigabytes(memory), memory.kind


@cache
def fits_of(chip: Chip, model: Model, weight_format: str) -> list[Fit]:
    """For each of SESSIONS."""
    return [fit(model, weight_format, session, chip) for session in SESSIONS]


def assumed(model: Model, session: Session) -> str:
    """What was assumed on the way to the sessions per chip, and inherits it from nothing else."""
    every = fit(model, FIRST[2], session, M890).per_chip.ancestors()
    roots = {
        entry.key: entry for entry in every
        if entry.kind == "assumed" and not any(each.kind == "assumed" for each in entry.inputs)
    }
    return ", ".join(link(roots[key], "") for key in sorted(roots))


def case(chip: Chip, model: Model, weight_format: str) -> list[Any]:
    """What is left beside the weights, the fewest chips, sessions (whole, for each chip) as in SESSIONS, what lacks."""
    fits = fits_of(chip, model, weight_format)
    one = fits[0]
    sessions = [[f"{each.sessions.value:,}", few_digits(each.per_chip.value)] for each in fits]
    missing = gigabytes(one.shortfall) if one.shortfall else ""
    return [gigabytes(one.left), f"{one.least_chips.value:,}", sessions, missing]


def result_text(result: Result, share: bool) -> str:
    """93 % (91 to 95 %), measured: 200 sessions with carry; zhenwu agent run; version 0.2"""
    low, value, high = (
        f"{100 * part:.1f}" if share else few_digits(part) for part in (result.low, result.value, result.high)
    )
    unit = " %" if share else ""
    return f"{value}{unit} ({low} to {high}{unit}), {result.kind}: {result.source}; {result.command}; {result.version}"


def landing_data(results: Results) -> dict[str, Any]:
    """Everything that the page may be asked for."""
    return {
        "texts": TEXTS,
        "group": str(GROUP.value),
        "names": {entry.key: entry.name for entry in (*CHIPS, *MODELS, *SESSIONS)},
        "weights": {model.key: {form: weights_line(model, form) for form in WEIGHT_BITS} for model in MODELS},
        "context": {model.key: {each.key: context_line(model, each) for each in SESSIONS} for model in MODELS},
        "session": {model.key: {each.key: session_line(model, each) for each in SESSIONS} for model in MODELS},
        "memory": {chip.key: memory_line(chip) for chip in CHIPS},
        "assumed": {model.key: {each.key: assumed(model, each) for each in SESSIONS} for model in MODELS},
        "multiplies": {chip.key: {form: chip.computes(form) for form in WEIGHT_BITS} for chip in CHIPS},
        "cases": {
            chip.key: {model.key: {form: case(chip, model, form) for form in WEIGHT_BITS} for model in MODELS}
            for chip in CHIPS
        },
        "survival": {
            " ".join(keys): [result_text(result, share=True), 100 * result.value]
            for keys, result in results.survival.items()
        },
        "rate": {
            " ".join(keys): result_text(result, share=False) for keys, result in results.decode_tokens_per_s.items()
        },
    }


def slots(data: dict[str, Any], chip: Chip, model: Model, weight_format: str, session: Session) -> dict[str, str]:
    """What stands in each place of the answer for one choice; the page's script fills the same places."""
    texts = data["texts"]
    left, least, sessions, missing = data["cases"][chip.key][model.key][weight_format]
    lines = {
        "weights": data["weights"][model.key][weight_format],
        "context": data["context"][model.key][session.key],
        "session": data["session"][model.key][session.key],
        "memory": data["memory"][chip.key],
    }
    count, per_chip = sessions[SESSIONS.index(session)]
    weights, each, memory = (lines[name][1] for name in ("weights", "session", "memory"))
    unmeasured = texts["unmeasured"]
    survival = data["survival"].get(f"{weight_format} {session.key}", [unmeasured])[0]
    rate = data["rate"].get(f"{chip.key} {model.key} {weight_format} {session.key}", unmeasured)
    parts = {"sessions": count, "per_chip": per_chip, "group": data["group"], "missing": missing, "least": least}
    multiplies = data["multiplies"][chip.key][weight_format]
    remark = "" if multiplies else texts["unsaid" if multiplies is None else "widened"]
    filled = {f"{name}-{part}": text for name, line in lines.items() for part, text in zip(PARTS, line, strict=True)}
    return filled | {
        "headline": texts["short" if missing else "full" if count == "0" else "fits"].format(**parts),
        "survival": texts["survival"].format(text=survival),
        "rate": texts["rate"].format(text=rate),
        "remark": remark.format(chip=chip.name, format=weight_format),
        "left-how": f"{memory} \N{MINUS SIGN} {weights}", "left-result": left,
        "count-how": f"{left} / {each}, whole sessions", "count-result": count,
        "chip-how": f"{count} / {data['group']}", "chip-result": per_chip,
        "least-result": least,
        "assumed": data["assumed"][model.key][session.key],
    }
