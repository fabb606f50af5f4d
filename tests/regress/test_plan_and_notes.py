"""What a plan holds, what is noted of it, and what its files say: all that needs no compiler."""

import json
from pathlib import Path

import pytest

from hdl.harness.lfsr import DRAW_BITS
from zhenwu.cosim.regress.notes import Notes, key
from zhenwu.cosim.regress.plan import STRIDE, Run, plan
from zhenwu.cosim.regress.reproduction import BadReproduction, changes, read, unchanged
from zhenwu.cosim.regress.run import Result
from zhenwu.cosim.regress.shrink import starts_before
from zhenwu.cosim.regress.snapshot import found_members, in_verilog

DESIGNS = ("controller", "tile", "slice")
GOOD, BAD = Result(1000, 0.1, 0.2), Result(1000, 0.1, 0.2, look=999)


def cycles(runs: list[Run], design: str) -> int:
    return sum(run.cycles for run in runs if run.design == design)


def test_the_full_plan_has_the_cycles_that_it_must():
    runs = plan(DESIGNS, None, 1)
    assert cycles(runs, "controller") >= 10**7 and cycles(runs, "tile") >= 10**6 and cycles(runs, "slice") >= 3 * 10**5
    assert max(run.cycles for run in runs if run.design == "controller") == 500_000
    assert len({run.name for run in runs}) == len(runs) == len({run.seed for run in runs})
    for design in DESIGNS:
        manners = [run.restless for run in runs if run.design == design]
        assert 2 * sum(manners) == len(manners)


def test_a_short_plan_keeps_the_proportions_and_a_least_number():
    runs = plan(DESIGNS, 100_000, 1)
    assert [cycles(runs, design) for design in DESIGNS] == [100_000, 20_000, 10_000]
    assert cycles(plan(("tile",), 60_000, 1), "tile") == 60_000
    assert cycles(plan(DESIGNS, 1, 1), "slice") == 10 * STRIDE
    assert all(run.cycles % STRIDE == 0 for run in plan(DESIGNS, 123_457, 1))


def test_seeds_follow_from_the_one_given():
    assert plan(DESIGNS, None, 1) == plan(DESIGNS, None, 1)
    assert not {run.seed for run in plan(DESIGNS, None, 1)} & {run.seed for run in plan(DESIGNS, None, 2)}
    assert all(0 <= run.seed < 1 << DRAW_BITS for run in plan(DESIGNS, None, 3))


def test_notes_count_only_under_their_key(tmp_path):
    runs, path = plan(("tile",), 20_000, 1), tmp_path / "state.json"
    notes = Notes(path, "key", fresh=False)
    notes.enter(runs[0], GOOD)
    notes.enter(runs[1], BAD)
    assert Notes(path, "key", fresh=False).done == {runs[0].name: GOOD}, "one that went wrong is run again"
    assert Notes(path, "other", fresh=False).done == {} == Notes(path, "key", fresh=True).done


@pytest.mark.parametrize("text", ["", "{", "[]", '{"key": "key"}', '{"key": "key", "done": {"a": [1]}, "native": {}}'])
def test_a_broken_file_of_notes_is_no_notes(tmp_path, text):
    path = tmp_path / "state.json"
    path.write_text(text)
    assert Notes(path, "key", fresh=False).done == {}


def test_the_key_is_of_verilog_plan_and_backend(tmp_path):
    file, runs = tmp_path / "a.v", plan(("tile",), 20_000, 1)
    file.write_text("module a;")
    keys = {key([file], runs, "verilator"), key([file], runs, "cxxrtl"), key([file], runs[:1], "verilator")}
    file.write_text("module b;")
    assert len(keys | {key([file], runs, "verilator")}) == 4


def test_rows_survive_as_changes():
    rows = [{"a": 1, "b": None}, {"a": 1}, {"a": 0, "b": 5}, {"b": 5}, {"a": 0}]
    written = json.loads(json.dumps(changes(rows)))
    assert written == {"a": [[0, "0x1"], [2, "0x0"], [3, None], [4, "0x0"]], "b": [[0, None], [2, "0x5"], [4, None]],
                       "cycles": 5}
    assert unchanged(written) == [{"a": 1}, {"a": 1}, {"a": 0, "b": 5}, {"b": 5}, {"a": 0}]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"design": "chip"}', '{"states": [{"cycle": 1, "values": 5}]}'])
def test_a_file_that_is_no_reproduction_is_refused(tmp_path, text):
    path = tmp_path / "reproduce.json"
    path.write_text(text)
    with pytest.raises(BadReproduction, match="is no reproduction"):
        read(path)
    with pytest.raises(BadReproduction, match="no such file"):
        read(Path(tmp_path / "none.json"))


def test_starts_are_powers_of_two_before_the_first_wrong_cycle():
    assert starts_before(1000, 64) == [936, 968, 984]
    assert starts_before(20, 64) == [0, 4]


HEADER = """
    struct {
        VL_IN8(clk,0,0);
        VL_OUT(signature,31,0);
        VL_INW(line,255,0,8);
        CData/*0:0*/ top__DOT__port_valid;
        SData/*13:0*/ top__DOT__dot_unit0__DOT__a___05Fb;
    };
    VlWide<4>/*127:0*/ top__DOT__half;
    VlUnpacked<CData/*3:0*/, 16> top__DOT__ids;
    VlUnpacked<VlWide<8>/*255:0*/, 2> top__DOT__lines;
    Vtop__Syms* const vlSymsp;
"""


def test_members_are_read_from_verilator_s_class():
    found = [(in_verilog(member.name, "top"), *member[1:]) for member in found_members(HEADER)]
    assert found == [
        ("clk", 1, 0), ("signature", 4, 0), ("line", 32, 0), ("port_valid", 1, 0), ("dot_unit0 a__b", 2, 0),
        ("half", 16, 0), ("ids", 1, 16), ("lines", 32, 2),
    ]
