"""The timing gates: shut to the cycle, by lane, kept by the longest gap; RTL and model in lockstep."""

import pytest

from hdl.hbm.timing_gate import ports
from hdl.hbm.timing_gate import timing_gate as block
from zhenwu.cosim.hbm import timing_gate as cosim
from zhenwu.cycle.hbm.timing_gate import TimingGate
from zhenwu.spec.hbm3 import ACT, PREAB, RD, WR


def wave(gate: TimingGate, bank: int, cycles: int) -> str:
    """'-' where the gate lets a command pass, '_' where it is shut."""
    return "".join("-" if gate.opens(bank, ck) else "_" for ck in range(cycles))


def test_a_gate_opens_exactly_when_its_gap_is_over():
    gate = TimingGate(16, {RD: 5})
    gate.step(2, [(RD, 3)])
    assert wave(gate, 3, 10) == "_______---"
    assert wave(gate, 4, 10) == "----------"


def test_the_longest_gap_counts():
    gate = TimingGate(1, {RD: 3, WR: 8})
    gate.step(0, [(WR, 0)])
    gate.step(2, [(RD, 5)])
    assert wave(gate, 9, 10) == "________--"
    gate.step(6, [(RD, 1)])
    assert wave(gate, 0, 10) == "_________-"


def test_lanes_are_bank_groups_or_everything():
    groups, channel = TimingGate(4, {ACT: 4}), TimingGate(1, {ACT: 4})
    for gate in (groups, channel):
        gate.step(0, [(ACT, 6)])
    assert [groups.opens(bank, 3) for bank in range(8)] == [True, True, False, True, True, True, False, True]
    assert not any(channel.opens(bank, 3) for bank in range(16))


def test_a_command_of_all_banks_shuts_the_pseudo_channels_only_lane():
    gate = TimingGate(1, {PREAB: 26})
    gate.step(0, [(PREAB, None)])
    assert not any(gate.opens(bank, 25) for bank in range(16)) and all(gate.opens(bank, 26) for bank in range(16))


@pytest.mark.parametrize("seed", [1, 2])
def test_hdl_equals_the_model_in_lockstep(seed):
    evidence = cosim.run(seed, quick=True)
    assert evidence.ok, f"{evidence.first_mismatch} {evidence.violations}"
    assert evidence.unhit == {}


@pytest.mark.parametrize(
    ("lanes", "kinds", "gaps", "message"),
    [
        (3, 1, [{RD: 5}], "lanes = 3: expected 1, 4 or 16"),
        (4, 2, [{RD: 5}], "2 outputs for 1 kinds: expected as many"),
        (4, 1, [{PREAB: 26}], "4 lanes and a rule of all banks: expected 1 lane"),
        (4, 1, [{RD: 300}], r"a gap of 300 CK: expected less than 2\*\*8"),
    ],
)
def test_sizes_that_cannot_be_are_refused(lanes, kinds, gaps, message):
    with pytest.raises(AssertionError, match=message):
        block(**ports(lanes=lanes, kinds=kinds, now_bits=8), lanes=lanes, gaps=gaps)
