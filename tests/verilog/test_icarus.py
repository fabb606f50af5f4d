"""Icarus compiles every emitted file without a word, starts from X, and agrees in every cycle, or it says where."""

import shutil

import pytest

from hdl.bench.trace import Column, Trace
from hdl.designs import DESIGNS, Design, design
from zhenwu.cosim.backends import icarus as simulator
from zhenwu.cosim.backends.icarus import complaints, vectors
from zhenwu.cosim.backends.pins import PinError, directions, sources
from zhenwu.cosim.compared import replay
from zhenwu.cosim.pin_recording import (
    HARNESS_CYCLES,
    SMALL_TILE,
    record_combinational,
    record_controller,
    record_harness,
    record_quantiser,
    record_slice,
    record_tile,
)

COUNTER = """// counter
module counter (
    clk,
    rst,
    step,
    count,
    payload
);
input clk;
input rst;
input [3:0] step;
output signed [4:0] count;
reg signed [4:0] count;
output [3:0] payload;
reg [3:0] payload;
always @(posedge clk) begin: advance
    if (rst == 1) begin
        count <= -1;
    end
    else begin
        count <= (count + 1);
        if ((step == 7)) payload <= step;
    end
end
endmodule
"""
# rst holds for one edge; `payload` is unknown until a 7 has come
PINS = [
    Column("clk", 1, [0, 0, 0, 0, 0]),
    Column("rst", 1, [1, 0, 0, 0, 0]),
    Column("step", 4, [0, 0, 7, 0, 0]),
    Column("count", 5, [0, -1, 0, 1, 2]),
    Column("payload", 4, [0, 0, 0, 7, 7]),
]


@pytest.fixture
def counter(tmp_path):
    path = tmp_path / "counter.v"
    path.write_text(COUNTER)
    return path


def played(columns: list[Column], verilog, block: str = "") -> tuple:
    """The replay of recorded columns in the module that a file is named after."""
    entry = Design(verilog.stem, f"a.{block or verilog.stem}")
    return replay(simulator, entry, Trace(columns), verilog.parent)


def changed(name: str, cycle: int, value: int) -> list[Column]:
    """The counter's pins with one value of one pin replaced."""
    pins = {column.name: column for column in PINS}
    values = [*pins[name].values]
    values[cycle] = value
    pins[name] = Column(name, pins[name].width, values)
    return [*pins.values()]


def test_a_true_recording_replays_without_a_mismatch(counter, icarus):
    result = played(PINS, counter)
    assert (result.cycles, result.mismatches, result.first) == (5, 0, None)
    assert result.values == 2 * 4, "two outputs, after the edge that resets"


def test_a_wrong_value_is_found_with_its_pin_and_cycle(counter, icarus):
    result = played(changed("count", 3, 2), counter)
    assert (result.mismatches, result.first) == (1, (3, "count", 2, "01"))
    assert str(result.first) == "count in cycle 3: 01, expected 2"


def test_the_first_of_many_differences_is_told(counter, icarus):
    result = played(changed("step", 2, 6), counter)
    assert result.mismatches == 1 and result.first == (4, "payload", 7, "x"), "payload never becomes known"
    result = played(changed("rst", 2, 1), counter)
    assert result.mismatches == 3 and result.first[:2] == (3, "count")


def test_nothing_is_compared_before_reset(counter, icarus):
    assert played(changed("count", 0, 9), counter).mismatches == 0
    assert played(changed("rst", 0, 0), counter).values == 0, "never reset: nothing can be said"


def test_a_control_register_that_no_reset_defines_is_a_mismatch(counter, icarus):
    counter.write_text(COUNTER.replace("count <= -1;", ""))
    result = played(PINS, counter)
    assert result.mismatches == 1 and result.first == (4, "count", 2, "xx"), "unknown to the end"


def test_an_output_that_becomes_unknown_again_is_a_mismatch(counter, icarus):
    counter.write_text(COUNTER.replace("payload <= step", "payload <= step; else if (step == 0) payload <= 4'bx"))
    result = played(PINS, counter)
    assert (result.mismatches, result.first) == (1, (4, "payload", 7, "x"))


STREAM = """module offer (
    clk,
    rst,
    put,
    dst_valid,
    dst_data
);
input clk;
input rst;
input [3:0] put;
output dst_valid;
reg dst_valid;
output [3:0] dst_data;
reg [3:0] dst_data;
always @(posedge clk) begin
    dst_valid <= (put != 0) && !rst;
    if (put == 0) dst_data <= 4'bx;
    else if (put == 15) dst_data <= put;
    else dst_data <= {put[3], 2'bxx, put[0]};
end
endmodule
"""
OFFERED = [
    Column("clk", 1, [0] * 4), Column("rst", 1, [1, 0, 0, 0]), Column("put", 4, [15, 9, 0, 0]),
    Column("dst_valid", 1, [0, 0, 1, 0]), Column("dst_data", 4, [0, 15, 9, 9]),
]


def test_the_payload_of_a_stream_may_be_unknown_only_while_valid_is_low(tmp_path, icarus):
    verilog = tmp_path / "offer.v"
    verilog.write_text(STREAM.replace("{put[3], 2'bxx, put[0]}", "put"))
    assert played(OFFERED, verilog).mismatches == 0
    verilog.write_text(STREAM)
    result = played(OFFERED, verilog)
    assert result.mismatches >= 1 and result.first[1] == "dst_data"


def test_a_memory_s_pin_may_be_unknown_but_its_known_bits_count(tmp_path, icarus):
    verilog = tmp_path / "banks.v"
    verilog.write_text(STREAM.replace("offer", "banks").replace("dst_data", "words").replace("dst_valid", "some"))
    columns = [column if not column.name.startswith("dst") else Column(
        {"dst_data": "words", "dst_valid": "some"}[column.name], column.width, column.values) for column in OFFERED]
    assert played(columns, verilog).mismatches > 0, "not where any pin may be unknown"
    columns[-1] = Column("words", 4, [0, 15, 15, 0])
    assert played(columns, verilog, "operand_banks").mismatches == 0
    columns[-1] = Column("words", 4, [0, 15, 14, 0])
    assert played(columns, verilog, "operand_banks").first == (2, "words", 14, "x")
    columns[2:] = [Column("put", 4, [9] * 4), Column("some", 1, [0, 0, 1, 1]), Column("words", 4, [0, 15, 7, 15])]
    result = played(columns, verilog, "operand_banks")
    assert (result.mismatches, result.first) == (1, (2, "words", 7, "x")), "though never known as a whole"


def test_a_trace_without_an_input_or_in_another_width_is_refused(counter, icarus):
    with pytest.raises(PinError, match="counter: pin step has 4 bits in Verilog, None in the trace"):
        played([column for column in PINS if column.name != "step"], counter)
    with pytest.raises(PinError, match="counter: pin step has 4 bits in Verilog, 3 in the trace"):
        played([column if column.name != "step" else Column("step", 3, [0] * 5) for column in PINS], counter)


def test_vectors_put_the_first_pin_highest_and_negative_values_in_their_width():
    trace = Trace([Column("a", 4, [1, 2]), Column("b", 6, [-1, 3])])
    assert vectors(trace, ["a", "b"]) == "07f\n083\n"


def test_directions_come_from_the_declarations():
    assert directions(COUNTER) == {
        "clk": ("input", 1), "rst": ("input", 1), "step": ("input", 4),
        "count": ("output", 5), "payload": ("output", 4),
    }


def test_errors_and_warnings_are_complaints(counter, icarus):
    assert complaints(counter) == []
    counter.write_text(COUNTER.replace("count + 1", "cuont + 1"))
    assert any("cuont" in line for line in complaints(counter))
    counter.write_text(COUNTER.replace("if ((step == 7))", "if ((step[5:4] == 7))"))
    assert any("warning" in line for line in complaints(counter))


def test_every_design_compiles_without_a_warning(emitted, icarus):
    assert {path.name: complaints(path) for path in emitted.iterdir() if complaints(path)} == {}


@pytest.mark.parametrize("name", ["e2m1_decode", "e8m0_decode", "block_scale", "mx_dot", "scale_round", "fp32_add"])
def test_combinational_blocks_agree_in_every_cycle(name, emitted, icarus):
    verilog = emitted / f"{name}.v"
    result = played(record_combinational(design(name), verilog.read_text(), seed=3), verilog)
    assert (result.mismatches, result.cycles) == (0, 2000), result.first


def test_the_quantiser_agrees_in_every_cycle(emitted, icarus):
    result = played(record_quantiser(seed=3), emitted / "mx_quantise.v")
    assert result.mismatches == 0 and result.cycles > 300, result.first


@pytest.fixture(scope="module")
def tile_recordings():
    return record_tile(SMALL_TILE, seed=3)


def test_the_blocks_of_a_working_tile_agree_in_every_cycle(emitted, tile_recordings, icarus):
    replayed = {
        name: played(recording, emitted / f"{name}.v")
        for name, recording in tile_recordings.items()
        if (emitted / f"{name}.v").exists()
    }
    assert {"mac_array_2x2", "mover", "sequencer", "fifo", "arbiter"} <= replayed.keys()
    assert {name: result.first for name, result in replayed.items() if result.mismatches} == {}
    assert all(result.cycles > 300 for result in replayed.values())


@pytest.fixture(scope="module")
def controller_recordings():
    return record_controller(seed=3)


def test_the_controller_and_its_blocks_agree_in_every_cycle(emitted, controller_recordings, icarus):
    replayed = {name: played(pins, emitted / f"{name}.v") for name, pins in controller_recordings.items()}
    hbm = {entry.name for entry in DESIGNS if entry.module.startswith("hdl.hbm.")}
    assert replayed.keys() == hbm and len(hbm) == 13
    assert {name: result.first for name, result in replayed.items() if result.mismatches} == {}
    columns = {column.name: column.values for column in controller_recordings["controller"]}
    assert {1, 8} <= set(columns["bus_rise_op"]) and {4, 6} <= set(columns["bus_column_op"])  # REFab among them
    assert all(result.cycles > 6500 for result in replayed.values())


@pytest.fixture(scope="module")
def slice_recording():
    return record_slice(seed=3)["slice"]


def test_the_slice_agrees_in_every_cycle_of_a_small_matmul(emitted, slice_recording, icarus):
    result = played(slice_recording, emitted / "slice.v")
    assert result.mismatches == 0 and result.cycles > 600, result.first
    columns = {column.name: column.values for column in slice_recording}
    assert 1 in columns["done"] and {4, 6} <= set(columns["bus_column_op"]), "read, multiplied and written back"
    assert sum(columns["rst"]) == 4, "two resets"


def test_the_controller_s_harness_agrees_in_every_cycle(emitted, icarus):
    recording = record_harness(design("controller_harness"), seed=3)
    result = played(recording, emitted / "controller_harness.v")
    assert result.mismatches == 0 and result.cycles == HARNESS_CYCLES, result.first
    columns = {column.name: column.values for column in recording}
    assert len(set(columns["signature"])) > HARNESS_CYCLES // 2, "it repeats after the reset, and in idle epochs"


def played_with(line: str, wrong: str, verilog, recording, folder):
    """The replay of a copy of the Verilog in which one line is wrong."""
    text = verilog.read_text()
    assert line in text
    broken = folder / verilog.name
    for file in sources(verilog):
        shutil.copy(file, folder)
    broken.write_text(text.replace(line, wrong))
    return played(recording, broken)


def test_a_wrong_rounding_in_verilog_is_found(emitted, tmp_path, icarus):
    verilog = emitted / "fp32_add.v"
    recording = record_combinational(design("fp32_add"), verilog.read_text(), seed=3)
    result = played_with("rest > 4", "rest > 5", verilog, recording, tmp_path)
    assert 0 < result.mismatches < result.cycles and result.first[1] == "total"


def test_a_wrong_register_in_verilog_is_found(emitted, tile_recordings, tmp_path, icarus):
    line, recording = "level <= (level - 1);", tile_recordings["fifo"]
    result = played_with(line, "level <= level;", emitted / "fifo.v", recording, tmp_path)
    assert result.mismatches > 0 and result.first[1] in ("src_ready", "dst_valid")


def test_a_wrong_gap_in_verilog_is_found(emitted, controller_recordings, tmp_path, icarus):
    line, recording = "if ((left > 2)) begin", controller_recordings["timing_gate"]
    result = played_with(line, "if ((left > 3)) begin", emitted / "timing_gate.v", recording, tmp_path)
    assert result.mismatches > 0 and result.first[1] == "shut"


def test_a_wrong_wire_in_the_slice_s_verilog_is_found(emitted, slice_recording, tmp_path, icarus):
    line = "tile0_store_path0_row_stride <= tile0_store_path0_word["
    result = played_with(line, line.replace("<=", "<= 1 +"), emitted / "slice.v", slice_recording, tmp_path)
    assert result.mismatches > 0, "lines of C lie too far apart"
