"""Random programs on a tile in a closed loop: hardware and twin show the same in every cycle; one wrong bit shows."""

import copy
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest

from hdl.bench.run import forgotten_signals, simulate
from hdl.designs import TILE
from hdl.harness.operand_hash import REGION_LSB, RESULTS
from hdl.harness.tile_harness import ports, tile_harness
from zhenwu.cosim.harness.native import Beside, beside
from zhenwu.cosim.harness.tile import TileHarness
from zhenwu.cosim.harness.tile_results import Results
from zhenwu.golden.tile.check_program import check_program
from zhenwu.golden.tile.layout import LINE_BYTES
from zhenwu.golden.tile.mover import mover
from zhenwu.golden.tile.sequencer import sequencer
from zhenwu.golden.tile.tile import tile as golden_tile
from zhenwu.spec.isa import BAD_INSTRUCTION, FINISHED, POISONED, STATUS_CODE, Load, Mma, Store, encode, status

CYCLES = 2500
FAULT_FROM = 500
AGAIN = 1000  # cycles after which all is reset
LONG = 150_000
STREAMS = ("code", "port.cmd", "port.wdata", "port.rdata")
SHAPE = {name: TILE[name] for name in ("rows", "cols", "half_steps")}


def native(seed: int, restless: bool = False, cycles: int = CYCLES, fault=None) -> Beside:
    """The hardware in MyHDL beside a twin."""
    return beside(
        tile_harness, ports, TILE, TileHarness(seed, restless, **TILE), seed=seed, restless=restless, cycles=cycles,
        streams=STREAMS, fault=fault, fault_from=FAULT_FROM,
    )


@pytest.mark.parametrize(("seed", "restless"), [(1, False), (2**31 - 1, False), (9, True)])
def test_hardware_and_twin_show_the_same_in_every_cycle(seed, restless):
    run = native(seed, restless)
    assert run.differs is None and run.first_wrong is None
    assert not run.violations
    assert len(run.signatures) == CYCLES and len({shown for shown, _ in run.signatures}) > CYCLES * 0.9
    assert bool(run.resets) == restless


@pytest.mark.parametrize("wiped", [True, False])
def test_all_begins_anew_under_rst_if_memory_is_wiped(wiped):
    """The second run reads nothing that the first one left, but for results, which only `wipe` forgets."""
    runs: list[list[int]] = []
    with forgotten_signals():
        pins = ports()
        clk, rst = pins["clk"], pins["rst"]

        def watch():
            pins["seed"].next, pins["wipe"].next = 1, True
            in_reset = False
            while True:
                yield clk.posedge
                if rst and not in_reset:
                    runs.append([])
                in_reset = bool(rst)
                runs[-1].append(int(pins["signature"].val))
                yield clk.negedge
                pins["wipe"].next = bool(rst) and (wiped or len(runs) == 1 and len(runs[0]) < 5)

        simulate([tile_harness(**pins, **TILE), watch()], clk=clk, rst=rst, budget_cycles=2 * AGAIN, reset_at=(AGAIN,))
    first, second = runs[0], runs[1][1:]  # the first cycle of a reset still shows what was before
    assert len(second) > AGAIN - 10 and (first[1 : len(second) + 1] == second) == wiped


def test_another_seed_gives_other_traffic():
    ends = set()
    for seed in range(4):
        twin = TileHarness(seed, False, **TILE)
        for _ in range(100):
            twin.step()
        ends.add(twin.signature)
    assert len(ends) == 4


def wrong_sum(blocks) -> bool:
    """One bit of a beat of results."""
    beats = blocks.named("tile", "beats")
    if not beats.valid:
        return False
    beats.data.next = int(beats.data.val) ^ 1 << 9
    return True


def wrong_address(blocks) -> bool:
    """One bit of the address of a read that is not yet offered."""
    if not blocks.named("mover", "active"):
        return False
    address = blocks.named("mover", "address")
    address.next = int(address.val) ^ 1 << 22
    return True


def missing_release(blocks) -> bool:
    """A half that stays full and reserved though its last user is done."""
    freed = int(blocks.named("mma_issue", "free").val)
    if not freed:
        return False
    blocks.named("mma_issue", "frees").next = 0
    return True


def wrong_count(blocks) -> bool:
    """One bit of the cycles in which the array multiplied."""
    busy = blocks.named("tile", "counts").busy
    busy.next = int(busy.val) ^ 1 << 3
    return True


@pytest.mark.parametrize("fault", [wrong_sum, wrong_address, missing_release, wrong_count])
def test_one_planted_fault_shows_for_good(fault):
    run = native(9, cycles=1600, fault=fault)
    assert run.planted is not None and run.first_wrong is not None
    assert run.first_wrong >= run.planted
    assert all(shown != due for shown, due in run.signatures[run.first_wrong :])


class Seen:
    """What the jobs of a twin were."""

    def __init__(self, seed: int, restless: bool, cycles: int):
        self.counts: Counter[str] = Counter()
        self.programs: list[tuple[list[int], object]] = []  # words, and the memory before them
        self.stored: list[int] = []
        twin, was_done = TileHarness(seed, restless, **TILE), False
        for _ in range(cycles):
            self.look(twin, was_done)
            was_done = twin.tile.sequencer.done
            twin.step()

    def look(self, twin: TileHarness, was_done: bool) -> None:
        """One cycle."""
        sequencer, host = twin.tile.sequencer, twin.traffic.host
        if host.start and sequencer.ready and not twin.traffic.reset:
            words = [twin.program.words[index] for index in range(host.length)]
            if host.state != "run" or not was_done:
                self.counts["run again"] += host.state != "launched"
            self.programs.append((words, copy.deepcopy(twin.memory.content)))
            self.program(words)
        self.counts["start while it runs"] += host.start and not sequencer.ready
        self.counts["reset within a program"] += twin.traffic.reset and not sequencer.ready
        if sequencer.done and not was_done:
            self.counts["status", sequencer.status >> STATUS_CODE.lsb & 15] += 1
        if twin.memory.rdata is not None and twin.tile.mover.expected is not None:
            address = twin.tile.mover.expected.line_address
            kept = address >> REGION_LSB + 1 == RESULTS // 2
            self.counts["result read back"] += kept and twin.memory.rdata[0] in self.stored[-400:]
        if twin.tile.wdata is not None:
            self.stored.append(twin.pins()["port.wdata.data"])
        self.counts["all reads under way"] += not twin.tile.mover.waiting.ready
        self.counts["both halves of A full"] += twin.tile.scratchpad.full & 3 == 3
        self.counts["loads beside the array"] += twin.tile.mma_issue.valid and bool(twin.tile.mover.waiting.items)
        queue, offered = twin.tile.queues[Mma], sequencer.offered
        self.counts["an mma comes as the only one leaves"] += (
            isinstance(offered, Mma) and len(queue.items) == 1
            and twin.tile.mma_issue.takes(queue.head, twin.tile.scratchpad.full, twin.tile.mac_array.ready)
        )
        self.counts["two results wait"] += len(twin.tile.results.items) + (twin.tile.drain.left > 0) >= 2

    def program(self, words: list[int]) -> None:
        """The instructions of one program, up to a bad word."""
        instructions, end = sequencer(words, TILE["half_steps"])
        self.counts["whole"] += end == status(FINISHED)
        if end == status(FINISHED):
            check_program(instructions, TILE["half_steps"])
        mmas = [each for each in instructions if isinstance(each, Mma)]
        stores = [each for each in instructions if isinstance(each, Store)]
        self.counts["several results"] += len(stores) > 1
        self.counts["wait"] += len(words) > len(instructions) and end == status(FINISHED)
        self.counts["store put off"] += any(isinstance(b, Store) and isinstance(a, Store) for a, b in
                                            pairwise(instructions))
        for mma in mmas:
            self.counts["split k"] += not mma.last
            self.counts["A stays"] += not mma.release_a
            self.counts["B stays"] += not mma.release_b
            self.counts["ragged m"] += mma.m % 4 != 0
            self.counts["ragged n"] += mma.n % 4 != 0
            self.counts["full m and n"] += mma.m == mma.n == 16
            self.counts["odd k"] += mma.k_groups % 2
            self.counts["later step"] += mma.a_step > 0
        for load in (each for each in instructions if isinstance(each, Load)):
            self.counts["two panels"] += load.rows > 16
            self.counts["whole half"] += -(-load.rows // 16) * load.k_steps == TILE["half_steps"]
            self.counts["half", load.operand, load.half] += 1
            self.counts["past the end"] += load.element_base + (load.rows - 1) * load.element_stride >= 1 << 23


@pytest.fixture(scope="module")
def seen() -> Seen:
    """A long run without resets."""
    return Seen(3, False, LONG)


def test_the_jobs_cover_what_a_tile_can_meet(seen):
    wanted = [
        "split k", "A stays", "B stays", "ragged m", "ragged n", "full m and n", "odd k", "later step", "two panels",
        "whole half", "several results", "store put off", "wait", "whole", "start while it runs", "run again",
        "result read back", "all reads under way", "both halves of A full", "loads beside the array", "past the end",
        "two results wait", "an mma comes as the only one leaves",
        *(("status", code) for code in (FINISHED, BAD_INSTRUCTION, POISONED)),
        *(("half", operand, half) for operand in (0, 1) for half in (0, 1)),
    ]
    assert [name for name in wanted if not seen.counts[name]] == []
    assert Seen(3, True, 20_000).counts["reset within a program"]


def test_what_is_stored_is_mostly_numbers_and_sometimes_not(seen):
    words = np.frombuffer(b"".join(line.to_bytes(LINE_BYTES, "little") for line in seen.stored), "<f4")
    assert len(words) > 10_000
    finite = np.isfinite(words).mean()
    assert 0.6 < finite < 1.0 and np.isnan(words).any() and np.isinf(words).any()
    assert (words != 0).mean() > 0.3


def test_results_are_those_of_the_golden_tile(seen):
    """Each program once more, its operands and results moved to a memory of a few thousand lines."""
    checked = 0
    for words, content in seen.programs[:25]:
        instructions, _ = sequencer(words, TILE["half_steps"])
        memory, moved, places = bytearray(), [], []
        results = Results()
        results.begin(words, TILE["half_steps"])
        for each in (each for each in instructions if isinstance(each, Load)):
            for line in mover(each, TILE["half_steps"]):
                results.load(content.read(line.line_address))
        for each in instructions:
            if isinstance(each, Load):
                each, lines = compact_load(each, len(memory) // LINE_BYTES)
                for address in lines:
                    memory += content.read(address).to_bytes(LINE_BYTES, "little")
            elif isinstance(each, Store):
                row_lines = -(-each.n // 8)
                base = len(memory) // LINE_BYTES
                places += [base + index for index in range(each.m * row_lines)]
                memory += bytes(LINE_BYTES * each.m * row_lines)
                each = Store(each.m, each.n, base, row_lines)
            moved.append(encode(each))
        before = np.frombuffer(bytes(memory), np.uint8).reshape(-1, LINE_BYTES)
        after, _ = golden_tile(moved, before, **SHAPE)
        for place in places:
            assert results.store()[1] == int.from_bytes(after[place].tobytes(), "little")
        checked += len(places)
    assert checked > 500


def compact_load(load: Load, base: int) -> tuple[Load, list[int]]:
    """A load of the same lines, side by side from `base` on, and their addresses, in order of place."""
    panels = -(-load.rows // 16)
    scales = base + load.rows * load.k_steps
    moved = Load(load.operand, load.half, load.rows, load.k_steps, base, load.k_steps, scales, load.k_steps)
    lines = [0] * ((load.rows + panels) * load.k_steps)
    for old, new in zip(mover(load, TILE["half_steps"]), mover(moved, TILE["half_steps"]), strict=True):
        lines[new.line_address - base] = old.line_address
    return moved, lines


def test_a_copy_of_a_twin_goes_its_own_way():
    twin = TileHarness(8, True, **TILE)
    for _ in range(2000):
        twin.step()
    other = copy.deepcopy(twin)
    for _ in range(2000):
        twin.step()
    assert other.cycle == 2000 and other.signature != twin.signature
    for _ in range(2000):
        other.step()
    assert other.signature == twin.signature and other.pins() == twin.pins()
