"""The tile's sizes: published where T-Head published them, assumed where we chose, and consistent."""

import re
from dataclasses import fields

import pytest

from zhenwu.spec import formats, isa, m890, mma_formats
from zhenwu.spec.hbm3 import HBM_CK_PERIOD
from zhenwu.spec.sourced import Sourced
from zhenwu.spec.tile import SIM_TILE, TILE


def test_the_step_is_the_published_mma_shape():
    shapes = m890.MMA_SHAPES.value
    assert f"m{TILE.step_rows.value}n{TILE.step_rows.value}" in shapes
    assert re.search(r"k(\d+) \(MXFP4", shapes).group(1) == str(TILE.step_k.value)
    assert (TILE.step_rows.value, TILE.step_k.value) == (isa.STEP_ROWS, mma_formats.STEP_WORDS * formats.BLOCK_SIZE)


def test_the_scratchpad_is_the_published_shared_memory():
    assert (TILE.scratchpad_bytes.value, TILE.scratchpad_bytes.kind) == (256 * 1024, "published")
    assert (SIM_TILE.scratchpad_bytes.value, SIM_TILE.scratchpad_bytes.kind) == (16 * 1024, "assumed")


@pytest.mark.parametrize(("tile", "half_steps"), [(TILE, 128), (SIM_TILE, 8)])
def test_half_steps_follow_from_the_scratchpad(tile, half_steps):
    assert (tile.step_bytes.value, tile.half_steps.value, tile.half_steps.unit) == (512, half_steps, "")


def test_half_steps_of_an_assumed_scratchpad_are_assumed():
    assert (TILE.half_steps.kind, SIM_TILE.half_steps.kind) == ("derived", "assumed")


def test_a_half_fits_the_step_field_of_an_instruction():
    assert TILE.half_steps.value <= 1 << isa.MmaFields.a_step.width


def test_the_array_takes_a_block_per_dot_unit_and_cycle():
    assert (TILE.lanes.value, TILE.macs_per_cycle.value, TILE.subtiles.value) == (formats.BLOCK_SIZE, 512, 16)


def test_the_clock_is_the_memorys():
    assert (HBM_CK_PERIOD.value, HBM_CK_PERIOD.unit) == (0.625, "ns")
    assert TILE.clock_period.value == HBM_CK_PERIOD.value
    assert (1 / TILE.clock_period).to("GHz").value == 1.6


def test_what_we_chose_says_so_and_why():
    chosen = {f.name for f in fields(TILE) if getattr(TILE, f.name).kind == "assumed"}
    sizes = {"rows", "cols", "slice_bits", "program_depth", "queue_depth", "outstanding", "adder_latency"}
    assert chosen == sizes | {"clock_period"}
    assert all(getattr(TILE, name).source[0].title.startswith("ours: ") for name in chosen)


def test_every_field_is_sourced():
    assert all(isinstance(getattr(tile, f.name), Sourced) for tile in (TILE, SIM_TILE) for f in fields(tile))
