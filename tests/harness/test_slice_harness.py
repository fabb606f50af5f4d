"""Random programs on a slice in a closed loop: hardware and twin show the same in every CK, and one wrong pin shows."""

import copy
from collections import Counter

import pytest

from hdl.designs import QUEUES, TILE
from hdl.harness.slice_harness import ports, slice_harness
from zhenwu.cosim.harness.native import Beside, beside
from zhenwu.cosim.harness.slice import SliceHarness
from zhenwu.spec.hbm3 import ACT, COMMANDS, RD, WR
from zhenwu.spec.isa import BAD_INSTRUCTION, FINISHED, STATUS_CODE

SIZES = {"tile_sizes": TILE, "controller_sizes": QUEUES}
CYCLES = 2000
FAULT_FROM = 300
LONG = 60_000
BANKS = 16


def native(seed: int, restless: bool = False, cycles: int = CYCLES, fault=None) -> Beside:
    """The hardware in MyHDL beside a twin."""
    twin = SliceHarness(seed, restless, **SIZES)
    run = beside(
        slice_harness, ports, SIZES, twin, seed=seed, restless=restless, cycles=cycles, streams=("code",), fault=fault,
        fault_from=FAULT_FROM,
    )
    assert twin.faults == []
    return run


@pytest.mark.parametrize(("seed", "restless"), [(2, False), (35, True)])
def test_hardware_and_twin_show_the_same_in_every_ck(seed, restless):
    run = native(seed, restless)
    assert run.differs is None and run.first_wrong is None
    assert not run.violations
    assert len(run.signatures) == CYCLES and len({shown for shown, _ in run.signatures}) > CYCLES * 0.9
    assert bool(run.resets) == restless


def wrong_dq(blocks) -> bool:
    """One bit of a half of a line that is written."""
    dq = blocks.named("slice_harness", "dq")
    if not dq.drive:
        return False
    dq.write.next = int(dq.write.val) ^ 1 << 77
    return True


def wrong_row(blocks) -> bool:
    """One bit of the row that an ACT opens."""
    rise = blocks.named("slice_harness", "bus.rise")
    if rise.op != ACT:
        return False
    rise.row.next = int(rise.row.val) ^ 1 << 13
    return True


def wrong_sum(blocks) -> bool:
    """One bit of a sum, inside the tile."""
    beats = blocks.named("tile", "beats")
    if not beats.valid:
        return False
    beats.data.next = int(beats.data.val) ^ 1
    return True


@pytest.mark.parametrize("fault", [wrong_dq, wrong_row, wrong_sum])
def test_one_planted_fault_shows_for_good(fault):
    run = native(7, fault=fault)
    assert run.planted is not None and run.first_wrong is not None
    assert run.first_wrong >= run.planted
    assert all(shown != due for shown, due in run.signatures[run.first_wrong :])


@pytest.fixture(scope="module")
def seen() -> tuple[Counter, SliceHarness]:
    """What a long run of the twin met, and the twin after it."""
    counts: Counter = Counter()
    twin, was_done, last_row = SliceHarness(21, False, **SIZES), False, {}
    for _ in range(LONG):
        model, pins = twin.slice, twin.slice.controller.pins
        sequencer, entering = model.tile.sequencer, model.controller.admission.entering
        for op, bank in pins.started():
            counts[COMMANDS[op]] += 1
            counts[COMMANDS[op], bank] += 1
        if pins.column in (RD, WR):
            counts["row hit"] += last_row.get(pins.column_bank) is not None
            last_row[pins.column_bank] = True
        if pins.rise == ACT:
            last_row.pop(pins.rise_bank, None)
        counts["forwarded"] += entering is not None and bool(entering.forwarded)
        counts["start while it runs"] += twin.traffic.host.start and not sequencer.ready
        if sequencer.done and not was_done:
            counts["status", sequencer.status >> STATUS_CODE.lsb & 15] += 1
        was_done = sequencer.done
        twin.step()
    return counts, twin


def test_the_jobs_cover_what_a_slice_can_meet(seen):
    counts, _ = seen
    wanted = ["ACT", "PREpb", "PREab", "REFab", "RD", "WR", "row hit", "start while it runs"]
    wanted += [("status", code) for code in (FINISHED, BAD_INSTRUCTION)]
    wanted += [(op, bank) for op in ("RD", "WR") for bank in range(BANKS)]
    assert [name for name in wanted if not counts[name]] == []


def test_the_referee_finds_nothing_wrong(seen):
    _, twin = seen
    assert twin.faults == []
    assert twin.slice.referee.checker.evaluations > LONG / 10
    twin = copy.deepcopy(twin)
    twin.slice.referee.device.faults.append("planted")
    assert twin.faults == ["planted"]


def test_results_reach_the_device_and_are_read_back(seen):
    _, twin = seen
    kept = [line for line in twin.slice.referee.device.store.lines if line is not None]
    assert len(kept) > 300 and len(set(kept)) > 200


def test_a_copy_of_a_twin_goes_its_own_way():
    twin = SliceHarness(8, True, **SIZES)
    for _ in range(1500):
        twin.step()
    other = copy.deepcopy(twin)
    for _ in range(1500):
        twin.step()
    assert other.cycle == 1500 and other.signature != twin.signature
    for _ in range(1500):
        other.step()
    assert other.signature == twin.signature and other.pins() == twin.pins()
