"""What Yosys counts in the lanes: one set of multipliers for all formats, and nothing for a format that is absent."""

import pytest

from hdl.designs import Design
from hdl.emit import emit
from zhenwu.cosim.yosys import cells
from zhenwu.spec.mma_formats import ALL_FORMATS

MODULE = "hdl.numerics.lane_dot"


@pytest.fixture(scope="module")
def counts(tmp_path_factory, yosys):
    """Cells by kind, by the formats that are built in."""
    folder = tmp_path_factory.mktemp("lanes")
    built = {formats: Design("lanes_" + "_".join(formats), MODULE, {}, {"formats": formats})
             for formats in (ALL_FORMATS, ("mxfp4", "bf16"), ("mxfp4",))}
    assert emit(built.values(), folder) == {}
    return {formats: cells(folder / f"{entry.name}.v") for formats, entry in built.items()}


def test_all_formats_share_32_multipliers(counts):
    assert counts[ALL_FORMATS]["$mul"] == 32


def test_a_format_that_is_absent_costs_nothing(counts):
    total = {formats: sum(found.values()) for formats, found in counts.items()}
    assert total[("mxfp4",)] < total[("mxfp4", "bf16")] < total[ALL_FORMATS]
    assert not {"$shl", "$sshr"} & set(counts[("mxfp4",)])
