"""The scoreboard catches what is wrong, what is missing and what is too much."""

import pytest

from hdl.bench.monitor import Transfer
from hdl.bench.scoreboard import Difference, Scoreboard

EXPECTED = [{"data": value, "last": 0} for value in (5, 6, 7)]


def board_after(*payloads, expected=EXPECTED):
    board = Scoreboard(expected)
    for index, payload in enumerate(payloads):
        board.receive(Transfer(10 + index, payload))
    return board


def test_equal_transfers_are_no_mismatch():
    board = board_after(*EXPECTED)
    assert (board.mismatches, board.complete, board.first) == (0, True, None)
    assert (board.first_cycle, board.last_cycle, board.rate) == (10, 12, 1.0)


def test_a_wrong_value_is_kept_with_its_index_cycle_and_field():
    board = board_after({"data": 5, "last": 0}, {"data": 6, "last": 1}, {"data": 9, "last": 1})
    assert (board.wrong, board.mismatches) == (2, 2)
    assert board.first == Difference(1, 11, "last", 0, 1)


def test_a_missing_transfer_is_a_mismatch():
    board = board_after(EXPECTED[0], EXPECTED[1])
    assert (board.missing, board.mismatches, board.complete) == (1, 1, False)
    assert board.first == Difference(2, None, "data", 7, None)


def test_an_extra_transfer_is_a_mismatch():
    board = board_after(*EXPECTED, {"data": 8, "last": 0})
    assert (board.extra, board.mismatches) == (1, 1)
    assert board.first == Difference(3, 13, "data", None, 8)


def test_only_the_expected_fields_are_compared():
    board = board_after({"data": 99, "last": 1}, expected=[{"last": 1}])
    assert board.mismatches == 0


def test_a_restart_expects_everything_again_but_forgives_nothing():
    board = board_after({"data": 0, "last": 0})
    board.restart()
    assert not board.complete
    for transfer in (Transfer(20 + index, payload) for index, payload in enumerate(EXPECTED)):
        board.receive(transfer)
    assert (board.complete, board.mismatches) == (True, 1)


@pytest.mark.parametrize("swap", [True, False])
def test_order_matters(swap):
    first, second, third = EXPECTED
    assert board_after(*((second, first, third) if swap else EXPECTED)).wrong == (2 if swap else 0)
