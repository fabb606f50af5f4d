"""Cells and bit lines: the swing worked out by hand, and what a refresh in every nREFI reaches within the retention."""

import pytest

from zhenwu.spec.dram_cell import (
    BIT_LINE,
    CELL,
    DDR_SWING,
    ON_BIT_LINE,
    RETENTION,
    SWING,
    VOLTAGE,
    swing,
)
from zhenwu.spec.hbm3 import HBM3_6400, HBM3_GEOMETRY
from zhenwu.spec.sourced import Sourced


def test_the_bit_line_has_its_cells_parts():
    assert (float(BIT_LINE), BIT_LINE.unit) == (pytest.approx(25.6), "fF")


def test_a_full_cell_moves_its_bit_line_by_a_part_of_half_the_voltage():
    """Charge before is 20 x 1.2 + 25.6 x 0.6, over 45.6 fF, less 0.6 V; and 24 x 1.1 + 85 x 0.55 over 109 fF."""
    assert float(SWING) == pytest.approx((20 * 1.2 + 25.6 * 0.6) / 45.6 - 0.6)
    assert float(DDR_SWING) == pytest.approx((24 * 1.1 + 85 * 0.55) / 109 - 0.55)
    assert SWING.unit == DDR_SWING.unit == "V" and SWING.kind == "derived"


def test_a_longer_bit_line_is_moved_less_and_none_at_all_by_half():
    spans = [float(swing(CELL, Sourced(load, "fF", "a test", "derived"), VOLTAGE)) for load in (0, 20, 200)]
    assert spans == [0.6, pytest.approx(0.3), pytest.approx(0.6 / 11)]


def test_the_models_values_are_reported_and_say_of_what():
    for entry in (CELL, ON_BIT_LINE, VOLTAGE, RETENTION):
        assert entry.kind == "reported" and "2014" in entry.note and entry.source[0].url


def test_within_the_retention_there_is_a_refresh_for_every_row_of_a_bank():
    """So one REFab need not refresh more than a row of each bank, if the cells of an HBM3 keep as long."""
    interval_ms = int(HBM3_6400.nREFI) * float(HBM3_6400.tCK_ps) * 1e-9
    assert 1 <= float(RETENTION) / interval_ms / int(HBM3_GEOMETRY.rows) < 1.01
