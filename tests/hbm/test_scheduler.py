"""The scheduler: each rule of the policy on a small scene; RTL and model in lockstep."""

import pytest

from zhenwu.cosim.hbm import scheduler as cosim
from zhenwu.cycle.hbm.bank_machine import BankMachine
from zhenwu.cycle.hbm.commands import IDLE, Commands, Request
from zhenwu.cycle.hbm.request_queue import RequestQueue
from zhenwu.cycle.hbm.scheduler import Scheduler
from zhenwu.spec.hbm3 import ACT, NOP, PREAB, PREPB, RD, REFAB, WR


def scene(reads=(), writes=(), open_rows=None, openers=None, present=IDLE, shut=(), **flags) -> Commands:
    """What the scheduler decides. Requests are (bank, row); `shut` holds (command, bank) whose gates are shut."""
    queues = []
    for requests in (reads, writes):
        queue = RequestQueue()
        queue.requests[:] = [Request(bank, row, index, index) for index, (bank, row) in enumerate(requests)]
        queue.stamps[:] = [0] * len(requests)
        queues.append(queue)
    banks = [BankMachine(index) for index in range(16)]
    for bank, row in (open_rows or {}).items():
        banks[bank].is_open, banks[bank].row = True, row
    for bank, is_write in (openers or {}).items():
        banks[bank].opener_waits, banks[bank].opener_is_write = True, is_write
    flags = {"writing": False, "overdue": False, "due": False} | flags
    return Scheduler().decide(present, *queues, banks=banks, may=lambda op, bank: (op, bank) not in shut, **flags)


def test_the_oldest_ready_hit_is_served():
    assert scene([(0, 1), (4, 2)], open_rows={0: 1, 4: 2}).position == 0
    assert scene([(0, 1), (4, 2)], open_rows={0: 1, 4: 2}, shut=[(RD, 0)]).position == 1


def test_an_opener_goes_before_an_older_hit():
    decided = scene([(0, 1), (4, 2)], open_rows={0: 1, 4: 2}, openers={4: False})
    assert (decided.column, decided.column_bank) == (RD, 4)


def test_a_leftover_goes_before_everybody_of_this_direction():
    decided = scene([(0, 1)], [(4, 2)], open_rows={0: 1, 4: 2}, openers={4: True})
    assert (decided.column, decided.column_bank, decided.leave_write) == (WR, 4, 0)


def test_only_the_opener_itself_is_served_in_a_protected_row():
    assert scene([(4, 2)], [], open_rows={4: 2}, openers={4: True}) == IDLE


def test_an_act_goes_to_the_oldest_request_of_a_closed_bank():
    decided = scene([(3, 9), (3, 8), (5, 7)])
    assert (decided.rise, decided.rise_bank, decided.row) == (ACT, 3, 9)
    assert scene([(3, 9), (5, 7)], shut=[(ACT, 3)]).rise_bank == 5


def test_the_oldest_request_closes_the_row_and_holds_back_younger_hits():
    decided = scene([(3, 9), (3, 8)], open_rows={3: 8})
    assert (decided.fall, decided.fall_bank, decided.column) == (PREPB, 3, NOP)
    assert scene([(3, 8), (3, 9)], open_rows={3: 8}).column == RD
    assert scene([(3, 8), (3, 9)], open_rows={3: 8}).fall == NOP


def test_act_wins_over_pre_in_one_ck():
    decided = scene([(3, 9), (5, 7)], open_rows={3: 8})
    assert (decided.rise, decided.fall) == (ACT, NOP)


def test_a_row_is_protected_until_its_opener_is_served():
    assert scene([(3, 9)], [(3, 8)], open_rows={3: 8}, openers={3: True}, shut=[(WR, 3)]) == IDLE


def test_the_pins_are_looked_at():
    hit, conflict = [(0, 1)], [(3, 9)]
    assert scene(hit, open_rows={0: 1}, present=Commands(column=WR, column_bank=9)) == IDLE
    assert scene(conflict, present=Commands(rise=ACT, rise_bank=8)) == IDLE
    assert scene(conflict, open_rows={3: 8}, present=Commands(fall=PREPB, fall_bank=8)) == IDLE
    assert scene(hit, open_rows={0: 1}, present=Commands(fall=PREPB, fall_bank=0)) == IDLE
    assert scene(conflict, open_rows={3: 8}, present=Commands(column=RD, column_bank=3)) == IDLE


def test_a_refresh_that_is_due_stops_all_but_openers():
    reads = [(0, 1), (4, 2), (5, 6), (6, 7)]
    decided = scene(reads, open_rows={0: 1, 4: 2, 6: 8}, openers={4: False}, due=True)
    assert (decided.column_bank, decided.rise, decided.fall) == (4, NOP, NOP)


def test_then_all_banks_close_and_refresh():
    assert scene(open_rows={0: 1, 7: 2}, due=True).fall == PREAB
    assert scene(open_rows={0: 1}, due=True, shut=[(PREAB, 0)]) == IDLE
    assert scene(due=True).rise == REFAB
    assert scene(due=True, shut=[(REFAB, 0)]) == IDLE
    assert scene(due=True, present=Commands(rise=REFAB)) == IDLE


def test_nothing_new_begins_while_somebody_overdue_waits_for_a_leftover():
    world = {"open_rows": {0: 1, 4: 2}, "openers": {4: True}, "shut": [(WR, 4)]}
    assert scene([(0, 1), (9, 9)], [(4, 2)], overdue=True, **world) == IDLE
    assert scene([(0, 1), (9, 9)], [(4, 2)], **world).column == RD


@pytest.mark.parametrize("seed", [1, 2])
def test_hdl_equals_the_model_in_lockstep(seed):
    evidence = cosim.run(seed, quick=True)
    assert evidence.ok, f"{evidence.first_mismatch} {evidence.violations}"
    assert evidence.unhit == {}
