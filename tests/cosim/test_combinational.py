"""The bench of a combinational block: every vector once, and a wrong one with its inputs."""

import numpy as np
import pytest
from myhdl import Signal, always_comb, block, intbv

from hdl.bundle import wire
from zhenwu.cosim.combinational import check_combinational
from zhenwu.cosim.numbers import integer


def ports(*, width: int = 8) -> dict:
    """Fresh ports."""
    return {"x": wire(width), "y": wire(width), "difference": Signal(intbv(0, min=-(1 << width), max=1 << width))}


@block
def subtract(x, y, difference, *, width=8):
    """difference = x - y, except that 200 - 100 is wrong."""

    @always_comb
    def work():
        difference.next = int(x) - int(y) + (1 if x == 200 and y == 100 else 0)

    return work


def check(x, y, expected=None, **options):
    x, y = np.asarray(x, np.uint8), np.asarray(y, np.uint8)
    expected = x.astype(int) - y if expected is None else expected
    return check_combinational(
        subtract, ports, inputs={"x": x, "y": y}, outputs={"difference": expected}, bins={"cp_negative": 3},
        planned={"cp_negative": "the sign"}, oracle="numpy", not_checked="", seed=1, numbers={"x": integer}, **options,
    )


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("count", [1, 2, 9, 400])
def test_each_vector_is_one_case(count):
    rng = np.random.default_rng(2)
    evidence = check(rng.integers(0, 100, count), rng.integers(0, 256, count))
    assert evidence.ok
    assert (evidence.block, evidence.cases, evidence.bins) == ("subtract", count, {"cp_negative": 3})


def test_signed_outputs_and_parameters_work():
    assert check([0, 255], [255, 0], parameters={"width": 8}, sizes={"width": 8}).ok


def test_a_mismatch_names_its_inputs(monkeypatch):
    evidence = check([5] * 30 + [200], [9] * 30 + [100])
    assert not evidence.ok
    assert str(evidence.first_mismatch).endswith(
        "field difference: expected 0x64 (100), got 0x65 (101), for x = 0xc8 (200), y = 0x64 (100)"
    )
    assert evidence.first_mismatch.svg.exists()


def test_no_vector_is_no_evidence():
    assert not check([], []).ok


def test_inputs_and_outputs_must_be_as_many():
    with pytest.raises(ValueError, match="subtract: 2 input vectors but 1 expected outputs"):
        check([1, 2], [1, 2], expected=[0])


def test_cheap_blocks_run_at_some_thousand_vectors_a_second():
    rng = np.random.default_rng(3)
    evidence = check(rng.integers(0, 100, 2000), rng.integers(0, 256, 2000))
    # no timed test, but an order of magnitude under the aim would be a fault of the bench
    assert evidence.cases / evidence.seconds > 300
