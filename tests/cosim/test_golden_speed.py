"""The measurement of golden speed: what it times, and that it tells a wrong bit."""

import numpy as np
import pytest

from zhenwu.cosim import golden_speed
from zhenwu.cosim.golden_speed import ELEMENTS, TARGETS, any_scales, bf16, by_turns, gaussian, line


@pytest.fixture
def rng():
    return np.random.default_rng(1)


@pytest.mark.parametrize("fmt", ELEMENTS)
def test_each_format_is_measured_and_has_its_bits(fmt, rng):
    ratios = [*gaussian(fmt, 40, 96, {1: 1, 5: 1}, rng), any_scales(fmt, 9, 40, 96, 1, rng)]
    assert [(ratio.m, ratio.n, ratio.k) for ratio in ratios] == [(1, 40, 96), (5, 40, 96), (9, 40, 96)]
    assert all(ratio.ratio > 0 and ratio.packing > 0 and not ratio.differing for ratio in ratios)
    assert [ratio.target for ratio in ratios] == [TARGETS[fmt].get(1), None, None]


def test_bf16_is_measured_too(rng):
    assert all(not ratio.differing and ratio.target is None for ratio in bf16(20, 64, rng))


def test_a_wrong_bit_is_counted_and_told(rng, monkeypatch):
    product = golden_speed.grid_matmul

    def wrong(a, b):
        bits = product(a, b).view(np.uint32)
        bits[0, :3] ^= 1
        return bits.view(np.float32)

    monkeypatch.setattr(golden_speed, "grid_matmul", wrong)
    (ratio,) = gaussian("MXFP8", 40, 96, {5: 1}, rng)
    assert ratio.differing == 3 and "3 RESULTS DIFFER FROM THE DEFINITION" in line(ratio)


def test_any_scales_are_such_that_each_way_but_the_first_is_taken(rng, monkeypatch):
    seen = []
    monkeypatch.setattr(golden_speed, "grid_matmul", lambda a, b: seen.append((a, b)) or np.zeros((40, 40), np.float32))
    any_scales("MXFP4", 40, 40, 1024, 1, rng)
    a, b = seen[0]
    with np.errstate(over="ignore", invalid="ignore"):
        assert not np.any(a.row_reach * b.longest_row <= 2**24)
        assert 0.6 < np.mean((a.block_reach * b.longest_block <= 2**24).all(axis=1)) <= 0.75


def test_a_side_that_does_more_takes_longer():
    less, more = by_turns([lambda: sum(range(10)), lambda: sum(range(100_000))], 5)
    assert 0 < less < more


def test_a_line_names_the_target_where_there_is_one(rng):
    ratio = next(gaussian("MXFP4", 40, 96, {1: 1}, rng))
    assert "target 2;" in line(ratio) and line(ratio).endswith("bits as defined")
    assert "target" not in line(next(bf16(20, 64, rng)))
