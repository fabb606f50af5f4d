"""Stall profiles: the traffic conditions under which every stream bench runs."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from hdl.bench.stalls import Stalls, bursts, never, random_stalls


@dataclass(frozen=True)
class Profile:
    """One condition: a stall pattern per stream, and whether sinks wait for `valid` before they are ready."""

    name: str
    pattern: Callable[[str], Stalls]
    wait_for_valid: bool = False


def _random(seed: str) -> Stalls:
    return random_stalls(seed, Random(f"{seed}/probability").uniform(0.2, 0.7))


NONE = Profile("none", lambda seed: never())
RANDOM = Profile("random", _random)
BURSTS = Profile("bursts", bursts, wait_for_valid=True)
RESET = Profile("reset", _random)  # the stalls of RANDOM, so that half of its cycles is really in the middle
