"""A number that knows where it comes from: `Sourced(144, "GB", NEWSROOM, "reported")`.

Every number of this project lives in `zhenwu/spec` as one of these. Arithmetic keeps the trail: a result is
`derived`, unless something it was made from is `assumed`; then it is assumed too, however long the way.
Units must fit: gigabytes do not add to seconds. A value that nobody has published is `unknown`, holds None
and refuses arithmetic, so that no guess can pass for a figure.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import NamedTuple

from zhenwu.spec import units

# In order of strength: read at the maker; read elsewhere; timed; computed from others; chosen by us; not known.
KINDS = ("published", "reported", "measured", "derived", "assumed", "unknown")

Value = int | float | str | bool | tuple | None


class Source(NamedTuple):
    """Where a value stands: title, address and date as printed there (any of the last two may be missing)."""

    title: str
    url: str | None = None
    date: str | None = None


@dataclass(frozen=True)
class Sourced:
    """A value with its unit, source and kind.

    `source` is one Source, several, or a sentence (for an assumed value: why that size). `inputs` are the
    values it was computed from, empty for one that was read or chosen. An unknown kind, or a None that is
    not marked unknown, raises ValueError.
    """

    value: Value
    unit: str
    source: tuple[Source, ...] | Source | str
    kind: str
    key: str = ""
    note: str = ""
    confidence: str = ""  # high, medium or low, as in the fact table; empty where nobody judged it
    inputs: tuple[Sourced, ...] = ()

    def __post_init__(self):
        source = self.source
        if isinstance(source, str):
            source = (Source(source),)
        elif isinstance(source, Source):
            source = (source,)
        object.__setattr__(self, "source", source)
        if self.kind not in KINDS:
            raise ValueError(f'{self.label()} has kind "{self.kind}": expected one of {", ".join(KINDS)}')
        if (self.value is None) != (self.kind == "unknown"):
            raise ValueError(f"{self.label()} is {self.kind} with value {self.value}: expected unknown to mean None")
        if not source or not all(entry.title for entry in source):
            raise ValueError(f"{self.label()} names no source: expected a title or a reason")

    def label(self) -> str:
        """The key, or the value with its unit where it has none."""
        return self.key or f"{self.value} {self.unit}".strip()

    def ancestors(self) -> tuple[Sourced, ...]:
        """Everything this value was computed from, each once, nearest first."""
        found: list[Sourced] = []
        queue = list(self.inputs)
        while queue:
            entry = queue.pop(0)
            if entry not in found:
                found.append(entry)
                queue += entry.inputs
        return tuple(found)

    def named(self, key: str, note: str = "") -> Sourced:
        """The same value under a name of its own."""
        return replace(self, key=key, note=note)

    def pick(self, index: int) -> Sourced:
        """One entry of a range or a list of scenarios."""
        if not isinstance(self.value, tuple):
            raise ValueError(f"{self.label()} holds {self.value!r}: expected a range to pick from")
        return Sourced(self.value[index], self.unit, f"{self.label()}[{index}]", self.kind, inputs=(self,))

    def to(self, unit: str) -> Sourced:
        """The same quantity in another unit: as strong as before, `inputs` keeps the original."""
        value = _tidy(Fraction(self.number()) * units.conversion(self.unit, unit))
        return Sourced(value, unit, f"{_label(self)} in {unit}", self.kind, inputs=(self,))

    def number(self) -> int | float:
        """The value where arithmetic makes sense; unknown, text and ranges raise ValueError."""
        if self.kind == "unknown":
            raise ValueError(f"{self.label()} is unknown: expected a number, and no source gives one")
        if isinstance(self.value, bool) or not isinstance(self.value, int | float):
            raise ValueError(f"{self.label()} holds {self.value!r}: expected one number")
        return self.value

    def __int__(self) -> int:
        number = self.number()
        if number != int(number):
            raise ValueError(f"{self.label()} is {number}: expected a whole number")
        return int(number)

    def __float__(self) -> float:
        return float(self.number())

    def __add__(self, other: Operand) -> Sourced:
        return _combine(self, "+", other)

    def __radd__(self, other: Operand) -> Sourced:
        return _combine(other, "+", self)

    def __sub__(self, other: Operand) -> Sourced:
        return _combine(self, "-", other)

    def __rsub__(self, other: Operand) -> Sourced:
        return _combine(other, "-", self)

    def __mul__(self, other: Operand) -> Sourced:
        return _combine(self, "*", other)

    def __rmul__(self, other: Operand) -> Sourced:
        return _combine(other, "*", self)

    def __truediv__(self, other: Operand) -> Sourced:
        return _combine(self, "/", other)

    def __rtruediv__(self, other: Operand) -> Sourced:
        return _combine(other, "/", self)

    def __neg__(self) -> Sourced:
        return _combine(-1, "*", self)


Operand = Sourced | int | float


def _combine(left: Operand, operator: str, right: Operand) -> Sourced:
    """left operator right. A plain number is an exact constant without a unit."""
    x, y = _number(left), _number(right)
    left_unit, right_unit = _unit(left), _unit(right)
    if operator in "+-":
        if units.parse(left_unit) != units.parse(right_unit):
            raise ValueError(
                f'cannot compute {_label(left)} {operator} {_label(right)}: expected equal units, not "{left_unit}" '
                f'and "{right_unit}"'
            )
        unit, value = left_unit, x + y if operator == "+" else x - y
    elif operator == "*":
        unit, value = units.multiply(left_unit, right_unit), x * y
    else:
        if y == 0:
            raise ValueError(f"cannot divide {_label(left)} by {_label(right)}: expected a divisor other than 0")
        unit = units.multiply(left_unit, right_unit, -1)
        value = x // y if isinstance(x, int) and isinstance(y, int) and x % y == 0 else x / y
    inputs = tuple(entry for entry in (left, right) if isinstance(entry, Sourced))
    kind = "assumed" if any(entry.kind == "assumed" for entry in inputs) else "derived"
    return Sourced(value, unit, f"{_label(left)} {operator} {_label(right)}", kind, inputs=inputs)


def _number(operand: Operand) -> int | float:
    if isinstance(operand, Sourced):
        return operand.number()
    if isinstance(operand, bool) or not isinstance(operand, int | float):
        raise ValueError(f"{operand!r} in a sum or product: expected a Sourced or a plain number")
    return operand


def _unit(operand: Operand) -> str:
    return operand.unit if isinstance(operand, Sourced) else ""


def _label(operand: Operand) -> str:
    """How an operand appears in the formula that becomes the result's source."""
    if not isinstance(operand, Sourced):
        return str(operand)
    return operand.key or (f"({operand.source[0].title})" if operand.inputs else operand.label())


def _tidy(value: Fraction) -> int | float:
    return value.numerator if value.denominator == 1 else float(value)
