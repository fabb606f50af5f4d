"""The structure of the code, enforced: who may import whom, which files go together, how long a file may be.

Each rule is a function from a source tree to the sentences that say what breaks it; each is also run on a
tree planted with a violation, so that a rule that finds nothing any more is noticed.
"""

import ast
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MAX_LINES = 299

# What a folder or file may import besides the standard library, by prefix; the longest matching path counts.
# OUTSIDE stands for every package that is not ours.
OUTSIDE = "outside"
STREAM = {"zhenwu.spec", "hdl.bundle", "hdl.stream", "myhdl"}
NUMERICS = STREAM | {"hdl.numerics"}
GOLDEN = {"zhenwu.spec", "zhenwu.golden", "numpy"}
QWEN = {"zhenwu.spec", "zhenwu.golden.numerics", "zhenwu.qwen", "zhenwu.bad_input", "numpy"}
PERF = {"zhenwu.spec", "zhenwu.perf"}
SERVING = PERF | {"zhenwu.agent", "zhenwu.serving", "numpy"}
MAY_IMPORT = {
    "zhenwu/__init__.py": set(),
    "zhenwu/spec": {"zhenwu.spec"},
    "zhenwu/golden": GOLDEN,
    "zhenwu/cycle": GOLDEN | {"zhenwu.cycle", "numba"},
    "zhenwu/perf": PERF,
    "zhenwu/qwen": QWEN,
    "zhenwu/agent": {"zhenwu.spec", "zhenwu.qwen", "zhenwu.agent", "numpy"},
    "zhenwu/serving": SERVING,
    "zhenwu/codesign": SERVING | {"zhenwu.qwen", "zhenwu.codesign"},
    "zhenwu/cosim": {
        "zhenwu.bad_input", "zhenwu.console", "zhenwu.spec", "zhenwu.golden", "zhenwu.cycle", "zhenwu.perf",
        "zhenwu.qwen", "zhenwu.agent", "zhenwu.cosim", "hdl", OUTSIDE,
    },
    "zhenwu/exercises": {
        "zhenwu.spec", "zhenwu.golden", "zhenwu.cycle", "zhenwu.cosim", "zhenwu.perf", "zhenwu.agent",
        "zhenwu.exercises", "hdl", OUTSIDE,
    },
    "zhenwu/data": set(),
    "zhenwu/chapter": {"zhenwu", "hdl", OUTSIDE},  # what the book's pages are made with; nothing imports it
    "zhenwu/bad_input.py": set(),
    "zhenwu/console.py": {OUTSIDE},
    "zhenwu/cli.py": {"zhenwu", "hdl", OUTSIDE},
    **{
        f"zhenwu/cli_{command}.py": {"zhenwu", OUTSIDE}
        for command in ("agent", "count", "qwen", "regress", "run", "sim", "traces")
    },
    "zhenwu/training": {"zhenwu.spec", "zhenwu.agent", "zhenwu.training", "numpy", "torch", "transformers"},
    "zhenwu/study": {
        "zhenwu.agent", "zhenwu.qwen", "zhenwu.spec", "zhenwu.study", "zhenwu.training", "zhenwu.bad_input",
        "zhenwu.console", "zhenwu.cosim.files", OUTSIDE,
    },
    "zhenwu/__main__.py": {"zhenwu.cli"},
    "hdl/__init__.py": {"hdl.range_check"},
    "hdl/bundle.py": {"myhdl"},
    "hdl/stream": STREAM,
    "hdl/numerics": NUMERICS,
    "hdl/tile": NUMERICS | {"hdl.tile"},
    "hdl/hbm": NUMERICS | {"hdl.hbm"},
    "hdl/slice.py": NUMERICS | {"hdl.tile", "hdl.hbm"},
    "hdl/bench": {"hdl.bundle", "hdl.bench", "myhdl"},
    "hdl": {"hdl", "zhenwu.spec", "myhdl"},  # the tools beside the blocks: emit and its scan
}
BLOCK_FOLDERS = ("stream", "numerics", "tile", "hbm")
SLICE = "slice"  # the whole of tile and controller: beside the folders in hdl and in zhenwu/cycle


def imports(path: Path) -> set[str]:
    """The modules that a file imports, anywhere in it, by full name; a relative import is spelled with its dots."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            found |= {f"{module}.{alias.name}" for alias in node.names} if module in ("zhenwu", "hdl") else {module}
    return found


def rule_of(path: str) -> set[str] | None:
    """The entry of MAY_IMPORT with the longest path that holds `path`, or None."""
    fitting = [prefix for prefix in MAY_IMPORT if path == prefix or path.startswith(prefix + "/")]
    return MAY_IMPORT[max(fitting, key=len)] if fitting else None


def import_violations(root: Path) -> list[str]:
    """Imports that point the wrong way, and files that no entry of MAY_IMPORT covers."""
    found = []
    for path in sorted([*root.glob("zhenwu/**/*.py"), *root.glob("hdl/**/*.py")]):
        name = path.relative_to(root).as_posix()
        allowed = rule_of(name)
        if allowed is None:
            found.append(f"{name}: no entry of MAY_IMPORT covers it")
            continue
        for module in sorted(imports(path)):
            package = module.split(".")[0]
            ours = package in ("zhenwu", "hdl", "")  # "": a relative import, which no entry allows
            fits = OUTSIDE in allowed and not ours or package in sys.stdlib_module_names
            if not fits and not any(module == entry or module.startswith(entry + ".") for entry in allowed):
                found.append(f"{name}: imports {module}")
    return found


def functions(path: Path) -> dict[str, ast.FunctionDef]:
    """The functions at the top level of a file, by name; none where there is no such file."""
    if not path.exists():
        return {}
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}


def classes(path: Path) -> set[str]:
    """The names of the classes at the top level of a file."""
    tree = ast.parse(path.read_text(encoding="utf-8")) if path.exists() else ast.Module([], [])
    return {node.name for node in tree.body if isinstance(node, ast.ClassDef)}


def is_twin(path: Path, stem: str) -> bool:
    """Whether a file has the model of block `stem`: a function of that name, or a class, such as BankMachine."""
    return stem in functions(path) or "".join(part.capitalize() for part in stem.split("_")) in classes(path)


def is_block(function: ast.FunctionDef) -> bool:
    return any(isinstance(node, ast.Name) and node.id == "block" for node in function.decorator_list)


def block_files(root: Path) -> Iterator[tuple[Path, str, list[Path]]]:
    """Each file that may hold blocks, its folder in tests and cosim, and where its golden or cycle twin may stand."""
    for folder in BLOCK_FOLDERS:
        for path in sorted((root / "hdl" / folder).glob("*.py")):
            yield path, folder, [root / "zhenwu" / part / folder / path.name for part in ("golden", "cycle")]
    if (root / "hdl" / f"{SLICE}.py").exists():
        yield root / "hdl" / f"{SLICE}.py", SLICE, [root / "zhenwu" / "cycle" / f"{SLICE}.py"]


def stem_violations(root: Path) -> list[str]:
    """Blocks whose function, golden or cycle twin, cosim file or test file is missing or named otherwise."""
    found = []
    for path, folder, twins in block_files(root):
        stem, name = path.stem, path.relative_to(root).as_posix()
        blocks = [entry for entry, function in functions(path).items() if is_block(function)]
        if not blocks:
            continue
        if stem not in blocks:
            found.append(f"{name}: no block function named {stem}")
        if not any(is_twin(twin, stem) for twin in twins):
            places = " or ".join(twin.relative_to(root).as_posix() for twin in twins)
            found.append(f"{name}: no function or class {stem} in {places}")
        if "run" not in functions(root / "zhenwu" / "cosim" / folder / f"{stem}.py"):
            found.append(f"{name}: no function run in zhenwu/cosim/{folder}/{stem}.py")
        if not (root / "tests" / folder / f"test_{stem}.py").exists():
            found.append(f"{name}: no tests/{folder}/test_{stem}.py")
    return found


def python_files(root: Path) -> list[Path]:
    """The repository's own Python files: what git tracks or would track; without git, all outside hidden folders."""
    if shutil.which("git") and (root / ".git").exists():
        command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"]
        listed = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout
        return [root / line for line in sorted(set(listed.splitlines())) if (root / line).exists()]
    hidden = (".", "build")
    return [p for p in sorted(root.rglob("*.py")) if not any(q.startswith(hidden) for q in p.relative_to(root).parts)]


def length_violations(root: Path) -> list[str]:
    """Files of 300 lines or more."""
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in python_files(root)}
    return [f"{path.relative_to(root)}: {n} lines, at most {MAX_LINES}" for path, n in lengths.items() if n > MAX_LINES]


def test_imports_point_down_the_ladder():
    assert import_violations(ROOT) == []


def test_every_block_has_its_twin_its_cosimulation_and_its_test():
    assert stem_violations(ROOT) == []


def test_every_file_has_less_than_300_lines():
    assert length_violations(ROOT) == []


def test_the_rules_see_the_real_tree():
    """A moved folder must not leave the rules looking at nothing."""
    assert {"hdl/tile/mac_array.py", "zhenwu/golden/numerics/mx_dot.py", "tests/test_architecture.py"} <= {
        path.relative_to(ROOT).as_posix() for path in python_files(ROOT)
    }


def plant(root: Path, files: dict[str, str]) -> Path:
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content, encoding="utf-8")
    return root


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("zhenwu/spec/a.py", "import numpy"),
        ("zhenwu/spec/a.py", "from zhenwu.golden.numerics import mx_dot"),
        ("zhenwu/spec/a.py", "from zhenwu import golden"),
        ("zhenwu/golden/tile/a.py", "from hdl.tile.tile import tile"),
        ("zhenwu/golden/tile/a.py", "def f():\n    import hdl.bundle"),
        ("zhenwu/golden/tile/a.py", "import myhdl"),
        ("zhenwu/golden/tile/a.py", "from . import b"),
        ("zhenwu/cosim/tile/a.py", "from zhenwu.cli import main"),
        ("hdl/tile/a.py", "from zhenwu.golden.tile import a"),
        ("hdl/tile/a.py", "from hdl.bench.clock import clock"),
        ("hdl/tile/a.py", "import numpy as np"),
        ("hdl/stream/a.py", "from hdl.numerics.mx_dot import mx_dot"),
        ("hdl/numerics/a.py", "from hdl.tile.tile import tile"),
        ("hdl/bench/a.py", "from zhenwu.spec.isa import LOAD"),
        ("hdl/bench/a.py", "from hdl.stream.fifo import fifo"),
        ("hdl/slice.py", "from zhenwu.cycle.slice import Slice"),
        ("hdl/tile/a.py", "from hdl.slice import slice"),
        ("hdl/bundle.py", "from zhenwu.spec import isa"),
        ("zhenwu/unheard/a.py", "import math"),
    ],
)
def test_an_import_that_points_up_is_found(tmp_path, path, line):
    found = import_violations(plant(tmp_path, {path: line + "\n"}))
    assert len(found) == 1 and found[0].startswith(path)


def test_imports_that_point_down_are_allowed(tmp_path):
    tile = "import math\nfrom myhdl import block\nfrom hdl.numerics.mx_dot import mx_dot\nfrom zhenwu.spec import isa\n"
    cosim = "import numpy\nfrom hdl.tile.a import a\nfrom zhenwu.golden.tile import a as model\n"
    assert import_violations(plant(tmp_path, {"hdl/tile/a.py": tile, "zhenwu/cosim/tile/a.py": cosim})) == []


WHOLE = {
    "hdl/tile/a.py": "@block\ndef a():\n    pass\n",
    "hdl/tile/helper.py": "def helper():\n    pass\n",
    "zhenwu/golden/tile/a.py": "def a():\n    pass\n",
    "zhenwu/cosim/tile/a.py": "def run(seed):\n    pass\n",
    "tests/tile/test_a.py": "",
}


def test_a_block_with_all_its_files_is_accepted(tmp_path):
    assert stem_violations(plant(tmp_path, WHOLE)) == []


def test_the_model_of_a_clocked_block_may_be_a_class(tmp_path):
    files = {name: text.replace(" a(", " a_block(") for name, text in WHOLE.items() if "golden" not in name}
    clocked = {name.replace("a.py", "a_block.py"): text for name, text in files.items()}
    clocked["zhenwu/cycle/tile/a_block.py"] = "class ABlock:\n    pass\n"
    assert stem_violations(plant(tmp_path, clocked)) == []
    clocked["zhenwu/cycle/tile/a_block.py"] = "class Ablock:\n    pass\n"
    assert len(stem_violations(plant(tmp_path, clocked))) == 1


@pytest.mark.parametrize("missing", ["zhenwu/golden/tile/a.py", "zhenwu/cosim/tile/a.py", "tests/tile/test_a.py"])
def test_a_block_without_one_of_its_files_is_found(tmp_path, missing):
    found = stem_violations(plant(tmp_path, {name: text for name, text in WHOLE.items() if name != missing}))
    assert len(found) == 1 and missing in found[0]


def test_a_slice_without_its_files_is_found(tmp_path):
    found = stem_violations(plant(tmp_path, {"hdl/slice.py": "@block\ndef slice():\n    pass\n"}))
    assert [text.split(": no ")[1] for text in found] == [
        "function or class slice in zhenwu/cycle/slice.py", "function run in zhenwu/cosim/slice/slice.py",
        "tests/slice/test_slice.py",
    ]


def test_a_block_named_otherwise_than_its_file_is_found(tmp_path):
    found = stem_violations(plant(tmp_path, WHOLE | {"hdl/tile/a.py": "@block\ndef b():\n    pass\n"}))
    assert found == ["hdl/tile/a.py: no block function named a"]


def test_a_file_of_300_lines_is_found(tmp_path):
    plant(tmp_path, {"zhenwu/long.py": "x = 1\n" * 300, "zhenwu/short.py": "x = 1\n" * 299, "build/a.py": "\n" * 999})
    assert length_violations(tmp_path) == ["zhenwu/long.py: 300 lines, at most 299"]
