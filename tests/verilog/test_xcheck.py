"""The command `make xcheck`: missing tools and wrong names are told in a sentence."""

import subprocess
import sys

import pytest

from zhenwu.cosim import xcheck
from zhenwu.cosim.backends import icarus as simulator
from zhenwu.cosim.missing_tool import MissingTool


def test_without_icarus_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr(simulator.shutil, "which", lambda tool: None)
    with pytest.raises(MissingTool, match="apt-get install iverilog"):
        simulator.complaints("x.v")


def test_the_check_names_every_missing_tool_and_ends_2(monkeypatch, capsys):
    def absent():
        raise MissingTool("it is not installed: run `get it`")

    for backend in xcheck.BACKENDS[1:]:
        monkeypatch.setattr(backend, "need", absent)
    assert xcheck.main(["--quick"]) == 2
    assert capsys.readouterr().err == "it is not installed: run `get it`\n"


def test_a_block_that_does_not_exist_ends_2(capsys):
    assert xcheck.main(["--block", "fivo"]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and "--block fivo: there is no such block; expected one of e2m1_decode" in error


def test_the_module_runs_from_the_command_line_without_icarus(tmp_path):
    call = [sys.executable, "-m", "zhenwu.cosim.xcheck"]
    run = subprocess.run(call, env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False)
    assert run.returncode == 2 and "Icarus Verilog is not installed: run `apt-get install iverilog`\n" in run.stderr
    assert all("is not installed: run" in line for line in run.stderr.splitlines())
