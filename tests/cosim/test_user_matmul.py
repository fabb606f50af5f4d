"""A reader's own matrices: each thing that can be wrong gets one sentence that names it."""

import os
from pathlib import Path

import ml_dtypes
import numpy as np
import pytest

from zhenwu.cosim import user_matmul
from zhenwu.cosim.asked import Asked
from zhenwu.cosim.tile.jobs import Wanted, require_room
from zhenwu.cosim.tile.tile_bench import HALF_STEPS, program_depth
from zhenwu.cosim.user_matmul import InputError, checked, load_matrix
from zhenwu.golden.numerics import fp32_add, mx_dequantise, mx_quantise
from zhenwu.golden.tile.compile_matmul import compile_matmul
from zhenwu.golden.tile.layout import MEMORY_LINES, plan
from zhenwu.golden.tile.matmul import encode_operand, product
from zhenwu.spec.mma_formats import MMA_FORMATS, MXFP4_OPERAND, MXFP8_OPERAND

PLAIN = Asked()
STORED = {"mxfp4": MXFP4_OPERAND.element, "mxfp8": MXFP8_OPERAND.element}


@pytest.fixture
def save(tmp_path):
    def save_array(array, name="A.npy", **options):
        np.save(tmp_path / name, array, **options)
        return tmp_path / name

    return save_array


@pytest.mark.parametrize("dtype", [np.float16, ml_dtypes.bfloat16, np.float32, np.float64, ">f4"])
def test_float_matrices_are_read_as_float32(save, dtype):
    values = np.array([[1.5, -2.0, 0.0]])
    matrix = load_matrix("--a", save(values.astype(dtype)))
    assert matrix.dtype == np.float32
    np.testing.assert_array_equal(matrix, values)


def with_value(value):
    array = np.ones((3, 4))
    array[1, 2] = value
    return array


@pytest.mark.parametrize(
    ("array", "sentence"),
    [
        (np.ones((2, 2), np.int32), "dtype int32; expected one of float16, bfloat16, float32, float64"),
        (np.ones((2, 2), complex), "dtype complex128; expected"),
        (np.ones(4), "1 dimensions; expected a matrix of 2"),
        (np.float32(3), "0 dimensions; expected a matrix of 2"),
        (np.ones((2, 2, 2)), "3 dimensions; expected a matrix of 2"),
        (np.ones((0, 4)), r"shape \(0, 4\) has no elements; expected at least 1 x 1"),
        (with_value(np.nan), r"element \[1, 2\] is nan; expected finite numbers only"),
        (with_value(-np.inf), r"element \[1, 2\] is -inf; expected finite numbers only"),
        (with_value(1e300), r"element \[1, 2\] is 1e\+300; expected numbers that float32 can hold"),
    ],
)
def test_a_matrix_that_cannot_be_used_is_refused(save, array, sentence):
    with pytest.raises(InputError, match=f"^--b .*A.npy: {sentence}"):
        load_matrix("--b", save(array))


def test_an_object_array_is_refused_without_unpickling_it(save):
    path = save(np.array([[print]], object), allow_pickle=True)
    with pytest.raises(InputError, match="not a whole array of numbers"):
        load_matrix("--a", path)


def header(shape: str) -> bytes:
    text = "{'descr': '<f4', 'fortran_order': False, 'shape': (" + shape + "), }\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode()


@pytest.mark.parametrize(
    "content",
    [
        b"", b"1 2 3\n", b"\x93NUMPY\x01\x00v\x00{'descr'", b"PK\x03\x04 half a zip",
        header("-3, 40"), header("True, 40"), header("(("),
    ],
)
def test_what_is_no_array_is_refused(tmp_path, content):
    path = tmp_path / "A.npy"
    path.write_bytes(content)
    with pytest.raises(InputError, match="^--a .*A.npy: "):
        load_matrix("--a", path)


def test_a_truncated_array_is_refused(save):
    path = save(np.ones((40, 40)))
    path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(InputError, match="not a whole array of numbers"):
        load_matrix("--a", path)


def test_absent_files_folders_archives_and_pipes_are_refused(tmp_path):
    with pytest.raises(InputError, match="there is no such file; expected a .npy file"):
        load_matrix("--a", tmp_path / "none.npy")
    with pytest.raises(InputError, match="is a directory; expected a readable .npy file"):
        load_matrix("--a", tmp_path)
    np.savez(tmp_path / "two.npz", a=np.ones((2, 2)), b=np.ones((2, 2)))
    with pytest.raises(InputError, match="an archive; expected a .npy file with one array"):
        load_matrix("--a", tmp_path / "two.npz")
    os.mkfifo(tmp_path / "pipe.npy")  # nobody writes to it
    with pytest.raises(InputError, match="is no ordinary file; expected a .npy file"):
        load_matrix("--a", tmp_path / "pipe.npy")


def test_a_size_beyond_memory_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "A.npy"
    np.lib.format.open_memmap(path, mode="w+", dtype=np.float16, shape=(1 << 20, 1 << 10)).flush()  # a sparse file
    sentence = r"shape \(1048576, 1024\) does not fit the memory: .*expected at most 8388608"
    with pytest.raises(InputError, match=sentence):
        load_matrix("--a", path)


def test_shapes_that_do_not_go_together_are_refused(save):
    a, b = save(np.ones((3, 64)), "A.npy"), save(np.ones((5, 65)), "B.npy")
    with pytest.raises(InputError, match=r"--b .*shape \(5, 65\), but --a .* shape \(3, 64\); expected B\[n, k\] with"):
        checked(a, b, None, PLAIN)


def test_the_product_must_fit_too(save):
    tall = save(np.ones((10_000, 1), np.float16))
    with pytest.raises(InputError, match="too large for the tile: m = 10000, n = 10000, k = 1 take"):
        checked(tall, tall, None, PLAIN)


def test_array_and_out_are_checked_first(save, tmp_path):
    a = save(np.ones((3, 64)))
    with pytest.raises(InputError, match="--array 3x3: expected one of 2x2, 4x4, 8x8"):
        checked(a, a, None, Asked(array="3x3"))
    with pytest.raises(InputError, match="--out .*: is a folder"):
        checked(a, a, tmp_path, PLAIN)
    with pytest.raises(InputError, match="--out .*: its folder .* does not exist"):
        checked(a, a, tmp_path / "no" / "C.npy", PLAIN)


def test_an_output_that_could_not_be_written_is_refused_before_the_work(save, tmp_path):
    a = save(np.ones((3, 64)))
    with pytest.raises(InputError, match="--out .*: is one of the files that are read; expected another one"):
        checked(a, a, a, PLAIN)
    os.mkfifo(tmp_path / "pipe.npy")
    with pytest.raises(InputError, match="--out .*: is no ordinary file; expected one, or a new name"):
        checked(a, a, tmp_path / "pipe.npy", PLAIN)
    with pytest.raises(InputError, match="--out .*: file name too long; expected a place that can be written"):
        checked(a, a, tmp_path / ("x" * 300), PLAIN)
    with pytest.raises(InputError, match="--out /proc/C.npy: .*; expected a place that can be written"):
        checked(a, a, Path("/proc/C.npy"), PLAIN)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["A.npy", "pipe.npy"]


def test_a_long_but_legal_name_is_written(save, tmp_path, monkeypatch):
    a = save(np.ones((3, 64)))
    product = np.ones((3, 3), np.float32)
    monkeypatch.setattr(user_matmul, "matmul_run", lambda job, kind, **options: (product, Row(True)))
    out = tmp_path / ("x" * 250 + ".npy")
    checked(a, a, out, Asked(array="2x2")).run(seed=1)
    assert out.exists()


class Row:
    def __init__(self, ok):
        self.ok = ok


@pytest.mark.parametrize("ok", [True, False])
def test_the_product_is_written_only_if_all_was_right(save, tmp_path, monkeypatch, ok):
    a = save(np.ones((3, 64)))
    product = np.full((3, 3), 64, np.float32)
    monkeypatch.setattr(user_matmul, "matmul_run", lambda job, kind, **options: (product, Row(ok)))
    out = tmp_path / "C.npy"
    assert checked(a, a, out, Asked(array="2x2")).run(seed=1).ok is ok
    assert out.exists() is ok
    if ok:
        np.testing.assert_array_equal(np.load(out), product)
    assert {path.name for path in tmp_path.iterdir()} <= {"A.npy", "C.npy"}


@pytest.mark.parametrize("k", [1, 512, 513, 43_008, 43_009, 4_194_240])
def test_the_program_memory_holds_every_sum_over_k(k):
    programs = compile_matmul(*plan(1, 1, k), HALF_STEPS, program_depth(k))
    assert max(map(len, programs)) <= program_depth(k) <= 1 << 16


# in other formats, stored in others, with a residual


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"fmt": "fp6"}, "--format 'fp6': expected one of mxfp4, mxfp8, w4a8, bf16$"),
        ({"fmt": "BF16"}, "--format 'BF16': expected one of mxfp4, mxfp8, w4a8, bf16$"),
        ({"fmt": "mxfp8_e5m2"}, "--format 'mxfp8_e5m2': expected one of .*; an exact sum of 32 products of E5M2 takes"),
        ({"store": "bf16"}, "--store bf16: expected one of float32, mxfp4, mxfp8$"),
        ({"rule": "odd"}, "--rule odd: expected one of floor, even, rceil$"),
        ({"latency": "5"}, "--latency 5: expected one of 1, 2, 3, 4$"),
        ({"latency": "0"}, "--latency 0: expected one of"),
        ({"latency": "four"}, "--latency four: expected one of"),
        ({"residual": Path("none.npy")}, "--residual none.npy: there is no such file; expected a .npy file$"),
    ],
)
def test_what_no_tile_can_do_is_refused(save, given, sentence):
    a = save(np.ones((3, 64)))
    with pytest.raises(InputError, match=f"^{sentence}"):
        checked(a, a, None, Asked(**given))


def test_a_residual_is_a_matrix_as_large_as_the_product(save):
    a, b = save(np.ones((3, 64)), "A.npy"), save(np.ones((5, 64)), "B.npy")
    for array, sentence in (
        (np.ones((5, 3)), r"shape \(5, 3\); expected \(3, 5\), that of C\[m, n\]"),
        (np.ones((3, 5), np.int8), "dtype int8; expected one of float16"),
        (np.full((3, 5), np.nan), r"element \[0, 0\] is nan; expected finite numbers only"),
    ):
        residual = save(array, "R.npy")
        with pytest.raises(InputError, match=f"^--residual .*R.npy: {sentence}"):
            checked(a, b, None, Asked(residual=residual))


def test_a_residual_is_not_overwritten(save):
    a, residual = save(np.ones((3, 64))), save(np.ones((3, 3)), "R.npy")
    with pytest.raises(InputError, match="--out .*R.npy: is one of the files that are read; expected another one"):
        checked(a, a, residual, Asked(residual=residual))


def test_a_product_must_fit_in_its_own_format(save):
    """2 bytes an element in place of half a one: the longest k of a row, and all of memory, come sooner."""
    long = save(np.ones((2, 16 * 65_536), np.float16))
    with pytest.raises(InputError, match="too large for the tile: k = 1048576 takes 65536 lines a row"):
        checked(long, long, None, Asked(fmt="bf16"))


def test_a_residual_and_the_scales_of_a_product_must_fit_behind_it():
    """C, a column, is a line a row, quantised or not; quantised it has a line of scales for 16 rows as well."""
    residual = np.zeros((16, 1), np.float32)
    for wanted, lines in ((Wanted(), 16), (Wanted(store=MXFP8_OPERAND), 17), (Wanted(residual=residual), 32)):
        first_line = MEMORY_LINES - (16 + 1) - (1 + 1) - lines
        require_room(16, 1, 1, first_line, wanted)
        with pytest.raises(ValueError, match="expected at most"):
            require_room(16, 1, 1, first_line + 1, wanted)


@pytest.mark.parametrize(
    "asked",
    [
        Asked("2x2", "mxfp8", "mxfp4", "even", "4"),
        Asked("4x4", "w4a8", "mxfp8", "rceil", "2", Path("R.npy")),
        Asked("8x8", "bf16", "float32", "floor", "3", Path("R.npy")),
        Asked("4x4", "mxfp4", "mxfp4", "floor", "1", Path("R.npy")),
    ],
)
@pytest.mark.parametrize("n", [1, 11])
def test_what_is_written_is_the_golden_product_as_it_is_stored(save, tmp_path, monkeypatch, asked, n):
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(9)
    a, b, residual = (rng.standard_normal(shape, np.float32) for shape in ((5, 70), (n, 70), (5, n)))
    save(residual, "R.npy")
    evidence = checked(save(a, "A.npy"), save(b, "B.npy"), Path("C.npy"), asked).run(seed=1)
    assert evidence.ok, (evidence.violations, evidence.first_mismatch)
    fmt = MMA_FORMATS[asked.fmt]
    c = product(encode_operand(a, fmt.a, asked.rule), encode_operand(b, fmt.b, asked.rule), fmt)
    c = (c if asked.residual is None else fp32_add(c, residual.view(np.uint32))).view(np.float32)
    if asked.store in STORED:
        element = STORED[asked.store]
        c = mx_dequantise(*mx_quantise(c, element, asked.rule), element)[:, :n]
    np.testing.assert_array_equal(np.load("C.npy").view(np.uint32), c.view(np.uint32))


def test_what_is_written_is_what_memory_holds(save, tmp_path, monkeypatch):
    a, out = save(np.ones((3, 64))), tmp_path / "C.npy"
    monkeypatch.setattr(user_matmul, "matmul_run", lambda job, kind, **options: (np.zeros((3, 3)), Row(True)))
    checked(a, a, out, PLAIN).run(seed=1)
    assert not np.load(out).any()


def test_options_say_what_was_asked_for_and_no_more():
    assert PLAIN.options == ""
    asked = Asked("2x2", "bf16", "mxfp8", "even", "4", Path("my R.npy"))
    assert asked.options == (
        " --array 2x2 --format bf16 --store mxfp8 --rule even --latency 4 --residual 'my R.npy'"
    )
