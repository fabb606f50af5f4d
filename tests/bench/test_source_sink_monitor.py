"""Source, sink and monitor: what goes in comes out, in order, at the cycles that the stalls say."""

import pytest
from myhdl import ResetSignal

from hdl.bench.monitor import Transfer, monitor
from hdl.bench.run import simulate
from hdl.bench.sink import sink
from hdl.bench.source import source
from hdl.bench.stalls import random_stalls, wave
from hdl.bundle import Stream, wire


def transfers_of(items, cycles, source_stalls=None, sink_stalls=None, wait_for_valid=False, reset_at=()):
    clk, rst, stream = wire(1), ResetSignal(0, active=1, isasync=False), Stream(data=8, last=1)
    seen: list[Transfer] = []
    parts = [
        source(clk, rst, stream, items, source_stalls),
        sink(clk, rst, stream, sink_stalls, wait_for_valid),
        monitor(clk, rst, stream, seen.append),
    ]
    simulate(parts, clk=clk, rst=rst, budget_cycles=cycles, reset_at=reset_at)
    return seen


ITEMS = [{"data": value, "last": value % 2} for value in range(20)]


def test_without_stalls_a_payload_moves_every_cycle():
    seen = transfers_of(ITEMS, 40)
    assert [transfer.payload for transfer in seen] == ITEMS
    # reset is sampled at edges 0 and 1, the first payload is driven at 2 and moves at 3
    assert [transfer.cycle for transfer in seen] == list(range(3, 23))


def test_stalls_fall_where_they_are_drawn():
    seen = transfers_of(ITEMS[:3], 20, source_stalls=wave("_--_-_"))
    assert [transfer.cycle for transfer in seen] == [3, 6, 8]
    seen = transfers_of(ITEMS[:3], 20, sink_stalls=wave("-_-_-_"))
    assert [transfer.cycle for transfer in seen] == [4, 6, 8]


@pytest.mark.parametrize("wait_for_valid", [False, True])
def test_nothing_is_lost_or_repeated_under_random_stalls(wait_for_valid):
    seen = transfers_of(ITEMS, 400, random_stalls(1), random_stalls(2), wait_for_valid)
    assert [transfer.payload for transfer in seen] == ITEMS


def test_a_sink_that_waits_for_valid_takes_one_payload_in_two_cycles():
    seen = transfers_of(ITEMS[:4], 20, wait_for_valid=True)
    assert [transfer.cycle for transfer in seen] == [4, 6, 8, 10]


def test_a_reset_starts_the_source_over():
    seen = transfers_of(ITEMS, 60, reset_at=(10,))
    assert [transfer.payload for transfer in seen] == ITEMS[:7] + ITEMS


def test_payloads_may_be_dicts_tuples_or_single_ints():
    assert [t.payload for t in transfers_of([(5, 1), {"data": 6, "last": 0}], 9)] == [
        {"data": 5, "last": 1},
        {"data": 6, "last": 0},
    ]


@pytest.mark.parametrize(
    ("item", "sentence"),
    [
        ({"datum": 1, "last": 0}, "item 0: field 'datum' is not one of data, last"),
        ({"data": 1}, "item 0: 1 fields, expected all of data, last"),
        (3, "item 0: 1 values, expected 2"),
    ],
)
def test_an_item_that_does_not_fit_the_stream_is_refused(item, sentence):
    with pytest.raises(ValueError, match=sentence):
        transfers_of([item], 5)


def test_the_payload_is_turned_over_between_offers():
    clk, rst, stream = wire(1), ResetSignal(0, active=1, isasync=False), Stream(data=8)
    idle: list[int] = []

    def look():
        while True:
            yield clk.posedge
            if not stream.valid:
                idle.append(int(stream.data.val))

    parts = [source(clk, rst, stream, [0x0F], wave("")), sink(clk, rst, stream), look()]
    simulate(parts, clk=clk, rst=rst, budget_cycles=8)
    assert idle[-1] == 0xF0


