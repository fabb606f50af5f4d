"""`zhenwu count`: the models, a step's table whose sums are those of the package, and one sentence for bad input."""

import sys

import pytest

from zhenwu import cli
from zhenwu.cli_count import OPERATORS, short
from zhenwu.qwen.count import Formats, Step, total
from zhenwu.spec.models import PRESETS, QWEN3_5_27B, QWEN3_8B


@pytest.fixture
def zhenwu(monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["zhenwu", "count", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        output = capsys.readouterr()
        return ended.value.code, output.out, output.err

    return call


def cells(out: str) -> list[list[str]]:
    """The rows of the Markdown tables in what was printed, without the rule under the head."""
    lines = [line.strip("| \n") for line in out.splitlines() if line.startswith("|") and "---" not in line]
    return [[cell.strip() for cell in line.split("|")] for line in lines]


def test_without_a_model_the_models_are_listed(zhenwu):
    status, out, err = zhenwu()
    head, *rows = cells(out)
    assert (status or 0, err) == (0, "") and [row[0] for row in rows] == [model.key for model in PRESETS]
    eight = dict(zip(head, rows[-1], strict=True))
    assert (eight["parameters"], eight["KV B/token in BF16"], eight["state B"]) == ("8.19G", "147,456", "0")


@pytest.mark.parametrize("name", ["qwen3_5_27b", "Qwen3.5-27B"])
def test_a_step_is_printed_with_the_sums_of_the_package(zhenwu, name):
    status, out, err = zhenwu(name, "--batch", 3, "--context", 1000, "--weights", "mxfp4", "--kv", "FP8")
    head, *rows = cells(out)
    assert (status or 0, err) == (0, "") and tuple(head) == OPERATORS
    operators = Step(QWEN3_5_27B, 3, 1, 1000, Formats("MXFP4", "BF16", "FP8")).operators()
    assert [row[0] for row in rows] == [*(each.work.op for each in operators), "total"]
    sums = total(operators)
    assert rows[-1][4:6] == [short(sums.flops), short(sums.weight_bytes)]
    assert rows[-1][-1] == f"{sums.flops_per_byte:.3g}"
    assert f"{QWEN3_5_27B.parameters.value:,} parameters" in out and "experts" not in out


def test_prefill_without_a_context_looks_at_its_own_tokens(zhenwu):
    out = zhenwu("qwen3_8b", "--new", 100)[1]
    assert cells(out)[-1][4] == short(total(Step(QWEN3_8B, 1, 100, 100).operators()).flops)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["qwen4"], "zhenwu: qwen4: there is no such model; expected one of qwen3_8_2p4t_a95b, "),
        (["[/]"], "zhenwu: [/]: there is no such model; expected one of "),
        (["qwen3_8b", "--weights", "int3"], 'zhenwu: format of weights "INT3": expected one of FP32, BF16, MXFP8'),
        (["qwen3_8b", "--kv", ""], 'zhenwu: format of kv "": expected one of FP32'),
        (["qwen3_8b", "--new", "9", "--context", "8"], "zhenwu: context = 8: expected at least the new tokens, which"),
        (["qwen3_8b", "--batch", "0"], "zhenwu: Invalid value for '--batch'"),
        (["qwen3_8b", "--batch", "1e3"], "zhenwu: Invalid value for '--batch'"),
        (["qwen3_8b", "--new", "9" * 20], "zhenwu: Invalid value for '--new'"),
        (["qwen3_8b", "9"], "zhenwu: Got unexpected extra argument"),
    ],
)
def test_bad_input_is_one_sentence_and_status_2(zhenwu, arguments, sentence):
    status, out, err = zhenwu(*arguments)
    assert (status, out) == (2, "") and err.startswith(sentence) and err.count("\n") == 1


def test_a_number_is_printed_in_three_digits():
    shown = {0: "0", 7.25: "7.25", 999: "999", 999.6: "1.00k", 4_720_000: "4.72M", 99_960: "100k", 2.416e12: "2.42T"}
    assert {number: short(number) for number in shown} == shown
