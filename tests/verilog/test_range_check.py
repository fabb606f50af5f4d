"""The debug mode of int locals: what 32 bits do not hold is caught at its line, and nothing else is."""

import importlib.util
import os
import py_compile
import subprocess
import sys
from itertools import count
from pathlib import Path

import pytest
from myhdl import Signal, intbv

from hdl import range_check
from hdl.emit import ROOT
from hdl.range_check import EXPECTED, CheckedLoader, OutOfRange
from hdl.scan import HARDWARE
from zhenwu.cosim import table
from zhenwu.cosim.numerics import fp32_add

LARGEST, SMALLEST = 2**31 - 1, -(2**31)
FRESH = (f"checked_{number}" for number in count())
PROCESS = '''\
from myhdl import always_comb, block

TABLE = (1, 5)


@block
def sample(x, low, wide, total):
    @always_comb
    def compute():
        y = 0
        y = int(x)
        {body}

    return compute
'''
BODY_LINE = 12  # of the first statement after these


@pytest.fixture(autouse=True)
def no_places_of_others(monkeypatch):
    for name in ("places", "counts", "broken"):
        monkeypatch.setattr(range_check, name, [])


def loaded(path: Path, name: str = ""):
    """The module of a file, with its checks."""
    name = name or next(FRESH)
    spec = importlib.util.spec_from_file_location(name, path, loader=CheckedLoader(name, str(path)))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(folder: Path, *body: str, x=0, low=0, wide=0) -> int:
    """What the statements write into `total`, 64 bits; `x` is a signed bus of 33 bits, `low` has 16 bits, `wide` 40."""
    path = folder / "sample.py"
    path.write_text(PROCESS.format(body="\n        ".join(body)))
    bus = Signal(intbv(x, min=-(2**32), max=2**32))
    total = Signal(intbv(0, min=-(2**63), max=2**63))
    instance = loaded(path).sample(bus, Signal(intbv(low)[16:]), Signal(intbv(wide)[40:]), total)
    instance.subs[0].func()
    return int(total.next)


def caught(folder: Path, *body: str, **values: int) -> str:
    """The sentence about the statements, without the folder."""
    with pytest.raises(OutOfRange) as raised:
        run(folder, *body, **values)
    return str(raised.value).removeprefix(str(folder / "sample.py")).removesuffix(f": {EXPECTED}")


@pytest.mark.parametrize("value", [LARGEST, SMALLEST, 0])
def test_what_32_bits_hold_passes(tmp_path, value):
    assert run(tmp_path, "total.next = y", x=value) == value


@pytest.mark.parametrize("value", [LARGEST + 1, SMALLEST - 1])
def test_one_more_is_caught_with_line_name_and_value(tmp_path, value):
    assert caught(tmp_path, "total.next = y", x=value) == f":{BODY_LINE - 1}: y = {value}"


@pytest.mark.parametrize(
    ("statement", "value", "found"),
    [
        ("y = (y << 20) >> 10", 4096, "(y << 20) = 4294967296"),
        ("y = (y << 20) >> 10", -4096, "(y << 20) = -4294967296"),
        ("y = (y + LARGEST) - y", 1, "(y + LARGEST) = 2147483648"),
        ("y = (y * y) // y", 65536, "(y * y) = 4294967296"),
        ("y = (y ** 2) >> 8", 65536, "(y ** 2) = 4294967296"),
        ("y = (0 - y) % 8", SMALLEST, "(0 - y) = 2147483648"),
        ("y = (-y) >> 3", SMALLEST, "(-y) = 2147483648"),
        ("y += y", 2**30, "y = 2147483648"),
        ("y <<= 1", 2**30, "y = 2147483648"),
        ("y -= 1", SMALLEST, "y = -2147483649"),
        ("y += (y << 20) >> 20", 4096, "(y << 20) = 4294967296"),
        ("if (y << 4) < 9: y = 1", 2**28, "(y << 4) = 4294967296"),
        ("total.next = TABLE[(y << 4) & 1]", 2**28, "(y << 4) = 4294967296"),
        ("total.next = (y << 4) >> 8", 2**28, "(y << 4) = 4294967296"),
        ("total.next[(y << 4) >> 28:] = 0", 2**28, "(y << 4) = 4294967296"),
        ("total.next = int((y << 4) // 8)", 2**28, "(y << 4) = 4294967296"),
        ("y = (1 << 40) >> 20", 0, "(1 << 40) = 1099511627776"),
        ("y = low << y", 16, "y = 4294901760"),
        ("y = (int(low) << 20) + y - y", 16, "((int(low) << 20) + y) = 68718428176"),
    ],
)
def test_an_overflow_inside_an_expression_is_caught(tmp_path, statement, value, found):
    said = caught(tmp_path, f"LARGEST = {LARGEST}", statement, x=value, low=0xFFFF)
    assert said == f":{BODY_LINE + 1}: {found}"


def test_a_for_target_is_caught_at_its_line(tmp_path):
    body = ["for i in range(2147483647, 2147483657):", "    total.next = i"]
    assert caught(tmp_path, *body) == f":{BODY_LINE}: i = 2147483648"


@pytest.mark.parametrize(
    "statement",
    [
        "y = int((wide >> 16) & 0xFFFF)",
        "y = int(wide + 1) & 0xFFFF",
        "y = (int(wide) + y) & 0xFFFF",  # wider than an int local: Verilog computes it at 40 bits
        "y = (int(low) * int(low)) >> 16",  # no int local: the widths of low are the scan's business
        "total.next = wide + y",
        "total.next = (y << 20) + (y << 24)",  # at the width of total
        "total.next[40:] = (y << 16) + int(low)",
        "y = bool(wide)",
        "y = wide[40:1]",
        "y = wide",
    ],
)
def test_what_verilog_computes_at_the_width_of_a_bus_passes(tmp_path, statement):
    run(tmp_path, statement, x=2**16, low=0xFFFF, wide=2**40 - 1)


def test_what_a_signed_bus_takes_part_in_is_checked(tmp_path):
    """Its sign makes the whole signed, and the scan takes for granted that such a value fits 31 bits."""
    assert caught(tmp_path, "y = (x + y) >> 4", x=2**30) == f":{BODY_LINE}: (x + y) = 2147483648"


def test_a_task_is_checked_and_elaboration_is_not(tmp_path):
    path = tmp_path / "sample.py"
    path.write_text(
        "from myhdl import always_comb, block\nHUGE = 1 << 40\n\n\ndef double(value, result):\n    twice = 0\n"
        "    twice = value + value\n    result[:] = twice\n\n\n@block\ndef sample(x, low, wide, total):\n"
        "    size = 1 << 40\n\n    @always_comb\n    def compute():\n        double(int(x), total.next)\n\n"
        "    return compute\n"
    )
    module = loaded(path)
    assert [(place.line, place.text) for place in range_check.places] == [
        (6, "twice"), (7, "(value + value)"), (7, "twice"),
    ]
    with pytest.raises(OutOfRange, match=r"sample.py:7: \(value \+ value\) = 2147483648"):
        module.double(2**30, intbv(0)[32:])


def test_checks_are_counted_by_place(tmp_path):
    run(tmp_path, "for i in range(5):", "    y = y + i", "total.next = y + 1")
    made = {place.removeprefix(f"{tmp_path}/sample.py:"): number for place, number in range_check.made().items()}
    assert made == {
        f"{BODY_LINE - 2}: y": 1, f"{BODY_LINE - 1}: y": 1, f"{BODY_LINE}: i": 5,
        f"{BODY_LINE + 1}: (y + i)": 5, f"{BODY_LINE + 1}: y": 5,
    }
    range_check.begin()
    assert range_check.made() == {}


def test_compiled_code_is_neither_taken_from_a_cache_nor_left_in_one(tmp_path):
    path = tmp_path / "sample.py"
    path.write_text(PROCESS.format(body="total.next = y"))
    plain = Path(py_compile.compile(str(path))).read_bytes()
    loaded(path)
    assert range_check.places
    assert [cached.read_bytes() for cached in tmp_path.rglob("*.pyc")] == [plain]


PLANTED = {"significand = significand << 3\n": "significand = significand << 30\n"}


def of_copy(folder: Path, changes: dict[str, str]) -> tuple[Path, object]:
    source = (ROOT / "hdl/numerics/fp32_add.py").read_text()
    for old, new in changes.items():
        assert source.count(old) == 1
        source = source.replace(old, new)
    path = folder / "fp32_add.py"
    path.write_text(source)
    return path, loaded(path)


def bench_row(monkeypatch, folder: Path, block) -> table.Evidence:
    monkeypatch.chdir(folder)
    monkeypatch.setattr(fp32_add, "fp32_add", block)
    return table.gather([fp32_add], 1, True)[0]


def test_a_planted_overflow_fails_the_block_s_own_bench_at_the_block_s_line(monkeypatch, tmp_path):
    path, module = of_copy(tmp_path, PLANTED)
    row = bench_row(monkeypatch, tmp_path, module.fp32_add)
    line = path.read_text().splitlines().index("            significand = significand << 30") + 1
    assert not row.ok and len(row.violations) == 1
    said = row.violations[0]
    assert f"OutOfRange: {path}:{line}: (significand << 30) = " in said and said.endswith(f"({path}, line {line})")


def test_the_same_block_unharmed_passes_with_its_checks_counted(monkeypatch, tmp_path):
    row = bench_row(monkeypatch, tmp_path, of_copy(tmp_path, {})[1].fp32_add)
    assert row.ok and sum(row.ranges.values()) > 10_000
    assert table.gather([fp32_add], 1, True)[0].ranges == row.ranges
    assert table.ranges_line([row]).startswith(f"Range checks of int locals: {sum(row.ranges.values()):,} at ")


def test_what_a_bench_swallows_fails_it_all_the_same(monkeypatch, tmp_path):
    def swallowing(seed: int, quick: bool) -> table.Evidence:
        with pytest.raises(OutOfRange):
            run(tmp_path, "y = 1 << 31")
        return good

    good = bench_row(monkeypatch, tmp_path, of_copy(tmp_path, {})[1].fp32_add)
    monkeypatch.setattr(fp32_add, "run", swallowing)
    assert f"sample.py:{BODY_LINE}: (1 << 31) = 2147483648" in table.gather([fp32_add], 1, True)[0].violations[0]


def test_a_run_in_which_nothing_was_checked_says_so():
    assert not table.range_checks_on(False)
    with pytest.raises(ValueError, match="--ranges: no block has a range check; expected"):
        table.range_checks_on(True)  # as here, where blocks are imported without
    assert table.ranges_line([]).startswith("FAILED: the range checks are on and none was made")


def in_a_process(*arguments: str, folder: Path, ranges: str) -> subprocess.CompletedProcess:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "ZHENWU_RANGES": ranges}
    return subprocess.run([sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True)


def test_verilog_under_the_mode_is_the_same(tmp_path):
    names = ("fp32_add", "mx_quantise", "fifo", "mma_issue")
    for ranges in ("0", "1"):
        made = in_a_process("-m", "hdl.emit", *names, "--out", ranges, folder=tmp_path, ranges=ranges)
        assert made.returncode == 0, made.stderr
    for name in names:
        assert (tmp_path / f"0/{name}.v").read_bytes() == (tmp_path / f"1/{name}.v").read_bytes()


LISTED = """\
import inspect, sys
from importlib import import_module
from pathlib import Path
from hdl import range_check
for name in sys.argv[1:]:
    import_module(name)
    assert inspect.getsource(sys.modules[name]) == Path(sys.modules[name].__file__).read_text()
print(range_check.installed(), *sorted({place.path for place in range_check.places}))
"""


def test_every_part_of_the_hardware_has_places_and_only_under_the_mode(tmp_path):
    files = [path for part in HARDWARE for path in (ROOT / "hdl").glob(f"{part}/*.py")]
    files = [path for path in [*files, ROOT / "hdl/slice.py"] if path.stem != "__init__"]
    modules = [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in files]
    on = in_a_process("-c", LISTED, *modules, folder=tmp_path, ranges="1")
    assert on.returncode == 0, on.stderr
    assert on.stdout.startswith("True ")
    assert {path.split("/")[1] for path in on.stdout.split()[1:]} == {*HARDWARE} - {"slice"}  # which only joins
    assert in_a_process("-c", LISTED, *modules, folder=tmp_path, ranges="0").stdout == "False\n"


def test_the_command_says_that_the_mode_is_on_and_what_it_checked(tmp_path):
    command = "-m", "zhenwu", "sim", "--block", "fp32_add", "--quick"
    plain = in_a_process(*command, folder=tmp_path, ranges="")
    on = in_a_process(*command, "--ranges", folder=tmp_path, ranges="")
    assert (plain.returncode, on.returncode) == (0, 0), plain.stderr + on.stderr
    assert "ange checks" not in plain.stdout + plain.stderr
    assert on.stderr.startswith("Range checks of int locals are on\n") and "Range checks of int locals: " in on.stdout


def test_a_block_without_int_locals_shows_nothing_of_ranges(tmp_path):
    none = in_a_process("-m", "zhenwu", "sim", "--block", "e2m1_decode", folder=tmp_path, ranges="1")
    assert none.returncode == 1 and "FAILED: the range checks are on and none was made" in none.stdout
