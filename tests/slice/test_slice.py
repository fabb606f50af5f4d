"""The slice: matrices from DRAM to DRAM, equal to the mathematics; each of its checks seen to fail."""

from dataclasses import replace

import numpy as np
import pytest

from hdl.bench.coverage import Coverage
from hdl.slice import ports
from zhenwu.cosim.hbm.controller_follower import ControllerFollower
from zhenwu.cosim.profiles import BURSTS, NONE, RANDOM, RESET
from zhenwu.cosim.slice import slice as cosim
from zhenwu.cosim.slice.bins import BINS
from zhenwu.cosim.slice.jobs import chained_job, shaped_jobs
from zhenwu.cosim.slice.slice_bench import Work, slice_bench
from zhenwu.cosim.stream_bench import run_once
from zhenwu.cosim.tile.bad_programs import trapping
from zhenwu.cosim.tile.host import KNOCK_CYCLES, Host
from zhenwu.cosim.tile.tile import layer_jobs
from zhenwu.cosim.tile.tile_bench import HALF_STEPS
from zhenwu.cosim.tile.tile_follower import TileFollower
from zhenwu.cycle.tile.tile import Tile
from zhenwu.golden.tile.layout import MEMORY_LINES
from zhenwu.spec.isa import Load, Store, decode, encode
from zhenwu.spec.tile import SLICE_FORMATS

SMALL = {"read_entries": 16, "write_entries": 16}


def check(work, profiles=(NONE,), seed=1, **options):
    return cosim.check_work(work, seed=seed, coverage=Coverage(BINS), profiles=profiles, **options)


# what make sim runs, with other seeds


@pytest.mark.parametrize("seed", [7, 2026])
def test_a_whole_run_agrees_and_visits_every_planned_corner(seed):
    evidence = cosim.run(seed)
    assert evidence.ok, (evidence.violations, evidence.first_mismatch)
    assert evidence.unhit == {}
    assert [drawing.title for drawing in evidence.drawings] == [
        "q_proj of 64 tokens: what array and DQ do, CK by CK", "q_proj of 64 tokens: bank by bank around a refresh",
        "The slice's pins as a refresh begins",
    ]
    assert "REFab" in evidence.listings[0].text


def test_the_real_layer_has_a_refresh_in_the_middle_of_an_mma():
    prefill, _ = layer_jobs()
    coverage = Coverage(BINS)
    work = Work([prefill], controller_sizes={"refresh_start": cosim.REFRESH_START})
    evidence = cosim.check_work(work, seed=1, coverage=coverage)
    assert evidence.ok and prefill.shape == (64, 128, 128)
    assert coverage.hits["cp_refresh_during_mma"] >= 1
    assert evidence.achieved < evidence.bound


# held-out shapes, arrays, depths


@pytest.mark.parametrize("seed", range(10))
def test_random_shapes_on_random_controllers(seed):
    rng = np.random.default_rng(seed)
    shape = tuple(int(rng.integers(1, top)) for top in (34, 34, 200))
    sizes = {
        "read_entries": int(rng.integers(1, 33)), "write_entries": int(rng.integers(1, 33)),
        "return_entries": int(rng.integers(1, 65)), "refresh_start": int(rng.integers(1, 1200)),
        "address_map": ("RoBaCoBg", "RoBaBgCo")[seed % 2],
    }
    evidence = check(Work(shaped_jobs(seed, [shape]), controller_sizes=sizes), seed=seed)
    assert evidence.ok, (shape, sizes, evidence.violations, evidence.first_mismatch)


@pytest.mark.parametrize(("rows", "cols"), [(2, 2), (8, 2), (8, 8)])
def test_other_arrays(rows, cols):
    work = Work(shaped_jobs(3, [(17, 18, 70)], rows=rows, cols=cols), rows, cols, SMALL)
    evidence = check(work)
    assert evidence.ok, (evidence.violations, evidence.first_mismatch)


@pytest.mark.parametrize("profiles", [(RANDOM,), (BURSTS,), (RANDOM, RESET)])
def test_tile_and_controller_bear_any_delay_between_them(profiles):
    jobs = [chained_job(5), *shaped_jobs(5, [(20, 18, 70)])]
    evidence = check(Work(jobs, controller_sizes=SMALL | {"refresh_start": 500}), profiles, relayed=True)
    assert evidence.ok, (evidence.violations, evidence.first_mismatch)


# resets


@pytest.mark.parametrize("seed", range(6))
def test_after_resets_at_random_cycles_the_same_matmul_comes_out_right(seed):
    work = Work(shaped_jobs(seed, [(18, 20, 100)]), controller_sizes=SMALL | {"refresh_start": 100 + 90 * seed})
    coverage = Coverage(BINS)
    evidence = cosim.check_work(work, seed=seed, coverage=coverage, profiles=(NONE, RESET))
    assert evidence.ok, (evidence.violations, evidence.first_mismatch)
    assert coverage.hits["cp_reset_in_mma"] and coverage.hits["cp_reset_with_stores"]


@pytest.mark.parametrize("harmed", [False, True])
def test_a_reset_does_not_put_the_matrices_back(monkeypatch, harmed):
    """The second run multiplies what the device holds: harm done to a matrix by the reset would show."""
    work = Work(shaped_jobs(1, [(18, 20, 100)]))
    line = min(work.jobs[0].image)
    honest = ControllerFollower.restart

    def restart(self):
        honest(self)
        memory = self.referee.device.store.memory
        memory.lines[line] ^= int(harmed)

    monkeypatch.setattr(ControllerFollower, "restart", restart)
    outcome = run_once(slice_bench(work, Coverage(BINS), [], []), NONE, 1, 20_000, reset_at=(300,))
    assert outcome.ok != harmed and outcome.violations == ()


@pytest.mark.parametrize("forgotten", [False, True])
def test_a_reset_keeps_the_program_in_hardware_and_model(monkeypatch, forgotten):
    """The second run starts what the first has filled in; a model that lost it would differ."""
    filled = []
    honest = Host.fill

    def fill(self, pins, program):
        if not filled:
            filled.append(True)
            yield from honest(self, pins, program)

    def restart(self):
        self.model = Tile(**self.sizes)

    monkeypatch.setattr(Host, "fill", fill)
    if forgotten:
        monkeypatch.setattr(TileFollower, "restart", restart)
    work = Work(shaped_jobs(1, [(18, 20, 100)]))
    outcome = run_once(slice_bench(work, Coverage(BINS), [], []), NONE, 1, 5_000, reset_at=(300,))
    assert outcome.ok != forgotten


@pytest.mark.parametrize("later", [0, 1, 2])
def test_a_reset_while_start_is_high_starts_nothing(later):
    """The host knocks with `start` while a program runs; a reset falls just then."""
    work = Work(shaped_jobs(1, [(33, 34, 100)]))
    knock = cosim.predicted(work).spans[0].began + cosim.RESET_EDGES + KNOCK_CYCLES + later
    outcome = run_once(slice_bench(work, Coverage(BINS), [], []), NONE, 1, 5_000, reset_at=(knock,))
    assert outcome.ok, outcome.boards["tile"].first


# refused before cycle 0


def moved(job, record, **fields):
    """The job with the last instruction of a kind changed."""
    words = list(job.programs[0])
    index = max(place for place, word in enumerate(words) if isinstance(decode(word), record))
    words[index] = encode(replace(decode(words[index]), **fields))
    return replace(job, programs=[words])


@pytest.mark.parametrize(("record", "fields"), [
    (Load, {"element_base": MEMORY_LINES - 1}), (Load, {"scale_base": MEMORY_LINES - 1, "scale_stride": 9}),
    (Store, {"base": MEMORY_LINES - 3}),
])
def test_a_descriptor_beyond_memory_is_refused(record, fields):
    job = shaped_jobs(2, [(18, 20, 140)])[0]
    wrong = moved(job, record, **fields)
    for jobs in ([wrong], [job, wrong], [replace(job, programs=[*job.programs, *wrong.programs])]):
        with pytest.raises(ValueError, match=r"^instruction \d+ reaches line \d+: expected at most 8388607, .*$"):
            Work(jobs)


def test_the_ports_are_those_of_tile_and_pins():
    assert set(ports()) == {"clk", "rst", "code", "start", "length", "done", "status", "counts", "bus", "dq"}


def test_a_reset_after_the_work_is_done_starts_it_anew():
    work = Work(shaped_jobs(1, [(3, 4, 70)]), controller_sizes=SMALL)
    settled = cosim.predicted(work).spans[0].settled
    hosts = []
    outcome = run_once(slice_bench(work, Coverage(BINS), hosts, []), NONE, 1, 5_000, reset_at=(settled + 40,))
    assert outcome.ok and outcome.cycles > 2 * settled and hosts[0].board.complete


def test_a_program_that_traps_at_once_bears_resets_too():
    good = shaped_jobs(2, [(3, 4, 70)])[0]
    work = Work([trapping(good, "nothing", 0, [0], HALF_STEPS, SLICE_FORMATS)], controller_sizes=SMALL)
    for profiles, relayed in (((RANDOM, RESET), True), ((NONE, RESET), False)):
        evidence = check(work, profiles, relayed=relayed)
        assert evidence.ok and evidence.notes == (), (evidence.violations, evidence.first_mismatch)
