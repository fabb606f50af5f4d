"""A product on a pseudo-channel takes just as many cycles as on the cycle models of tile and controller."""

from dataclasses import asdict, dataclass
from random import Random
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.perf.broken import broken
from zhenwu.cycle.hbm.controller import Controller
from zhenwu.cycle.slice import run
from zhenwu.cycle.tile.tile import Tile
from zhenwu.golden.tile.compile_matmul import compile_matmul
from zhenwu.golden.tile.layout import plan
from zhenwu.golden.tile.mover import mover
from zhenwu.perf import tile_on_channel, tile_on_hbm
from zhenwu.perf.tile import matmul_cycles
from zhenwu.perf.tile_on_hbm import FOLLOWED, slice_cycles
from zhenwu.perf.tile_program import Product
from zhenwu.perf.tile_requests import requests
from zhenwu.spec.hbm3 import HBM3_6400
from zhenwu.spec.isa import Load, Store, encode
from zhenwu.spec.mma_formats import ALL_FORMATS, MMA_FORMATS

WITHIN = 0.05
REFRESHES = 10
SIDES = (2, 4, 8)

MUTATIONS = {
    "the mover goes first": (tile_on_channel, "(write == read and not tile.write_last)", "False"),
    "the store path goes first": (tile_on_channel, "(write == read and not tile.write_last)", "write == read"),
    "a read is late where many are under way": (tile_on_channel, "- most] + 1)", "- most] + 2)"),
    "a read more is under way": (tile_on_channel, "len(self.under_way) < most", "len(self.under_way) <= most"),
    "no line waits for its bank": (tile_on_channel, "(bank == tile.bank and offered <= free)", "0"),
    "lines come together": (tile_on_channel, "max(offered, free)", "max(offered, free - 1)"),
    "a command follows in the same CK": (tile_on_channel, "most = tile.accepted + 1", "most = tile.accepted"),
    "the host fills a word less": (tile_on_hbm, "start = done + 2", "start = done + 1"),
    "there is no memory between programs": (tile_on_hbm, "OnChannel(program, machine, channel",
                                            "OnChannel(program, machine, Channel(timing)"),
}


@dataclass(frozen=True)
class Shape:
    """A product on the slice, named as `slice_cycles` names it."""

    m: int
    n: int
    k: int
    fmt: str
    rows: int
    cols: int
    half_steps: int = 8
    latency: int = 1
    program_depth: int = 256
    queue_depth: int = 2
    outstanding: int = 64
    first_line: int = 0


# Memory limits the first, the array the second.
LONG = [Shape(64, 128, 700, "mxfp8", 8, 8), Shape(64, 64, 1024, "mxfp8", 2, 2)]
CORNERS = [
    Shape(1, 121, 797, "mxfp4", 8, 8, half_steps=32, latency=4, queue_depth=3),  # reads and writes meet
    Shape(1, 40, 1492, "mxfp4", 2, 2, half_steps=16, latency=4, queue_depth=1, first_line=949363),
]
# Longer than what is followed here.
LONGER = [
    Shape(1, 2900, 1041, "w4a8", 4, 4, half_steps=16, program_depth=64),
    Shape(76, 870, 836, "mxfp4", 8, 8, half_steps=16),
]


def drawn(seed: int, count: int, least: int, most: int) -> list[Shape]:
    """Random products that take about so many cycles: formats, arrays, sizes of the tile and places in memory."""
    random, found = Random(seed), []
    while len(found) < count:
        rows = random.choice(SIDES)
        shape = Shape(
            random.choice((1, random.randint(1, 160))), random.randint(1, 300), random.randint(1, 1500),
            random.choice(ALL_FORMATS), rows, random.choice((rows, rows, *SIDES)), random.choice((4, 8, 16, 32)),
            random.choice((1, 4)), random.choice((24, 64, 256)), random.choice((1, 2, 2, 3)),
            random.choice((1, 8, 64, 64)), random.choice((0, random.randrange(1 << 20))),
        )
        sizes = {name: value for name, value in asdict(shape).items() if name != "first_line"}
        try:
            cycles = matmul_cycles(**sizes, cycles_per_line=3).cycles
        except ValueError:  # one sum over k does not fit in a program
            continue
        if least <= cycles <= most:
            found.append(shape)
    return found


def on_the_models(shape: Shape) -> int:
    """CK of a product on the cycle models of tile and controller, those of the host between programs left out."""
    matrices = plan(shape.m, shape.n, shape.k, shape.first_line, MMA_FORMATS[shape.fmt])
    work = compile_matmul(*matrices, shape.half_steps, shape.program_depth)
    tile = Tile(rows=shape.rows, cols=shape.cols, half_steps=shape.half_steps, program_depth=shape.program_depth,
                queue_depth=shape.queue_depth, outstanding=shape.outstanding, formats=(shape.fmt,),
                latency=shape.latency)
    task = SimpleNamespace(programs=[[encode(each) for each in program] for program in work], image={}, written={})
    (span,) = run([task], tile, Controller(), budget=200_000).spans
    return span.done - span.began - sum(len(program) + 1 for program in work[1:])


@pytest.fixture(scope="module")
def measured():
    return [(shape, on_the_models(shape)) for shape in CORNERS + drawn(3, 12, 300, 8_000)]


@pytest.mark.parametrize("shape", LONG, ids=str)
def test_as_many_cycles_over_many_refreshes(shape):
    took, found = on_the_models(shape), slice_cycles(**asdict(shape))
    assert took >= REFRESHES * HBM3_6400.total("nREFI")
    assert found.exact and found.cycles == took


def test_as_many_cycles_for_any_tile_and_place(measured):
    for shape, took in measured:
        assert slice_cycles(**asdict(shape)).cycles == took, shape
    assert max(took for _, took in measured) > HBM3_6400.total("nREFI")


@pytest.mark.parametrize("slip", MUTATIONS)
def test_each_turn_between_tile_and_channel_matters(slip, measured):
    wrong = broken([tile_on_channel, tile_on_hbm], *MUTATIONS[slip])
    assert any(wrong.slice_cycles(**asdict(shape)).cycles != took for shape, took in measured)


@pytest.mark.parametrize("shape", LONGER, ids=str)
def test_what_is_not_followed_is_estimated(shape):
    whole = slice_cycles(**asdict(shape), followed=1 << 40)
    part = slice_cycles(**asdict(shape), followed=2 * REFRESHES * HBM3_6400.total("nREFI"))
    assert whole.exact and not part.exact and part.lines == whole.lines
    assert abs(part.cycles - whole.cycles) <= WITHIN * whole.cycles


def test_a_large_product_is_little_work():
    found = slice_cycles(4096, 4096, 4096, "mxfp4", 4, 4, half_steps=128, latency=4)
    assert not found.exact and found.followed < 2 * FOLLOWED
    assert found.cycles > matmul_cycles(4096, 4096, 4096, "mxfp4", 4, 4, half_steps=128, latency=4).bound


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.integers(1, 70), st.integers(1, 70), st.integers(1, 700), st.sampled_from(ALL_FORMATS),
       st.sampled_from([4, 8, 128]), st.integers(0, 5000))
def test_the_lines_are_those_of_the_compiled_programs(m, n, k, fmt, half_steps, first_line):
    kind = MMA_FORMATS[fmt]
    expected = []
    for program in compile_matmul(*plan(m, n, k, first_line, kind), half_steps):
        reads, writes = [], []
        for each in program:
            if isinstance(each, Load):
                reads += [line.line_address for line in mover(each, half_steps)]
            elif isinstance(each, Store):
                places = range(each.base, each.base + each.m * each.stride, each.stride)
                writes += [row + line for row in places for line in range(-(-each.n // 8))]
        expected.append((reads, writes))
    found = requests(Product(m, n, k, kind, half_steps, 256), first_line)
    assert [(list(reads), list(writes)) for _, reads, writes in found] == expected


def test_slower_than_bursts_without_a_gap():
    sizes = (40, 40, 500, "mxfp4", 4, 4)
    assert slice_cycles(*sizes).cycles > matmul_cycles(*sizes, cycles_per_line=HBM3_6400.total("nBL")).cycles


def test_a_line_takes_its_share_of_the_cycles():
    found = slice_cycles(1, 256, 256, "mxfp4", 8, 8)
    assert found.cycles_per_line == found.cycles / found.lines
    assert found.lines == matmul_cycles(1, 256, 256, "mxfp4", 8, 8).lines


def test_what_the_tile_refuses_is_refused():
    with pytest.raises(ValueError, match="expected one of mxfp4"):
        slice_cycles(1, 1, 1, "e5m2")
