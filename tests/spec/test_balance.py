"""Balance: bytes of memory a multiply-add, worked out by hand for slices and at both ends for the M890."""

import pytest

from zhenwu.spec.balance import M890_BALANCE_HIGH, M890_BALANCE_LOW, slice_balance


@pytest.mark.parametrize(("rows", "cols", "macs"), [(2, 2, 128), (4, 4, 512), (8, 8, 2048), (2, 4, 256)])
def test_a_slice_has_a_line_in_two_ck_for_its_dot_units(rows, cols, macs):
    balance = slice_balance(rows, cols)
    assert (float(balance), balance.unit) == (32 / 2 / macs, "B/MAC")


def test_the_chip_s_two_ends():
    """4.0 TB/s at 0.6 PFLOPS of FP16, so 2.4 of FP4, and 4.9 TB/s at 0.36; two operations a multiply-add."""
    assert float(M890_BALANCE_LOW) == pytest.approx(4.0e12 / (2.4e15 / 2))
    assert float(M890_BALANCE_HIGH) == pytest.approx(4.9e12 / (1.44e15 / 2))
    assert M890_BALANCE_LOW.unit == M890_BALANCE_HIGH.unit == "B/MAC"


def test_what_rests_on_assumptions_says_so():
    assert M890_BALANCE_LOW.kind == M890_BALANCE_HIGH.kind == slice_balance(4, 4).kind == "assumed"


def test_a_4_x_4_slice_is_richer_than_the_chip_and_an_8_x_8_one_comes_close():
    high, low = float(M890_BALANCE_HIGH), float(M890_BALANCE_LOW)
    assert 4 < float(slice_balance(4, 4)) / high < float(slice_balance(4, 4)) / low < 10
    assert 1 < float(slice_balance(8, 8)) / high < float(slice_balance(8, 8)) / low < 2.5
