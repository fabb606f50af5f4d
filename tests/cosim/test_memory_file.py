"""Lines in a file: what was written is read again; what holds no lines is refused in one sentence."""

import numpy as np
import pytest

from zhenwu.cosim.memory_file import load_lines, save_lines
from zhenwu.cosim.user_matmul import InputError

LINES = {5: 1 << 255 | 7, 0: 0, (1 << 23) - 1: 9}


def test_what_is_saved_is_loaded(tmp_path):
    save_lines(tmp_path / "M.npz", LINES)
    assert load_lines("--memory", tmp_path / "M.npz") == LINES
    save_lines(tmp_path / "M.npz", {})
    assert load_lines("--memory", tmp_path / "M.npz") == {}


def test_an_array_lies_from_line_0_on(tmp_path):
    lines = np.zeros((3, 32), np.uint8)
    lines[1, 1] = 2
    np.save(tmp_path / "M.npy", lines)
    assert load_lines("--memory", tmp_path / "M.npy") == {0: 0, 1: 2 << 8, 2: 0}


GOOD = {"address": np.array([1, 2]), "line": np.zeros((2, 32), np.uint8)}


@pytest.mark.parametrize(
    ("arrays", "sentence"),
    [
        ({"line": GOOD["line"]}, "holds line; expected"),
        ({}, "holds nothing; expected"),
        ({**GOOD, "more": GOOD["line"]}, "holds address, line, more; expected"),
        ({**GOOD, "line": np.zeros((2, 31), np.uint8)}, r"line is uint8\[2, 31\]; expected uint8\[lines, 32\] of at"),
        ({**GOOD, "line": np.zeros((2, 32))}, r"line is float64\[2, 32\]; expected"),
        ({**GOOD, "address": np.array([1])}, r"address is int64\[1\]; expected integers\[2\], one a line"),
        ({**GOOD, "address": np.array([1.0, 2.0])}, r"address is float64\[2\]; expected integers"),
        ({**GOOD, "address": np.array([1, 1 << 23])}, "address 8388608 lies beyond memory; expected 0 .. 8388607"),
        ({**GOOD, "address": np.array([-1, 2])}, "address -1 lies beyond memory"),
        ({**GOOD, "address": np.array([2, 2])}, "an address comes twice; expected each line once"),
    ],
)
def test_what_holds_no_lines_is_refused(tmp_path, arrays, sentence):
    np.savez(tmp_path / "M.npz", **arrays)
    with pytest.raises(InputError, match=f"^--memory .*M.npz: {sentence}"):
        load_lines("--memory", tmp_path / "M.npz")


@pytest.mark.parametrize("content", [b"", b"1 2 3", b"\x93NUMPY\x01\x00v\x00{'descr'", b"PK\x03\x04 half a zip"])
def test_what_is_no_file_of_arrays_is_refused(tmp_path, content):
    (tmp_path / "M.npy").write_bytes(content)
    with pytest.raises(InputError, match="^--memory .*M.npy: not a whole file of arrays; expected uint8"):
        load_lines("--memory", tmp_path / "M.npy")


def test_objects_folders_and_nothing_are_refused(tmp_path):
    np.save(tmp_path / "O.npy", np.array([[print]], object), allow_pickle=True)
    for name, sentence in (("O.npy", "not a whole file"), (".", "is no ordinary file"), ("none", "there is no such")):
        with pytest.raises(InputError, match=f"^--memory .*: {sentence}"):
            load_lines("--memory", tmp_path / name)
