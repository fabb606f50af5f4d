"""`zhenwu qwen`: what it prints of a checkpoint, and that bad input is one sentence and status 2."""

import sys

import numpy as np
import pytest

from tests.qwen.checkpoints import CONFIGS, random_weights, write
from zhenwu import cli
from zhenwu.qwen.generate import generate
from zhenwu.qwen.model import load
from zhenwu.qwen.sample import Sampling


@pytest.fixture
def zhenwu(monkeypatch, capsys):
    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["zhenwu", "qwen", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        output = capsys.readouterr()
        return ended.value.code, output.out, output.err

    return call


@pytest.fixture
def folder(tmp_path):
    return write(tmp_path / "checkpoint", CONFIGS["qwen3_moe"], random_weights(CONFIGS["qwen3_moe"]))


def test_show_prints_sizes_layers_and_tensors(zhenwu, folder):
    status, out, _ = zhenwu("show", folder)
    weights = random_weights(CONFIGS["qwen3_moe"])
    assert not status
    assert f"qwen3_moe: {sum(w.size for w in weights.values()):,} parameters, 3 layers of 24, 4 query and 2 key" in out
    assert "2 of 5 experts" in out and "32 wide" in out
    assert all(name in out for name in weights)


def test_run_prints_the_tokens_that_the_package_draws(zhenwu, folder):
    status, out, _ = zhenwu("run", folder, "--tokens", "1,2,3", "--new", 5, "--temperature", 0.8, "--top-k", 9,
                            "--top-p", 0.9, "--seed", 7)
    chosen, scores = generate(load(folder), [[1, 2, 3]], 5, Sampling(0.8, 9, 0.9), 7)
    assert not status
    assert out == "".join(f"{t} {s:.4f}\n" for t, s in zip(chosen[0], scores[0], strict=True))


def test_a_number_format_changes_the_scores(zhenwu, folder):
    plain, coarse, small_cache = (
        zhenwu("run", folder, "--tokens", "1,2", *more)[1]
        for more in ([], ["--format", "mxfp4", "--rule", "even"], ["--kv", "mxfp4"])
    )
    assert plain and plain != coarse and plain != small_cache


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--tokens", "x"], "zhenwu: --tokens x: expected whole numbers with commas, such as 1,2,3"),
        (["--tokens", "1,\n2x"], r"zhenwu: --tokens 1,\n2x: expected whole numbers with commas"),
        (["--tokens", ""], "zhenwu: --tokens : expected whole numbers with commas"),
        (["--tokens", "37"], "zhenwu: tokens: go from 37 to 37; expected 0 to 36"),
        (["--tokens", f"3,{2**63}"], f"zhenwu: tokens: go from 3 to {2**63}; expected 0 to 36"),
        (["--tokens", f"{-2**70},3"], f"zhenwu: tokens: go from {-2**70} to 3; expected 0 to 36"),
        (["--tokens", "1", "--top-p", "2"], "zhenwu: top_p: is 2.0; expected more than 0, at most 1"),
        (["--tokens", "1", "--new", "0"], "zhenwu: Invalid value for '--new'"),
        (["--tokens", "1", "--format", "a\nb"], r"zhenwu: linear format 'a\nb': expected one of"),
        (["--tokens", "1", "--format", "fp3"], "zhenwu: linear format 'fp3': expected one of fp32, bf16"),
        (["--tokens", "1", "--kv", "fp3"], "zhenwu: KV format 'fp3': expected one of fp32, fp8"),
        (["--tokens", "1", "--format", "mxfp4", "--rule", "up"], "zhenwu: scale rule 'up': expected one of"),
        ([], "zhenwu: Missing option '--tokens'"),
    ],
)
def test_bad_arguments_are_one_sentence_and_status_2(zhenwu, folder, arguments, sentence):
    status, out, error = zhenwu("run", folder, *arguments)
    assert (status, out) == (2, "")
    assert error.startswith(sentence) and error.count("\n") == 1


@pytest.mark.parametrize("name", ["model.norm.weight", "model.layers.0.self_attn.q_norm.weight"])
def test_weights_that_overflow_are_one_sentence_and_status_2(zhenwu, folder, name):
    weights = random_weights(CONFIGS["qwen3_moe"])
    weights[name] = np.full_like(weights[name], 3e38)
    write(folder, CONFIGS["qwen3_moe"], weights)
    assert zhenwu("run", folder, "--tokens", "1,2") == (
        2, "", "zhenwu: logits: hold NaN or infinity at new token 1; expected weights without overflow\n"
    )


def test_a_broken_checkpoint_is_one_sentence_and_status_2(zhenwu, folder, tmp_path):
    file = folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-4])
    for command in (["show", folder], ["run", folder, "--tokens", "1"]):
        status, out, error = zhenwu(*command)
        assert (status, out) == (2, "")
        assert error.startswith(f"zhenwu: {file}: is truncated, tensor ") and error.count("\n") == 1
    weights = random_weights(CONFIGS["qwen3_moe"])
    weights["lm_head.weight"] = np.ones((3, 3), np.float32)
    write(folder, CONFIGS["qwen3_moe"], weights)
    assert zhenwu("show", folder)[2] == (
        f"zhenwu: {file}: tensor lm_head.weight has shape [3, 3]; expected [37, 24] by config.json\n"
    )
    assert zhenwu("show", tmp_path / "none")[2].startswith(f"zhenwu: {tmp_path / 'none'}: is no folder; expected one")
