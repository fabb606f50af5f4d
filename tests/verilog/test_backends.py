"""Every simulator takes the same trace and gives the same outputs; a wrong character in the Verilog shows in each."""

import shutil
from random import Random

import numpy as np
import pytest

from hdl.bench.trace import Column, Trace
from hdl.designs import DESIGNS, Design, design, elaborate
from hdl.emit import emit
from hdl.pin_shape import fresh, shapes
from zhenwu.cosim import cases
from zhenwu.cosim.backends import compiled as models
from zhenwu.cosim.backends import cxxrtl, native, verilator, vpi
from zhenwu.cosim.backends import icarus as icarus_backend
from zhenwu.cosim.backends.compiled import QUICK, BuildError, Model
from zhenwu.cosim.backends.pins import Pin, PinError, laid_out, packed, row_words, sources, unpacked
from zhenwu.cosim.catalogue import find
from zhenwu.cosim.compared import replay
from zhenwu.cosim.missing_tool import MissingTool
from zhenwu.cosim.pin_recording import SMALL_TILE, record_combinational, record_tile

WIDTHS = (1, 8, 9, 16, 17, 32, 33, 64, 65, 200)
CYCLES = 50


def mirror() -> str:
    """A module with registers of many widths, each a cycle behind its input, and one output without a register."""
    ports = [f"{way}_{width}" for width in WIDTHS for way in ("put", "got")]
    lines = ["module mirror (", "    clk,", "    rst,", *(f"    {port}," for port in ports), "    odd", ");"]
    lines += ["input clk;", "input rst;"]
    for width in WIDTHS:
        span = f"[{width - 1}:0] " if width > 1 else ""
        lines += [f"input {span}put_{width};", f"output {span}got_{width};", f"reg {span}got_{width};"]
    lines += ["output odd;", "wire odd;", "assign odd = put_8[0] ^ got_8[0];", "always @(posedge clk) begin"]
    for width in WIDTHS:
        lines.append(f"    got_{width} <= rst ? 0 : put_{width};")
    return "\n".join([*lines, "end", "endmodule", ""])


def mirrored() -> Trace:
    """What goes into it and what comes out."""
    random = Random(5)
    columns = [Column("clk", 1, [0] * CYCLES), Column("rst", 1, [1] + [0] * (CYCLES - 1))]
    odd = None
    for width in WIDTHS:
        put = [random.getrandbits(width) for _ in range(CYCLES)]
        got = [0, 0, *put[1:-1]]
        columns += [Column(f"put_{width}", width, put), Column(f"got_{width}", width, got)]
        if width == 8:
            odd = [(a ^ b) & 1 for a, b in zip(put, got, strict=True)]
    return Trace([*columns, Column("odd", 1, odd)])


@pytest.fixture
def mirror_file(tmp_path):
    path = tmp_path / "mirror.v"
    path.write_text(mirror())
    return path


@pytest.fixture
def own_models(tmp_path, monkeypatch):
    """Models are built anew, and not kept."""
    monkeypatch.setattr(models, "MODELS", tmp_path / "models")


def test_pins_of_all_widths_go_in_and_out_of_a_compiled_model(mirror_file, compiled):
    result = replay(compiled, Design("mirror", "a.mirror"), mirrored(), mirror_file.parent, flags=QUICK)
    assert (result.cycles, result.mismatches) == (CYCLES, 0), result.first
    assert result.values == (len(WIDTHS) + 1) * (CYCLES - 1)


def test_a_wrong_value_of_any_width_is_found(mirror_file, compiled):
    trace = mirrored()
    for width in WIDTHS:
        columns = [
            column if column.name != f"got_{width}"
            else Column(column.name, width, [*column.values[:-1], column.values[-1] ^ 1 << width - 1])
            for column in trace.columns
        ]
        result = replay(compiled, Design("mirror", "a.mirror"), Trace(columns), mirror_file.parent, flags=QUICK)
        assert result.mismatches == 1 and result.first[:2] == (CYCLES - 1, f"got_{width}")


def test_held_inputs_show_the_outputs_of_every_so_many_cycles(tmp_path, compiled):
    """`hold` is `play` with the same row again and again, looked at just before every third edge."""
    folder = tmp_path
    (folder / "counter.v").write_text(
        "module counter (\n    clk,\n    rst,\n    count\n);\ninput clk;\ninput rst;\noutput [39:0] count;\n"
        "reg [39:0] count;\nalways @(posedge clk) count <= rst ? 0 : count + 1;\nendmodule\n"
    )
    library = compiled.load(folder / "counter.v", QUICK)
    model = Model(library)
    try:
        model.play(np.array([[1], [1]], np.uint32))
        counts = unpacked(model.hold(np.zeros((1, 1), np.uint32), 10, 3), library.outputs)[0].values
        assert counts == [2, 5, 8] and model.seconds > 0
        again = unpacked(model.play(np.zeros((2, 1), np.uint32)), library.outputs)[0].values
        assert again == [10, 11], "where the held run stopped"
    finally:
        model.close()


def test_rows_hold_each_pin_in_words_of_its_own():
    pins = laid_out(mirror(), "input")
    assert [(pin.name, pin.place, pin.words) for pin in pins][-3:] == [("put_64", 9, 2), ("put_65", 11, 3),
                                                                       ("put_200", 14, 7)]
    assert row_words(pins) == 21 and row_words([]) == 1
    rows = packed(mirrored(), pins, "mirror")
    assert [column.values for column in unpacked(rows, pins)] == [mirrored()[pin.name].values for pin in pins]
    assert packed(Trace([Column("a", 5, [-1, -16])]), [Pin("a", 5, 0)], "x").tolist() == [[31], [16]]
    with pytest.raises(PinError, match="mirror: pin put_8 has 8 bits in Verilog, 7 in the trace"):
        packed(Trace([Column("put_8", 7, [1])]), [Pin("put_8", 8, 0)], "mirror")


def test_what_a_tool_refuses_is_one_sentence_and_nothing_is_kept(tmp_path, compiled, own_models):
    (tmp_path / "broken.v").write_text("module broken (\n    a\n);\ninput a;\nassign b = ;\nendmodule\n")
    with pytest.raises(BuildError, match=r"ended \d+: ") as refused:
        compiled.load(tmp_path / "broken.v", QUICK)
    assert "\n" not in str(refused.value)
    assert [path.name for path in (tmp_path / "models").iterdir() if path.suffix == ".so"] == []


def test_a_model_is_built_once_and_anew_when_its_verilog_changes(mirror_file, compiled, own_models, monkeypatch):
    compiled.load(mirror_file, QUICK)
    built = {path.name for path in models.MODELS.glob("*.so")}
    compiled.load(mirror_file, QUICK)
    assert {path.name for path in models.MODELS.glob("*.so")} == built and len(built) == 1
    mirror_file.write_text(mirror().replace("put_8[0] ^", "put_8[0] |"))
    compiled.load(mirror_file, QUICK)
    assert len(list(models.MODELS.glob("*.so"))) == 2
    assert replay(compiled, Design("mirror", "a.mirror"), mirrored(), mirror_file.parent, flags=QUICK).mismatches > 0


@pytest.mark.parametrize(("backend", "tool"), [(verilator, "Verilator"), (cxxrtl, "Yosys"), (icarus_backend, "Icarus")])
def test_a_missing_tool_is_named_with_what_installs_it(backend, tool, monkeypatch):
    for cached in ("installation", "version"):
        if hasattr(backend, cached):
            monkeypatch.setattr(backend, cached, getattr(backend, cached).__wrapped__)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(MissingTool, match=rf"^{tool}[\w ]* is not installed: run `[^`]+`"):
        backend.need()


def test_a_missing_compiler_is_named(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(MissingTool, match="g\\+\\+ is not installed: run `apt-get install g\\+\\+`"):
        models.need_compiler()


@pytest.fixture(scope="module")
def working_tile():
    return record_tile(SMALL_TILE, seed=3)


@pytest.mark.parametrize("name", ["fifo", "arbiter", "mover", "sequencer"])
def test_blocks_of_a_working_tile_agree(name, working_tile, emitted, compiled):
    result = replay(compiled, design(name), Trace(working_tile[name]), emitted, flags=QUICK)
    assert result.mismatches == 0 and result.cycles > 300, result.first
    assert replay(native, design(name), Trace(working_tile[name]), emitted).mismatches == 0


def test_signed_pins_agree(emitted, compiled):
    recording = Trace(record_combinational(design("mx_dot"), (emitted / "mx_dot.v").read_text(), seed=3))
    assert min(recording["dot"].values) < 0
    for simulator, options in ((compiled, {"flags": QUICK}), (native, {})):
        result = replay(simulator, design("mx_dot"), recording, emitted, **options)
        assert (result.cycles, result.mismatches) == (2000, 0), result.first


def test_myhdl_s_own_cosimulation_agrees_and_finds_a_wrong_register(working_tile, emitted, tmp_path, icarus):
    recording = Trace(working_tile["fifo"])
    result = replay(vpi, design("fifo"), recording, emitted)
    assert result.mismatches == 0 and result.cycles > 300, result.first
    text = (emitted / "fifo.v").read_text()
    (tmp_path / "fifo.v").write_text(text.replace("level <= (level - 1);", "level <= level;"))
    assert replay(vpi, design("fifo"), recording, tmp_path).mismatches > 0


@pytest.mark.parametrize("name", ["fifo", "sequencer"])
def test_one_wrong_character_is_found(name, working_tile, emitted, tmp_path, compiled):
    text = (emitted / f"{name}.v").read_text()
    right, wrong = {"fifo": ("(level + 1)", "(level + 3)"), "sequencer": ("(index + 1)", "(index + 3)")}[name]
    assert right in text
    (tmp_path / f"{name}.v").write_text(text.replace(right, wrong))
    assert replay(compiled, design(name), Trace(working_tile[name]), tmp_path, flags=QUICK).mismatches > 0


def test_every_run_of_a_bench_is_recorded_at_every_size():
    recorded = cases.record(find("fifo"), seed=2, quick=True)
    depths = [case.design.parameters["depth"] for case in recorded]
    assert len(depths) == len(set(depths)) >= 2 and all(case.traces for case in recorded)
    assert {case.design.name for case in recorded}.isdisjoint({"fifo"}), "none has the instruction queue's width"
    assert all(trace.cycles > 10 and "src_ready" in trace.widths for case in recorded for trace in case.traces)
    named = cases.record(find("dot_unit"), seed=2, quick=True)
    known = {entry.name for entry in DESIGNS}
    assert [case.design.name for case in named if case.design.name in known] == ["dot_unit", "dot_unit_mxfp4"]


def test_a_block_at_another_size_is_written_and_played_as_recorded(tmp_path, compiled):
    recorded = cases.record(find("request_queue"), seed=2, quick=True)
    assert emit([case.design for case in recorded], tmp_path) == {}
    for case in recorded:
        for trace in case.traces:
            result = replay(compiled, case.design, trace, tmp_path, flags=QUICK)
            assert result.mismatches == 0, (case.design.name, result.first)
            assert replay(native, case.design, trace, tmp_path).mismatches == 0


def test_a_bench_that_fails_is_not_recorded(monkeypatch):
    module = find("e8m0_decode")
    monkeypatch.setattr(module, "run", lambda seed, quick: type("Evidence", (), {"ok": False, "block": "e8m0_decode"}))
    with pytest.raises(RuntimeError, match="e8m0_decode: its own bench fails: run `make sim BLOCK=e8m0_decode` first"):
        cases.record(module, seed=1)


def test_fresh_pins_have_the_shapes_of_those_they_are_made_from():
    for name in ("fifo", "controller", "timing_gate", "mx_dot", "write_buffer"):
        _, pins = elaborate(design(name))
        form = shapes(pins)
        assert shapes({pin: fresh(inner) for pin, inner in form.items()}) == form
        assert type(fresh(form[list(pins)[-1]])) is type(pins[list(pins)[-1]])


def test_a_file_names_the_modules_that_it_instantiates(emitted):
    assert [path.name for path in sources(emitted / "fifo.v")] == ["fifo.v"]
    assert [path.name for path in sources(emitted / "mac_array.v")] == ["mac_array.v", "dot_unit.v"]
