"""Long runs in compiled Verilog: a state goes over into MyHDL, a late fault is found and made short, a run resumes."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path

import pytest

from hdl.emit import emit
from zhenwu.cosim.backends import verilator
from zhenwu.cosim.regress import command, plan
from zhenwu.cosim.regress.harnesses import HARNESSES
from zhenwu.cosim.regress.native import SIGNATURE, resumed
from zhenwu.cosim.regress.notes import Notes
from zhenwu.cosim.regress.plan import Run
from zhenwu.cosim.regress.run import RESET_CYCLES, compare, inputs
from zhenwu.cosim.regress.shrink import followed, stepped
from zhenwu.cosim.regress.snapshot import load, snapshots

ROOT = Path(__file__).resolve().parents[2]
LIMIT_S = 600
CYCLES = 200  # of MyHDL after a state

# The 21st refresh and all later ones come too early: nothing shows before cycle 137,000 or so, in restless runs never
REFRESHER = "hdl/hbm/refresher.py"
RIGHT = """            count.next = interval - 1
            due.next = enable
"""
WRONG = RIGHT + """            if served < 40:
                served.next = served + 1
            if served == {after}:
                count.next = interval - 32
"""
DECLARED = "    count = Signal("
LATE, REFRESH_CK = 20, 6240


@pytest.fixture(scope="module", autouse=True)
def tools(require):
    """All of it needs Verilator and a C++ compiler."""
    require(verilator.need)


def regress(folder: Path, code: Path, *arguments: str) -> subprocess.CompletedProcess:
    """`zhenwu regress` in `folder`, of the code in `code`."""
    return subprocess.run(call(*arguments), cwd=folder, env=environment(code), capture_output=True, text=True,
                          timeout=LIMIT_S, check=False)


def call(*arguments: str) -> Sequence[str]:
    return [sys.executable, "-m", "zhenwu", "regress", "--design", "controller", *arguments]


def environment(code: Path) -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(code), "OMP_NUM_THREADS": "1"}


@pytest.mark.parametrize(("name", "seed", "restless", "cycles"), [
    ("controller", 9, True, (0, 700, 40_123)),
    ("controller", 3, False, (20_000,)),
    ("tile", 9, True, (0, 5001)),
    ("slice", 9, True, (20_000,)),
])
def test_myhdl_goes_on_from_a_state_of_the_compiled_model(tmp_path, name, seed, restless, cycles):
    harness = HARNESSES[name]
    assert emit([harness.design], tmp_path) == {}
    library = load(tmp_path / f"{harness.design.name}.v")
    run = Run(name, 0, seed, restless, cycles[-1])
    states = snapshots(harness.design, library, *inputs(library, run), RESET_CYCLES, cycles)
    twin, now = harness.make(seed, restless), 0
    for cycle in cycles:
        twin, now = stepped(twin, cycle - now), cycle
        expected = followed(deepcopy(twin), harness.pins, CYCLES)
        found = resumed(harness, states[cycle], cycle, expected, seed, restless)
        assert found.agrees and not found.other and len(found.rows) == CYCLES
        assert len({row[SIGNATURE] for row in found.rows}) > CYCLES * 0.9
    spoiled = expected[:50] + [row | {SIGNATURE: row[SIGNATURE] ^ 1} for row in expected[50:]]
    found = resumed(harness, states[cycle], cycle, spoiled, seed, restless)
    assert (found.cycle, found.wrong) == (cycle + 50, (SIGNATURE,))


def test_a_run_compares_the_compiled_model_with_the_twin(tmp_path):
    design = HARNESSES["controller"].design
    emit([design], tmp_path)
    library, looks = load(tmp_path / f"{design.name}.v"), []
    result = compare(library, Run("controller", 0, 5, True, 4000), lambda cycles: looks.append(cycles) or True)
    assert result.ok and result.cycles == 4000 and looks == [1000, 2000, 3000, 4000]
    assert compare(library, Run("controller", 0, 5, True, 4000), lambda cycles: False) is None


@pytest.fixture(scope="module")
def broken(tmp_path_factory) -> Path:
    """A copy of the code with a fault that needs more than 10^5 cycles to show."""
    code = tmp_path_factory.mktemp("broken")
    for package in ("hdl", "zhenwu"):
        shutil.copytree(ROOT / package, code / package)
    text = (code / REFRESHER).read_text()
    assert text.count(RIGHT) == text.count(DECLARED) == 1
    text = text.replace(RIGHT, WRONG.format(after=LATE)).replace(DECLARED, f"    served = wire(6)\n{DECLARED}")
    (code / REFRESHER).write_text(text)
    return code


@pytest.fixture(scope="module")
def failed(broken) -> subprocess.CompletedProcess:
    """What `zhenwu regress` says of it."""
    return regress(broken, broken, "--cycles", "300000")


def reproduction(failed: subprocess.CompletedProcess) -> str:
    return re.search(r"again: zhenwu regress --reproduce (\S+)", failed.stdout)[1]


def test_a_fault_after_more_than_100_000_cycles_is_found_and_made_short(broken, failed):
    assert failed.returncode == 1, failed.stdout + failed.stderr
    assert failed.stdout.splitlines()[-1] == "FAILED: 1 of 2 runs: controller 0"
    first = re.search(r"steady, cycle ([\d,]+): (\S+) is 0x\w+, expected 0x\w+", failed.stdout)
    cycle = int(first[1].replace(",", ""))
    assert cycle > 100_000 and LATE * REFRESH_CK < cycle < (LATE + 3) * REFRESH_CK
    assert first[2].split(".")[0] in ("bus", "port", "dq")
    assert re.search(r"MyHDL shows it from cycle [\d,]+ on, \d{1,3} cycles before", failed.stdout)
    folder = (broken / reproduction(failed)).parent
    assert sorted(path.name for path in folder.iterdir()) == ["reproduce.json", "wave.svg", "wave.vcd"]
    drawing, pin = (folder / "wave.svg").read_text(), first[2].replace(".", "_")
    assert f">{pin}<" in drawing and f">{pin}_expected<" in drawing
    assert f"{pin}_expected $end" in (folder / "wave.vcd").read_text()


def test_the_reproduction_shows_the_fault_until_it_is_mended(tmp_path, broken, failed):
    repeat = [sys.executable, "-m", "zhenwu", "regress", "--reproduce", str(broken / reproduction(failed))]

    def repeated(code: Path) -> subprocess.CompletedProcess:
        alone = environment(code) | {"PATH": ""}
        return subprocess.run(repeat, cwd=tmp_path, env=alone, capture_output=True, text=True, timeout=LIMIT_S,
                              check=False)

    again = repeated(broken)
    first = re.search(r"controller, seed \d+, steady, cycle [\d,]+: .*", failed.stdout)[0]
    assert again.returncode == 1 and first in again.stdout, again.stdout + again.stderr
    mended = repeated(ROOT)
    assert mended.returncode == 0 and mended.stdout.startswith("The hardware has changed"), mended.stdout
    assert "Agrees now" in mended.stdout


def test_an_interrupted_call_goes_on_where_it_stopped(tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(plan.RUN_CYCLES, "controller", 2000)
    monkeypatch.setitem(plan.CYCLES, "controller", 10_000)
    options, enter = command.Options(("controller",), None, 1, "verilator", False), Notes.enter

    def interrupt(notes, run, result):
        enter(notes, run, result)
        if len(notes.done) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(Notes, "enter", interrupt)
    with pytest.raises(KeyboardInterrupt):
        command.regress(options, tmp_path)
    monkeypatch.setattr(Notes, "enter", enter)
    capsys.readouterr()
    assert command.regress(options, tmp_path) == 0
    said = capsys.readouterr().out.splitlines()
    assert "2 of 5 runs are done already" in said
    assert said[-1] == "All 5 runs agree: 10,000 cycles, 0 mismatches."


def test_ctrl_c_ends_a_call_at_once(tmp_path):
    with subprocess.Popen(call("--cycles", "1000000"), cwd=tmp_path, env=environment(ROOT), stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True) as begun:
        until = time.monotonic() + LIMIT_S
        while not (tmp_path / "build/regress/state.json").exists() and time.monotonic() < until:
            assert begun.poll() is None
            time.sleep(0.1)
        begun.send_signal(signal.SIGINT)
        _, said = begun.communicate(timeout=30)
    assert begun.returncode == 130 and said.splitlines()[-1] == "zhenwu: interrupted; nothing is half-written"


def test_a_second_call_says_that_all_is_done(tmp_path):
    first = regress(tmp_path, ROOT, "--cycles", "20000")
    assert first.returncode == 0, first.stdout + first.stderr
    assert first.stdout.splitlines()[-1] == "All 2 runs agree: 20,000 cycles, 0 mismatches."
    second = regress(tmp_path, ROOT, "--cycles", "20000")
    assert second.returncode == 0 and "All of them are done already" in second.stdout
    assert second.stdout.splitlines()[-1] == first.stdout.splitlines()[-1]
    assert "done already" not in regress(tmp_path, ROOT, "--cycles", "20000", "--fresh").stdout
    assert "done already" not in regress(tmp_path, ROOT, "--cycles", "20000", "--seed", "2").stdout


@pytest.mark.parametrize(("arguments", "sentence"), [
    (["--design", "chip"], "--design chip: expected one of controller, tile, slice"),
    (["--backend", "vhdl"], "--backend vhdl: expected one of verilator, cxxrtl"),
    (["--cycles", "0"], "--cycles 0: expected 1 .. 1,000,000,000"),
    (["--seed", "-1"], "--seed -1: expected a whole number"),
    (["--reproduce", "none.json"], "--reproduce: the file says which design"),
])
def test_bad_input_is_refused(tmp_path, arguments, sentence):
    refused = regress(tmp_path, ROOT, *arguments)
    assert refused.returncode == 2 and refused.stderr.startswith(f"zhenwu: {sentence}")
    assert not list(tmp_path.iterdir())


def test_a_missing_tool_is_named_with_what_installs_it(tmp_path):
    refused = subprocess.run(call(), cwd=tmp_path, env=environment(ROOT) | {"PATH": ""}, capture_output=True, text=True,
                             check=False)
    assert refused.returncode == 2 and len(refused.stderr.splitlines()) == 1
    assert "is not installed: run `" in refused.stderr
