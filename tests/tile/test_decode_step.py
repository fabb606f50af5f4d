"""Layer 0 of the agent on the tile: a decode step equals the golden one to the last bit, and a fault is seen."""

from types import SimpleNamespace

import numpy as np
import pytest

import hdl.tile.tile
from hdl.bench.coverage import Coverage
from tests.mutations import MUTATIONS
from zhenwu.chapter.simulate import changed
from zhenwu.cosim.agent_layer import LAYER, agent
from zhenwu.cosim.tile import decode_step as cosim
from zhenwu.cosim.tile import tile_bench, tile_matmul
from zhenwu.cosim.tile.check_jobs import BINS
from zhenwu.cosim.tile.tile_matmul import TileMatmul
from zhenwu.golden.numerics import mx_quantise
from zhenwu.golden.tile.matmul import mx_matmul
from zhenwu.qwen.linear import quantised_matmul


def on_tile(prefix: str = "") -> TileMatmul:
    return TileMatmul(prefix, quantised_matmul("mxfp4"), 3, Coverage(BINS))


def exact(x, w):
    return mx_matmul(*mx_quantise(x), *mx_quantise(w)).view(np.float32)


def without_simulation(monkeypatch, fault=lambda product: product):
    """The tile's bench replaced by the mathematics, with a fault in what memory holds."""
    def check_jobs(jobs, *, hosts, **_):
        hosts.append(SimpleNamespace(product=lambda job: fault(job.product.copy()).view(np.float32)))
        job, = jobs
        shapes.append((job.name.removeprefix(LAYER), job.shape))
        return SimpleNamespace(ok=True)

    shapes = []
    monkeypatch.setattr(tile_matmul, "check_jobs", check_jobs)
    monkeypatch.setattr(cosim, "merge", lambda *_: done)
    done = cosim.Evidence("tile", "", 1, 1, 0, {}, {}, 1.0, 3, "")
    return shapes


def test_a_decode_step_with_layer_0_on_the_tile_equals_the_golden_one_in_every_bit():
    evidence = cosim.decode_step(3, Coverage(BINS))
    assert evidence.ok, f"{evidence.first_mismatch} {evidence.violations}"
    assert evidence.notes == (
        f"a decode step of the agent, model.layers.0 on the tile: 7 products in {evidence.cycles:,} cycles, "
        f"{agent().config.vocab_size} scores equal to golden ones in every bit",
    )
    results = sum(len(w) for name, w in agent().weights.items() if name.startswith(LAYER) and w.ndim == 2)
    assert evidence.cases > results / 8  # a case is a line of 8 results, or a transfer between blocks


def test_the_seven_products_are_those_of_one_token_and_a_whole_layer(monkeypatch):
    shapes = without_simulation(monkeypatch)
    assert cosim.decode_step(3, Coverage(BINS)).ok
    assert dict(shapes) == {
        name.removeprefix(LAYER).removesuffix(".weight"): (1, *w.shape)
        for name, w in agent().weights.items() if name.startswith(LAYER) and w.ndim == 2
    }
    assert len(shapes) == cosim.PRODUCTS


def test_what_the_tile_holds_goes_on_into_the_model(monkeypatch):
    """One bit of every product wrong in memory, and the scores are no longer golden."""
    without_simulation(monkeypatch, fault=lambda product: product ^ np.uint32(1 << 22))
    evidence = cosim.decode_step(3, Coverage(BINS))
    assert not evidence.ok and "7 products on the tile differs from the golden one in" in evidence.violations[0]


def test_a_product_that_never_reached_the_tile_is_noticed(monkeypatch):
    without_simulation(monkeypatch)
    monkeypatch.setattr(cosim, "LAYER", f"{LAYER}mlp.")
    (violation,) = cosim.decode_step(3, Coverage(BINS)).violations
    assert "3 products on the tile differs from the golden one in 0 of" in violation


@pytest.mark.parametrize("slip", ["b reads a's scale address", "half 1 begins a step early for the array"])
def test_a_wrong_line_in_the_tile_turns_the_step_red_and_ends_it(slip, monkeypatch):
    broken = changed(hdl.tile.tile, *MUTATIONS["hdl/tile/tile.py"][slip])
    monkeypatch.setattr(tile_bench, "tile", broken.tile)
    evidence = cosim.decode_step(3, Coverage(BINS))
    assert not evidence.ok and (evidence.first_mismatch or evidence.violations)


def test_a_matmul_on_the_tile_has_the_shape_and_type_of_any_other():
    rng = np.random.default_rng(1)
    x, w = rng.standard_normal((2, 1, 3, 40)), rng.standard_normal((5, 40))
    matmul = on_tile()
    product = matmul("any", x, w)
    assert product.shape == (2, 1, 3, 5) and product.dtype == np.float64
    x, w = x.astype(np.float32), w.astype(np.float32)
    np.testing.assert_array_equal(product.reshape(6, 5), exact(x.reshape(6, 40), w))
    np.testing.assert_array_equal(product, matmul.golden("any", x, w))
    assert [each.ok for each in matmul.evidence] == [True]


def test_other_layers_are_golden_and_cost_no_simulation():
    matmul = on_tile("model.layers.0.")
    x, w = np.ones((1, 32), np.float32), np.ones((2, 32), np.float32)
    np.testing.assert_array_equal(matmul("model.layers.1.mlp.up_proj", x, w), [[32.0, 32.0]])
    assert matmul.evidence == []
