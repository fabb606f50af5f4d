"""A source: offers payloads on a stream, in order, with stalls of its own choosing."""

from collections.abc import Iterable, Iterator

from hdl.bench.payload import Payload, as_dicts
from hdl.bench.stalls import Stalls, never


def source(clk, rst, stream, items: Iterable[Payload], stalls: Stalls | None = None) -> Iterator:
    """Offer every item of `items` once; after a reset, start again from the first.

    Between offers the payload wires carry the complement of the last payload, so that a block that samples
    without `valid` is found out. Every field of the stream must be given.
    """
    fields = stream.payload()
    stalls = stalls or never()
    beats = [
        [(fields[name], value) for name, value in item.items()] for item in as_dicts(tuple(fields), items)
    ]
    for index, beat in enumerate(beats):
        if len(beat) != len(fields):
            raise ValueError(f"item {index}: {len(beat)} fields, expected all of {', '.join(fields)}")
    valid, ready = stream.valid, stream.ready
    position, offering = 0, False
    while True:
        yield clk.posedge
        if rst:
            position, offering = 0, False
            valid.next = False
            continue
        moved = offering and ready
        if moved:
            position, offering = position + 1, False
        if not offering and position < len(beats) and not next(stalls):
            for signal, value in beats[position]:
                signal.next = value
            offering = True
            valid.next = True
        elif moved:
            for signal, value in beats[position - 1]:
                signal.next = _complement(signal, value)
            valid.next = False


def _complement(signal, value: int) -> int:
    """All bits of `value` turned over, within the range of `signal`."""
    return 1 - value if signal.max is None else signal.max - 1 + signal.min - value
