"""The M890's headline figures, and what follows from them. `test_facts.py` holds every fact to the fact table."""

from zhenwu.spec import m890, ppu


def test_the_headline_figures():
    """The numbers of the announcement, so that a slip in both copies of the table would show."""
    assert (m890.MEMORY_CAPACITY.value, m890.MEMORY_CAPACITY.unit) == (144, "GB")
    assert (m890.INTERCHIP_BANDWIDTH.value, m890.INTERCHIP_ONE_WAY.value) == (800, 400)
    assert (m890.PERF_VS_810E.value, m890.CU_COUNT.value, ppu.SMEM_PER_CU.value) == (3, 39, 256)


def test_the_bandwidth_range_has_two_ends():
    assert (m890.HBM_BANDWIDTH_LOW.value, m890.HBM_BANDWIDTH_HIGH.value) == (4.0, 4.9)
    assert m890.HBM_BANDWIDTH_LOW.kind == "derived"
