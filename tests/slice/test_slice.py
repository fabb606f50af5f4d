"""The slice: matrices from DRAM to DRAM, equal to the mathematics; each of its checks seen to fail."""

from dataclasses import replace

import numpy as np
import pytest

from hdl.bench.coverage import Coverage
from hdl.slice import ports
from hdl.slice import slice as hdl_slice
from zhenwu.cosim.hbm.controller_follower import ControllerFollower
from zhenwu.cosim.profiles import BURSTS, NONE, RANDOM, RESET
from zhenwu.cosim.slice import slice as cosim
from zhenwu.cosim.slice.bins import BINS
from zhenwu.cosim.slice.jobs import chained_job, shaped_jobs
from zhenwu.cosim.slice.slice_bench import DatedStore, Work, slice_bench
from zhenwu.cosim.stream_bench import run_once
from zhenwu.cosim.tile.host import KNOCK_CYCLES, Host
from zhenwu.cosim.tile.tile import layer_jobs
from zhenwu.cosim.tile.tile_follower import TileFollower
from zhenwu.cycle.hbm.device import Device
from zhenwu.cycle.hbm.refresher import Refresher
from zhenwu.cycle.tile.drain import Drain
from zhenwu.cycle.tile.mma_issue import MmaIssue
from zhenwu.cycle.tile.tile import Tile
from zhenwu.golden.tile.layout import MEMORY_LINES
from zhenwu.spec.isa import Load, Store, decode, encode

SMALL = {"read_entries": 16, "write_entries": 16}


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


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


@pytest.mark.parametrize("profile", [RANDOM, BURSTS])
def test_tile_and_controller_bear_any_delay_between_them(profile):
    jobs = [chained_job(5), *shaped_jobs(5, [(20, 18, 70)])]
    evidence = check(Work(jobs, controller_sizes=SMALL | {"refresh_start": 500}), (profile,), relayed=True)
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


# the cycle count


def test_both_models_alone_say_when_a_job_ends():
    evidence = check(Work(layer_jobs()[1:], controller_sizes=SMALL))
    assert any("cycles as both models alone predicted" in note for note in evidence.notes)


def test_a_model_that_foretells_another_end_is_caught():
    work = Work(shaped_jobs(1, [(16, 16, 64)]))
    model = cosim.predicted(work)
    span = model.spans[0]
    late = replace(model, spans=[span._replace(done=span.done + 1)])
    evidence = check(work, model=late)
    assert not evidence.ok and "the cycle models alone" in evidence.violations[0]


@pytest.mark.parametrize("harm", [lambda commands: commands.append(commands[-1]), lambda commands: commands.reverse()])
def test_a_model_that_foretells_other_commands_is_caught(harm):
    work = Work(shaped_jobs(1, [(16, 16, 64)]))
    model = cosim.predicted(work)
    harm(model.referee.commands)
    evidence = check(work, model=model)
    assert not evidence.ok and "the commands differ from what the cycle models alone give" in evidence.violations[0]


# each check on a broken version


def broken(monkeypatch, owner, name, wrong, work=None, **options):
    monkeypatch.setattr(owner, name, wrong)
    return check(work or Work(shaped_jobs(2, [(17, 18, 70)]), controller_sizes={"refresh_start": 300}), **options)


def test_a_bit_that_flips_in_the_device_is_caught_in_memory(monkeypatch):
    honest = DatedStore.write
    flipped = iter([1])

    def write(self, line, value):
        honest(self, line, value ^ next(flipped, 0))

    evidence = broken(monkeypatch, DatedStore, "write", write)
    assert evidence.first_mismatch.stream == "memory" and evidence.first_mismatch.field == "data"
    assert evidence.first_mismatch.expected ^ evidence.first_mismatch.actual == 1


def test_a_line_that_comes_late_on_dq_is_caught(monkeypatch):
    honest = Device.__init__

    def init(self, store, timing, address_map):
        honest(self, store, timing, address_map)
        self.read_latency += 1

    evidence = broken(monkeypatch, Device, "__init__", init)
    assert not evidence.ok


@pytest.mark.parametrize(
    ("owner", "name", "wrong", "stream"),
    [
        (Drain, "takes", lambda self, ready: self.left == 0, "tile"),
        (MmaIssue, "frees", property(lambda self: 0), "tile"),
        (Refresher, "step", lambda self, rise: None, "controller"),
    ],
)
def test_a_model_that_differs_is_caught_where_it_does(monkeypatch, owner, name, wrong, stream):
    evidence = broken(monkeypatch, owner, name, wrong)
    assert evidence.first_mismatch.stream == stream
    assert evidence.first_mismatch.svg.exists() and evidence.first_mismatch.vcd.exists()


def test_a_broken_timing_rule_is_caught(monkeypatch):
    """The hardware is given a table with a shorter gap than the one that the checker reads."""
    from zhenwu.cosim.slice import slice_bench as bench
    from zhenwu.spec.hbm3 import HBM3_6400

    hasty = replace(HBM3_6400, nRCDRD=HBM3_6400.total("nRCDRD") - 1)

    def impatient(*pins, controller_sizes, **named):
        return hdl_slice(*pins, controller_sizes=dict(controller_sizes) | {"timing": hasty}, **named)

    evidence = broken(monkeypatch, bench, "slice", impatient)
    assert not evidence.ok and evidence.first_mismatch.stream == "controller"


def test_a_result_that_is_not_written_is_caught(monkeypatch):
    job = shaped_jobs(2, [(17, 18, 70)])[0]
    evidence = check(Work([replace(job, written=job.written | {7: 1})]))
    assert evidence.first_mismatch.stream == "memory"


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
    with pytest.raises(ValueError, match=r"^instruction \d+ reaches line \d+: expected at most 8388607, .*$"):
        Work([moved(job, record, **fields)])


def test_the_ports_are_those_of_tile_and_pins():
    assert set(ports()) == {"clk", "rst", "code", "start", "length", "done", "status", "bus", "dq"}


def test_a_reset_after_the_work_is_done_starts_it_anew():
    work = Work(shaped_jobs(1, [(3, 4, 70)]), controller_sizes=SMALL)
    settled = cosim.predicted(work).spans[0].settled
    hosts = []
    outcome = run_once(slice_bench(work, Coverage(BINS), hosts, []), NONE, 1, 5_000, reset_at=(settled + 40,))
    assert outcome.ok and outcome.cycles > 2 * settled and hosts[0].board.complete
