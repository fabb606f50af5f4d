"""What the commands of `zhenwu` refuse before anything else is said or done, each in one sentence on one line."""

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


def test_few_sessions_are_refused_without_a_line_of_progress(refused, tmp_path):
    few, out = tmp_path / "few.jsonl", tmp_path / "made.csv"
    few.write_text('{"timestamp": 0, "input_length": 600, "output_length": 5, "hash_ids": [1, 2]}\n')
    said = refused("traces", few, "--generate", 3, "--out", out)
    assert said.endswith(": has 1 session; expected 20 or more to fit a model to\n") and not out.exists()


@pytest.mark.parametrize(("option", "value"), [("batch", 2), ("context", 9), ("weights", "zzz"), ("kv", "BF16")])
def test_an_option_of_a_step_without_a_model_is_refused(refused, option, value):
    assert refused("count", f"--{option}", value) == (
        f"zhenwu: --{option}: there is no step to count; expected a model as well, such as qwen3_8b\n"
    )


def test_a_device_that_training_does_not_know_is_refused(refused, tmp_path):
    said = refused("agent", "train", str(tmp_path / "agent"), "--device", "gpu")
    assert said == "zhenwu: --device gpu: expected one of cpu, cuda\n"


@pytest.mark.parametrize("arguments", [
    ("qwen",), ("agent",), ("qwen", "show", "a\nb"), ("traces", "a\nb"), ("count", "a\nb"),
    ("agent", "run", "--weights", "a\nb"), ("agent", "run", "--format", "a\nb"),
])
def test_a_sentence_is_one_line_whatever_was_typed(refused, arguments):
    said = refused(*arguments)
    assert said.startswith("zhenwu: ") and ("\\n" in said) == ("a\nb" in arguments)
