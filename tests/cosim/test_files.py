"""Results are written whole or not at all."""

import os

import pytest

from zhenwu.cosim.files import write_atomically


def test_a_file_is_replaced_whole(tmp_path):
    path = tmp_path / "new" / "result"
    write_atomically(path, b"first")
    write_atomically(path, b"second")
    assert path.read_bytes() == b"second"
    assert os.listdir(path.parent) == ["result"]


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "result"
    write_atomically(path, b"first")

    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        write_atomically(path, b"second")
    assert path.read_bytes() == b"first"
    assert os.listdir(tmp_path) == ["result"]
