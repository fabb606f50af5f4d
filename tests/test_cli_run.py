"""`zhenwu run`: what `zhenwu program` prints runs as it is; what is bad is refused, or named where it ends."""

import re
import sys

import numpy as np
import pytest

from zhenwu import cli
from zhenwu.golden.tile.matmul import encode_operand, product
from zhenwu.spec.mma_formats import ALL_FORMATS, MMA_FORMATS

SMALL = ("--array", "2x2")
LOADS = "load a.0 rows=3 k_steps=1 elements=0+1 scales=3+1\nload b.0 rows=5 k_steps=1 elements=4+1 scales=9+1\n"
MMA = "mma a.0[0] b.0[0] m=3 n=5 k_groups=2 first last release_a release_b\n"
STORE = "store m=3 n=5 lines=10+1\n"
GOOD = LOADS + MMA + STORE + "wait\n"


@pytest.fixture
def zhenwu(monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)

    def call(*arguments, text=None):
        if text is not None:
            (tmp_path / "p.asm").write_text(text)
        monkeypatch.setattr(sys, "argv", ["zhenwu", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        output = capsys.readouterr()
        return ended.value.code, output.out, output.err

    return call


def matrices(m, n, k):
    """A[m, k] and B[n, k], saved."""
    rng = np.random.default_rng(7)
    a, b = (rng.standard_normal((rows, k), np.float32) for rows in (m, n))
    np.save("A.npy", a)
    np.save("B.npy", b)
    return a, b


@pytest.mark.parametrize(("fmt", "model"), [*((fmt, ("--model",)) for fmt in ALL_FORMATS), ("w4a8", ())])
def test_what_program_prints_runs_unchanged_on_own_matrices(zhenwu, fmt, model):
    a, b = matrices(5, 18, 40)
    _, text, _ = zhenwu("program", *a.shape[:1], *b.shape, "--format", fmt)
    files = ("--a", "A.npy", "--b", "B.npy", "--format", fmt, "--out", "C.npy")
    status, out, err = zhenwu("run", "p.asm", *files, "--latency", "2", *SMALL, *model, text=text)
    assert status == 0, out + err
    kind = MMA_FORMATS[fmt]
    exact = product(encode_operand(a, kind.a, "floor"), encode_operand(b, kind.b, "floor"), kind)
    np.testing.assert_array_equal(np.load("C.npy").view(np.uint32), exact)
    assert "C, written to C.npy, is A times B transposed, bit for bit" in out
    told = "RTL was left out; lines stored: 15, from" if model else (
        "RTL and cycle model agree in every cycle; lines stored: 15, all as in")
    assert f"{told} the golden model" in out


def counts_in(out):
    """The numbers of the table's rows, by column."""
    rows = [line.strip("|").split("|") for line in out.splitlines() if line.startswith("|")]
    head = [cell.strip() for cell in rows[0]]
    return [dict(zip(head, (cell.strip() for cell in row), strict=True)) for row in rows[2:]]


def test_several_programs_run_one_after_another_and_their_cycles_are_counted(zhenwu):
    status, out, _ = zhenwu("run", "p.asm", *SMALL, text=f"# program 1 of 2: 5\n{GOOD}# program 2 of 2\n{GOOD}")
    first, second = counts_in(out)
    assert status == 0 and first["end"] == second["end"] == "FINISHED" and first["instructions"] == "5"
    counted = [int(first[name]) for name in ("busy", "starved", "blocked", "draining")]
    assert sum(counted) == int(first["cycles"]) and counted[0] == 2 * 3 * 2  # sub-tiles and blocks


def test_what_all_the_programs_of_a_large_product_print_is_run_by_the_models(zhenwu):
    matrices(100, 110, 600)
    _, text, _ = zhenwu("program", 100, 110, 600)
    assert "# program 2 of " in text
    status, out, _ = zhenwu("run", "p.asm", "--a", "A.npy", "--b", "B.npy", "--out", "C.npy", "--model", text=text)
    assert status == 0 and "is A times B transposed, bit for bit" in out and "RTL was left out" in out


def test_a_slower_memory_takes_longer(zhenwu):
    cycles = []
    for memory in (("--model",), ("--model", "--memory-latency", 64), ("--memory-latency", 64, "--cycles-per-line", 9)):
        status, out, _ = zhenwu("run", "p.asm", *SMALL, *memory, text=GOOD)
        cycles.append(int(counts_in(out)[0]["cycles"]))
        assert status == 0
    assert cycles[1] == cycles[0] + 32 and cycles[2] > cycles[1] + 8 * 8  # of 10 lines


@pytest.mark.parametrize("cycles_per_line", [8, 60, 1000])
def test_results_of_a_very_slow_memory_are_all_there_when_they_are_saved(zhenwu, cycles_per_line):
    """A program is done when memory has accepted its writes, of which the last take their time."""
    asked = ("--cycles-per-line", cycles_per_line, "--save", "N.npz")
    status, out, _ = zhenwu("run", "p.asm", *SMALL, *asked, text=GOOD)
    assert status == 0 and "RTL and cycle model agree in every cycle; lines stored: 3, all" in out
    with np.load("N.npz") as saved:
        assert list(saved["address"]) == [10, 11, 12]


def test_two_outputs_want_two_files_and_room(zhenwu, monkeypatch):
    matrices(3, 5, 64)
    _, text, _ = zhenwu("program", 3, 5, 64)
    asked = ("run", "p.asm", "--model", "--a", "A.npy", "--b", "B.npy")
    status, _, err = zhenwu(*asked, "--out", "X", "--save", "X", text=text)
    assert status == 2 and "--save X: is what --out writes; expected another file" in err

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("zhenwu.cosim.files.write_atomically", full)
    for option in ("--out", "--save"):
        status, _, err = zhenwu(*asked, option, "X", text=text)
        assert status == 2 and f"{option} X: no space left on device; expected a place with room for" in err


def test_a_table_that_finds_no_room_is_said_in_a_sentence(zhenwu, monkeypatch):
    class Full:
        def write(self, text):
            raise OSError(28, "No space left on device")

        def flush(self):
            pass

        def isatty(self):
            return False

    monkeypatch.setattr(sys, "stdout", Full())
    status, _, err = zhenwu("run", "p.asm", *SMALL, "--model", text=GOOD)
    assert status == 2 and "the output: No space left on device; expected a place with room for it" in err


def test_a_mark_of_byte_order_before_the_first_line_is_none_of_it(zhenwu):
    assert zhenwu("run", "p.asm", *SMALL, "--model", text="\ufeff" + GOOD)[0] == 0


def test_memory_is_read_and_written(zhenwu):
    """The second run reads what the first one wrote, and the lines that it wrote itself are float32."""
    lines = np.random.default_rng(1).integers(0, 100, (10, 32), dtype=np.uint8)
    lines[[3, 9]] = 127
    np.save("M.npy", lines)
    assert zhenwu("run", "p.asm", *SMALL, "--memory", "M.npy", "--save", "N.npz", text=GOOD)[0] == 0
    with np.load("N.npz") as first:
        assert list(first["address"]) == list(range(13))
        np.testing.assert_array_equal(first["line"][:10], lines)
        result = first["line"][10:].view("<f4")
    assert result[:, :5].all() and not result[:, 5:].any()
    again = GOOD.replace("lines=10", "lines=0x20")
    assert zhenwu("run", "p.asm", "--model", "--memory", "N.npz", "--save", "O.npz", text=again)[0] == 0
    with np.load("O.npz") as second:
        assert list(second["address"]) == [*range(13), 32, 33, 34]
        np.testing.assert_array_equal(second["line"][13:].view("<f4"), result)


def test_c_is_written_only_if_all_of_it_is_stored(zhenwu, tmp_path):
    matrices(3, 9, 64)
    _, text, _ = zhenwu("program", 3, 9, 64)
    files = ("--a", "A.npy", "--b", "B.npy", "--out", "C.npy", "--model")
    status, out, _ = zhenwu("run", "p.asm", *files, text=text.replace("n=9", "n=8"))
    assert status == 1 and "C is not whole: the programs store 3 of its 6 lines" in out
    assert not (tmp_path / "C.npy").exists()
    status, out, _ = zhenwu("run", "p.asm", *files, text=text.replace("k_groups=2", "k_groups=1"))
    assert status == 0 and "C, written to C.npy, differs from A times B transposed in 27 of 27 numbers" in out


# bad programs


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("wait\nlode a.0", "p.asm, line 2: instruction 1: 'lode' is no instruction: expected load, mma, store"),
        ("# A\n\nwait 3", "p.asm, line 3: instruction 0: wait: expected the line to end, found '3'"),
        (GOOD.replace("lines=10", "lines=0x800000"), "p.asm, line 4: instruction 3: Store.base = 8388608: expected 0"),
        (GOOD.replace("lines=10", "lines=0x7fffff"), "p.asm, line 4: instruction 3 reaches line 8388609: expected"),
        (GOOD.replace("lines=10+1", "lines=10.5+1"), "p.asm, line 4: instruction 3: store: expected lines=<base>+"),
        ("wait\nword 0x6", "p.asm, line 2: instruction 1 traps on opcode 6: expected 1, 2, 3, 4, 5; --unchecked runs"),
        ("# program 1 of 2\nwait\n# program 2 of 2\nwait\nword 0x14",
         "p.asm, line 5, in program 2: instruction 1 traps on Wait word 0x"),
        ("# program 1 of 2\nwait\n# program 2 of 2", "p.asm: program 2 has 0 instructions; expected 1 .."),
        ("# nothing", "p.asm: has 0 instructions; expected 1 .."),
        (GOOD.replace("m=3", "m=17"), "p.asm, line 3: instruction 2 traps on m = 17, n = 5: expected 1 .. 16 each"),
        (MMA + STORE, "p.asm, line 1: instruction 0 multiplies a.0, which is not loaded: mma a.0[0]"),
        (LOADS + MMA + "# end", "p.asm, line 3: the program ends after instruction 2 with 1 results not stored"),
        (LOADS + MMA + STORE.replace("lines=10", "lines=3") + LOADS,
         "p.asm, line 5: instruction 4 loads line 0x3, which instruction 3 stores, with no wait between them"),
        ("loop 4095 times length=2\nloop 4095 times length=1\nwait", "p.asm: takes at least 33,546,242 cycles; expe"),
    ],
)
def test_a_bad_program_is_refused_in_a_sentence_that_names_its_place(zhenwu, tmp_path, text, sentence):
    status, out, err = zhenwu("run", "p.asm", "--save", "N.npz", text=text)
    said = err.splitlines()[-1]
    assert (status, out) == (2, "") and said.startswith(f"zhenwu: {sentence}") and "Traceback" not in err
    assert [path.name for path in tmp_path.iterdir()] == ["p.asm"]


def test_a_trap_is_named_with_its_instruction_and_those_before_it_finish(zhenwu):
    text = f"# program 1 of 2\n{GOOD}word 0x6\n{GOOD}# program 2 of 2\n{GOOD}"
    status, out, _ = zhenwu("run", "p.asm", *SMALL, "--unchecked", "--save", "N.npz", text=text)
    assert status == 1 and [row["end"] for row in counts_in(out)] == ["BAD_INSTRUCTION"]
    assert "p.asm, line 7, in program 1: BAD_INSTRUCTION at instruction 5: opcode 6: expected 1, 2, 3, 4, 5\n" in out
    assert "Not run: the 1 program behind it" in out and "lines stored: 3, all as in the golden model" in out
    with np.load("N.npz") as memory:
        assert list(memory["address"]) == [10, 11, 12]


@pytest.mark.parametrize("model", [(), ("--model",)])
def test_a_hang_is_named_with_the_instruction_where_it_stands(zhenwu, model):
    text = f"# program 1 of 2\n{LOADS.splitlines()[0]}\n{MMA}{STORE}wait\n# program 2 of 2\nwait"
    status, out, _ = zhenwu("run", "p.asm", *SMALL, *model, "--unchecked", text=text)
    assert status == 1 and [row["end"] for row in counts_in(out)] == ["HANGS"]
    assert "Not run: the 1 program behind it" in out
    assert out.startswith("Run unchecked: p.asm, line 3, in program 1: instruction 1 multiplies b.0, which is not")
    assert "p.asm, line 5, in program 1: hangs at instruction 3: " in out
    assert ("RTL and cycle model agree in every cycle; what is stored is not checked" in out) == (not model)


def test_what_takes_longer_than_its_budget_is_left(zhenwu):
    text = "loop 30 times length=5\n" + GOOD
    status, out, _ = zhenwu("run", "p.asm", "--budget", 400, text=text)
    assert status == 1 and counts_in(out)[0]["end"] == "LEFT" and counts_in(out)[0]["cycles"] == "400"
    assert re.search(r"left at instruction \d after --budget 400; expected it to end by then", out)


def test_a_difference_between_rtl_and_its_models_is_a_failure(zhenwu, monkeypatch, tmp_path):
    from zhenwu.cosim import program_run

    honest = program_run.golden
    monkeypatch.setattr(program_run, "golden", lambda *given: (honest(*given)[0] ^ 1, honest(*given)[1]))
    status, out, _ = zhenwu("run", "p.asm", *SMALL, "--save", "N.npz", text=GOOD)
    assert status == 1 and not (tmp_path / "N.npz").exists()
    assert "FAILED: RTL and its models differ; nothing is written" in out and "again: zhenwu run p.asm" in out


def test_cycles_that_the_model_did_not_foretell_are_a_failure(zhenwu, monkeypatch):
    from zhenwu.cosim import program_run

    honest = program_run.Memory
    monkeypatch.setattr(program_run, "Memory", lambda latency, rate: honest(latency + 1, rate))
    status, out, _ = zhenwu("run", "p.asm", *SMALL, text=GOOD)
    assert status == 1 and "FAILED: RTL and its models differ" in out


# bad files and options


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["none.asm"], "none.asm: there is no such file; expected a program in assembly, as zhenwu program prints it"),
        (["."], ".: is a directory; expected a program in assembly"),
        (["/dev/zero"], "/dev/zero: is no ordinary file; expected a program in assembly"),
        (["A.npy"], "A.npy: is not text in UTF-8; expected a program in assembly"),
        (["p.asm", "--a", "A.npy"], "--b: is missing; expected both --a A.npy and --b B.npy"),
        (["p.asm", "--out", "C.npy"], "--out C.npy: there is no product to write; expected --a and --b as well"),
        (["p.asm", "--save", "p.asm"], "--save p.asm: is one of the files that are read; expected another one"),
        (["p.asm", "--save", "no/N.npz"], "--save no/N.npz: its folder no does not exist; expected one that does"),
        (["p.asm", "--memory", "none.npz"], "--memory none.npz: there is no such file; expected uint8[lines, 32] in"),
        (["p.asm", "--array", "3x3"], "--array 3x3: expected one of 2x2, 4x4, 8x8"),
        (["p.asm", "--format", "fp6"], "--format 'fp6': expected one of mxfp4"),
        (["p.asm", "--latency", "5"], "--latency 5: expected one of 1, 2, 3, 4"),
        (["p.asm", "--memory-latency", "1"], "Invalid value for '--memory-latency': Input should be greater than or"),
    ],
)
def test_bad_files_and_options_are_one_sentence(zhenwu, tmp_path, arguments, sentence):
    (tmp_path / "p.asm").write_text(GOOD)
    np.save("A.npy", np.ones((2, 2)))
    before = sorted(path.name for path in tmp_path.iterdir())
    status, out, err = zhenwu("run", *arguments)
    assert (status, out, err.count("\n")) == (2, "", 1) and err.startswith(f"zhenwu: {sentence}")
    assert sorted(path.name for path in tmp_path.iterdir()) == before
