"""How deep the logic of the adder is at each latency, by Yosys and ABC."""

import importlib.util

import pytest

from hdl.emit import emit
from zhenwu.cosim import depth as checks
from zhenwu.cosim.depth import Depth, depth
from zhenwu.cosim.yosys import YosysError

AND8 = "module and8 (a, y);\ninput [7:0] a;\noutput y;\nassign y = &a;\nendmodule\n"
HELD = """module held (clk, a, y);
input clk;
input [3:0] a;
output reg y;
reg [3:0] b;
always @(posedge clk) begin
    b <= a;
    y <= &b;
end
endmodule
"""


@pytest.mark.parametrize(("name", "text", "found"), [("and8", AND8, Depth(3, 7, 0)), ("held", HELD, Depth(2, 3, 5))])
def test_gates_have_two_inputs_and_a_path_ends_at_a_register(name, text, found, tmp_path, yosys):
    path = tmp_path / f"{name}.v"
    path.write_text(text)
    assert depth(path) == found


def test_the_cuts_make_the_adder_less_deep(tmp_path, yosys):
    assert emit(checks.ADDERS, tmp_path) == {}
    plain, two, three, four = (depth(tmp_path / f"{design.name}.v") for design in checks.ADDERS)
    assert two.levels < 0.6 * plain.levels and four.levels < 0.8 * two.levels
    assert four.levels < three.levels < 1.1 * two.levels, "in three stages it is hardly less deep than in two"
    assert [row.registers for row in (plain, two, three, four)] == [0, 38, 100, 137]


def test_what_yosys_cannot_read_has_no_depth(tmp_path, yosys):
    (tmp_path / "broken.v").write_text("module broken (\n")
    with pytest.raises(YosysError, match="ERROR"):
        depth(tmp_path / "broken.v")


def test_without_yosys_it_says_what_to_install(monkeypatch, capsys):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert checks.main() == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and "make gates" in error
