"""A reader's own matrices: each thing that can be wrong gets one sentence that names it."""

import os
from pathlib import Path

import ml_dtypes
import numpy as np
import pytest

from zhenwu.cosim import user_matmul
from zhenwu.cosim.tile.tile_bench import HALF_STEPS, program_depth
from zhenwu.cosim.user_matmul import InputError, checked, load_matrix
from zhenwu.golden.tile.compile_matmul import compile_matmul
from zhenwu.golden.tile.layout import plan


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


def test_absent_files_folders_and_archives_are_refused(tmp_path):
    with pytest.raises(InputError, match="there is no such file; expected a .npy file"):
        load_matrix("--a", tmp_path / "none.npy")
    with pytest.raises(InputError, match="is a directory; expected a readable .npy file"):
        load_matrix("--a", tmp_path)
    np.savez(tmp_path / "two.npz", a=np.ones((2, 2)), b=np.ones((2, 2)))
    with pytest.raises(InputError, match="an archive; expected a .npy file with one array"):
        load_matrix("--a", tmp_path / "two.npz")


def test_a_size_beyond_memory_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "A.npy"
    np.lib.format.open_memmap(path, mode="w+", dtype=np.float16, shape=(1 << 20, 1 << 10)).flush()  # a sparse file
    sentence = r"shape \(1048576, 1024\) does not fit the memory: .*expected at most 8388608"
    with pytest.raises(InputError, match=sentence):
        load_matrix("--a", path)


def test_shapes_that_do_not_go_together_are_refused(save):
    a, b = save(np.ones((3, 64)), "A.npy"), save(np.ones((5, 65)), "B.npy")
    with pytest.raises(InputError, match=r"--b .*shape \(5, 65\), but --a .* shape \(3, 64\); expected B\[n, k\] with"):
        checked(a, b, None, "4x4")


def test_the_product_must_fit_too(save):
    tall = save(np.ones((10_000, 1), np.float16))
    with pytest.raises(InputError, match="too large for the tile: m = 10000, n = 10000, k = 1 take"):
        checked(tall, tall, None, "4x4")


def test_array_and_out_are_checked_first(save, tmp_path):
    a = save(np.ones((3, 64)))
    with pytest.raises(InputError, match="--array 3x3: expected one of 2x2, 4x4, 8x8"):
        checked(a, a, None, "3x3")
    with pytest.raises(InputError, match="--out .*: is a folder"):
        checked(a, a, tmp_path, "4x4")
    with pytest.raises(InputError, match="--out .*: its folder .* does not exist"):
        checked(a, a, tmp_path / "no" / "C.npy", "4x4")


def test_an_output_that_could_not_be_written_is_refused_before_the_work(save, tmp_path):
    a = save(np.ones((3, 64)))
    with pytest.raises(InputError, match="--out .*: is one of the matrices; expected another file"):
        checked(a, a, a, "4x4")
    os.mkfifo(tmp_path / "pipe.npy")
    with pytest.raises(InputError, match="--out .*: is no ordinary file; expected one, or a new name"):
        checked(a, a, tmp_path / "pipe.npy", "4x4")
    with pytest.raises(InputError, match="--out .*: file name too long; expected a place that can be written"):
        checked(a, a, tmp_path / ("x" * 300), "4x4")
    with pytest.raises(InputError, match="--out /proc/C.npy: .*; expected a place that can be written"):
        checked(a, a, Path("/proc/C.npy"), "4x4")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["A.npy", "pipe.npy"]


def test_a_long_but_legal_name_is_written(save, tmp_path, monkeypatch):
    a = save(np.ones((3, 64)))
    monkeypatch.setattr(user_matmul, "matmul_run", lambda job, **options: (np.ones((3, 3), np.float32), Row(True)))
    out = tmp_path / ("x" * 250 + ".npy")
    checked(a, a, out, "2x2").run(seed=1)
    assert out.exists()


class Row:
    def __init__(self, ok):
        self.ok = ok


@pytest.mark.parametrize("ok", [True, False])
def test_the_product_is_written_only_if_all_was_right(save, tmp_path, monkeypatch, ok):
    a = save(np.ones((3, 64)))
    product = np.full((3, 3), 64, np.float32)
    monkeypatch.setattr(user_matmul, "matmul_run", lambda job, **options: (product, Row(ok)))
    out = tmp_path / "C.npy"
    assert checked(a, a, out, "2x2").run(seed=1).ok is ok
    assert out.exists() is ok
    if ok:
        np.testing.assert_array_equal(np.load(out), product)
    assert {path.name for path in tmp_path.iterdir()} <= {"A.npy", "C.npy"}


@pytest.mark.parametrize("k", [1, 512, 513, 43_008, 43_009, 4_194_240])
def test_the_program_memory_holds_every_sum_over_k(k):
    programs = compile_matmul(*plan(1, 1, k), HALF_STEPS, program_depth(k))
    assert max(map(len, programs)) <= program_depth(k) <= 1 << 16
