"""What the chapter on sequencer and mover runs: programs on the tile, loads through the mover, lines into banks."""

from dataclasses import replace

import numpy as np
import pytest

from hdl.tile import mover as mover_rtl
from zhenwu.chapter import changed
from zhenwu.chapter.loads import fetched, filled
from zhenwu.chapter.tile_programs import by_panels, one_after_another, refused, wrong_programs
from zhenwu.chapter.tile_runs import activity, on_tile
from zhenwu.cosim.tile import tile_bench
from zhenwu.cosim.tile.tile_bench import HALF_STEPS, sized_job
from zhenwu.golden.tile.check_program import check_program
from zhenwu.golden.tile.mover import mover
from zhenwu.golden.tile.sequencer import unroll
from zhenwu.spec.isa import Load, Mma

LOAD = Load(0, 0, rows=20, k_steps=2, element_base=8, element_stride=2, scale_base=100, scale_stride=2)


def product(m, n, k, seed=1):
    rng = np.random.default_rng(seed)
    return sized_job("a product", *(rng.standard_normal((rows, k), np.float32) for rows in (m, n)))


@pytest.mark.parametrize("halves", [1, 2])
def test_a_program_by_panels_makes_the_product(halves):
    job, program = product(32, 64, 96), by_panels(32, 64, 96, halves)
    check_program(program, HALF_STEPS)
    run = on_tile(job, program)
    assert (run.end, run.wrong, run.stray) == ("finished", 0, 0)
    assert sum(run.counts.values()) == run.took == len(run.activity) + 1  # of the start
    assert {line for _, write, line in run.asked if write} == set(job.written)
    mmas = [each.instruction for each in unroll(program, HALF_STEPS) if isinstance(each.instruction, Mma)]
    assert len(mmas) == 8 and len(program) == (8 if halves == 1 else 13)


@pytest.mark.parametrize(("size", "named"), [((64, 32, 192), "A of 64 x 192 takes 12 steps: expected at most 8"),
                                             ((32, 48, 64), "n = 48: expected multiples of 16 and 32"),
                                             ((20, 32, 64), "m = 20")])
def test_a_product_that_does_not_go_by_panels_is_refused(size, named):
    with pytest.raises(ValueError, match=named):
        by_panels(*size)


def test_what_is_wrong_in_memory_is_counted():
    job = product(16, 16, 64)
    address = min(job.written)
    run = on_tile(replace(job, written=job.written | {address: job.written[address] ^ 1}))
    assert (run.end, run.wrong, run.stray) == ("finished", 1, 0)
    del job.written[address]
    assert on_tile(job).stray == 1


def test_hardware_that_is_not_as_its_model_is_no_run(monkeypatch):
    sizes = tile_bench.tile_sizes

    def fewer(*given):
        return sizes(*given) | {"queue_depth": 4}

    job = product(32, 32, 64)
    follower = tile_bench.TileFollower
    monkeypatch.setattr(tile_bench, "TileFollower", lambda pins, given: follower(pins, fewer([job], 4, 4)))
    with pytest.raises(RuntimeError, match="not as its cycle model"):
        on_tile(job)


def test_each_wrong_program_is_refused_and_the_right_one_is_not():
    good, wrong = wrong_programs()
    assert refused(good.programs[0]) == "nothing"
    assert all(refused(words).startswith(("instruction", "the program ends")) for words in wrong.values())
    assert "traps on 9 panels" in refused(wrong["a load larger than its half"])
    assert refused(wrong["a bit that no field has"]) == "instruction 6, Wait word 0x14 sets a reserved bit"


def test_a_layer_that_reads_the_one_before_it_needs_its_wait():
    first, chain = one_after_another(np.random.default_rng(2).standard_normal((3, 128), np.float32))
    one, two = chain.programs
    assert first.programs[0] == one and set(first.written) < set(chain.written)
    assert on_tile(chain, [*one, *two]).wrong == 0
    assert on_tile(chain, [*one[:-1], *two]).wrong > 0 and refused([*one[:-1], *two]) == "nothing"


def test_a_picture_of_a_run_counts_its_lines():
    run = on_tile(product(16, 16, 64))
    html = activity(run, "A run.", "Columns of what array and port do in it.", cycles=2 * run.took).html
    assert html.count('class="frame"') == 2 and "idle 50" in html


def test_the_mover_is_as_fast_as_its_queue_allows():
    assert fetched([LOAD], 4, 19).rate == pytest.approx(4 / 20, rel=0.1)
    assert fetched([LOAD], 20, 19).rate == 1 and fetched([LOAD], 20, 19, cycles_per_line=3).rate == pytest.approx(1 / 3)
    pins = fetched([LOAD], 4, 19, window=25).pins
    assert pins["cmd_valid"][1].count(1) == 7 and len(pins["line_row"][1]) == 25


def test_a_mover_that_takes_other_lines_is_named(monkeypatch):
    slip = changed(mover_rtl, "read.row.next = read.row + 1\n", "read.row.next = (read.row + 2) % 16\n")
    monkeypatch.setattr(mover_rtl, "mover", slip.mover)
    with pytest.raises(RuntimeError, match="line: .*row"):
        fetched([LOAD], 4, 9)


def test_lines_of_one_bank_take_two_cycles_each():
    lines = mover(LOAD, HALF_STEPS)
    assert filled(lines, 4) == len(lines)
    same = [each for each in lines if each.row == 3]
    assert filled(same, 4) == 2 * len(same) - 1
