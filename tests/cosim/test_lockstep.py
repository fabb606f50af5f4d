"""Lockstep: a sound pair passes, a difference is found in its cycle and shown, a reset starts both anew."""

import pytest
from myhdl import ResetSignal, Signal, always_seq, block

from hdl.bench.coverage import Coverage
from hdl.bundle import wire
from zhenwu.cosim.lockstep import Pair, check_lockstep, listed, pin


class Inner:
    """A bundle among the pins."""

    def __init__(self):
        self.amount = wire(4)


def ports() -> dict:
    rst = ResetSignal(0, active=1, isasync=False)
    return {"clk": Signal(bool(0)), "rst": rst, "into": Inner(), "totals": [wire(8) for _ in range(2)]}


@block
def adder(clk, rst, into, totals, *, fault=None):
    """Adds each amount to the first total, and the first total to the second."""

    @always_seq(clk.posedge, rst)
    def add():
        totals[0].next = (int(totals[0]) + int(into.amount)) % 256
        totals[1].next = (int(totals[1]) + int(totals[0]) + (fault == int(totals[0]))) % 256

    return add


class Model:
    def __init__(self):
        self.totals = [0, 0]

    def step(self, amount: int) -> None:
        first, second = self.totals
        self.totals = [(first + amount) % 256, (second + first) % 256]


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def check(fault=None, cycles=100, begun=None):
    def make() -> Pair:
        pins = ports()
        world = {}

        def begin():
            world["model"] = Model()
            if begun is not None:
                begun.append(1)
            return {"into.amount": 1}

        def advance(driven):
            world["model"].step(driven["into.amount"])
            return {"into.amount": (driven["into.amount"] + 3) % 16}

        return Pair(
            adder(**pins, fault=fault), pins, begin, lambda _: listed("totals", world["model"].totals), advance
        )

    return check_lockstep(
        "adder", make, seed=1, cycles=cycles, coverage=Coverage({}), oracle="a model", not_checked="nothing"
    )


def test_a_sound_pair_agrees_in_every_cycle():
    evidence = check()
    assert evidence.ok and evidence.cases >= 200 and evidence.mismatches == 0


def test_the_model_is_made_anew_by_a_reset():
    begun = []
    assert check(begun=begun).ok
    assert len(begun) == 3  # once a run, and at the reset in the second


def test_a_difference_is_found_in_its_cycle_and_nothing_is_compared_after_it():
    evidence = check(fault=5)
    found = evidence.first_mismatch
    assert not evidence.ok and evidence.mismatches == 1
    assert (found.field, found.expected + 1) == ("totals.1", found.actual)
    assert found.svg.exists() and "totals" in found.svg.read_text()


def test_pins_are_found_by_dotted_names():
    pins = ports()
    assert pin(pins, "into.amount") is pins["into"].amount and pin(pins, "totals.1") is pins["totals"][1]
    assert listed("x", [3, True]) == {"x.0": 3, "x.1": 1}
