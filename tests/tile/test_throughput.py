"""The chip's argument, in RTL: throughput doubles each time the width halves, and the array stays busy."""

import pytest

from zhenwu.cosim.tile.throughput import throughput
from zhenwu.spec import vmxdotp
from zhenwu.spec.mma_formats import MMA_FORMATS


@pytest.mark.parametrize(("size", "k"), [(2, 128), (4, 256), (8, 512)])
def test_marginal_cycles_are_in_the_ratio_of_the_widths(size, k):
    """Where k is a quarter of this, a result in MXFP4 takes longer to drain than to make, and the ratio is lost."""

    def window(name, k):
        return throughput(32, 16, k, MMA_FORMATS[name], rows=size, cols=size).window

    marginal = {name: window(name, 2 * k) - window(name, k) for name in MMA_FORMATS}
    blocks = k // 32 * 32 * 16 // size**2  # of 32 elements, in each dot unit
    assert marginal == {"mxfp4": blocks, "mxfp8": 2 * blocks, "w4a8": 2 * blocks, "bf16": 4 * blocks}


def test_the_array_is_busy_as_long_as_the_best_published_unit():
    found = throughput(64, 64, 512, MMA_FORMATS["mxfp4"], rows=4, cols=4)
    assert found.steps == 64 * 64 * 512 // (16 * 32)
    assert vmxdotp.UTILISATION.value < 100 * found.utilisation < 100


def test_an_adder_that_is_too_slow_for_one_row_shows():
    """A decode step on 8 x 8 units has two sub-tiles in flight: an adder of four cycles halves what it could do."""
    fast, slow = (throughput(1, 16, 512, MMA_FORMATS["mxfp4"], rows=8, cols=8, latency=latency) for latency in (1, 4))
    assert fast.steps == slow.steps == 2 * 16
    assert slow.window - fast.window == 2 * (16 - 1) + 3  # a pause behind each group but the last, and three stages


def test_operands_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="128 x 64 x 4096 in mxfp8: expected operands that fit in halves of 128 steps"):
        throughput(128, 64, 4096, MMA_FORMATS["mxfp8"], rows=4, cols=4)
