"""`zhenwu grade` as a learner runs it, with real kernels: what it says of answers, of cells that fail, and how it ends.

All commands run beside each other, two at a time, before the first test looks at what they said.
"""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.exercises.answers import RIGHT, replay, solution
from tests.exercises.converted import cells, live_cells, written
from zhenwu import exercises

ROOT = Path(__file__).resolve().parents[2]
SHORT, LONG = "reading_a_waveform", "exact_dot_product"
IMPORT = "from zhenwu.chapter import *"
BLAME = "def held_up(a, b, ready):\n    return [i for i in range(len(ready)) if (a[i] or b[i]) and not ready[i]]"
THROUGH = "def transfers(valid, ready):\n    return sum(map(min, valid, ready))"


def live(name: str, source: str, stem: str = SHORT) -> str:
    return live_cells(stem)[name][0] + "\n" + source


ENDLESS = """\
def held_up(*case):
    while True:
        try:
            print("x" * 1000)
        except BaseException:
            pass
check("ex-blame", held_up)"""
ARBITER = live("arbiter_bug", RIGHT["arbiter_bug"])
# The names of a notebook mean other things than the judge's own.
RENAMED = "np = check = print = zip = isinstance = display = get_ipython = exercises = find = None\n"
RUNNING = "import os, pathlib\npathlib.Path('kernel').write_text(str(os.getpid()))\n"


def solved(stem: str) -> list[str]:
    """The page's notebook with every answer put in: where the page has a solution, that one."""
    sources = cells(stem)
    given = {
        "ex-width": "import math\ndef wires(largest, smallest, elements):\n"
        "    return math.ceil(math.log2(elements * (largest / smallest) ** 2 + 1)) + 1",
        "ex-order": solution(stem, "ex-order").partition("check(")[0] + "order_is_safe = solved",
        "ex-subnormal": "def smallest_total(dot):\n    return 107 - ((dot & -dot).bit_length() - 1)",
        "ex-cut": solution(stem, "ex-cut").partition("check(")[0] + "aligned_sum = solved",
    }
    sources += list(given.values())
    bugs = ("mx_dot_bug", "scale_round_bug", "dot_unit_bug")
    hardware = dict(zip(bugs, bugs, strict=True)) | {"ex-decoder": "e2m1_decode_write"}
    return sources + [live(name, RIGHT[label], stem) for label, name in hardware.items()]


NOTEBOOKS: dict[str, tuple[str, list[str], list[str]]] = {
    "solved": (LONG, solved(LONG), []),
    "as given": (SHORT, cells(SHORT), []),
    "right": (SHORT, [IMPORT, "print('noise'); open('side', 'w').write('x')", BLAME, THROUGH, ARBITER], []),
    "renamed": (SHORT, [IMPORT, BLAME, THROUGH, ARBITER, RENAMED], []),
    "replayed": (SHORT, [
        IMPORT,
        "held_up = lambda *case: [0, 3] if len(case[0]) == 5 else []",
        "transfers = lambda valid, ready: {4: 2, 3: 0}.get(len(valid), 2)",
        live("arbiter_bug", replay(exercises.find("arbiter_bug"))),
    ], []),
    "endless": (SHORT, [
        IMPORT, ENDLESS,
        THROUGH.replace("return sum(", "taken = list(") + "\n    valid.clear()\n    return sum(taken)", ARBITER,
    ], ["--limit", "6"]),
    "deadly": (SHORT, [
        IMPORT, "import os\ndef held_up(*case):\n    os._exit(0)", "def transfers(*case):\n    raise SystemExit",
        live("arbiter_bug", "while True:\n    pass"),
    ], ["--limit", "6"]),
    "odd": (SHORT, [
        IMPORT, "import numpy as np\n" + BLAME.replace("return ", "return np.array(") + ", dtype=float)",
        THROUGH.replace("return sum", "return np.float32(np.int8(1)) * sum"), "arbiter_bug = 5",
    ], []),
    "broken": (SHORT, [IMPORT, "import numpy as np", BLAME, "vars(np).clear()"], []),
    "raising": (SHORT, [IMPORT, "# the first line\n1 / 0"], []),
    "unplayable": (SHORT, [IMPORT, "%%live a b\nx = 1"], []),
    "running": (SHORT, [IMPORT, "\n\nwhile True:\n    pass"], ["--limit", "6"]),
    "dying": (SHORT, [IMPORT, "import os; os._exit(1)"], []),
    "asking": (SHORT, [IMPORT, "input('name')"], []),
}


@pytest.fixture(scope="module")
def commands(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Future]]:
    pytest.importorskip("nbclient", reason="nbclient is not here: the extra [notebooks] has it")

    def run(name: str) -> tuple[int, str, str, Path]:
        stem, sources, options = NOTEBOOKS[name]
        folder = tmp_path_factory.mktemp(name.replace(" ", "_"))
        path = written(folder / f"{stem}.ipynb", sources, {"zhenwu": {"chapter": stem}})
        before = path.read_bytes()
        done = subprocess.run(command(stem, *options), cwd=folder, env=environment(), capture_output=True, text=True,
                              timeout=120, check=False)
        assert path.read_bytes() == before, "the notebook's file was changed"
        return done.returncode, done.stdout, done.stderr, folder

    with ThreadPoolExecutor(2) as pool:
        yield {name: pool.submit(run, name) for name in NOTEBOOKS}


def command(stem: str, *options: str) -> list[str]:
    return [sys.executable, "-W", "error", "-m", "zhenwu", "grade", stem, *options]


def environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(ROOT)}


@pytest.fixture
def graded(commands, request):
    """graded("right"): status, and what was said of each exercise by its label, and the last line."""

    def graded(name: str) -> tuple[int, dict[str, str], str]:
        status, out, _, _ = commands[name].result()
        lines = out.splitlines()
        said, label = {}, ""
        for line in lines[:-2]:
            found = re.match(r"(right|wrong|not answered yet) +(\S+): ", line)
            label = found[2] if found else label
            said[label] = found[1] if found else f"{said[label]}: {line.strip()}"
        return status, said, lines[-1]

    return graded


def test_a_chapter_with_every_answer_right_ends_0(graded):
    status, said, last = graded("solved")
    assert status == 0 and set(said.values()) == {"right"} and len(said) == 8
    assert re.match(rf"8 of 8 right\. .*: zhenwu grade {LONG} {LONG}\.ipynb --seed \d+$", last)


def test_a_notebook_as_given_has_no_answer_yet_and_ends_1(graded):
    status, said, last = graded("as given")
    assert status == 1 and said == dict.fromkeys(("ex-blame", "ex-through", "arbiter_bug"), "not answered yet")
    assert last.startswith("0 of 3 right. ")


@pytest.mark.parametrize("name", ["right", "renamed"])
def test_right_answers_are_right_whatever_else_a_notebook_names(graded, name):
    status, said, _ = graded(name)
    assert status == 0 and set(said.values()) == {"right"}


def test_what_a_notebook_prints_goes_nowhere_and_its_files_stand_beside_it(commands):
    _, out, err, folder = commands["right"].result()
    assert "noise" not in out + err and err.count("\n") == 2
    assert sorted(path.name for path in folder.iterdir()) == [f"{SHORT}.ipynb", "side"]


def test_replayed_answers_are_wrong_with_a_hint(graded):
    status, said, last = graded("replayed")
    assert status == 1 and last.startswith("0 of 3 right")
    assert all(re.match(r"wrong: .+", each) for each in said.values()) and len(said) == 3


def test_an_answer_that_never_ends_is_wrong_and_the_others_are_judged(graded):
    status, said, _ = graded("endless")
    assert status == 1
    assert said == {"ex-blame": "wrong: it does not end; it was stopped after 6 s", "ex-through": "right",
                    "arbiter_bug": "right"}


def test_an_answer_that_ends_python_or_its_simulation_is_wrong(graded):
    assert graded("deadly")[:2] == (1, {
        "ex-blame": "wrong: it ended Python itself", "ex-through": "wrong: it raised SystemExit",
        "arbiter_bug": "wrong: it does not end; it was stopped after 6 s",
    })


def test_an_answer_of_an_odd_kind_is_judged_by_what_it_is_worth(graded):
    status, said, _ = graded("odd")
    assert (status, said["ex-blame"], said["ex-through"]) == (1, "right", "right")
    assert said["arbiter_bug"] == "wrong: it raised TypeError: int is no source of a block"


def test_a_notebook_that_breaks_what_the_judge_rests_on_does_not_break_the_command(graded, commands):
    status, said, _ = graded("broken")
    assert status == 1 and said["ex-blame"] == "wrong: judging it ended with AttributeError"
    assert "Traceback" not in commands["broken"].result()[2]


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("raising", "# the first line`, raised ZeroDivisionError: division by zero; expected one that runs"),
        ("unplayable", "%%live a b`, raised UsageError: %%live a b: expected name, file and vectors, as in "
                       "%%live queue hdl/stream/fifo.py fifo; expected one that runs"),
        ("running", "while True:`, runs on after 6 s; expected one that ends, or a larger --limit"),
        ("dying", "import os; os._exit(1)`, ended its Python; expected one that leaves it running"),
    ],
)
def test_a_cell_that_does_not_come_to_its_end_is_named(commands, name, sentence):
    status, out, err, _ = commands[name].result()
    assert (status, out) == (2, "")
    assert err.splitlines() == [
        f"{SHORT}.ipynb: running its cells", f"zhenwu: {SHORT}.ipynb: code cell 2 of 2, which begins with `{sentence}"
    ]


def test_a_cell_that_asks_a_question_is_refused(commands):
    status, _, err, _ = commands["asking"].result()
    assert status == 2 and "raised StdinNotImplementedError: " in err


def is_alive(process: int) -> bool:
    """Whether it runs; one that has ended and is not yet waited for does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def heed_interrupts() -> None:
    """What a terminal's commands do; one that a shell runs in the background is started deaf to Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


CELL, ANSWER = "while True: pass", "def held_up(*case):\n    while True: pass"


@pytest.mark.parametrize(
    ("ending", "last"),
    [(signal.SIGINT, CELL), (signal.SIGINT, ANSWER), (signal.SIGKILL, CELL)],
)
def test_the_kernel_ends_with_the_command(tmp_path, ending, last, commands):
    if not Path("/proc/self/stat").exists():
        pytest.skip("no /proc here to see processes in")
    path = written(tmp_path / f"{SHORT}.ipynb", [RUNNING, last], {"zhenwu": {"chapter": SHORT}})
    running = subprocess.Popen(command(SHORT), cwd=tmp_path, env=environment(), stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True, start_new_session=True, preexec_fn=heed_interrupts)
    wait_until((path.parent / "kernel").exists)
    time.sleep(0.5)
    kernel = int((path.parent / "kernel").read_text())
    assert is_alive(kernel)
    running.send_signal(ending)
    _, err = running.communicate(timeout=20)
    if ending == signal.SIGINT:
        assert running.returncode == 130
        assert err.splitlines()[-1] == "zhenwu: interrupted; nothing is half-written" and "Traceback" not in err
    wait_until(lambda: not is_alive(kernel))


def wait_until(holds, seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)
