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


@pytest.mark.parametrize("given", [
    "--format mxfp8", "--store mxfp4 --rule even", "--latency 4", "--residual R.npy", "--array 2x2",
    "--slice --format bf16", "--block fifo --format bf16",
])
def test_options_of_a_product_without_matrices_are_refused(refused, given):
    option = given.removeprefix("--slice ").removeprefix("--block fifo ")
    expected = f"zhenwu: {option}: there are no matrices to multiply; expected --a and --b as well\n"
    assert refused("sim", *given.split()) == expected


@pytest.mark.parametrize(("given", "sentence"), [
    ("--format e5m2", "--format 'e5m2': expected one of mxfp4, mxfp8, w4a8, bf16; an exact sum of 32 products of E5M2 "
     "takes up to 70 bits"),
    ("--store bf16", "--store bf16: expected one of float32, mxfp4, mxfp8"),
    ("--latency 5", "--latency 5: expected one of 1, 2, 3, 4"),
    ("--residual R.npy", "--a A.npy: there is no such file; expected a .npy file"),
])
@pytest.mark.parametrize("where", [(), ("--slice",)])
def test_a_product_that_cannot_be_is_refused(refused, tmp_path, monkeypatch, where, given, sentence):
    monkeypatch.chdir(tmp_path)
    files = ("--a", "A.npy", "--b", "B.npy", "--out", "C.npy")
    assert refused("sim", *where, *files, *given.split()) == f"zhenwu: {sentence}\n"
    assert not list(tmp_path.iterdir())


def test_a_program_in_a_format_that_there_is_not_is_refused(refused):
    assert refused("program", 3, 4, 70, "--format", "fp6") == (
        "zhenwu: --format 'fp6': expected one of mxfp4, mxfp8, w4a8, bf16\n"
    )
