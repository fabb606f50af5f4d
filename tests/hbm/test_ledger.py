"""The ledger: each request served once, where it wanted to be."""

from zhenwu.cycle.hbm.ledger import Ledger
from zhenwu.golden.hbm.address_map import address_map
from zhenwu.spec.hbm3 import DramAddress, DramCommand

LINE = 123_456
PLACE = address_map(LINE, "RoBaCoBg")
BARE = DramAddress(bank_group=PLACE.bank_group, bank=PLACE.bank, column=PLACE.column)  # as the pins have it


def test_a_served_request_gets_its_row_and_its_wait():
    ledger = Ledger("RoBaCoBg")
    ledger.accept(10, False, LINE)
    assert ledger.serve(DramCommand(50, "RD", BARE), PLACE.row).address == PLACE
    assert (ledger.longest, ledger.served) == (40, {"RD": 1, "WR": 0}) and ledger.faults == []


def test_a_command_that_nobody_asked_for_is_a_fault():
    ledger = Ledger("RoBaCoBg")
    ledger.accept(10, False, LINE)
    ledger.serve(DramCommand(50, "WR", BARE), PLACE.row)
    assert "CK 50: WR to " in ledger.faults[0] and "which no request asks for" in ledger.faults[0]


def test_a_second_service_of_one_request_is_a_fault():
    ledger = Ledger("RoBaCoBg")
    ledger.accept(10, False, LINE)
    for cycle in (50, 60):
        ledger.serve(DramCommand(cycle, "RD", BARE), PLACE.row)
    assert len(ledger.faults) == 1


def test_a_command_in_another_row_is_left_to_the_checker_with_the_row_that_was_meant():
    ledger = Ledger("RoBaCoBg")
    ledger.accept(10, True, LINE)
    assert ledger.serve(DramCommand(50, "WR", BARE), PLACE.row + 1).address.row == PLACE.row


def test_requests_to_one_column_of_two_rows_are_told_apart_by_the_open_row():
    ledger = Ledger("RoBaCoBg")
    ledger.accept(1, False, LINE)
    ledger.accept(2, False, LINE + 512)
    assert ledger.serve(DramCommand(50, "RD", BARE), PLACE.row + 1).address.row == PLACE.row + 1
    assert ledger.served == {"RD": 1, "WR": 0} and ledger.faults == []


def test_what_the_port_took_and_nobody_served_is_a_fault_at_the_end():
    ledger = Ledger("RoBaCoBg")
    for write in (True, False, True):
        ledger.take(write, LINE)
    ledger.accept(10, True, LINE)
    ledger.serve(DramCommand(50, "WR", BARE), PLACE.row)
    ledger.end()
    once = "each is served once"
    assert ledger.faults == [f"0 RD served requests, expected 1: {once}", f"1 WR served requests, expected 2: {once}"]


def test_a_read_is_forwarded_only_from_a_write_that_is_under_way():
    ledger = Ledger("RoBaCoBg")
    ledger.take(True, LINE)
    ledger.take(False, LINE)
    ledger.forward(9, LINE)
    ledger.accept(10, True, LINE)
    ledger.serve(DramCommand(50, "WR", BARE), PLACE.row)
    ledger.end()
    assert ledger.faults == []
    ledger.take(False, LINE)
    ledger.forward(60, LINE)
    assert ledger.faults == [f"CK 60: a read of line {LINE} is forwarded, but no write of it is under way"]


def test_a_reset_drops_what_waits():
    ledger = Ledger("RoBaCoBg")
    ledger.take(False, LINE)
    ledger.accept(1, False, LINE)
    ledger.reset()
    ledger.end()
    assert ledger.faults == []
