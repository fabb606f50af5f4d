"""What `zhenwu traces` and `zhenwu count` refuse before anything else is said or done."""

import sys

import pytest

from zhenwu import cli


@pytest.fixture
def refused(monkeypatch, capsys):
    """Runs the command line and returns its one sentence."""
    def call(*arguments) -> str:
        monkeypatch.setattr(sys, "argv", ["zhenwu", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        output = capsys.readouterr()
        assert (ended.value.code, output.out, output.err.count("\n")) == (2, "", 1)
        return output.err

    return call


def test_a_file_whose_name_is_too_long_cannot_be_written(refused, tmp_path):
    out = tmp_path / f"{'x' * 300}.csv"
    assert refused("traces", "--generate", 2, "--out", out) == (
        f"zhenwu: --out {out}: file name too long; expected a file that can be written\n"
    )
