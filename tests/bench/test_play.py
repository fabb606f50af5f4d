"""Playing a stimulus: what is driven when, what is compared, a replaced module, and what a reader may do wrong."""

import sys
from html import escape
from pathlib import Path

import pytest

from hdl.bench.attempt import OUTPUT, attempt
from hdl.bench.play import BUDGET, BadStimulus, play, replaced
from hdl.bench.played import ROWS, report
from hdl.numerics import e2m1_decode
from hdl.tile import dot_unit

ROOT = Path(__file__).resolve().parents[2]
DECODE = {
    "module": "hdl.numerics.e2m1_decode",
    "inputs": {"code": [0, 7, 9, 15]},
    "expected": {"halves": [0, 12, -1, -12]},
}
SOURCE = Path(e2m1_decode.__file__).read_text(encoding="utf-8")
LOOK_UP = "halves.next = E2M1_HALVES[int(code)]"

# Two payloads through a queue of two, the second held up for a cycle; None where the wires may carry anything.
QUEUE = {
    "module": "hdl.stream.fifo",
    "ports": {"data": 8},
    "parameters": {"depth": 2},
    "clocked": True,
    "inputs": {"src_valid": [1, 1, 0, 0, 0], "src_data": [5, 6, 0, 0, 0], "dst_ready": [0, 1, 0, 1, 0]},
    "expected": {"src_ready": [1, 1, 1, 1, 1], "dst_valid": [0, 1, 1, 1, 0], "dst_data": [None, 5, 6, 6, None]},
}


def decoder(line: str) -> str:
    """The decoder's source with another line in its process."""
    assert SOURCE.count(LOOK_UP) == 1
    return SOURCE.replace(LOOK_UP, line)


def test_a_right_combinational_block_agrees_vector_by_vector():
    record = play(DECODE)
    assert (record["cycles"], record["checked"], record["wrong"], record["first"]) == (4, 4, 0, None)
    assert record["columns"] == [
        {"name": "code", "width": 4, "values": [0, 7, 9, 15]},
        {"name": "halves", "width": 5, "values": [0, 12, -1, -12], "expected": [0, 12, -1, -12]},
    ]


def test_a_right_clocked_block_agrees_cycle_by_cycle_from_the_first_after_reset():
    record = play(QUEUE)
    assert (record["cycles"], record["checked"], record["wrong"]) == (5, 13, 0)


@pytest.mark.parametrize(("pin", "at"), [(pin, at) for pin, values in QUEUE["expected"].items() for at in range(5)])
def test_a_difference_in_any_cycle_is_found_unless_any_value_will_do(pin, at):
    values = QUEUE["expected"][pin]
    other = None if values[at] is None else values[at] ^ 1
    changed = {**QUEUE["expected"], pin: [*values[:at], other, *values[at + 1 :]]}
    first = play(QUEUE | {"expected": changed})["first"]
    assert first == (None if other is None else {"cycle": at, "pin": pin, "expected": other, "actual": values[at]})


def test_the_first_difference_is_the_earliest_of_all_pins():
    wrong = {"src_ready": [1, 1, 1, 0, 1], "dst_valid": [0, 1, 0, 1, 0]}
    record = play(QUEUE | {"expected": wrong})
    assert record["wrong"] == 2 and (record["first"]["cycle"], record["first"]["pin"]) == (2, "dst_valid")


def test_a_replaced_module_is_the_one_that_others_import_and_is_put_back():
    before = {name: module for name, module in sys.modules.items() if name.startswith("hdl.")}
    with replaced("hdl.numerics.mx_dot", "def mx_dot(*ports):\n    return 'mine'\n") as mine:
        import hdl.numerics.mx_dot as imported
        from hdl.tile import dot_unit as fresh

        assert imported is mine and fresh is not dot_unit and fresh.mx_dot() == "mine"
    assert {name: module for name, module in sys.modules.items() if name.startswith("hdl.")} == before
    from hdl.tile import dot_unit as after

    assert after is dot_unit and after.mx_dot is not mine.mx_dot


def test_a_module_that_fails_to_import_leaves_the_others_as_they_were():
    before = dict(sys.modules)
    with pytest.raises(ZeroDivisionError), replaced("hdl.numerics.mx_dot", "1 / 0\n"):
        pass
    assert {name: sys.modules[name] for name in before if name.startswith("hdl.")} == {
        name: module for name, module in before.items() if name.startswith("hdl.")
    }


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"expected": {"halves": [0, 12]}}, "halves has 2 values, code has 4; expected as many"),
        ({"inputs": {}}, "inputs is missing or empty"),
        ({"inputs": {"codes": [0, 1, 2, 3]}}, "e2m1_decode has no pin codes; its pins: code, halves"),
        (
            {"inputs": {"code": [0] * (BUDGET + 1)}, "expected": {"halves": [0] * (BUDGET + 1)}},
            "20001 vectors or cycles",
        ),
    ],
)
def test_a_stimulus_that_does_not_fit_is_refused_in_a_sentence(change, sentence):
    with pytest.raises(BadStimulus, match=sentence):
        play(DECODE | change)


@pytest.mark.parametrize(
    ("line", "kind", "number", "message"),
    [
        ("halves.next = = 3", "syntax", 26, "invalid syntax"),
        ("halves.next = table[code]", "exception", 26, "NameError: name 'table' is not defined"),
        ("halves.next = 13 + int(code)", "exception", 26, "ValueError: intbv value 13 >= maximum 13"),
        ("raise SystemExit(int(code))", "exception", 26, "SystemExit: 0"),
    ],
)
def test_what_a_text_raises_is_told_with_its_line(line, kind, number, message):
    record = attempt(DECODE, decoder(line))
    error = record["error"]
    assert (error["kind"], error["line"], error["text"], error["message"]) == (kind, number, line, message)
    assert report(record)["outcome"] == "error" and escape(message) in report(record)["verdict"]


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("return look_up", "pass", "e2m1_decode does not return its processes"),
        ("def e2m1_decode(", "def decode(", "e2m1_decode.py has no function e2m1_decode"),
        ("def ports(", "def pins(", "e2m1_decode.py has no function ports"),
    ],
)
def test_a_block_that_the_bench_cannot_use_is_told(old, new, sentence):
    error = attempt(DECODE, SOURCE.replace(old, new))["error"]
    assert error["message"].startswith(sentence), error


def test_after_a_failure_the_next_text_is_played():
    attempt(DECODE, decoder("halves.next = 13 + int(code)"))
    assert attempt(DECODE, SOURCE)["wrong"] == 0


def test_what_a_text_prints_is_kept_up_to_a_bound():
    record = attempt(DECODE, decoder(f"print('x' * {OUTPUT}); {LOOK_UP}"))
    assert record["output"] == "x" * OUTPUT and record["wrong"] == 0


def test_a_text_that_ends_the_simulation_is_no_right_answer():
    text = decoder(f"{LOOK_UP}\n        if code == 9: raise StopSimulation").replace(
        "import ", "import StopSimulation, ", 1
    )
    assert "the simulation ended after" in attempt(DECODE, text)["error"]["message"]


def test_the_report_names_the_first_difference_in_both_bases_and_shows_it():
    inputs = [code % 16 for code in range(200)]
    expected = [e2m1_decode.E2M1_HALVES[code] for code in inputs]
    expected[150] = 12
    record = attempt(DECODE | {"inputs": {"code": inputs}, "expected": {"halves": expected}}, SOURCE)
    shown = report(record, ["halves"])
    assert shown["verdict"] == ("Not yet: in vector 150, halves is 8 (0x8); expected 12 (0xc). 1 of 200 values differ.")
    assert "<th scope='row'>150</th><td class='wrong'>8 <strong>differs</strong></td><td>12</td>" in shown["table"]
    assert "wrong-bus" in shown["wave"] and shown["table"].count("<th scope='row'>") == ROWS
    assert shown["summary"] == "<ul><li><code>halves</code>: 5 bits, -12 to 12, 199 changes</li></ul>"


def test_a_right_run_is_shown_from_where_its_stimulus_says():
    late = DECODE | {"begin": 2}
    first = [report(play(stimulus))["table"].split("<th scope='row'>")[1][0] for stimulus in (DECODE, late)]
    assert first == ["0", "2"]
    assert "<th scope='row'>0<" in report(play(late, decoder("halves.next = 0 * int(code)")))["table"]


def test_a_difference_on_a_pin_that_is_not_shown_is_shown_all_the_same():
    record = attempt(QUEUE | {"expected": {"dst_valid": [1, 1, 1, 1, 0]}}, _fifo())
    assert "dst_valid" in report(record, ["src_valid"])["table"]


def test_pins_are_shown_in_the_order_that_is_asked_for():
    heads = report(attempt(DECODE, SOURCE), ["halves", "code"])["table"].split("</thead>")[0]
    assert heads.index("halves") < heads.index("code")


def test_the_summary_counts_transfers():
    summary = report(attempt(QUEUE, _fifo()))["summary"]
    assert "<code>dst_valid</code>: 1 in 3 of 5 cycles, 2 changes; 2 transfers" in summary
    assert "<code>src_valid</code>: 1 in 2 of 5 cycles, 1 change; 2 transfers" in summary


def test_a_pin_to_show_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match="no pin halfs to show; its pins: code, halves"):
        report(attempt(DECODE, SOURCE), ["halfs"])


def _fifo() -> str:
    return (ROOT / "hdl" / "stream" / "fifo.py").read_text(encoding="utf-8")
