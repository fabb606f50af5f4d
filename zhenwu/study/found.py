"""What the study found, read from the file that ships: cells by what they are, and their numbers in words.

A sentence that depends on how the study came out is made here from its numbers, so that no page has to be edited when
the study is run again: which of two agents errs more often, whether errors rise with age.
"""

import json
import math
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from zhenwu.agent.binomial import half_survival, interval
from zhenwu.study.summary import ratio_interval

FILE = "agent_study.json"
MILLION = 1_000_000
UNPROVEN = 0.05  # p from which on a slope is not told from none
Cell = dict[str, Any]


class Share(NamedTuple):
    """So many of so many, with a 95 % interval."""

    k: int
    n: int
    low: float
    high: float

    @property
    def value(self) -> float:
        return self.k / self.n if self.n else math.nan

    @property
    def words(self) -> str:
        return f"{self.k:,} of {self.n:,}, {percent(self.value)} ({percent(self.low)} to {percent(self.high)})"


@cache
def cells() -> list[Cell]:
    """All cells of the study that ships, in its order."""
    return json.loads(files("zhenwu.data").joinpath(FILE).read_text(encoding="utf-8"))["cells"]


def all_of(among: list[Cell] | None = None, **wanted: Any) -> list[Cell]:
    """The cells with these fields."""
    every = cells() if among is None else among
    return [each for each in every if all(each[name] == value for name, value in wanted.items())]


def cell(among: list[Cell] | None = None, **wanted: Any) -> Cell:
    """The cell with these fields that saw the most turns; LookupError if there is none."""
    found = all_of(among, **wanted)
    if not found:
        raise LookupError(f"no cell of the study has {', '.join(f'{k} {v}' for k, v in wanted.items())}")
    return max(found, key=lambda each: each["turns"])


def label(each: Cell) -> str:
    """A cell in few words."""
    parts = [each["format"].replace("fp32, kv", "KV").upper() if each["kv"] != "fp32" else spoken(each["format"])]
    parts += ["trained for it"] if each["weights"] == "qat" else []
    parts += [f"checked by {each['check']}"] if each["check"] else []
    return ", ".join(parts)


def spoken(form: str) -> str:
    """`mxfp4 even hadamard` as `MXFP4 even, rotated`."""
    name, *more = form.replace("hadamard", "rotated").split()
    return " ".join([name.upper(), *more])


def percent(value: float) -> str:
    digits = 0 if value in (0, 1) or 0.1 <= value <= 0.9 else 1
    return f"{100 * value:.{digits}f} %"


def few(value: float) -> str:
    """Three significant digits, or all whole ones."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def until_first(each: Cell) -> Share:
    """Sessions' first wrong turns, of all turns up to and with them: the hazard, the error of a session still right."""
    return Share(each["failed"], each["clean_turns"], each["hazard_low"], each["hazard_high"])


def after_first(each: Cell) -> Share:
    """Wrong turns of all turns that come after a session's first wrong one."""
    first = until_first(each)
    wrong, turns = each["wrong"] - first.k, each["turns"] - first.n
    return Share(wrong, turns, *interval(wrong, turns))


def per_million(share: Share) -> str:
    """Wrong turns in a million, with the interval."""
    low, high = few(MILLION * share.low), few(MILLION * share.high)
    if not share.k:
        return f"none in {share.n:,} turns, at most {high} in a million"
    return f"{few(MILLION * share.value)} in a million ({low} to {high})"


def half_left(each: Cell) -> float:
    """Calls until half of the sessions have failed, if the hazard stays as it is."""
    return half_survival(each["failed"], each["clean_turns"]) / turns_per_call(each)


def turns_per_call(each: Cell) -> float:
    """Compactions are turns too."""
    return each["turns"] / (each["sessions"] * each["calls"])


def survivors(each: Cell) -> list[tuple[int, Share]]:
    """Sessions without a wrong turn, by calls."""
    return [(at["calls"], Share(at["survived"], at["of"], at["low"], at["high"])) for at in each["survival"]]


def last(each: Cell) -> tuple[int, Share]:
    """The last of `survivors`."""
    return survivors(each)[-1]


def expected(each: Cell, calls: float) -> float:
    """(1 - e)^turns with the cell's own error per turn until the first: the hypothesis."""
    return (1 - until_first(each).value) ** (calls * turns_per_call(each))


def slope(each: Cell, column: str) -> dict[str, Any]:
    """The slope of the log odds of an error along a column; alone, but for the agent's own errors beside context."""
    return next(found for found in each["slopes"] if found["column"] == column)


def factor(found: dict[str, Any]) -> str:
    """By what the odds are multiplied with each unit of the column."""
    if found["low"] is None:
        return "too few errors to say"
    value, low, high = (power(found[name]) for name in ("value", "low", "high"))
    sure = "p < 0.001" if found["p"] < 0.001 else f"p = {found['p']:.2g}"
    return f"{value} ({low} to {high}), {sure}"


def power(exponent: float) -> str:
    """e to it, as far as a reader can use it."""
    return few(math.exp(exponent)) if exponent < 12 else "beyond any use"


def trend(found: dict[str, Any]) -> str:
    """A slope as a verb."""
    if found["low"] is None:
        return "cannot be judged with so few errors"
    if found["p"] >= UNPROVEN:
        return "cannot be told from constant"
    return "rises" if found["value"] > 0 else "falls"


def compared(one: Cell, other: Cell) -> str:
    """How often `one` errs for each error of `other`, in words; both up to each session's first error."""
    first, second = until_first(one), until_first(other)
    if not first.k + second.k:
        return "as often as far as can be seen, since neither made an error"
    ratio, low, high = ratio_interval(first.k, first.n, second.k, second.n)
    if low > 1:
        return f"more often, {times(ratio, low, high)}"
    if high < 1:
        return f"less often, {times(*(1 / end if end else math.inf for end in (ratio, high, low)))}"
    return f"neither more nor less often as far as can be told, {times(ratio, low, high)}"


def times(ratio: float, low: float, high: float) -> str:
    """A ratio as a factor; one without an end by its other."""
    if math.isinf(ratio):
        return f"by a factor of at least {few(low)}"
    return f"by a factor of {few(ratio)} ({few(low)} to {few(high)})"


def beside_fp32(each: Cell) -> str:
    """Its hazard over that of float32 on the same seeds; LookupError where too few sessions failed for that."""
    if not (pair := each["paired"]):
        raise LookupError(f"{each['name']}: too few sessions failed for a comparison by seeds")
    return f"{few(pair['ratio'])} ({few(pair['low'])} to {few(pair['high'])}), on {pair['seeds']:,} seeds"


def caught(each: Cell) -> Share:
    """Of the turns in which the first opinion was wrong, those in which the second was wrong too."""
    k, n = each["second_also"], each["first_wrong"]
    return Share(k, n, *interval(k, n))


def price(each: Cell, second: float = 1.0, third: float = 1.0) -> float:
    """What all opinions cost over the first alone, in tokens times weights; `second` and `third` are their sizes over
    its own. The second reads what the first reads, the third whole contexts in doubt."""
    return 1 + second + third * (each["checking_tokens"] / each["tokens"] - 1)
