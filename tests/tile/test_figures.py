"""The sentences of `zhenwu bench` on the tile, here on a small product: each is there, and says what was measured."""

from zhenwu.cosim.tile import figures as module
from zhenwu.cosim.tile.figures import figures


def test_a_sentence_for_each_figure(monkeypatch):
    monkeypatch.setattr(module, "SHAPE", (16, 16, 64))
    monkeypatch.setattr(module, "ONE_ROW", (1, 64, 64))
    done = []
    found = list(figures(seed=2, products=2, progress=done.append))
    assert [sentence.split(",")[0] for sentence in found[:4]] == [
        f"16 x 16 x 64 {name}" for name in ("mxfp4", "mxfp8", "w4a8", "bf16")
    ]
    assert [("published" in sentence) for sentence in found[:4]] == [True, False, False, False]
    assert found[4] == "twice the k of 32 x 16 x 256 costs 256 : 512 : 512 : 1024 cycles in mxfp4, mxfp8, w4a8, bf16"
    assert len(found) == 11 and "of the M890" in found[-2] and done == [1, 2]
    assert found[-1].startswith("2 of 2 products take the cycles")
