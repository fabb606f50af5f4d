"""The cycle models of the tile's control, and what the composition says of a whole matmul."""

import pytest

from zhenwu.cosim.slice.jobs import chained_job, shaped_jobs
from zhenwu.cosim.tile.tile_bench import tile_sizes
from zhenwu.cycle.hbm.controller import Controller
from zhenwu.cycle.slice import SETTLE_CYCLES, run
from zhenwu.cycle.stream.arbiter import Arbiter
from zhenwu.cycle.stream.fifo import Fifo
from zhenwu.cycle.tile.drain import Drain
from zhenwu.cycle.tile.mac_array import STAGES, MacArray, Result
from zhenwu.cycle.tile.sequencer import Sequencer
from zhenwu.cycle.tile.store_path import StorePath
from zhenwu.cycle.tile.tile import ACTIVITIES, Tile
from zhenwu.spec.isa import BAD_INSTRUCTION, FINISHED, Load, Mma, Store, Wait, encode, status

LOAD = Load(0, 0, 16, 1, 0, 1, 16, 1)
NOTHING = dict.fromkeys((Load, Mma, Store), False)
ROOM = dict.fromkeys((Load, Mma, Store), True)


def sequenced(words, steps, room=ROOM, ended=None):
    """States of offered instructions, cycle by cycle from the start on."""
    sequencer = Sequencer(8, 8)
    for index, word in enumerate(words):
        sequencer.step((index, word), False, 0, room, NOTHING, False, None)
    sequencer.step(None, True, len(words), room, NOTHING, False, None)
    seen = []
    for cycle in range(steps):
        seen.append(sequencer.offered)
        sequencer.step(None, False, len(words), room, (ended or {}).get(cycle, NOTHING), False, None)
    return sequencer, seen


def test_an_instruction_is_offered_every_third_cycle():
    _, seen = sequenced([encode(LOAD)] * 2, 9)
    assert [place for place, offered in enumerate(seen) if offered is not None] == [2, 5]


def test_one_that_its_queue_does_not_take_stands():
    _, seen = sequenced([encode(LOAD)], 9, room=ROOM | {Load: False})
    assert [place for place, offered in enumerate(seen) if offered is not None] == [2, 3, 4, 5, 6, 7, 8]


def test_a_program_ends_only_when_its_loads_have():
    sequencer, _ = sequenced([encode(LOAD)], 20)
    assert not sequencer.done
    sequencer, _ = sequenced([encode(LOAD)], 20, ended={9: NOTHING | {Load: True}})
    assert sequencer.done and sequencer.status == status(FINISHED)


def test_a_bad_word_ends_a_program_with_its_index():
    sequencer, _ = sequenced([encode(Wait()), 0, encode(LOAD)], 12)
    assert sequencer.status == status(BAD_INSTRUCTION, 1)


def test_a_queue_takes_nothing_in_the_cycle_in_which_it_gives():
    queue = Fifo(2)
    queue.step("a", False)
    queue.step("b", False)
    assert not queue.ready
    queue.step("c", True)
    assert list(queue.items) == ["b"]


def test_two_sides_take_turns_and_a_standing_command_stays():
    arbiter = Arbiter()
    assert arbiter.choice(True, True), "the second side, after a reset that left the first as the last owner"
    arbiter.step(True, True, ready=False)
    assert arbiter.choice(True, True), "it stands"
    arbiter.step(True, True, ready=True)
    assert not arbiter.choice(True, True)


@pytest.mark.parametrize("latency", [1, 2, 4])
def test_a_result_is_handed_off_three_edges_and_the_adder_s_latency_after_its_last_step(latency):
    array, result = MacArray(latency), Result(0, 4, 4)
    array.step(result, False)
    waited = 1
    while array.result is None:
        array.step(None, False)
        waited += 1
    assert waited == STAGES + latency + 1 == 3 + latency


@pytest.mark.parametrize(("cols", "beats"), [(2, 8), (4, 4), (8, 2)])
def test_a_result_drains_a_beat_a_cycle(cols, beats):
    drain = Drain(cols)
    drain.step(Result(0, 1, 16), True)
    offered = 0
    for _ in range(20):
        offered += drain.beat is not None
        drain.step(None, True)
    assert offered == beats


def test_a_ragged_row_is_stored_in_whole_lines():
    lines = StorePath(4).line_beats(Store(2, 11, 100, 4))
    assert [(line.address, line.beats) for line in lines] == [(100, 2), (101, 1), (104, 2), (105, 1)]
    assert [line.last for line in lines] == [False, False, False, True]


def modelled(jobs, **sizes):
    return run(jobs, Tile(**tile_sizes(jobs, 4, 4)), Controller(**sizes), budget=20_000)


def test_a_whole_matmul_breaks_no_rule_and_stores_every_line():
    jobs = shaped_jobs(3, [(18, 20, 70), (5, 40, 300)])
    result = modelled(jobs, refresh_start=250)
    assert result.faults == [] and set(result.activity) <= set(ACTIVITIES)
    store = result.referee.device.store
    assert {line: store[line] for line in jobs[1].written} == jobs[1].written
    for job, span in zip(jobs, result.spans, strict=True):
        assert result.activity[span.began : span.done].count("busy") == job.mma_cycles
        assert span.began < span.done < span.done + SETTLE_CYCLES <= span.settled


def test_what_a_program_stored_it_may_load():
    job = chained_job(4)
    result = modelled([job])
    assert result.faults == [] and {line: result.referee.device.store[line] for line in job.written} == job.written


def test_a_refresh_costs_time():
    jobs = shaped_jobs(3, [(18, 20, 70)])
    with_one, without = (modelled(jobs, refresh_start=start).spans[0].settled for start in (200, 6240))
    assert with_one > without + 300


def test_a_budget_ends_a_run():
    jobs = shaped_jobs(3, [(18, 20, 70)])
    with pytest.raises(RuntimeError, match="0 of 1 tasks were done in 100 CK, expected all"):
        run(jobs, Tile(**tile_sizes(jobs, 4, 4)), Controller(), budget=100)
