"""The command line: bad input is one sentence on stderr and exit status 2; good input ends 0."""

import gzip
import sys
from pathlib import Path

import numpy as np
import pytest

from zhenwu import cli
from zhenwu.agent.traces import COLUMNS
from zhenwu.cosim.tile import jobs
from zhenwu.golden.numerics import bf16_encode, bf16_matmul, fp32_add, mx_quantise
from zhenwu.golden.tile.matmul import mx_matmul


@pytest.fixture
def zhenwu(monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["zhenwu", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        output = capsys.readouterr()
        return ended.value.code, output.out, output.err

    return call


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["sim", "--block", "nope"], "zhenwu: --block nope: there is no such block; expected one of e2m1_decode, "),
        (["sim", "--seed", "x"], "zhenwu: --seed x: expected a whole number of 0 or more, such as 1"),
        (["sim", "--a", "A.npy"], "zhenwu: --b: is missing; expected both --a A.npy and --b B.npy"),
        (["sim", "--a", "A.npy", "--b", "B.npy"], "zhenwu: --a A.npy: there is no such file; expected a .npy file"),
        (["sim", "--a", "A.npy", "--b", "B.npy", "--block", "fifo"], "zhenwu: --block fifo: cannot go with --a"),
        (["sim", "--a", "A.npy", "--b", "B.npy", "--array", "5x5"], "zhenwu: --array 5x5: expected one of 2x2, 4x4"),
        (["sim", "--out", "C.npy"], "zhenwu: --out C.npy: there is no product to write; expected --a and --b"),
        (["sim", "--slice"], "zhenwu: --slice: expected --a and --b as well; --block slice runs it on matrices of"),
        (["sim", "--slice", "--a", "A.npy"], "zhenwu: --b: is missing; expected both --a A.npy and --b B.npy"),
        (["sim", "--queues", "8"], "zhenwu: --queues 8: belongs to the slice; expected --slice as well"),
        (["sim", "--a", "A.npy", "--b", "B.npy", "--base", "0"], "zhenwu: --base 0: belongs to the slice; expected"),
        (["sim", "--slice", "--a", "A.npy", "--b", "B.npy"], "zhenwu: --a A.npy: there is no such file; expected a"),
        (["sim", "--slice", "--a", "A", "--b", "B", "--base", "5"], "zhenwu: --base 5: address 0x5 lies within a line"),
        (["sim", "--a", "A.npy", "--b", "B.npy", "--quick"], "zhenwu: --quick: cannot go with --a and --b"),
        (["sim", "--a", "A.npy", "--b", "B.npy", "--ranges"], "zhenwu: --ranges: cannot go with --a and --b"),
        (["sim", "--seed", "9" * 5000], "zhenwu: --seed 999"),
        (["sim", "--seed", "\u0667"], "zhenwu: --seed \u0667: expected a whole number"),
        (["sim", "--frob"], "zhenwu: No such option"),
        (["sim", "--seed"], "zhenwu: Option '--seed' requires an argument"),
        (["frob"], "zhenwu: No such command 'frob'"),
        (["traces", "nowhere"], "zhenwu: nowhere: there is no such file; expected a trace, .csv or .csv.gz"),
        (["traces", "."], "zhenwu: .: the folder has no agent_sessions.csv.gz and no agent_sessions.csv; expected one"),
        (["traces", ""], 'zhenwu: "": is no path; expected a trace, .csv or .csv.gz, or a folder that has one'),
        (["traces", "/dev/null"], "zhenwu: /dev/null: is no regular file; expected a trace, .csv or .csv.gz"),
        (["traces", "[/]"], "zhenwu: [/]: there is no such file; expected a trace"),
        (["traces", "--generate", "0", "--out", "x.csv"], "zhenwu: --generate 0: expected a whole number of sessions"),
        (["traces", "--generate", "x", "--out", "x.csv"], "zhenwu: --generate x: expected a whole number of sessions"),
        (["traces", "--generate", "9"], "zhenwu: --out: is missing; expected --out FILE.csv, where the sessions are"),
        (["traces", "--out", "x.csv"], "zhenwu: --out x.csv: there is nothing to write; expected --generate N"),
        (["traces", "--generate", "9", "--out", "x.json"], "zhenwu: --out x.json: expected a name that ends with .csv"),
        (["traces", "--generate", "9", "--seed", "-1", "--out", "x.csv"], "zhenwu: --seed -1: expected a whole number"),
        (["traces", "nowhere", "--generate", "9", "--out", "x.csv"], "zhenwu: nowhere: there is no such file"),
        (["traces", "--generate", "9", "--out", "/proc/no/x.csv"], "zhenwu: --out /proc/no/x.csv: no such file"),
        (["traces", "a", "b"], "zhenwu: Got unexpected extra argument"),
        (["program", "1", "1", "0"], "zhenwu: Invalid value for 'k': Input should be greater than or equal to 1"),
        (["program", "1", "1", "9999999"], "zhenwu: k = 9999999 takes 156250 lines a row: expected at most 65535"),
    ],
)
def test_bad_input_is_one_sentence_and_status_2(zhenwu, tmp_path, arguments, sentence):
    status, out, err = zhenwu(*arguments)
    assert status == 2
    assert err.startswith(sentence)
    assert err.count("\n") == 1 and "Traceback" not in err
    assert out == "" and list(tmp_path.iterdir()) == []


def test_a_nan_in_a_matrix_is_refused_and_nothing_is_written(zhenwu, tmp_path):
    np.save("A.npy", np.full((2, 2), np.nan))
    np.save("B.npy", np.ones((2, 2)))
    status, _, err = zhenwu("sim", "--a", "A.npy", "--b", "B.npy", "--out", "C.npy")
    assert (status, err) == (2, "zhenwu: --a A.npy: element [0, 0] is nan; expected finite numbers only\n")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["A.npy", "B.npy"]


def test_one_block_prints_its_row_and_writes_the_report(zhenwu, tmp_path):
    status, out, _ = zhenwu("sim", "--block", "e2m1_decode", "--seed", "3", "--quick")
    assert status == 0
    assert "|e2m1_decode" in out
    assert out.splitlines()[-1].startswith("The block agrees with its oracle: ")
    assert (tmp_path / "build/sim/report.html").exists()


def test_help_and_version_end_0(zhenwu):
    assert zhenwu("--version")[0] == 0
    assert "Usage: zhenwu" in zhenwu()[1]
    status, out, _ = zhenwu("sim", "--help")
    assert status == 0 and "--quick" in out


def test_own_matrices_on_the_slice_are_multiplied_written_and_reported(zhenwu, tmp_path):
    rng = np.random.default_rng(5)
    a, b = rng.standard_normal((3, 33)), rng.standard_normal((5, 33))
    np.save("A.npy", a)
    np.save("B.npy", b)
    given = ("--out", "C.npy", "--array", "2x2", "--queues", "8+4", "--refresh-start", "90")
    status, out, err = zhenwu("sim", "--slice", "--a", "A.npy", "--b", "B.npy", *given)
    assert status == 0, out + err
    exact = mx_matmul(*mx_quantise(a.astype(np.float32)), *mx_quantise(b.astype(np.float32))).view(np.float32)
    np.testing.assert_array_equal(np.load("C.npy"), exact)
    assert "limit: " in out and "CK foretold" in err
    page = (tmp_path / "build/sim/slice_report.html").read_text()
    for part in ("what array and DQ do", "bank by bank around a refresh", "REFab", 'class="listing"'):
        assert part in page


def test_a_file_where_the_report_s_folder_should_be_is_refused_before_the_work(zhenwu, tmp_path):
    np.save("A.npy", np.ones((2, 2)))
    (tmp_path / "build").touch()
    for arguments in (["--block", "fifo"], ["--slice", "--a", "A.npy", "--b", "A.npy", "--out", "C.npy"]):
        status, out, err = zhenwu("sim", *arguments)
        assert (status, out) == (2, "") and err.startswith("zhenwu: build/sim: ") and err.count("\n") == 1
    assert not (tmp_path / "C.npy").exists()


def test_brackets_in_a_name_are_printed_as_they_are(zhenwu, tmp_path):
    np.save("A.npy", np.ones((2, 2)))
    out = zhenwu("sim", "--slice", "--array", "2x2", "--a", "A.npy", "--b", "A.npy", "--out", "C[red].npy")[1]
    assert "C written to C[red].npy" in out and (tmp_path / "C[red].npy").exists()


def test_ctrl_c_is_one_sentence_and_a_shell_s_status(zhenwu, monkeypatch):
    from zhenwu.cosim.stream import fifo

    def interrupted(seed, quick):
        raise KeyboardInterrupt

    monkeypatch.setattr(fifo, "run", interrupted)
    status, _, err = zhenwu("sim", "--block", "fifo")
    assert (status, err) == (130, "zhenwu: interrupted; nothing is half-written\n")


def test_a_mismatch_ends_1_and_the_last_line_names_the_block(zhenwu, monkeypatch):
    from zhenwu.cosim.stream import fifo

    def stops(seed, quick):
        raise ArithmeticError("on purpose")

    monkeypatch.setattr(fifo, "run", stops)
    status, out, _ = zhenwu("sim", "--block", "fifo")
    assert status == 1
    assert "ArithmeticError: on purpose" in out
    assert out.splitlines()[-1] == "FAILED: fifo (1 of 1 blocks)"


def test_own_matrices_are_multiplied_and_written(zhenwu):
    rng = np.random.default_rng(4)
    a, b = rng.standard_normal((3, 33)).astype(np.float16), rng.standard_normal((5, 33))
    np.save("A.npy", a)
    np.save("B.npy", b)
    status, out, _ = zhenwu("sim", "--a", "A.npy", "--b", "B.npy", "--out", "C.npy", "--array", "2x2")
    assert status == 0, out
    exact = mx_matmul(*mx_quantise(a.astype(np.float32)), *mx_quantise(b.astype(np.float32))).view(np.float32)
    np.testing.assert_array_equal(np.load("C.npy"), exact)


def test_own_matrices_in_another_format_with_a_residual(zhenwu):
    rng = np.random.default_rng(4)
    a, b, residual = (rng.standard_normal(shape, np.float32) for shape in ((3, 33), (5, 33), (3, 5)))
    for name, array in (("A", a), ("B", b), ("R", residual)):
        np.save(f"{name}.npy", array)
    files = ("--a", "A.npy", "--b", "B.npy", "--residual", "R.npy", "--out", "C.npy")
    status, out, _ = zhenwu("sim", *files, "--array", "2x2", "--format", "bf16", "--latency", "4")
    assert status == 0, out
    exact = fp32_add(bf16_matmul(bf16_encode(a), bf16_encode(b)), residual.view(np.uint32)).view(np.float32)
    np.testing.assert_array_equal(np.load("C.npy"), exact)


@pytest.mark.parametrize("where", [(), ("--slice",)])
def test_the_command_that_repeats_a_mismatch_has_all_options(zhenwu, monkeypatch, where):
    """What is expected is wrong in a bit of each exponent."""
    honest = jobs.product
    monkeypatch.setattr(jobs, "product", lambda *operands: honest(*operands) ^ 1 << 30)
    for name in ("A", "B", "R"):
        np.save(f"{name}.npy", np.ones((3, 3)))
    files = ("--a", "A.npy", "--b", "B.npy")
    given = ("--array", "2x2", "--format", "w4a8", "--store", "mxfp8", "--rule", "even", "--latency", "2")
    status, out, _ = zhenwu("sim", *where, *files, *given, "--residual", "R.npy", "--out", "C.npy", "--seed", "7")
    assert status == 1 and not Path("C.npy").exists()
    again = " ".join(("zhenwu sim", *where, *files, *given, "--residual", "R.npy", "--seed", "7"))
    assert again in " ".join(out.split())


def test_a_program_in_another_format_is_printed_in_assembly(zhenwu):
    status, out, _ = zhenwu("program", "3", "4", "70", "--format", "bf16")
    assert not status and "bf16" in out and out.startswith("# program 1 of 1")


def test_traces_of_the_package_say_whose_they_are(zhenwu):
    status, out, err = zhenwu("traces")
    assert not status and err == ""
    assert "which: The tables that ship with this package." in out and "other vendors' models" in out
    row = next(line for line in out.splitlines() if line.startswith("| session_hours: "))
    assert [cell.strip() for cell in row.split("|")[2:-1]] == ["h", "0.1", "0.962", "4.65", "2.23", "676"]
    assert "sessions of 35 hours or more, idle time included: 2, with an answer under way in 0.774 %" in out


def test_traces_of_a_reader_are_counted_from_their_file(zhenwu, tmp_path):
    head = ",".join(COLUMNS)
    (tmp_path / "[red].csv").write_text(f"{head}\na,,,7200,300,20,100,,,,\na,,,0,100,20,0,,,tool_use,\n")
    status, out, _ = zhenwu("traces", "[red].csv")
    assert not status and "source: [red].csv" in out and "1 session, 2 requests\ninput to output: 10 to 1" in out
    row = next(line for line in out.splitlines() if line.startswith("| tool_wait_s: "))
    assert [cell.strip() for cell in row.split("|")[3:-1]] == ["-", "-", "-", "-", "0"]  # nobody wrote down the wait
    assert "of 2 hours an answer was under way in -\n" in out and "together bring - tokens/s" in out
    (tmp_path / "[red].csv").write_text(f"\n{head}\na,,,0,300,20,,,,,\n")
    status, out, _ = zhenwu("traces", "[red].csv")
    assert not status and "1 session, 1 request\ninput to output: 15 to 1; new input to output: - to 1\n" in out
    assert "of the input, - stood there before" in out
    (tmp_path / "[red].csv").write_text(f"{head}\na,,,-2,300,20,100,,,,\n")
    sentence = "zhenwu: [red].csv, line 2: t_s is -2; expected seconds, 0 to 10,000,000,000\n"
    assert zhenwu("traces", "[red].csv") == (2, "", sentence)


def test_sessions_are_made_up_written_and_compared(zhenwu, tmp_path):
    status, out, _ = zhenwu("traces", "--generate", "40", "--seed", "5", "--out", "made.csv")
    assert not status and "40 sessions, " in out.splitlines()[-1] and "seed 5, written to made.csv" in out
    row = next(line for line in out.splitlines() if line.startswith("| out_tokens "))
    assert [cell.strip() for cell in row.split("|")][2:4] == ["tokens", "104"] and row.count(".") >= 7
    assert "| compacting " in out
    again = zhenwu("traces", "made.csv")
    assert not again[0] and "40 sessions, " in again[1]
    first = (tmp_path / "made.csv").read_bytes()
    zhenwu("traces", "--generate", "40", "--seed", "5", "--out", "made.csv.gz")
    assert gzip.decompress((tmp_path / "made.csv.gz").read_bytes()) == first
    assert zhenwu("traces", "made.csv", "--generate", "9", "--out", "made.csv")[2].startswith(
        "zhenwu: --out made.csv: is the trace itself; expected another file")
    (tmp_path / "few.csv").write_text(f"{','.join(COLUMNS)}\na,,,0,100,20,0,,,tool_use,\n")
    sentence = "zhenwu: few.csv: has 1 session; expected 20 or more to fit a model to"
    status, out, err = zhenwu("traces", "few.csv", "--generate", "9", "--out", "x.csv")
    assert (status, out, err.splitlines()[-1]) == (2, "", sentence) and not (tmp_path / "x.csv").exists()
    (tmp_path / "folder.csv").mkdir()
    assert zhenwu("traces", "--generate", "9", "--out", "folder.csv")[2].startswith(
        "zhenwu: --out folder.csv: is a folder; expected a file")


def test_a_trace_of_json_lines_says_what_it_leaves_out(zhenwu, tmp_path):
    line = '{"timestamp": 0, "input_length": 600, "output_length": 5, "hash_ids": [1, 2]}'
    (tmp_path / "mine.jsonl").write_text(f"{line}\n")
    status, out, _ = zhenwu("traces", "mine.jsonl")
    assert not status and "form: Mooncake's JSON lines: which requests belong together is not said" in out
    assert "of the input, 0 % stood there before, in the same file" in out
