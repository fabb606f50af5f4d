"""The mover: which line goes where, in which order."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhenwu.cosim.tile import mover as cosim
from zhenwu.golden.tile.mover import LineWrite, mover
from zhenwu.spec.isa import Load

loads = st.builds(
    Load,
    operand=st.integers(0, 1),
    half=st.integers(0, 1),
    rows=st.integers(1, 64),
    k_steps=st.integers(1, 2),
    element_base=st.integers(0, 1 << 20),
    element_stride=st.integers(0, 1 << 10),
    scale_base=st.integers(0, 1 << 20),
    scale_stride=st.integers(0, 1 << 10),
)


# facts


def test_a_step_is_its_rows_then_its_scale_line():
    load = Load(1, 0, rows=2, k_steps=2, element_base=10, element_stride=100, scale_base=70, scale_stride=5)
    assert mover(load, half_steps=2) == [
        LineWrite(10, operand=1, half=0, step=0, row=0, scale=0, last=0),
        LineWrite(110, operand=1, half=0, step=0, row=1, scale=0, last=0),
        LineWrite(70, operand=1, half=0, step=0, row=0, scale=1, last=0),
        LineWrite(11, operand=1, half=0, step=1, row=0, scale=0, last=0),
        LineWrite(111, operand=1, half=0, step=1, row=1, scale=0, last=0),
        LineWrite(71, operand=1, half=0, step=1, row=0, scale=1, last=1),
    ]


def test_panels_follow_each_other_and_the_last_is_ragged():
    load = Load(0, 1, rows=17, k_steps=2, element_base=0, element_stride=2, scale_base=50, scale_stride=2)
    writes = mover(load, half_steps=4)
    assert [write.line_address for write in writes[-4:]] == [32, 52, 33, 53]
    places = [(write.step, write.row, write.scale) for write in writes[-4:]]
    assert places == [(2, 0, 0), (2, 0, 1), (3, 0, 0), (3, 0, 1)]


# laws


@settings(max_examples=100, deadline=None, derandomize=True)
@given(load=loads)
def test_each_place_is_written_once_and_only_the_final_line_is_last(load):
    writes = mover(load, half_steps=8)
    panels = -(-load.rows // 16)
    places = {(write.step, write.row, write.scale) for write in writes}
    assert len(places) == len(writes) == (load.rows + panels) * load.k_steps
    assert [write.last for write in writes] == [0] * (len(writes) - 1) + [1]
    assert max(write.step for write in writes) == panels * load.k_steps - 1


@settings(max_examples=100, deadline=None, derandomize=True)
@given(load=loads)
def test_addresses_follow_the_memory_layout(load):
    for write in mover(load, half_steps=8):
        panel, k_step = divmod(write.step, load.k_steps)
        if write.scale:
            assert write.line_address == load.scale_base + panel * load.scale_stride + k_step
        else:
            row = 16 * panel + write.row
            assert row < load.rows
            assert write.line_address == load.element_base + row * load.element_stride + k_step


# corners


def test_addresses_wrap_at_the_end_of_the_address_space():
    load = Load(0, 0, rows=2, k_steps=1, element_base=(1 << 23) - 1, element_stride=3, scale_base=0, scale_stride=0)
    assert [write.line_address for write in mover(load, half_steps=1)] == [(1 << 23) - 1, 2, 0]


# bad input


@pytest.mark.parametrize(("rows", "k_steps", "reason"), [(0, 1, "nothing"), (17, 2, "exceed a half of 3 steps")])
def test_refuses_a_load_that_would_trap(rows, k_steps, reason):
    with pytest.raises(ValueError, match=reason):
        mover(Load(0, 0, rows, k_steps, 0, 1, 0, 1), half_steps=3)


# hdl against golden


@pytest.mark.parametrize("seed", [1, 2])
def test_hdl_equals_golden_under_stalls_and_reset(seed):
    evidence = cosim.run(seed, quick=True)
    assert evidence.ok, f"{evidence.first_mismatch} {evidence.violations}"
    assert evidence.unhit == {}
