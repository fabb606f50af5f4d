"""Quantised lines: which block goes to which line, and where the scales lie."""

import numpy as np
import pytest

from zhenwu.cosim.tile import mx_lines as cosim
from zhenwu.cycle.tile.mx_lines import MxLines, RowLine
from zhenwu.golden.tile.mx_lines import ends_block, mx_lines
from zhenwu.spec.isa import Store

MXFP4, MXFP8 = 1, 2
ONE = np.float32(1).view(np.uint32)


def ones(m, n):
    """1.0 everywhere: in MXFP4 code 6 (4.0) with scale 2^-2, in MXFP8 code 0x78 (256.0) with scale 2^-8."""
    return np.full((m, n), ONE)


def test_mxfp4_has_block_0_in_the_lower_half_and_block_1_above():
    lines = mx_lines(Store(2, 8, 10, 4, fmt=MXFP4, part=2, closes=1, scale_base=99), ones(2, 40))
    assert [address for address, _ in lines] == [10, 14, 99]
    assert bytes(lines[0][1]) == bytes([0x66] * 16 + [0x66] * 4 + [0] * 12)


def test_mxfp8_has_a_line_for_each_block():
    first = mx_lines(Store(2, 16, 10, 4, fmt=MXFP8, part=1), ones(2, 32))
    second = mx_lines(Store(2, 8, 10, 4, fmt=MXFP8, part=2, closes=1, scale_base=99), ones(2, 40))
    assert [address for address, _ in first + second] == [10, 14, 11, 15, 99]
    assert bytes(first[0][1]) == bytes([0x78] * 32) and bytes(second[0][1]) == bytes([0x78] * 8 + [0] * 24)


@pytest.mark.parametrize(("fmt", "scale"), [(MXFP4, 125), (MXFP8, 119)])
def test_scales_lie_by_block_and_row_and_missing_ones_are_1(fmt, scale):
    lines = mx_lines(Store(3, 1, 0, 1, fmt=fmt, part=2, closes=1), ones(3, 33))
    assert bytes(lines[-1][1]) == bytes(([scale] * 3 + [127] * 13) * 2)
    lines = mx_lines(Store(16, 1, 0, 1, fmt=fmt, closes=1), ones(16, 1))
    assert bytes(lines[-1][1]) == bytes([scale] * 16 + [127] * 16)


@pytest.mark.parametrize(("part", "closes", "ends"), [(0, 0, 0), (0, 1, 1), (1, 0, 1), (2, 0, 0), (2, 1, 1), (3, 1, 1)])
def test_a_block_ends_with_its_second_part_or_with_its_matrix(part, closes, ends):
    assert ends_block(Store(1, 16, 0, 1, fmt=MXFP4, part=part, closes=closes)) == ends


def test_addresses_wrap_at_the_end_of_the_address_space():
    lines = mx_lines(Store(2, 16, (1 << 23) - 1, 1, fmt=MXFP8, part=3, closes=1), ones(2, 64))
    assert [address for address, _ in lines] == [0, 1, 0]


# timing


def test_a_row_is_offered_seven_cycles_after_its_last_line():
    """Read in the second, 4 beats, encoded in the second cycle after the last of them."""
    model = MxLines()
    model.step(Store(1, 16, 5, 1, fmt=MXFP8, part=1, closes=1, scale_base=9), None, True)
    model.step(None, RowLine(0, 2, True), True)
    seen = []
    for cycle in range(14):
        seen.append(model.offered)
        assert model.ready == (cycle > 8)
        model.step(None, RowLine(0, 3, True) if cycle == 0 else None, True)
    assert [(cycle, line) for cycle, line in enumerate(seen) if line] == [(7, (5, False)), (8, (9, True))]


def test_a_line_of_the_next_block_follows_the_reading():
    model = MxLines()
    model.step(Store(2, 1, 5, 1, fmt=MXFP8, closes=1), None, True)
    for row in (0, 1):
        model.step(None, RowLine(row, 0, True), True)
    taken = []
    for _ in range(4):
        taken.append((model.takes(RowLine(0, 0, False)), model.takes(RowLine(1, 0, False))))
        model.step(None, None, True)
    assert taken == [(False, False), (True, False), (True, True), (True, True)]


@pytest.mark.parametrize("seed", [1, 2])
def test_hdl_equals_golden_under_stalls_and_reset(seed):
    evidence = cosim.run(seed, quick=True)
    assert evidence.ok, f"{evidence.first_mismatch} {evidence.violations}"
    assert evidence.unhit == {}
