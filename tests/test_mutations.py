"""Does `make sim BLOCK=name` turn red, and name the block, when one line of it is wrong?

Every mutation runs on a copy of the code in a process of its own, two at a time.
"""

import os
import shutil
import subprocess
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.mutations import MUTATIONS
from zhenwu.cosim.catalogue import BLOCKS, block_name

ROOT = Path(__file__).resolve().parents[1]
AT_A_TIME = 2  # the cores that CI has
LIMIT_S = 300

CASES = [(path, slip) for path, slips in MUTATIONS.items() for slip in slips]


def name(case: tuple[str, str]) -> str:
    path, slip = case
    return f"{Path(path).stem}: {slip}"


def copy(folder: Path) -> Path:
    for package in ("hdl", "zhenwu"):
        shutil.copytree(ROOT / package, folder / package)
    return folder


def sim(folder: Path, block: str | None) -> subprocess.CompletedProcess:
    """`make sim BLOCK=block`, or all of it, with a tenth of the cases, on the code in `folder`."""
    command = [sys.executable, "-m", "zhenwu", "sim", "--quick", *(["--block", block] if block else [])]
    environment = os.environ | {"PYTHONPATH": str(folder)}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=LIMIT_S)


def mutated_sim(path: str, slip: str, block: str | None = "") -> subprocess.CompletedProcess:
    """The simulation of the slip's own block, or of all blocks for None, with the slip in it."""
    right, wrong = MUTATIONS[path][slip]
    with TemporaryDirectory() as folder:
        source = copy(Path(folder)) / path
        text = source.read_text(encoding="utf-8")
        assert text.count(right) == 1, f"{path}: {right!r} stands there {text.count(right)} times, expected once"
        source.write_text(text.replace(right, wrong), encoding="utf-8")
        return sim(Path(folder), source.stem if block == "" else block)


@pytest.fixture(scope="session")
def runs(request) -> dict[tuple[str, str], Future]:
    """The runs of all mutations that were chosen, begun together."""
    mine = test_a_wrong_line_turns_its_block_red
    chosen = [item.callspec.params["case"] for item in request.session.items if getattr(item, "function", None) is mine]
    pool = ThreadPoolExecutor(AT_A_TIME)
    yield {case: pool.submit(mutated_sim, *case) for case in chosen}
    pool.shutdown(cancel_futures=True)


@pytest.mark.parametrize("case", CASES, ids=name)
def test_a_wrong_line_turns_its_block_red(runs, case):
    run = runs[case].result()
    block = Path(case[0]).stem
    assert run.returncode == 1, run.stdout + run.stderr
    assert run.stdout.splitlines()[-1].startswith(f"FAILED: {block} (")
    assert "First mismatch" in run.stdout or "Broken rules" in run.stdout
    assert "the bench stopped" not in run.stdout, "it was the bench that broke, so nothing was compared"


WHOLE = {  # a slip below the slice: the whole of `make sim` names its block, and where to begin
    "hdl/tile/store_path.py": "a row begins behind the last one",
    "hdl/hbm/bank_machine.py": None,
}


@pytest.mark.parametrize("path", WHOLE)
def test_a_wrong_line_below_the_slice_turns_the_whole_red_and_is_named(path):
    slip = WHOLE[path] or next(iter(MUTATIONS[path]))
    run = mutated_sim(path, slip, block=None)
    last, block = run.stdout.splitlines()[-1], Path(path).stem
    assert run.returncode == 1, run.stdout + run.stderr
    assert last.startswith("FAILED: ") and f"begin with {block}, on which" in last
    failed = last.removeprefix("FAILED: ").split(" (")[0].split(", ")
    assert failed[0] == block and failed[-1] == "slice"


def test_the_copy_without_a_wrong_line_is_green(tmp_path):
    run = sim(copy(tmp_path), "fp32_add")
    assert run.returncode == 0, run.stdout + run.stderr
    assert "FAILED" not in run.stdout


def test_every_block_has_a_mutation():
    assert {Path(path).stem for path in MUTATIONS} == {block_name(module) for module in BLOCKS}
