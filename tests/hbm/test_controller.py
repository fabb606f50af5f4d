"""The controller as a whole: limits met to the CK, every rule kept, every line right; RTL equal to its model."""

from dataclasses import replace
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hdl.bench.coverage import Coverage
from hdl.bench.stalls import Stalls, never, random_stalls
from hdl.hbm.controller import clock_bits, ports
from hdl.hbm.controller import controller as block
from zhenwu.cosim.hbm import controller as cosim
from zhenwu.cosim.hbm.controller import LATE
from zhenwu.cosim.hbm.controller_bench import Traffic, controller_bench
from zhenwu.cosim.hbm.controller_bins import BINS
from zhenwu.cosim.profiles import NONE, RANDOM
from zhenwu.cosim.stream_bench import run_once
from zhenwu.cycle.hbm.controller import Controller
from zhenwu.cycle.hbm.device import Content
from zhenwu.cycle.hbm.patterns import PATTERNS, accesses, line
from zhenwu.cycle.hbm.referee import Referee
from zhenwu.cycle.hbm.traffic import Access, Master, Result, System, run
from zhenwu.golden.hbm.bound import counted_bound, one_bank_interval, stream_bound, unloaded_read
from zhenwu.spec.hbm3 import HBM3_6400
from zhenwu.spec.hbm3_rules import TIMING_RULES, TimingRule
from zhenwu.spec.hbm_controller import CONTROLLER

SMALL = {"read_entries": 16, "write_entries": 16}
LATENCY = int(CONTROLLER.latency)


def starts(result: Result, *ops: str) -> list[int]:
    return [command.cycle for command in result.referee.commands if command.op in ops]


def counted(result: Result):
    return counted_bound((command.cycle, command.op) for command in result.referee.commands)


# published limits, met exactly


@pytest.mark.parametrize("write", [False, True])
def test_one_bank_takes_exactly_its_interval_a_row(write):
    traffic = [Access(write, line(1, 2, row, 3), row) for row in range(150)]
    result = run(traffic, Controller(refresh_enable=False))
    columns = starts(result, "RD", "WR")
    assert result.faults == []
    assert set(np.diff(columns)) == {one_bank_interval(write)} == {86 if write else 72}


def test_five_acts_to_different_bank_groups_start_as_the_limits_say():
    traffic = [Access(False, line(index % 4, index // 4, 9, 0)) for index in range(5)]
    acts = starts(run(traffic, Controller(refresh_enable=False)), "ACT")
    assert [start - acts[0] for start in acts] == [0, 4, 8, 12, 24]


@pytest.mark.parametrize(
    ("state", "before", "device"), [("hit", (7,), 22), ("closed", (), 53), ("conflict", (8,), 79)]
)
def test_an_unloaded_read_takes_the_devices_time_and_a_constant(state, before, device):
    """A row of the same bank was opened long ago, or none was."""
    traffic = [Access(False, line(2, 1, row, 0)) for row in (*before, 7)]
    result = run(traffic, Controller(refresh_enable=False), idle=lambda now: now % 300 != 0)
    assert result.latencies[-1] == unloaded_read(state) + LATENCY == device + LATENCY


def test_a_forwarded_read_waits_for_no_device():
    traffic = [Access(True, line(0, 0, 1, 1), 77), Access(False, line(0, 0, 1, 1))]
    result = run(traffic, Controller(refresh_enable=False))
    assert result.faults == [] and result.latencies[0] < unloaded_read("hit") and starts(result, "RD") == []


def test_a_long_stream_comes_within_two_thousandths_of_its_limit():
    """300,000 reads at 32 + 32 entries, with refresh: also 10^6 evaluations of rules without a violation."""
    result = run(accesses("stream", 300_000, 1), Controller())
    share = counted(result)
    assert result.faults == []
    assert 0.921 <= share.achieved <= share.bound
    assert share.achieved > stream_bound() - 0.002
    assert result.referee.checker.evaluations > 10**6


@pytest.mark.parametrize("entries", [16, 32])
def test_no_finite_run_passes_its_counted_bound(entries):
    """150 runs a size, of every pattern, with random lengths and refresh phases."""
    random = Random(entries)
    names = [name for name in PATTERNS if name != "one_bank"]
    for seed in range(150):
        traffic = accesses(random.choice(names), random.randint(1, 250), seed)
        sizes = {"read_entries": entries, "write_entries": entries}
        result = run(traffic, Controller(refresh_start=random.randint(1, 2000), **sizes))
        share = counted(result)
        assert result.faults == [] and share.achieved <= share.bound, seed


# laws: rules, lines and waits under any sizes, tables and manners


@settings(max_examples=60)
@given(
    pattern=st.sampled_from(sorted(PATTERNS)), seed=st.integers(0, 10**6), reads=st.integers(1, 20),
    writes=st.integers(1, 20), returns=st.integers(1, 40), max_age=st.integers(1, 300), start=st.integers(1, 1500),
    address_map=st.sampled_from(["RoBaCoBg", "RoBaBgCo"]), data_delay=st.integers(-20, 120),
)
def test_any_size_and_manner_serves_every_access_once_and_right(
    pattern, seed, reads, writes, returns, max_age, start, address_map, data_delay
):
    model = Controller(
        read_entries=reads, write_entries=writes, return_entries=returns, max_age=max_age, refresh_start=start,
        address_map=address_map,
    )
    random = Random(seed)
    stalls = {name: iter(lambda: random.random() < 0.3, None) for name in ("cmd", "wdata", "rdata")}
    result = run(accesses(pattern, 80, seed), model, data_delay=data_delay, stalls=stalls)
    assert result.faults == []


@settings(max_examples=40)
@given(data=st.data())
def test_any_table_that_can_be_is_kept(data):
    draw = lambda low, high: data.draw(st.integers(low, high))  # noqa: E731
    ccds, rrds, wtrs, rcdrd, rcdwr = draw(2, 4), draw(2, 8), draw(1, 12), draw(5, 50), draw(2, 40)
    ras = max(rcdrd, rcdwr) + draw(0, 30)
    cl, cwl = draw(3, 40), draw(2, 25)
    timing = replace(
        HBM3_6400, nRCDRD=rcdrd, nRCDWR=rcdwr, nRAS=ras, nRC=ras + draw(0, 40), nRP=draw(2, 40), nWR=draw(1, 50),
        nRTP=draw(1, 20), nCCDS=ccds, nCCDL=ccds + draw(0, 4), nCCDR=ccds + 1, nRRDS=rrds, nRRDL=rrds + draw(0, 4),
        nFAW=max(3, rrds) + draw(0, 40), nWTRS=wtrs, nWTRL=wtrs + draw(0, 8), nCL=cl, nCWL=cwl,
        nRTW=max(1, cl + 2 - cwl) + draw(0, 15), nPPD=draw(1, 5),
    )
    model = Controller(timing, refresh_start=draw(1, 900), **SMALL)
    traffic = accesses(data.draw(st.sampled_from(["few_rows", "turns", "one_group", "everywhere"])), 80, draw(0, 999))
    result = run(traffic, model, referee=Referee(model, Content()))
    assert result.faults == []


@pytest.mark.parametrize("entries", [1, 5, 16])
def test_as_many_writes_as_the_queue_holds_may_precede_their_data(entries):
    """Also while reads wait that were forwarded from earlier writes, of which all but one have left."""
    others = [line(index % 4, index // 4, 1, 0) for index in range(entries)]
    held_back = line(3, 3, 1, 1)
    traffic = [Access(True, at, 7) for at in others]
    before = len(traffic)  # whose data come
    traffic += [Access(True, held_back, 8), Access(False, held_back), *(Access(False, at) for at in others)]
    traffic += [Access(True, line(index % 4, index // 4, 2, 0), 9) for index in range(entries - 1)]
    master = Master(traffic)
    system = System(master, Controller(read_entries=entries, write_entries=entries, refresh_enable=False))
    for _ in range(2000):
        if master.beat >= before and master.sent < len(traffic):
            master.wdata = None  # its data wait for all these commands
        system.step()
    assert master.sent == len(traffic) and system.done and master.lines == [8] + [7] * entries


def test_no_row_closes_before_its_opener_is_served():
    """So random traffic needs an ACT an access and no more; without protection it wasted a twelfth of them."""
    result = run(accesses("everywhere", 1500, 2), Controller(**SMALL))
    columns = len(starts(result, "RD", "WR"))
    assert len(starts(result, "ACT")) <= columns * 1.005


# RTL and model: all pins in every cycle


TRACES = [
    ("stream", 2000, "none"), ("triad", 2000, "none"), ("few_rows", 2000, "late"), ("everywhere", 2000, "stalls"),
    ("one_group", 2000, "none"), ("bursts", 2000, "stalls"), ("hot_lines", 2000, "late"), ("update", 2000, "stalls"),
    ("turns", 2000, "stalls"), ("row_flood", 2000, "stalls"), ("one_bank", 200, "none"), ("few_rows", 2000, "sparse"),
]


@pytest.mark.parametrize(("pattern", "count", "manner"), TRACES)
def test_rtl_equals_the_model_on_every_pin_in_every_cycle(pattern, count, manner):
    """`late`: write data come long after their commands; `stalls`: all three streams are held up at random."""
    followers = []
    make = controller_bench(Traffic(pattern, accesses(pattern, count, 11), SMALL), Coverage(BINS), followers)
    outcome = run_once(make, MANNERS[manner], 11, 40 * count + 100_000)
    assert outcome.ok, (outcome.violations, outcome.boards["pins"].first, outcome.boards["lines"].first)
    assert followers[0].controller.faults == []
    assert outcome.boards["pins"].received > count


def sparse(name: str) -> Stalls:
    """A command now and then."""
    return random_stalls(name, 0.97) if name.endswith("cmd") else never()


MANNERS = {
    "none": NONE, "stalls": RANDOM, "late": LATE,
    "sparse": replace(NONE, name="sparse", pattern=sparse),
}


@pytest.mark.parametrize("seed", [1, 2])
def test_make_sim_agrees(seed):
    evidence = cosim.run(seed, quick=True)
    assert evidence.ok, f"{evidence.first_mismatch} {evidence.violations}"


def test_make_sim_reaches_every_bin():
    evidence = cosim.run(1)
    assert evidence.ok and evidence.unhit == {}
    assert evidence.achieved <= evidence.bound and len(evidence.drawings) == 2


# time beyond the clock's range


FEW = {"read_entries": 2, "write_entries": 2, "max_age": 40, "refresh_enable": False}


def clock_range() -> int:
    """CK in which the clock of this controller runs round."""
    return 1 << clock_bits(HBM3_6400, FEW["read_entries"], FEW["write_entries"], FEW["max_age"])


def test_idle_longer_than_the_clocks_range_delays_nobody():
    rest = clock_range() + 500
    traffic = [Access(False, line(0, 0, 1, 0)), Access(True, line(0, 0, 2, 0), 5), Access(False, line(0, 0, 1, 1))]
    make = controller_bench(Traffic("idle", traffic * 3, FEW, patience=2 * rest), Coverage(BINS), [])
    pause = replace(NONE, name="pause", pattern=lambda name: pausing(rest) if name.endswith("cmd") else never())
    outcome = run_once(make, pause, 1, 5 * rest)
    assert outcome.ok and outcome.cycles > 2 * rest, (outcome.violations, outcome.boards["pins"].first)


def pausing(rest: int) -> Stalls:
    """Three commands, then a rest, and again."""
    while True:
        yield from [False] * 3
        yield from [True] * rest


def test_hits_of_one_row_for_longer_than_the_clocks_range_are_not_delayed():
    rest = clock_range()
    traffic = [Access(False, line(0, 0, 1, index % 32)) for index in range(rest // 4 + 500)]
    traffic += [Access(False, line(0, 0, 2, 0)), Access(False, line(1, 0, 1, 0))]
    make = controller_bench(Traffic("one row", traffic, FEW), Coverage(BINS), [])
    outcome = run_once(make, NONE, 1, 2 * rest)
    assert outcome.ok and outcome.cycles > rest, (outcome.violations, outcome.boards["pins"].first)


# reset


def test_a_reset_at_sixty_random_cycles_of_traffic_breaks_nothing():
    """The device keeps its content; what the reads return after a reset follows from it."""
    random = Random(60)
    traffic = [*accesses("few_rows", 120, 4), *accesses("hot_lines", 120, 4)]
    resets = sorted(random.sample(range(30, 9000), 60))
    followers = []
    make = controller_bench(Traffic("resets", traffic, SMALL | {"refresh_start": 150}), Coverage(BINS), followers)
    outcome = run_once(make, RANDOM, 60, 40_000, reset_at=resets)
    assert outcome.ok and followers[0].controller.faults == [], (outcome.violations, outcome.boards["pins"].first)
    assert outcome.boards["lines"].complete and outcome.cycles > 9000


# bad sizes


@pytest.mark.parametrize("make", [lambda **sizes: Controller(**sizes), lambda **sizes: block(**ports(), **sizes)])
@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ({"read_entries": 0}, "read_entries = 0: expected a whole number of 1"),
        ({"write_entries": 0}, "write_entries = 0: expected"),
        ({"return_entries": 0}, "return_entries = 0: expected"),
        ({"read_entries": 65}, "read_entries = 65: expected"),
        ({"address_map": "nope"}, "address_map = 'nope': expected one of RoBaCoBg, RoBaBgCo"),
        ({"max_age": -1}, "max_age = -1: expected"),
        ({"refresh_start": 0}, "refresh_start = 0: expected"),
    ],
)
def test_sizes_that_cannot_be_are_one_sentence_at_elaboration(make, sizes, message):
    with pytest.raises(ValueError, match=message) as raised:
        make(**sizes)
    assert str(raised.value).count("\n") == 0


def test_a_rule_for_which_no_gate_stands_is_refused():
    """Bank groups have no gate for precharges; without this the rule would be forgotten."""
    rule = TimingRule("bank_group", "PREpb", "PREpb", ("nPPD",))
    with pytest.raises(AssertionError, match="a rule for PREpb in .*bank_group.*: expected none, no gate"):
        block(**ports(), **SMALL, rules=(*TIMING_RULES, rule))
