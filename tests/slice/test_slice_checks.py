"""Every check of the slice, on a version that is broken where it looks."""

from dataclasses import replace

import pytest

from hdl.bench.coverage import Coverage
from hdl.slice import slice as hdl_slice
from zhenwu.cosim.hbm.pins import model_values
from zhenwu.cosim.profiles import NONE
from zhenwu.cosim.slice import slice as cosim
from zhenwu.cosim.slice.bins import BINS
from zhenwu.cosim.slice.jobs import shaped_jobs
from zhenwu.cosim.slice.slice_bench import DatedStore, Work, slice_bench
from zhenwu.cosim.stream_bench import run_once
from zhenwu.cosim.tile.tile import layer_jobs
from zhenwu.cosim.tile.tile_follower import tile_values
from zhenwu.cycle.hbm.controller import Controller
from zhenwu.cycle.hbm.device import Device
from zhenwu.cycle.hbm.refresher import Refresher
from zhenwu.cycle.hbm.return_buffer import Returned
from zhenwu.cycle.hbm.timing_checker import TimingChecker
from zhenwu.cycle.tile.drain import Drain
from zhenwu.cycle.tile.mma_issue import MmaIssue
from zhenwu.cycle.tile.tile import Tile
from zhenwu.spec.hbm3 import HBM3_6400

SMALL = {"read_entries": 16, "write_entries": 16}


def check(work, profiles=(NONE,), seed=1, **options):
    return cosim.check_work(work, seed=seed, coverage=Coverage(BINS), profiles=profiles, **options)


# the cycle count


def test_both_models_alone_say_when_a_job_ends():
    evidence = check(Work(layer_jobs()[1:], controller_sizes=SMALL))
    assert any("cycles as both models alone predicted" in note for note in evidence.notes)


@pytest.mark.parametrize("field", ["began", "done", "settled"])
def test_a_model_that_foretells_another_time_is_caught(field):
    work = Work(shaped_jobs(1, [(16, 16, 64)]))
    model = cosim.predicted(work)
    span = model.spans[0]
    late = replace(model, spans=[span._replace(**{field: getattr(span, field) + 1})])
    evidence = check(work, model=late)
    assert not evidence.ok and "the cycle models alone" in evidence.violations[0]


def test_an_array_that_worked_longer_than_the_program_says_is_caught():
    job = shaped_jobs(1, [(16, 16, 64)])[0]
    evidence = check(Work([replace(job, mma_cycles=job.mma_cycles + 1)]))
    assert not evidence.ok and f"the array multiplied in {job.mma_cycles} CK, expected" in evidence.violations[0]


@pytest.mark.parametrize("harm", [lambda seen: [*seen, seen[-1]], lambda seen: seen[:-1], lambda seen: seen[::-1]])
def test_a_model_that_foretells_other_commands_is_caught(harm):
    work = Work(shaped_jobs(1, [(16, 16, 64)]))
    model = cosim.predicted(work)
    model.referee.commands = harm(model.referee.commands)
    evidence = check(work, model=model)
    assert not evidence.ok and "commands differ: the cycle models alone give" in evidence.violations[0]


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
    assert evidence.first_mismatch.cycle is not None, "a line knows when it was written"


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

    hasty = replace(HBM3_6400, nRCDRD=HBM3_6400.total("nRCDRD") - 1)

    def impatient(*pins, controller_sizes, **named):
        return hdl_slice(*pins, controller_sizes=dict(controller_sizes) | {"timing": hasty}, **named)

    evidence = broken(monkeypatch, bench, "slice", impatient)
    assert not evidence.ok and evidence.first_mismatch.stream == "controller"


def test_a_rule_that_only_the_checker_knows_is_caught(monkeypatch):
    """Hardware and models agree in every pin; the timing checker has a longer gap than they keep."""
    longer = replace(HBM3_6400, nRCDRD=HBM3_6400.total("nRCDRD") + 1)
    honest = TimingChecker.__init__

    def init(self, timing, rules, refresh):
        honest(self, longer, rules, refresh)

    evidence = broken(monkeypatch, TimingChecker, "__init__", init)
    kept, asked = HBM3_6400.total("nRCDRD"), longer.total("nRCDRD")
    assert evidence.mismatches == 0 and f"RD {kept} CK after ACT, expected {asked}" in evidence.violations[0]


def test_a_result_that_is_not_written_is_caught():
    job = shaped_jobs(2, [(17, 18, 70)])[0]
    evidence = check(Work([replace(job, written=job.written | {7: 1})]))
    assert evidence.first_mismatch.stream == "memory"


def test_a_line_that_nobody_asked_for_is_caught():
    job = shaped_jobs(2, [(17, 18, 70)])[0]
    fewer = dict(job.written)
    fewer.pop(max(fewer))
    evidence = check(Work([replace(job, written=fewer)]))
    assert evidence.first_mismatch.stream == "memory" and evidence.first_mismatch.expected is None


def test_what_is_compared_in_every_cycle():
    tile, model = Tile(**Work(shaped_jobs(2, [(1, 1, 1)])).tile_sizes), Controller()
    always = {
        "code.ready", "done", "status", "load.valid", "mma.valid", "store.valid", "reserved", "full", "step.valid",
        "step.ready", "beats.valid", "beats.ready", "port.cmd.valid", "port.wdata.valid", "port.rdata.ready",
        "counts.busy", "counts.starved", "counts.blocked", "counts.draining", "counts.conflicts",
    }
    assert set(tile_values(tile, True, True)) == always
    tile.store_path.cmd = 5
    command = {"port.cmd.write", "port.cmd.line_address", "port.cmd.id"}
    assert set(tile_values(tile, True, True)) == always | command
    model.dq.drive = True
    model.return_buffer.rdata = Returned(7, 1)
    assert {"dq.write", "port.rdata.data", "port.rdata.id", "port.rdata.error"} <= set(model_values(model))


def test_the_activity_begins_anew_after_a_reset():
    work, followers = Work(shaped_jobs(1, [(3, 4, 70)])), []
    run_once(slice_bench(work, Coverage(BINS), [], followers), NONE, 1, 5_000, reset_at=(120,))
    foretold = cosim.predicted(work).activity
    assert followers[0].activity[: len(foretold)] == foretold
