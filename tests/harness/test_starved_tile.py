"""The tile with the knob: at each rate it does, cycle for cycle, what the tile's cycle model does on such a memory."""

from pathlib import Path

import pytest

from hdl.bench.play import play
from hdl.harness import starved_tile as harness
from zhenwu.cosim.live import live
from zhenwu.cosim.live_array import KNOB_SIDE
from zhenwu.cycle.tile.counters import ACTIVITIES
from zhenwu.cycle.tile.tile import Tile
from zhenwu.exercises.mac_array import slowest
from zhenwu.spec.tile import TILE

KNOB = "CYCLES_PER_LINE = 1 "
RATES = (1, 2, 3, 4, 8)


def turned(rate: int) -> str:
    """The harness with its knob at this rate."""
    source = Path(harness.__file__).read_text(encoding="utf-8")
    assert source.count(KNOB) == 1
    return source.replace(KNOB, f"CYCLES_PER_LINE = {rate} ")


def by_hardware(rate: int) -> dict[str, list[int]]:
    """What each kind's pin shows."""
    record = play(live("starved_tile"), turned(rate))
    assert record["wrong"] == 0
    return {each["name"]: each["values"] for each in record["columns"] if each["name"] in ACTIVITIES}


def by_model(rate: int) -> dict[str, list[int]]:
    """The same by the cycle model, on a memory of three lines."""
    inputs = live("starved_tile")["inputs"]
    model = Tile(
        rows=KNOB_SIDE, cols=KNOB_SIDE, half_steps=1, program_depth=harness.PROGRAM_DEPTH,
        queue_depth=int(TILE.queue_depth), outstanding=int(TILE.outstanding), formats=harness.FORMATS, latency=1,
    )
    shown: dict[str, list[int]] = {kind: [] for kind in ACTIVITIES}
    rest, line, before = 0, False, dict(model.counters.cycles)
    for valid, index, word, start, length in zip(*inputs.values(), strict=True):
        now = dict(model.counters.cycles)
        for kind in ACTIVITIES:
            shown[kind].append(int(now[kind] != before[kind]))
        before, taken, cmd = now, model.rdata_ready, model.cmd
        ready = not rest and (taken or not line)
        model.step((index, word) if valid else None, bool(start), length, ready, True, line)
        moves = ready and cmd is not None
        rest, line = rate - 1 if moves else max(0, rest - 1), moves and not cmd[0] or line and not taken
    return shown


@pytest.mark.parametrize("rate", RATES)
def test_the_array_does_what_the_cycle_model_does(rate):
    assert by_hardware(rate) == by_model(rate)


def test_it_starves_beyond_the_rate_that_paper_gives_and_not_before():
    """A slower memory delays the beginning; beyond the edge, the array starves again and again."""
    edge = slowest(1, 1, KNOB_SIDE, KNOB_SIDE)
    starved = {rate: after_the_beginning(by_model(rate))["starved"] for rate in range(1, 9)}
    assert [starved[rate] > 0 for rate in starved] == [rate > edge for rate in starved]
    assert starved[8] > starved[5]


def after_the_beginning(shown: dict[str, list[int]]) -> dict[str, int]:
    """Cycles of each kind from the first step on."""
    begin = shown["busy"].index(1)
    return {kind: sum(values[begin:]) for kind, values in shown.items()}
