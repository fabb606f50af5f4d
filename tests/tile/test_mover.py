"""The mover: which line goes where, in which order."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhenwu.cosim.tile import mover as cosim
from zhenwu.golden.tile.mover import LineWrite, lines_of_load, mover
from zhenwu.spec.formats import BLOCK_SIZE
from zhenwu.spec.isa import RESIDUAL, Load
from zhenwu.spec.mma_formats import BF16_OPERAND, FLOAT32_RESIDUAL, MXFP4_OPERAND, MXFP8_OPERAND, OPERAND_FORMATS

MXFP8, BF16 = MXFP8_OPERAND.code, BF16_OPERAND.code
loads = st.builds(
    Load,
    operand=st.integers(0, 1),
    half=st.integers(0, 1),
    rows=st.integers(1, 64),
    k_steps=st.integers(1, 5),
    element_base=st.integers(0, 1 << 20),
    element_stride=st.integers(0, 1 << 10),
    scale_base=st.integers(0, 1 << 20),
    scale_stride=st.integers(0, 1 << 10),
    fmt=st.sampled_from([MXFP4_OPERAND.code, MXFP8, BF16]),
)
HALF_STEPS = 20


def scales(load):
    """The lines of scales of a load: address and first block."""
    return [(write.line_address, write.step) for write in mover(load, HALF_STEPS) if write.scale]


# facts


def test_a_step_of_mxfp4_is_its_rows_then_the_scales_of_its_two_blocks():
    load = Load(1, 0, rows=2, k_steps=2, element_base=10, element_stride=100, scale_base=70, scale_stride=5)
    assert mover(load, half_steps=2) == [
        LineWrite(10, operand=1, half=0, step=0, row=0, scale=0, last=0),
        LineWrite(110, operand=1, half=0, step=0, row=1, scale=0, last=0),
        LineWrite(70, operand=1, half=0, step=0, row=0, scale=1, last=0),
        LineWrite(11, operand=1, half=0, step=1, row=0, scale=0, last=0),
        LineWrite(111, operand=1, half=0, step=1, row=1, scale=0, last=0),
        LineWrite(71, operand=1, half=0, step=2, row=0, scale=1, last=1),
    ]


def test_panels_follow_each_other_and_the_last_is_ragged():
    load = Load(0, 1, rows=17, k_steps=2, element_base=0, element_stride=2, scale_base=50, scale_stride=2)
    writes = mover(load, half_steps=4)
    assert [write.line_address for write in writes[-4:]] == [32, 52, 33, 53]
    places = [(write.step, write.row, write.scale) for write in writes[-4:]]
    assert places == [(2, 0, 0), (4, 0, 1), (3, 0, 0), (6, 0, 1)]


@pytest.mark.parametrize(
    ("k_steps", "order"), [(1, "es"), (2, "ees"), (3, "eeses"), (4, "eesees"), (5, "eeseeses")]
)
def test_mxfp8_has_scales_behind_each_two_steps_and_behind_a_last_one_alone(k_steps, order):
    load = Load(0, 0, 1, k_steps, 100, 9, 50, 7, MXFP8)
    writes = mover(load, HALF_STEPS)
    assert "".join("es"[write.scale] for write in writes) == order
    assert [write.line_address for write in writes if not write.scale] == [100 + step for step in range(k_steps)]
    assert scales(load) == [(50 + line, 2 * line) for line in range((k_steps + 1) // 2)]


def test_an_mxfp8_panel_of_three_blocks_leaves_the_next_one_an_odd_first_block():
    load = Load(1, 1, rows=18, k_steps=3, element_base=0, element_stride=3, scale_base=50, scale_stride=7, fmt=MXFP8)
    assert scales(load) == [(50, 0), (51, 2), (57, 3), (58, 5)]


def test_bf16_and_the_residual_have_no_scales():
    bf16 = mover(Load(1, 1, 17, 2, 200, 2, 0, 0, BF16), HALF_STEPS)
    residual = mover(Load(RESIDUAL, 0, 2, 3, 300, 8, 0, 0, FLOAT32_RESIDUAL.code), HALF_STEPS)
    assert [(write.step, write.row, write.scale) for write in bf16[-3:]] == [(1, 15, 0), (2, 0, 0), (3, 0, 0)]
    assert [write.line_address for write in residual] == [300, 308, 301, 309, 302, 310]
    assert residual[-1] == LineWrite(310, RESIDUAL, half=0, step=2, row=1, scale=0, last=1)


# laws


@settings(max_examples=200, deadline=None, derandomize=True)
@given(load=loads)
def test_each_place_is_written_once_and_only_the_final_line_is_last(load):
    writes = mover(load, HALF_STEPS)
    panels = -(-load.rows // 16)
    places = {(write.step, write.row, write.scale) for write in writes}
    assert len(places) == len(writes) == lines_of_load(load)
    assert len(writes) - len(scales(load)) == load.rows * load.k_steps
    assert [write.last for write in writes] == [0] * (len(writes) - 1) + [1]
    assert max(write.step for write in writes if not write.scale) == panels * load.k_steps - 1


@settings(max_examples=200, deadline=None, derandomize=True)
@given(load=loads)
def test_addresses_follow_the_memory_layout(load):
    blocks = load.k_steps * OPERAND_FORMATS[load.fmt].line_elements // BLOCK_SIZE  # of a row
    for write in mover(load, HALF_STEPS):
        if write.scale:
            panel, block = divmod(write.step, blocks)
            assert block % 2 == 0 and write.row == 0
            assert write.line_address == load.scale_base + panel * load.scale_stride + block // 2
        else:
            panel, k_step = divmod(write.step, load.k_steps)
            row = 16 * panel + write.row
            assert row < load.rows
            assert write.line_address == load.element_base + row * load.element_stride + k_step


@settings(max_examples=200, deadline=None, derandomize=True)
@given(load=loads)
def test_every_block_has_its_scales_once_its_elements_have_come(load):
    """And the last panel's before the load ends; a line that comes later in the same panel brings no earlier block."""
    fmt = OPERAND_FORMATS[load.fmt]
    step_blocks = fmt.line_elements // BLOCK_SIZE
    come: set[int] = set()
    for write in mover(load, HALF_STEPS):
        if write.scale:
            assert write.step in come
        else:
            come |= {write.step * step_blocks + block for block in range(step_blocks)}
    with_scales = {first + block for _, first in scales(load) for block in (0, 1)}
    assert (come if fmt.scaled else set()) <= with_scales


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
