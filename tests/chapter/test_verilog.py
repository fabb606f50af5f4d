"""Hardware as Verilog in a chapter: conversion, traps, counts, a closed loop with a flip, a gate with stale stamps."""

import pytest

from hdl.hbm import timing_gate
from hdl.scan import scan_verilog
from zhenwu.chapter import stale
from zhenwu.chapter.closed_loop import closed_loop
from zhenwu.chapter.traps import TRAPS
from zhenwu.chapter.verilog import beside, flat, in_python, process, state_bits, trap, verilog_of

FIFO = verilog_of("fifo")["fifo"]
UNIT = "dot_unit_128_mxfp4_mxfp8_w4a8_bf16_1"  # slots, formats, the adder's latency
REGISTERS = """\
reg owner;
reg [7:0] count;
reg signed [4:0] held;
reg [7:0] memory [0:16-1];
reg [3:0] wires;


always @(owner) begin: route
    wires = 1;
end


always @(posedge clk) begin: remember
    if (rst == 1) begin
        owner <= 0;
        count <= 0;
    end
    else begin
        count <= (count + 1);
        held <= wires;
        if (owner) begin
            memory[count] <= 3;
        end
    end
end
"""


def test_a_design_comes_with_the_module_that_it_instantiates():
    assert sorted(verilog_of("mac_array_2x2")) == [UNIT, "mac_array_2x2"]


def test_spelled_out_every_dot_unit_is_a_copy():
    assert f"{UNIT} " in verilog_of("mac_array_2x2")["mac_array_2x2"] and f"{UNIT} " not in flat("mac_array_2x2")
    assert len(flat("mac_array_2x2")) > 2 * len(verilog_of("mac_array_2x2")[UNIT])


def test_one_process_is_cut_out():
    text = process(FIFO, "count")
    assert text.startswith("always @(posedge clk) begin: count\n") and text.endswith("\nend")
    assert "store" not in text and "endmodule" not in text


def test_state_is_counted_by_who_sets_it():
    assert state_bits(REGISTERS) == (9, 5 + 128)
    assert state_bits(FIFO) == (4, 128 + 256)


@pytest.mark.parametrize("name", TRAPS)
def test_every_trap_is_converted_and_refused(name):
    shown = trap(name)
    assert "module" in shown.verilog and shown.findings and "def " in shown.python


def test_the_debug_mode_stops_a_trap_and_passes_what_is_in_range():
    assert in_python("above", a=5, checked=True) == 0
    assert "word = 2147483648" in in_python("above", a=1 << 31, checked=True)


def test_the_scan_reads_all_that_a_page_shows():
    assert scan_verilog("fifo.v", FIFO) == []


def test_listings_stand_under_their_names_and_escape_their_text():
    shown = beside({"Python": "a < b", "Verilog": "a <= b"}, "One process.")
    assert shown.html.count("<pre") == 2 and "a &lt; b" in shown.html and "Verilog\na <= b" in shown.text


def test_the_loop_agrees_until_a_bit_flips_and_never_after():
    assert closed_loop(300).first_wrong is None
    broken = closed_loop(300, flip_from=150)
    assert broken.first_wrong == broken.flipped + 1
    wrong = [shown != due for shown, due in zip(broken.hardware, broken.twin, strict=True)]
    assert all(wrong[broken.first_wrong :]) and not any(wrong[: broken.first_wrong])


def test_the_gate_by_halves_is_right_for_long_and_wrong_after_half_a_range():
    gate, half = stale.faulty(), stale.RANGE // 2
    assert stale.first_wrong(gate, half) is None
    found = stale.first_wrong(gate, half + 1000)
    assert half < found.cycles < half + stale.GAP + 2 * stale.QUIET
    assert found.pins["open_0"][1][-1] == 0 and found.pins["due_0"][1][-1] == 1


def test_a_loaded_state_shows_it_soon_and_the_right_gate_passes():
    state = stale.RANGE // 2 - 100 + stale.GAP, stale.GAP
    assert stale.first_wrong(stale.faulty(), 400, state).cycles < 400
    assert stale.first_wrong(timing_gate, 1000, state) is None
    assert stale.first_wrong(timing_gate, 3000) is None


def test_the_wait_is_that_of_the_traffic_s_tables():
    alone = 1 - 7 / 8 * (4 * 1 + 2 / 4 + 1 / 4 + 1 / 16) / 8
    assert stale.mean_wait() == pytest.approx(1024 / (16 * (1 - alone) * alone**16))
