"""The bank machines: a bank's life in order; RTL and model in lockstep."""

import pytest

from zhenwu.cosim.hbm import bank_machine as cosim
from zhenwu.cycle.hbm.bank_machine import BankMachine
from zhenwu.cycle.hbm.commands import IDLE, Commands
from zhenwu.spec.hbm3 import ACT, PREAB, PREPB, RD


def state(bank: BankMachine) -> tuple:
    return bank.is_open, bank.row, bank.opener_waits


def test_a_row_is_protected_until_its_opener_is_served():
    bank = BankMachine(6)
    bank.step(Commands(rise=ACT, rise_bank=6, row=9, opener_is_write=True))
    assert state(bank) == (True, 9, True) and bank.opener_is_write
    bank.step(IDLE)
    bank.step(Commands(column=RD, column_bank=7))
    assert state(bank) == (True, 9, True)
    bank.step(Commands(column=RD, column_bank=6))
    assert state(bank) == (True, 9, False)


@pytest.mark.parametrize(
    ("commands", "closed"),
    [
        (Commands(fall=PREPB, fall_bank=6), True), (Commands(fall=PREPB, fall_bank=5), False),
        (Commands(fall=PREAB), True), (IDLE, False),
    ],
)
def test_a_bank_closes_at_its_own_precharge_or_at_everybodys(commands, closed):
    bank = BankMachine(6)
    bank.step(Commands(rise=ACT, rise_bank=6, row=9))
    bank.step(commands)
    assert bank.is_open is not closed


@pytest.mark.parametrize("seed", [1, 2])
def test_hdl_equals_the_model_in_lockstep(seed):
    evidence = cosim.run(seed, quick=True)
    assert evidence.ok, f"{evidence.first_mismatch} {evidence.violations}"
    assert evidence.unhit == {}
