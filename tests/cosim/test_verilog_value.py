"""Verilog's rules, interpreted: values by the standard, and Icarus on what MyHDL makes of the chapter's traps."""

from collections.abc import Iterator
from random import Random

import pytest
from myhdl import intbv

from hdl.bench.trace import Column, Trace
from hdl.designs import Design
from zhenwu.chapter.traps import TRAPS
from zhenwu.chapter.verilog import in_python, trap
from zhenwu.cosim.backends import icarus
from zhenwu.cosim.verilog_value import verilog_value

MODULE = "module m (a, b, y);\ninput [3:0] a;\ninput signed [3:0] b;\noutput [{high}:0] y;\nwire [{high}:0] y;\n" \
         "assign y = {expression};\nendmodule\n"


def value(expression: str, a: int, b: int, width: int = 8) -> int:
    return verilog_value(MODULE.format(expression=expression, high=width - 1), {"a": a, "b": b})["y"]


@pytest.mark.parametrize(
    ("expression", "a", "b", "width", "expected"),
    [
        ("(a + a)", 15, 0, 8, 30),  # the context is as wide as the target
        ("(a + a)", 15, 0, 4, 14),
        ("((a + a) >>> 1)", 15, 0, 4, 7),
        ("((a + a) > 15)", 15, 0, 8, 1),  # an unsized literal has 32 bits
        ("((a + a) > a)", 15, 0, 8, 0),  # 14 > 15: four bits
        ("(b + 1)", 0, 15, 8, 0),  # both signed: -1 + 1
        ("(b + a)", 1, 15, 8, 16),  # one unsigned: 15 + 1
        ("(b < 0)", 0, 15, 8, 1),
        ("(b < a)", 1, 15, 8, 0),
        ("(b % 5)", 0, 8, 8, 253),  # -8 = -1 * 5 - 3
        ("(b / 5)", 0, 8, 8, 255),
        ("($signed({1'b0, b}) - 1)", 0, 15, 8, 14),
        ("{a, 1'b0, b}", 1, 3, 9, 0b000100011),
        ("(b >>> 1)", 0, 8, 8, 252),
        ("(-a)", 1, 0, 8, 255),
        ("((a << 2) | 1)", 15, 0, 4, 13),
        ("((a == 3) && (!(b == 0)))", 3, 1, 8, 1),
        ("((a ^ 4'd5) & 12)", 15, 0, 8, 8),
    ],
)
def test_the_rules_of_the_standard(expression, a, b, width, expected):
    assert value(expression, a, b, width) == expected


def vectors(name: str) -> Iterator[dict[str, int]]:
    random, (_, ports) = Random(name), TRAPS[name]
    inputs = {pin: len(signal) for pin, signal in ports().items() if pin != "y"}
    for _ in range(300):
        yield {pin: random.getrandbits(width) for pin, width in inputs.items()}


@pytest.mark.parametrize("name", ["average", "above", "earlier"])
def test_icarus_says_the_same_of_the_traps(name, tmp_path, require):
    require(icarus.need)
    text = trap(name).verilog
    (tmp_path / f"{name}.v").write_text(text)
    rows = [each | {"y": verilog_value(text, each)["y"]} for each in vectors(name)]
    widths = {pin: len(signal) for pin, signal in TRAPS[name][1]().items()}
    trace = Trace([Column(pin, width, [row[pin] for row in rows]) for pin, width in widths.items()])
    answer = icarus.run(Design(name, "zhenwu.chapter.traps"), trace, tmp_path)
    assert len(answer["y"].values) == 300 and answer["y"].values == trace["y"].values


@pytest.mark.parametrize("name", ["average", "above", "earlier"])
def test_a_trap_is_right_in_python_and_wrong_in_verilog(name):
    text = trap(name).verilog
    differing = [each for each in vectors(name) if in_python(name, **each) != verilog_value(text, each)["y"]]
    assert differing and len(differing) < 300


def test_python_s_values_are_the_docstrings():
    assert [in_python("average", a=a, b=b) for a, b in ((12, 10), (15, 15))] == [11, 15]
    assert [in_python("above", a=a) for a in (5, 6, 1 << 31)] == [0, 1, 1]
    assert [in_python("earlier", a=a) for a in range(16)] == [(a - 9) % 5 for a in range(16)]
    assert int(intbv(0xA5)[8:4]) == 0xA
