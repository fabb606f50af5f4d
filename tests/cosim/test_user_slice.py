"""A reader's matrices on the slice: what cannot be is refused by name before cycle 0, and C appears only when right."""

from pathlib import Path

import numpy as np
import pytest

from hdl.bench.memory import Memory
from zhenwu.cosim import user_slice
from zhenwu.cosim.asked import Asked
from zhenwu.cosim.evidence import Evidence
from zhenwu.cosim.tile.host import Host
from zhenwu.cosim.user_matmul import InputError
from zhenwu.cosim.user_slice import checked
from zhenwu.golden.numerics import bf16_encode, bf16_matmul, fp32_add, mx_dequantise, mx_quantise
from zhenwu.golden.tile.matmul import mx_matmul
from zhenwu.spec.formats import E2M1, E4M3

GOOD = dict.fromkeys(("block", "oracle", "not_checked"), "x") | {
    "cases": 1, "cycles": 1, "mismatches": 0, "bins": {}, "planned": {}, "seconds": 1.0, "seed": 1,
}
FINE = {"asked": Asked("2x2"), "queues": None, "refresh_start": None, "base": "0"}


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def matrices(tmp_path):
    rng = np.random.default_rng(9)
    paths = [tmp_path / "A.npy", tmp_path / "B.npy"]
    for path, rows in zip(paths, (5, 11), strict=True):
        np.save(path, rng.standard_normal((rows, 70), np.float32))
    np.save(tmp_path / "R.npy", rng.standard_normal((5, 11), np.float32))
    return paths


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"asked": Asked("3x3")}, "--array 3x3: expected one of 2x2, 4x4, 8x8"),
        ({"asked": Asked(fmt="fp6")}, "--format 'fp6': expected one of mxfp4, mxfp8, w4a8, bf16"),
        ({"asked": Asked(latency="5")}, "--latency 5: expected one of 1, 2, 3, 4"),
        ({"asked": Asked(residual=Path("none.npy"))}, "--residual none.npy: there is no such file"),
        ({"asked": Asked(residual=Path("A.npy"))}, r"--residual A.npy: shape \(5, 70\); expected \(5, 11\)"),
        ({"asked": Asked(residual=Path("R.npy")), "base": "0xffffa40"}, "--base 0xffffa40: .*: the residual would end"),
        ({"asked": Asked(store="mxfp4"), "base": "0xffffe00"}, "--base 0xffffe00: m = 5, n = 11, k = 70"),
        ({"queues": "0+4"}, r"--queues 0\+4: read_entries = 0: expected a whole number of 1 .. 64"),
        ({"queues": "4+65"}, r"--queues 4\+65: write_entries = 65: expected a whole number of 1 .. 64"),
        ({"queues": "many"}, r"--queues many: expected entries of the read and the write queue, such as 32\+32"),
        ({"queues": "4+"}, r"--queues 4\+: expected entries"),
        ({"refresh_start": "0"}, "--refresh-start 0: refresh_start = 0: expected a whole number of 1 .. 6240"),
        ({"refresh_start": "6241"}, "--refresh-start 6241: refresh_start = 6241: expected a whole number of 1 .. 6240"),
        ({"refresh_start": "soon"}, "--refresh-start soon: expected a number of CK after reset, such as 700"),
        ({"refresh_start": "-5"}, "--refresh-start -5: expected a number of CK"),
        ({"refresh_start": "9" * 5000}, "--refresh-start 9+: expected a number of CK"),
        ({"queues": "9" * 5000}, "--queues 9+: expected entries"),
        ({"base": ""}, "--base : expected a byte address"),
        ({"base": "1_024"}, "--base 1_024: expected a byte address"),
        ({"base": " 32"}, "--base  32: expected a byte address"),
        ({"base": "\u0663\u0662"}, "--base \u0663\u0662: expected a byte address"),
        ({"base": "33"}, "--base 33: address 0x21 lies within a line: expected a multiple of 32 bytes"),
        ({"base": "0x10000000"}, "--base 0x10000000: address 0x10000000 lies beyond memory: expected 0 .. 0xfffffe0"),
        ({"base": "-32"}, "--base -32: expected a byte address"),
        ({"base": "0xfffffe0"}, "--base 0xfffffe0: m = 5, n = 11, k = 70 take .* lines .*: expected at most the 1"),
        ({"base": "here"}, "--base here: expected a byte address, such as 4096 or 0x1000"),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(matrices, given, sentence):
    with pytest.raises(InputError, match=f"^{sentence}") as error:
        checked(*matrices, None, **FINE | given)
    assert "\n" not in str(error.value)


def test_a_product_beyond_256_mib_is_refused(tmp_path):
    np.save(tmp_path / "A.npy", np.ones((10_000, 1), np.float16))
    with pytest.raises(InputError, match="too large .*: m = 10000, n = 10000, k = 1 take .* 256 MiB$"):
        checked(tmp_path / "A.npy", tmp_path / "A.npy", None, **FINE)


def test_a_product_that_would_take_days_is_refused(tmp_path):
    np.save(tmp_path / "A.npy", np.ones((2048, 2048), np.float16))
    with pytest.raises(InputError, match="^--a, --b: m = 2048, .* at least 67,108,864 CK; expected at most 4,000,000"):
        checked(tmp_path / "A.npy", tmp_path / "A.npy", None, **FINE)


def test_what_is_written_is_what_the_device_holds(matrices, tmp_path, monkeypatch):
    mine = checked(*matrices, tmp_path / "C.npy", **FINE)
    monkeypatch.setattr(Memory, "read", lambda self, line: 0)
    monkeypatch.setattr(user_slice, "check_work", lambda work, hosts, **rest: hosts.append(
        Host(work.jobs, Memory())) or Evidence(**GOOD))
    mine.run(1, None)
    assert not np.load(tmp_path / "C.npy").any()


def test_queues_may_be_one_number_for_both_and_the_defaults_are_the_spec_s(matrices):
    assert checked(*matrices, None, **FINE | {"queues": "7"}).work.controller_sizes == {
        "read_entries": 7, "write_entries": 7
    }
    assert checked(*matrices, None, **FINE).work.controller_sizes == {}


@pytest.mark.parametrize(
    "given", [{}, {"base": "0xffffa00"}, {"queues": "3+5", "refresh_start": "200"}, {"asked": Asked("4x4")}]
)
def test_the_product_is_that_of_the_quantised_matrices(matrices, tmp_path, given):
    out = tmp_path / "C.npy"
    mine = checked(*matrices, out, **FINE | given)
    heard = []
    model = mine.predict(lambda done, of: heard.append(done <= of))
    evidence = mine.run(1, model, lambda done, of: heard.append(done <= of))
    assert evidence.ok, (evidence.violations, evidence.first_mismatch)
    exact = mx_matmul(*mx_quantise(np.load(matrices[0])), *mx_quantise(np.load(matrices[1]))).view(np.float32)
    np.testing.assert_array_equal(np.load(out), exact)
    assert np.load(out).dtype == np.float32 and all(heard) and len(heard) >= 2
    assert ("cp_" in str(evidence.bins)) is False and any("balance" in note for note in evidence.notes)


@pytest.mark.parametrize(("store", "element"), [("mxfp4", E2M1), ("mxfp8", E4M3)])
def test_in_another_format_with_a_residual_and_quantised(matrices, tmp_path, store, element):
    out, asked = tmp_path / "C.npy", Asked("4x4", "bf16", store, "even", "3", Path("R.npy"))
    mine = checked(*matrices, out, **FINE | {"asked": asked})
    evidence = mine.run(1, mine.predict())
    assert evidence.ok, (evidence.violations, evidence.first_mismatch)
    product = bf16_matmul(*(bf16_encode(np.load(path)) for path in matrices))
    c = fp32_add(product, np.load("R.npy").view(np.uint32)).view(np.float32)
    exact = mx_dequantise(*mx_quantise(c, element, "even"), element)[:, :11]
    np.testing.assert_array_equal(np.load(out), exact)


def test_nothing_is_written_when_a_check_failed(matrices, tmp_path, monkeypatch):
    out = tmp_path / "C.npy"
    mine = checked(*matrices, out, **FINE)
    model = mine.predict()
    honest = user_slice.check_work

    def failing(*arguments, **options):
        evidence = honest(*arguments, **options)
        return evidence.__class__(**vars(evidence) | {"violations": ("on purpose",)})

    monkeypatch.setattr(user_slice, "check_work", failing)
    assert not mine.run(1, model).ok
    assert not out.exists() and {path.name for path in tmp_path.iterdir()} == {"A.npy", "B.npy", "R.npy"}
