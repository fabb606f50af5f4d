"""The counters: each cycle of a program counts once, busy cycles are the mmas', and hardware beside its model."""

from itertools import product

import pytest

from tests.tile.placed import Placed
from zhenwu.cosim.tile import counters as cosim
from zhenwu.cosim.tile.tile_bench import HALF_STEPS
from zhenwu.cycle.tile.counters import ACTIVITIES, Counters, activity
from zhenwu.cycle.tile.tile import Tile
from zhenwu.golden.tile.bound import mma_cycles
from zhenwu.spec.isa import encode
from zhenwu.spec.mma_formats import ALL_FORMATS, BF16_MMA, MMA_FORMATS, MXFP8_MMA, MXFP8_OPERAND


def counted(program, latency=1, memory_cycles=1):
    """The counters after a program on a memory that answers each read after so many cycles, and the cycles it took."""
    tile = Tile(
        rows=4, cols=4, half_steps=HALF_STEPS, program_depth=256, queue_depth=2, outstanding=64, formats=ALL_FORMATS,
        latency=latency,
    )
    tile.step(None, False, 0, True, True, False)  # a reset leaves it not ready yet
    for index, instruction in enumerate(program):
        tile.step((index, encode(instruction)), False, 0, True, True, False)
    tile.step(None, True, len(program), True, True, False)
    answers, cycles = [], 1  # when each line that was asked for is there; the start's
    while not tile.sequencer.ready:
        cycles += 1
        rdata = bool(answers) and answers[0] <= cycles
        asked = tile.cmd is not None and not tile.writes
        taken = rdata and tile.rdata_ready
        tile.step(None, False, len(program), True, True, rdata)
        answers = answers[1:] if taken else answers
        answers += [cycles + memory_cycles] if asked else []
        assert cycles < 100_000
    return tile.counters, cycles


@pytest.mark.parametrize("holds", list(product([False, True], repeat=3)))
def test_a_cycle_counts_as_the_first_that_holds(holds):
    names = ("busy", "blocked", "draining")
    assert activity(*holds) == next((name for name, held in zip(names, holds, strict=True) if held), "starved")


def test_a_start_clears_and_what_runs_between_programs_is_not_counted():
    counters = Counters()
    for _ in range(3):
        counters.step(False, True, "busy", True)
    counters.step(False, False, "starved", True)
    assert (counters.cycles, counters.conflicts) == (dict.fromkeys(ACTIVITIES, 0) | {"busy": 3}, 3)
    counters.step(True, True, "busy", True)
    assert (counters.cycles, counters.conflicts) == (dict.fromkeys(ACTIVITIES, 0) | {"starved": 1}, 0)


@pytest.mark.parametrize("latency", [1, 4])
@pytest.mark.parametrize("fmt", MMA_FORMATS.values(), ids=MMA_FORMATS)
def test_all_cycles_of_a_program_are_counted_once_and_the_busy_ones_are_its_mmas(fmt, latency):
    for placed in (Placed(16, 16, 64, fmt), Placed(3, 5, 200, fmt, adds=True), Placed(20, 70, 40, fmt, MXFP8_OPERAND)):
        (program,) = placed.programs(HALF_STEPS)
        counters, cycles = counted(program, latency)
        assert sum(counters.cycles.values()) == cycles
        assert counters.cycles["busy"] == mma_cycles(program, 4, 4)


def test_a_slow_memory_starves_the_array_and_blocks_it_no_longer():
    (program,) = Placed(16, 16, 512, MXFP8_MMA).programs(HALF_STEPS)
    fast, slow = (counted(program, memory_cycles=cycles)[0].cycles for cycles in (1, 100))
    assert slow["starved"] > fast["starved"] + 90
    assert (slow["busy"], slow["draining"]) == (fast["busy"], fast["draining"])


def test_one_sub_tile_waits_for_its_adder_and_a_whole_step_does_not():
    """One group after another goes to the same accumulator: a cycle of work and three of waiting."""
    (small,), (whole,) = (Placed(size, size, 512).programs(HALF_STEPS) for size in (4, 16))
    assert counted(small, latency=4)[0].cycles["blocked"] >= 3 * (512 // 32 - 1)
    for program, latency in ((small, 1), (whole, 1), (whole, 4)):
        assert counted(program, latency)[0].cycles["blocked"] == 1  # in which the mma is taken


def test_lines_of_one_row_after_another_meet_in_their_bank():
    """A line is two words for one bank. Sixteen rows go round four banks; one row of BF16 always meets itself."""
    for rows, conflicts in ((16, 0), (1, 3)):
        (program,) = Placed(rows, 16, 4 * 16, BF16_MMA).programs(HALF_STEPS)
        assert counted(program)[0].conflicts == conflicts


def test_hdl_equals_its_cycle_model_in_every_cycle():
    evidence = cosim.run(seed=1, quick=True)
    assert evidence.ok, f"{evidence.first_mismatch} {evidence.violations}"
    assert evidence.unhit == {}
