"""The driver of all block benches: a sound block passes under every profile, each fault is found and shown."""

import pytest
from myhdl import ResetSignal, Signal, always_comb, always_seq, block

from hdl.bench.coverage import Coverage, watch
from hdl.bench.memory import Memory
from hdl.bundle import Stream, wire
from zhenwu.cosim.numbers import float32
from zhenwu.cosim.profiles import NONE, RANDOM, RESET
from zhenwu.cosim.stream_bench import Bench, check_streams, run_once


def ports() -> dict:
    """Fresh ports."""
    rst = ResetSignal(0, active=1, isasync=False)
    return {"clk": Signal(bool(0)), "rst": rst, "src": Stream(data=32), "dst": Stream(data=32)}


@block
def queue(clk, rst, src, dst, *, fault=""):
    """Hold one payload. `fault`: drop, repeat, flip, stick or glitch, each at one payload in 8."""
    count = wire(3)

    @always_comb
    def accept():
        src.ready.next = (not dst.valid or dst.ready) and not (fault == "stick" and count == 7)

    @always_seq(clk.posedge, rst)
    def hold():
        if src.valid and src.ready:
            count.next = (count + 1) % 8
        if not dst.valid or dst.ready:
            dst.valid.next = src.valid and src.ready
            dst.data.next = src.data
            if count == 5 and src.valid:
                if fault == "drop":
                    dst.valid.next = False
                if fault == "flip":
                    dst.data.next = src.data ^ 1
        elif fault == "glitch" and count == 3:
            dst.data.next = src.data
        if fault == "repeat" and dst.valid and dst.ready and count == 3:
            dst.valid.next = True

    return accept, hold


ITEMS = [0x3F800000 + 97 * index for index in range(150)]


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def check(fault="", items=ITEMS, expected=None, seed=1, **options):
    coverage = options.pop("coverage", Coverage({}))

    def bench(stalls):
        pins = ports()
        extra = [watch(pins["clk"], pins["rst"], coverage, {name: lambda: True for name in coverage.planned})]
        outputs = {"dst": items if expected is None else expected}
        return Bench(queue(**pins, fault=fault), pins, {"src": items}, outputs, extra=extra)

    return check_streams(
        "queue", bench, seed=seed, coverage=coverage, budget_cycles=20_000, oracle="the list that went in",
        not_checked="nothing", numbers={"data": float32}, **options,
    )


def test_a_sound_block_passes_under_all_four_profiles():
    evidence = check(achieved=lambda outcome: outcome.boards["dst"].rate, bound=1.0)
    assert evidence.ok
    assert evidence.cases == 4 * len(ITEMS)
    assert evidence.achieved == 1.0
    assert evidence.first_mismatch is None
    assert evidence.cycles_per_s > 100


def test_a_bench_may_choose_its_profiles():
    assert check(profiles=[NONE, RANDOM]).cases == 2 * len(ITEMS)
    with pytest.raises(ValueError, match="expected another profile before RESET"):
        check(profiles=[RESET])


@pytest.mark.parametrize("fault", ["drop", "flip", "repeat"])
def test_a_wrong_missing_or_extra_transfer_is_a_mismatch(fault):
    evidence = check(fault)
    assert not evidence.ok
    assert evidence.mismatches > 0
    assert evidence.first_mismatch.stream == "dst"


def test_the_first_mismatch_is_shown_with_its_values_and_waves():
    found = check("flip").first_mismatch
    assert (found.index, found.field, found.profile, found.seed) == (5, "data", "none", 1)
    assert (found.expected, found.actual) == (ITEMS[5], ITEMS[5] ^ 1)
    assert str(found) == (
        "queue: transfer 5 of dst (cycle 9, stalls: none), field data: "
        "expected 0x3f8001e5 (1.0000578), got 0x3f8001e4 (1.0000577)"
    )
    svg, vcd = found.svg.read_text(), found.vcd.read_text()
    assert 'class="bus wrong-bus"' in svg and "3f8001e4" in svg and "dst_data" in svg
    assert "$var wire 32" in vcd and "dst_data $end" in vcd


def test_the_same_seed_finds_the_same_mismatch():
    assert check("drop", seed=5).first_mismatch == check("drop", seed=5).first_mismatch


def test_a_missing_transfer_at_the_end_is_reported_as_nothing():
    evidence = check(expected=[*ITEMS, 7])
    assert (evidence.first_mismatch.expected, evidence.first_mismatch.actual) == (7, None)
    assert "got nothing" in str(evidence.first_mismatch)


def test_a_deadlock_is_a_violation_that_names_who_waits():
    evidence = check("stick")
    assert not evidence.ok
    assert "src offers a payload that is not taken" in evidence.violations[0]


@block
def shy_queue(clk, rst, src, dst):
    """Offer its payload only after it has seen `ready`, against rule 2."""
    full = wire(1)

    @always_comb
    def accept():
        src.ready.next = not full

    @always_seq(clk.posedge, rst)
    def hold():
        if src.valid and src.ready:
            full.next = True
            dst.data.next = src.data
        elif dst.valid and dst.ready:
            full.next = False
            dst.valid.next = False
        elif full and dst.ready:
            dst.valid.next = True

    return accept, hold


def test_a_source_that_waits_for_ready_deadlocks_under_bursts():
    def bench(stalls):
        pins = ports()
        return Bench(shy_queue(**pins), pins, {"src": ITEMS}, {"dst": ITEMS})

    evidence = check_streams(
        "shy", bench, seed=1, coverage=Coverage({}), budget_cycles=5_000, oracle="", not_checked=""
    )
    assert not evidence.ok
    (violation,) = evidence.violations
    assert "(its source may wait for ready, against rule 2) (stalls: bursts)" in violation


def test_a_broken_rule_fails_even_when_the_values_agree():
    evidence = check("glitch", items=[5] * 50 + [6] + [5] * 50, expected=[{}] * 101)
    assert evidence.mismatches == 0
    assert not evidence.ok
    assert "stream dst breaks rule 3" in evidence.violations[0]


def test_fields_that_do_not_matter_are_not_compared():
    assert check("flip", expected=[{}] * len(ITEMS)).ok


def test_a_reset_in_the_middle_starts_everything_over():
    pins_seen = []

    def bench(stalls):
        pins = ports()
        pins_seen.append(pins)
        return Bench(queue(**pins), pins, {"src": ITEMS}, {"dst": ITEMS})

    undisturbed = run_once(bench, RANDOM, 3, 10_000)
    disturbed = run_once(bench, RANDOM, 3, 10_000, reset_at=(undisturbed.cycles // 2,))
    assert undisturbed.ok and disturbed.ok
    assert disturbed.cycles > 1.3 * undisturbed.cycles


def test_bins_of_one_bench_do_not_count_those_of_another():
    coverage = Coverage({"cp_cycle": "any cycle"})
    first, second = check(coverage=coverage), check(coverage=coverage)
    assert 0 < first.bins["cp_cycle"] == second.bins["cp_cycle"]
    assert coverage.hits["cp_cycle"] == 2 * first.bins["cp_cycle"]


@pytest.mark.parametrize(("value", "ok"), [(1, True), (2, False)])
def test_scoreboards_filled_after_the_run_count(value, ok):
    store = Memory()
    store.write(4, 1)

    def bench(stalls):
        pins = ports()
        after = {"memory": store.against({4: value})}
        return Bench(queue(**pins), pins, {"src": [3]}, {"dst": [3]}, after=lambda: after)

    evidence = check_streams(
        "queue", bench, seed=1, coverage=Coverage({}), budget_cycles=500, oracle="", not_checked=""
    )
    assert evidence.ok is ok
    assert evidence.cases == 8 if ok else evidence.cases == 2  # one transfer and one line, in each of 4 runs or 1
    assert ok or evidence.first_mismatch.stream == "memory"
