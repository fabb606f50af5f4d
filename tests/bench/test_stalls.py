"""Stall patterns: the same seed gives the same stalls, everywhere."""

import subprocess
import sys
from itertools import groupby, islice

import pytest

from hdl.bench.stalls import bursts, mix, never, random_stalls, wave

PATTERNS = {
    "random": lambda seed: random_stalls(seed, 0.3),
    "bursts": lambda seed: bursts(seed, 20),
    "mix": lambda seed: mix(seed, never(), random_stalls(seed), bursts(seed)),
}


@pytest.mark.parametrize("name", PATTERNS)
def test_a_seed_determines_the_pattern(name):
    make = PATTERNS[name]
    assert list(islice(make("7/src"), 500)) == list(islice(make("7/src"), 500))
    assert list(islice(make("7/src"), 500)) != list(islice(make("8/src"), 500))


def test_the_pattern_does_not_depend_on_hash_randomisation():
    code = "from itertools import islice; from hdl.bench.stalls import bursts; print(*islice(bursts('a/b'), 300))"
    outputs = {
        subprocess.run([sys.executable, "-c", code], env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
                       capture_output=True, check=True).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1


def test_random_stalls_come_with_their_probability():
    stalled = sum(islice(random_stalls(1, 0.3), 10_000))
    assert 2_800 < stalled < 3_200


def test_a_probability_of_one_is_refused():
    with pytest.raises(ValueError, match="probability 1"):
        next(random_stalls(1, 1))


def test_bursts_are_long_in_both_directions():
    runs = [(stalled, len(list(cycles))) for stalled, cycles in groupby(islice(bursts(3, 40), 20_000))]
    for wanted in (False, True):
        lengths = [length for stalled, length in runs if stalled == wanted]
        assert 30 < sum(lengths) / len(lengths) < 50
        assert max(lengths) < 80


def test_mix_follows_each_of_its_patterns():
    drawn = list(islice(mix(5, never(), wave("-" * 10_000)), 3_000))
    assert 500 < sum(drawn) < 2_500
    assert next(iter(mix(5, never()))) is False


def test_a_wave_is_drawn_by_hand_and_ends_free():
    assert list(islice(wave("_-_--"), 8)) == [False, True, False, True, True, False, False, False]
    with pytest.raises(ValueError, match="wave 'x'"):
        wave("x")
