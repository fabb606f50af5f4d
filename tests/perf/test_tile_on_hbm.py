"""A product on a pseudo-channel: the tile's own lines, and within 5 % of tile and controller on their cycle models."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhenwu.cycle.hbm.controller import Controller
from zhenwu.cycle.slice import run
from zhenwu.cycle.tile.tile import Tile
from zhenwu.golden.hbm.address_map import address_map
from zhenwu.golden.tile.compile_matmul import compile_matmul
from zhenwu.golden.tile.layout import plan
from zhenwu.golden.tile.mover import mover
from zhenwu.perf.hbm_channel import BANK_GROUPS, Channel, place
from zhenwu.perf.tile import matmul_cycles
from zhenwu.perf.tile_on_hbm import slice_cycles
from zhenwu.perf.tile_program import Product
from zhenwu.perf.tile_requests import requests
from zhenwu.spec.hbm3 import HBM3_6400
from zhenwu.spec.hbm_controller import CONTROLLER
from zhenwu.spec.isa import Load, Store, encode
from zhenwu.spec.mma_formats import ALL_FORMATS, MMA_FORMATS

WITHIN = 0.05
REFRESHES = 10
NEVER = replace(HBM3_6400, nREFI=1 << 20)
# m, n, k, format, array: memory limits the first, the array the second
LONG = [(64, 128, 700, "mxfp8", 8), (64, 64, 1024, "mxfp8", 2)]


def on_the_models(m, n, k, fmt, side):
    """CK of a product on the cycle models of tile and controller, those of the host between programs left out."""
    work = compile_matmul(*plan(m, n, k, fmt=MMA_FORMATS[fmt]), half_steps=8)
    tile = Tile(rows=side, cols=side, half_steps=8, program_depth=256, queue_depth=2, outstanding=64, formats=(fmt,),
                latency=1)
    task = SimpleNamespace(programs=[[encode(each) for each in program] for program in work], image={}, written={})
    (span,) = run([task], tile, Controller(), budget=200_000).spans
    return span.done - span.began - sum(len(program) + 2 for program in work[1:])


@pytest.mark.parametrize("product", LONG, ids=str)
def test_within_5_per_cent_of_the_cycle_models(product):
    *sizes, side = product
    took = on_the_models(*product)
    assert took >= REFRESHES * HBM3_6400.total("nREFI")
    found = slice_cycles(*sizes, side, side, half_steps=8, latency=1, program_depth=256)
    assert abs(found.cycles - took) <= WITHIN * took


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.integers(1, 70), st.integers(1, 70), st.integers(1, 700), st.sampled_from(ALL_FORMATS),
       st.sampled_from([4, 8, 128]), st.integers(0, 5000))
def test_the_lines_are_those_of_the_compiled_programs(m, n, k, fmt, half_steps, first_line):
    kind = MMA_FORMATS[fmt]
    reads, writes = [], []
    for program in compile_matmul(*plan(m, n, k, first_line, kind), half_steps):
        for each in program:
            if isinstance(each, Load):
                reads += [line.line_address for line in mover(each, half_steps)]
            elif isinstance(each, Store):
                places = range(each.base, each.base + each.m * each.stride, each.stride)
                writes += [row + line for row in places for line in range(-(-each.n // 8))]
    found = list(requests(Product(m, n, k, kind, half_steps, 256), first_line))
    assert [address for write, address in found if not write] == reads
    assert [address for write, address in found if write] == writes


@given(st.integers(0, (1 << 23) - 1))
def test_a_line_lies_where_the_controller_puts_it(line):
    there = address_map(line, str(CONTROLLER.address_map.value))
    assert place(line) == (there.bank * BANK_GROUPS + there.bank_group, there.bank_group, there.row)


def cost(lines, timing=NEVER):
    return Channel(timing).serve([(False, line) for line in lines]) / len(lines)


def test_what_a_line_costs_by_hand():
    count = 2000
    assert cost(range(count)) == pytest.approx(HBM3_6400.total("nBL"), rel=0.05)
    one_group = [BANK_GROUPS * each for each in range(count)]
    assert cost(one_group) == pytest.approx(HBM3_6400.total("nCCDL"), rel=0.05)
    rows_of_one_bank = [each << 9 for each in range(200)]
    assert cost(rows_of_one_bank) == pytest.approx(HBM3_6400.total("nRC"), rel=0.05)
    lost = HBM3_6400.total("nRFCab", "nRP", "nRTP", "nRCDRD") / HBM3_6400.total("nREFI")
    assert cost(range(20_000), HBM3_6400) == pytest.approx(HBM3_6400.total("nBL") / (1 - lost), rel=0.03)


def test_slower_than_bursts_without_a_gap():
    sizes = (40, 40, 500, "mxfp4", 4, 4)
    assert slice_cycles(*sizes).cycles > matmul_cycles(*sizes, cycles_per_line=HBM3_6400.total("nBL")).cycles


def test_what_the_tile_refuses_is_refused():
    with pytest.raises(ValueError, match="expected one of mxfp4"):
        slice_cycles(1, 1, 1, "e5m2")
