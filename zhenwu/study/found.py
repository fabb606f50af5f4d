"""What the study found, read from the file that ships: cells by what they are, and their numbers in words.

A sentence that depends on how the study came out is made here from its numbers, so that no page has to be edited when
the study is run again: which of two agents errs more often, whether errors rise with age.
"""

import json
import math
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from zhenwu.agent.binomial import interval
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
    parts += ["checked"] if each["checked"] else []
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


def per_million(each: Cell) -> str:
    """Wrong turns in a million, with the interval."""
    low, high = few(MILLION * each["low"]), few(MILLION * each["high"])
    if not each["wrong"]:
        return f"none in {each['turns']:,} turns, at most {high} in a million"
    return f"{few(MILLION * each['error'])} wrong turns in a million ({low} to {high})"


def until_first(each: Cell) -> Share:
    """Sessions' first wrong turns, of all turns up to and with them: the error of a session without a past."""
    wrong, turns = (sum(part[at] for part in each["bins"]["call"]) for at in (3, 2))
    return Share(wrong, turns, *interval(wrong, turns))


def after_first(each: Cell) -> Share:
    """Wrong turns of all turns that come after a session's first wrong one."""
    first = until_first(each)
    wrong, turns = each["wrong"] - first.k, each["turns"] - first.n
    return Share(wrong, turns, *interval(wrong, turns))


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
    return f"{value} ({low} to {high}), p = {found['p']:.2g}"


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
    """How often `one` errs for each error of `other`, in words."""
    if not one["wrong"] + other["wrong"]:
        return "as often as far as can be seen, since neither made an error"
    ratio, low, high = ratio_interval(one["wrong"], one["turns"], other["wrong"], other["turns"])
    way = "more often" if low > 1 else "less often" if high < 1 else "neither more nor less often as far as can be told"
    if math.isinf(ratio):
        return f"{way}, at least {few(low)} times as often"
    if not ratio:
        return f"{way}, at most {few(high)} times as often"
    return f"{way}, {few(ratio)} times as often ({few(low)} to {few(high)})"


def caught(each: Cell) -> Share:
    """Of the turns in which the first opinion was wrong, those in which the second was wrong too."""
    k, n = each["second_also"], each["first_wrong"]
    return Share(k, n, *interval(k, n))


def price(each: Cell) -> float:
    """Tokens that the model read for each that the first opinion read."""
    return 1 + each["checking_tokens"] / each["tokens"]
