"""Stall patterns: when a source holds back its payload, or a sink its `ready`.

A pattern is an endless iterator of bool, drawn once per cycle in which there is a choice: True means stall.
The same seed gives the same pattern on every machine, whatever PYTHONHASHSEED is.
"""

from collections.abc import Iterator
from itertools import chain, repeat
from random import Random

Stalls = Iterator[bool]


def never() -> Stalls:
    """No stall at all: the pattern for measuring throughput."""
    return repeat(False)


def random_stalls(seed: int | str, probability: float = 0.5) -> Stalls:
    """Stall each cycle with `probability`, independently of the others."""
    if not 0 <= probability < 1:
        raise ValueError(f"probability {probability}: expected 0 <= probability < 1, or nothing ever moves")
    draw = Random(seed).random
    while True:
        yield draw() < probability


def bursts(seed: int | str, mean_cycles: int = 40) -> Stalls:
    """Long stalls and long free runs in turn, each 1 .. 2 * mean_cycles - 1 cycles: queues fill, then run dry."""
    if mean_cycles < 1:
        raise ValueError(f"mean_cycles {mean_cycles}: expected at least 1")
    random = Random(seed)
    stalled = random.random() < 0.5
    while True:
        yield from repeat(stalled, random.randrange(1, 2 * mean_cycles))
        stalled = not stalled


def mix(seed: int | str, *patterns: Stalls, mean_cycles: int = 100) -> Stalls:
    """Follow one of `patterns` for a while, then another, chosen at random."""
    if not patterns:
        raise ValueError("mix: expected at least one pattern")
    random = Random(seed)
    while True:
        pattern = random.choice(patterns)
        for _ in range(random.randrange(1, 2 * mean_cycles)):
            yield next(pattern)


def wave(drawing: str) -> Stalls:
    """A pattern drawn by hand: `wave("__-_")` stalls ('-') in the third cycle only, and never after the end."""
    if set(drawing) - set("_-"):
        raise ValueError(f"wave {drawing!r}: expected only '_' (go) and '-' (stall)")
    return chain((mark == "-" for mark in drawing), never())
