"""The scan flags a sample of every trap and nothing in clean code, and each silent trap really bites.

tests/verilog/samples/ holds one small block for each trap, with the names that the scan must give it. Traps that
MyHDL converts without a word are run as well: the Verilog must be wrong or refused, or the trap is gone.
"""

import gc
import importlib.util
import warnings
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from myhdl import ConversionError

from hdl.bench.run import forgotten_signals, simulate
from hdl.bench.trace import Recorder, Trace, flatten
from hdl.bundle import wire
from hdl.designs import Design
from hdl.emit import write
from hdl.keywords import KEYWORDS
from hdl.scan import main, scan_python, scan_verilog
from zhenwu.cosim.backends import icarus as simulator
from zhenwu.cosim.backends.icarus import complaints
from zhenwu.cosim.backends.pins import directions
from zhenwu.cosim.compared import replay
from zhenwu.cosim.pin_recording import related
from zhenwu.cosim.yosys import YosysError, cells

SAMPLES = Path(__file__).parent / "samples"
NAMES = sorted(path.stem for path in SAMPLES.glob("*.py"))
CLEAN = {"clean_control", "clean_datapath"}
LOUD = {"annotated_assignment", "f_string", "nested_task", "outer_none", "ternary"}  # MyHDL refuses them
HARMLESS = {"intbv_in_loop", "memory_reset"}  # slow or large, not wrong
YOSYS_REFUSES = {"break_in_process", "continue_in_process", "raise_in_process", "return_in_task"}
ICARUS_REFUSES = {"keyword_port", "shadow_slice_below", "variable_slice"}
REFUSED_AS_SYSTEMVERILOG = {"keyword_process"}
WRONG = set(NAMES) - CLEAN - LOUD - HARMLESS - YOSYS_REFUSES - ICARUS_REFUSES - REFUSED_AS_SYSTEMVERILOG


def load(name: str):
    spec = importlib.util.spec_from_file_location(f"sample_{name}", SAMPLES / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def convert(name: str, folder: Path) -> Path:
    """The sample's Verilog without any scan."""
    sample = load(name)
    with warnings.catch_warnings(), forgotten_signals():
        warnings.simplefilter("ignore")
        sample.sample(**sample.ports()).convert(
            hdl="Verilog", path=str(folder), name=name, testbench=False, initial_values=True, no_myhdl_header=True
        )
    return folder / f"{name}.v"


def replayed(name: str, folder: Path):
    """Random values on the inputs in MyHDL, and the replay of the pins in Icarus."""
    verilog = convert(name, folder)
    random = Random(name)
    sample = load(name)
    with forgotten_signals():
        pins = sample.ports()
        clk, rst = pins.get("clk", wire(1)), pins.get("rst", wire(1))
        inputs = [
            signal for pin, signal in flatten(pins).items()
            if directions(verilog.read_text())[pin][0] == "input" and pin not in ("clk", "rst")
        ]

        def drive() -> Iterator:
            while True:
                for signal, value in zip(inputs, related(random, [len(each) for each in inputs]), strict=True):
                    low = signal.min if signal.min is not None else 0
                    signal.next = value + low if low < 0 else value
                yield clk.negedge

        trace = Recorder(pins)
        parts = [sample.sample(**pins), drive(), trace.record(clk)]
        simulate(parts, clk=clk, rst=rst, budget_cycles=300)
    return replay(simulator, Design(name, "a.sample"), Trace(trace.columns), folder)


@pytest.mark.parametrize("name", NAMES)
def test_each_sample_gets_the_names_of_its_traps_and_no_other(name, tmp_path):
    sample = load(name)
    found = scan_python(name, (SAMPLES / f"{name}.py").read_text())
    if name not in LOUD:
        with forgotten_signals():
            refused = write(Design(name, "a.sample"), sample.sample(**sample.ports()), tmp_path)
        assert [path.name for path in tmp_path.iterdir()] == ([] if refused else [f"{name}.v"])
        found += refused
    assert {finding.trap for finding in found} == sample.TRAPS, [*map(str, found)]


def test_every_sample_that_is_not_clean_names_a_trap():
    assert {name for name in NAMES if not load(name).TRAPS} == CLEAN


@pytest.mark.parametrize("name", sorted(LOUD))
@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
def test_the_loud_traps_still_stop_myhdl(name, tmp_path):
    with pytest.raises((AssertionError, AttributeError, ConversionError)):
        convert(name, tmp_path)
    gc.collect()  # the file that MyHDL leaves open


@pytest.mark.parametrize("name", sorted(WRONG))
def test_the_silent_traps_still_bite(name, tmp_path, icarus):
    assert replayed(name, tmp_path).mismatches > 0


@pytest.mark.parametrize("name", sorted(CLEAN))
def test_clean_samples_are_right_in_icarus(name, tmp_path, icarus):
    result = replayed(name, tmp_path)
    assert (result.mismatches, result.cycles) == (0, 300)


@pytest.mark.parametrize("name", sorted(ICARUS_REFUSES))
def test_icarus_refuses_illegal_verilog(name, tmp_path, icarus):
    assert complaints(convert(name, tmp_path))


@pytest.mark.parametrize("name", sorted(YOSYS_REFUSES))
def test_yosys_refuses_jumps(name, tmp_path, yosys):
    with pytest.raises(YosysError, match=name):
        cells(convert(name, tmp_path))


def test_words_of_systemverilog_are_keywords_too():
    assert {"final", "new", "release", "wait", "program", "inside", "logic", "always", "xor"} <= KEYWORDS
    assert not {"slot", "done", "start", "first", "last", "freed", "code", "index", "port", "step"} & KEYWORDS
    assert len(KEYWORDS) == 248  # IEEE 1800-2017, Annex B


def test_a_line_that_the_scan_cannot_read_is_no_silent_pass():
    text = "module m (\n    y\n);\noutput y;\nwire y;\nassign y = undeclared + 1;\nendmodule\n"
    assert [finding.trap for finding in scan_verilog("m.v", text)] == ["unreadable"]


def test_a_records_method_is_no_slice():
    source = "@block\ndef b(clk, pins):\n    gap = pins.total('nRC')\n    part = pins.data(8, 0)\n    return gap\n"
    assert [(finding.line, finding.trap) for finding in scan_python("b.py", source)] == [(4, "shadow_slice")]


def test_a_long_list_of_flags_may_be_reset():
    reset = "\n".join(f"        f[{index}] <= 0;" for index in range(64))
    text = "module m (\n    clk,\n    rst\n);\ninput clk;\ninput rst;\nreg WIDTH f [0:64-1];\n" \
           f"always @(posedge clk) begin: M_X\n    if (rst == 1) begin\n{reset}\n    end\nend\nendmodule\n"
    assert scan_verilog("m.v", text.replace("WIDTH", "")) == []
    assert [finding.trap for finding in scan_verilog("m.v", text.replace("WIDTH", "[1:0]"))] == ["memory_reset"]


def test_a_task_in_another_file_is_scanned_where_a_process_calls_it():
    helper = "def limb(value):\n    return value & 0xFFFF\n"
    assert scan_python("helper.py", helper, tasks=set()) == []
    assert [finding.trap for finding in scan_python("helper.py", helper, tasks={"limb"})] == ["return_in_process"]


def test_the_command_line_prints_file_and_line(capsys):
    path = str(SAMPLES / "break_in_process.py")
    assert main([path]) == 1
    printed = capsys.readouterr().out
    assert printed.startswith(f"{path}:") and printed.rstrip().endswith("[break_in_process]")
    assert main([str(SAMPLES / "clean_control.py")]) == 0
    assert main(["absent.py"]) == 2
    assert "absent.py cannot be read" in capsys.readouterr().err
