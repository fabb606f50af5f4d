"""The shape of a block's pins: enough to make fresh ones like them, in another process too.

A bench gives a block whatever pins it likes; to write that block's Verilog, or to run it again by itself, takes fresh
signals of the same widths, ranges, names and bundles.
"""

from collections.abc import Mapping
from typing import NamedTuple

from myhdl import ResetSignal, Signal, SignalType, intbv


class Wire(NamedTuple):
    """A signal: `low` and `high` bound an intbv, None for a bool; a reset has `active`."""

    width: int
    low: int | None
    high: int | None
    active: int | None = None


class Bundle(NamedTuple):
    """An object that holds signals by name, such as a Stream."""

    kind: type
    fields: dict


Shape = Wire | Bundle | list


def shape(pin: object) -> Shape:
    """The shape of a signal, a list of signals or a bundle."""
    if isinstance(pin, ResetSignal):
        return Wire(1, None, None, int(pin.active))
    if isinstance(pin, SignalType):
        return Wire(len(pin) or 1, None, None) if isinstance(pin.val, bool) else Wire(len(pin), pin.min, pin.max)
    if isinstance(pin, list):
        return [shape(inner) for inner in pin]
    return Bundle(type(pin), shapes(vars(pin)))


def shapes(pins: Mapping[str, object]) -> dict[str, Shape]:
    """The shape of each pin."""
    return {name: shape(pin) for name, pin in pins.items()}


def fresh(form: Shape) -> object:
    """A new pin of this shape, initially zero."""
    if isinstance(form, list):
        return [fresh(inner) for inner in form]
    if isinstance(form, Bundle):
        bundle = form.kind.__new__(form.kind)
        vars(bundle).update((name, fresh(inner)) for name, inner in form.fields.items())
        return bundle
    if form.active is not None:
        return ResetSignal(0, active=form.active, isasync=False)
    return Signal(bool(0)) if form.low is None else Signal(intbv(0, min=form.low, max=form.high))
