"""The pipelined adder's Verilog is proved to be the plain one's for all 2**64 pairs, and wrong ones are refuted."""

from fractions import Fraction

import numpy as np
import pytest

from hdl.emit import emit
from hdl.numerics.fp32_add_pipelined import CUTS
from zhenwu.cosim import equivalence
from zhenwu.cosim.depth import ADDERS
from zhenwu.cosim.equivalence import counterexample
from zhenwu.cosim.yosys import YosysError
from zhenwu.golden.numerics.fp32_add import fp32_add

PLAIN, DEEPEST = "fp32_add.v", f"fp32_add_pipelined_{max(CUTS)}.v"
# One wrong place in each stage of the Verilog: (what stands there, exactly once; what the slip makes of it)
WRONG = {
    "alignment drops the sticky bit": ("addend = (addend | 1)", "addend = (addend | 0)"),
    "infinity less infinity is infinity": ("((smaller == 32'h7f800000) && subtract)", "(smaller > 32'h7f800000)"),
    "a difference is a sum": ("significand - addition", "significand + addition"),
    "the last shift stops late": ("(room >= 1)", "(room >= 0)"),
    "ties go away from zero": ("((significand & 1) == 1)", "((significand & 1) >= 0)"),
    "a flag skips a stage": ("rounding0_normalised_head <= normalisation0_normalised_head",
                             "rounding0_normalised_head <= addition0_added_head"),
}


@pytest.fixture(scope="module")
def adders(tmp_path_factory, yosys):
    """A folder with the Verilog of the plain adder and of each latency."""
    folder = tmp_path_factory.mktemp("adders")
    assert emit(ADDERS, folder) == {}
    return folder


@pytest.mark.parametrize("latency", CUTS)
def test_the_pipelined_adder_is_the_plain_one_for_all_operands(adders, latency):
    assert counterexample(adders / f"fp32_add_pipelined_{latency}.v", adders / PLAIN, latency) is None


@pytest.mark.parametrize("latency", [latency for latency in range(1, max(CUTS) + 2) if latency != max(CUTS)])
def test_another_latency_than_its_own_is_refuted(adders, latency):
    assert counterexample(adders / DEEPEST, adders / PLAIN, latency) is not None


@pytest.mark.parametrize("slip", WRONG)
def test_a_wrong_stage_is_refuted_with_operands(adders, slip, tmp_path):
    right, wrong = WRONG[slip]
    text = (adders / DEEPEST).read_text()
    assert text.count(right) == 1
    (tmp_path / DEEPEST).write_text(text.replace(right, wrong))
    operands = counterexample(tmp_path / DEEPEST, adders / PLAIN, max(CUTS))
    assert operands is not None and operands.keys() == {"x", "y"}


def test_the_operands_that_refute_are_those_where_the_two_differ(adders, tmp_path):
    text = (adders / PLAIN).read_text()
    assert text.count("(rest > 4)") == 1
    text = text.replace("(rest > 4)", "(rest > 5)").replace("module fp32_add ", "module wrong ")
    (tmp_path / "wrong.v").write_text(text)
    operands = counterexample(tmp_path / "wrong.v", adders / PLAIN)
    x, y = (np.uint32(operands[name]).view(np.float32) for name in ("x", "y"))
    total = fp32_add(x.view(np.uint32), y.view(np.uint32)).view(np.float32)
    ulp = abs(Fraction(float(np.spacing(total))))
    off = abs(Fraction(float(total)) - Fraction(float(x)) - Fraction(float(y))) / ulp
    assert Fraction(1, 4) < off < Fraction(1, 2), "a rest of 5 is between 1/2 and 3/4 ulp, and goes up"


def test_two_modules_of_one_name_are_refused(adders, tmp_path):
    (tmp_path / PLAIN).write_text((adders / PLAIN).read_text())
    for other in (tmp_path / PLAIN, adders / PLAIN):
        with pytest.raises(ValueError, match="expected modules of different names"):
            counterexample(other, adders / PLAIN)


def test_no_answer_is_no_proof(adders, monkeypatch):
    monkeypatch.setattr(equivalence, "ABC", [step for step in equivalence.ABC if not step.startswith("iprove")])
    with pytest.raises(YosysError, match="ABC did not decide"):
        counterexample(adders / DEEPEST, adders / PLAIN, max(CUTS))


def test_an_answer_about_another_cycle_is_no_proof(adders, monkeypatch):
    steps = [step.replace("-O {last}", "-O 0") for step in equivalence.ABC]
    monkeypatch.setattr(equivalence, "ABC", steps)
    with pytest.raises(YosysError, match="not about differ in cycle 3"):
        counterexample(adders / DEEPEST, adders / PLAIN, max(CUTS))
