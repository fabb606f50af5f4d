"""Cycles of a product on the tile: hardware and cycle model take just as many, and each constant of it matters."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.perf.broken import broken
from tests.perf.constant_rate import model_cycles
from tests.perf.tile_corners import CORNERS
from tests.perf.tile_regimes import array_keeps_on, memory_keeps_on
from zhenwu.cosim.tile import sweep
from zhenwu.cosim.tile.jobs import Wanted, end_of, stored_place
from zhenwu.cosim.tile.sweep import Shape, Timed, sentence, shapes
from zhenwu.cycle.memory import OUTSTANDING, WAITING
from zhenwu.golden.tile.bound import lines_of_store
from zhenwu.golden.tile.compile_matmul import compile_matmul
from zhenwu.golden.tile.layout import Result, plan
from zhenwu.golden.tile.mover import lines_of_load
from zhenwu.perf import tile, tile_events, tile_instructions, tile_machine, tile_periods, tile_quantised
from zhenwu.perf.tile import array_bound_cycles, batch_for_full_array, matmul_cycles, memory_bound_cycles
from zhenwu.perf.tile_events import Timing
from zhenwu.perf.tile_instructions import Target
from zhenwu.perf.tile_machine import Machine
from zhenwu.perf.tile_program import Product, programs
from zhenwu.spec import isa
from zhenwu.spec.mma_formats import ALL_FORMATS, MMA_FORMATS

SIDES = st.sampled_from([2, 4, 8])
SIZES = st.integers(1, 70)
FORMATS = st.sampled_from(ALL_FORMATS)
REGIMES = 1500  # random products, of which each formula holds for some hundred

MUTATIONS = {
    "an instruction takes a cycle less": (tile_events, "FETCH = 3", "FETCH = 2"),
    "a result comes a cycle late": (tile_events, "RESULT = 4", "RESULT = 5"),
    "a beat comes a cycle late": (tile_events, "FIRST_BEAT = 2", "FIRST_BEAT = 3"),
    "done comes a cycle early": (tile_events, "ENDING = 5", "ENDING = 4"),
    "there are three accumulator buffers": (tile_events, "BUFFERS = 2", "BUFFERS = 3"),
    "there are three halves": (tile_events, "HALVES = 2", "HALVES = 3"),
    "a load follows without a gap": (tile_events, "None, accepted + 1\n", "None, accepted\n"),
    "a half is free in the cycle of its last use": (tile_events, "popleft() + 1)", "popleft())"),
    "an mma follows one that freed a half at once": (tile_events, "int(any(mma.releases))", "0"),
    "pauses are left out": (tile_events, "(machine.steps(mma) + pause) - pause", "machine.steps(mma)"),
    "a pause stands behind a result": (tile_events, "0 if mma.last else pause", "pause"),
    "an mma sees its operands a cycle early": (tile_events, "self.full[0][0] + 1, self.full[1][0] + 1",
                                               "self.full[0][0], self.full[1][0]"),
    "a buffer is free a cycle early": (tile_events, "self.buffers[0] + 1", "self.buffers[0]"),
    "a store is taken a cycle late": (tile_events, "if begins else LONG_AGO) + 1", "if begins else LONG_AGO) + 2"),
    "the next line does not wait for the last one": (tile_events, "max(self.store_at, self.left)", "self.store_at"),
    "a line waits a cycle more": (tile_events, "max(self.complete + 1, self.written)",
                                  "max(self.complete + 1, self.written + 1)"),
    "reads go first": (tile_events, "write_ready == ready and not write_last", "False"),
    "writes go first": (tile_events, "write_ready == ready and not write_last", "write_ready == ready"),
    "three commands wait in memory": (tile_events, "accepted = max(ready, earlier + 1)", "accepted = ready"),
    "a write takes no time of memory": (tile_events, "max(accepted + 1, served + rate)\n            self.written",
                                        "accepted + 1\n            self.written"),
    "memory answers a cycle late": (tile_events, "accepted + latency,", "accepted + latency + 1,"),
    "lines come no slower than reads are served": (tile_events, "offered + rate, ", ""),
    "no line waits for its bank": (tile_events, "(bank == last and line == arrived[-1] + 1)", "0"),
    "scales go to the bank of row 0": (tile_machine, "SCALE_BANK = -1", "SCALE_BANK = 0"),
    "as many reads as you like": (tile_events, ", arrived[0] + 1)\n", ")\n"),
    "a residual is seen a cycle early": (tile_events, "self.full[RESIDUAL][0] + 2", "self.full[RESIDUAL][0] + 1"),
    "a residual's half is free a beat early": (tile_events, "self.free[RESIDUAL].append(self.complete)",
                                               "self.free[RESIDUAL].append(self.complete - 1)"),
    "a residual waits for its bank": (tile_machine, "if load.operand == RESIDUAL:", "if False:"),
    "a row is read a cycle early": (tile_quantised, "SHOWN = 2", "SHOWN = 1"),
    "a row is read while one is encoded": (tile_quantised, "self.read[-1] + 1, before)", "self.read[-1] + 1)"),
    "a row is overwritten while it is read": (tile_quantised, "self.read[row] + 1 if", "self.long_ago if"),
    "codes that are kept wait for memory": (tile_quantised, "if self.keeps:\n                at",
                                            "if False:\n                at"),
    "a block begins before the last one is done": (tile_events, "self.block.done + 1 if begins",
                                                   "self.block.done if begins"),
    "scales come a cycle late": (tile_quantised, "self.done = port", "self.done = port + 1"),
    "memory forgets what it still has to do": (tile, "if served[1] + machine.cycles_per_line <= FIRST_READ + 1",
                                               "if True"),
    "the host needs no cycle to see done": (tile, "filling = 2 + sum", "filling = 1 + sum"),
    "a period is left out too often": (tile_periods, "periods, left = divmod(count - 1, more - count)",
                                       "periods, left = divmod(count, more - count)"),
}


def random_shapes(seed: int, count: int) -> list[Shape]:
    random = Random(seed)
    return [
        replace(each, outstanding=random.choice((1, 8, 64)), queue_depth=random.choice((1, 2, 3)))
        if random.random() < 0.3 else each
        for each in shapes(seed, count, most_cycles=1500)
    ]


def test_64_x_64_x_512_by_hand():
    """The first two loads of 136 lines, 4,096 steps, 16 groups, and 64 beats of the last result."""
    found = matmul_cycles(64, 64, 512, "mxfp4", 4, 4, half_steps=8, latency=1, memory_latency=32, cycles_per_line=1)
    first_mma = 5 + 32 + 2 * 136 - 1 + 1 + 1
    assert found.cycles == first_mma + 4096 + 15 + (1 + 4 + 3 + 64 - 1 + 2 + 5) == 4499
    assert (found.mma_cycles, found.lines, found.bounded_by) == (4096, 3232, "array")
    assert found.utilisation == found.busy == 4096 / 4499
    assert found.bytes_per_multiply_add == 3232 * 32 / (64 * 64 * 512)


def test_hardware_takes_just_as_many_cycles():
    found = sweep.sweep(seed=1, count=20, most_cycles=600)
    assert all(each.measured == each.predicted for each in found), sentence(found)
    assert {each.shape.fmt for each in found} == set(ALL_FORMATS)
    assert {each.shape.store for each in found} == set(isa.STORE_FORMATS)
    assert {each.shape.residual for each in found} == {False, True}
    assert {each.shape.rows for each in found} == {2, 4, 8} and {each.shape.latency for each in found} == {1, 4}


@pytest.mark.parametrize("shape", CORNERS, ids=str)
def test_the_cycle_model_takes_just_as_many_in_a_corner(shape):
    assert shape.predicted.cycles == model_cycles(shape)


def test_the_cycle_model_takes_just_as_many():
    for shape in random_shapes(7, 60):
        assert shape.predicted.cycles == model_cycles(shape), shape


@pytest.fixture(scope="module")
def measured():
    return [(shape, model_cycles(shape)) for shape in CORNERS + random_shapes(7, 20)]


@pytest.mark.parametrize("slip", MUTATIONS)
def test_each_constant_and_each_wait_matters(slip, measured):
    wrong = broken([tile_machine, tile_periods, tile_quantised, tile_events, tile], *MUTATIONS[slip])

    def differs(shape: Shape, cycles: int) -> bool:
        try:
            return wrong.matmul_cycles(**vars(shape)).cycles != cycles
        except (AssertionError, IndexError):
            return True

    assert any(differs(*each) for each in measured)


def listed(program):
    """What the compiler's program does, without addresses and halves."""
    for each in program:
        match each:
            case isa.Load():
                yield "load", each.operand, each.rows, each.k_steps, lines_of_load(each)
            case isa.Mma():
                yield "mma", each.m, each.n, each.k_groups, each.last, (each.release_a, each.release_b)
            case isa.Store():
                added = bool(each.add), bool(each.release)
                yield "store", each.m, each.n, isa.STORE_FORMATS[each.fmt], each.part, bool(each.closes), *added, \
                    lines_of_store(each)


def listed_here(program):
    for segment, count in program:
        for each in segment * count:
            match each:
                case tile_instructions.Load():
                    yield "load", each.operand, each.rows, each.k_steps, each.lines
                case tile_instructions.Mma():
                    yield "mma", *each
                case tile_instructions.Store():
                    yield "store", *each, each.lines


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.integers(1, 200), st.integers(1, 200), st.integers(1, 1500), FORMATS, st.sampled_from([1, 2, 3, 8, 128, 257]),
       st.sampled_from([6, 12, 40, 256]), st.sampled_from(isa.STORE_FORMATS), st.booleans())
def test_the_work_is_cut_as_the_compiler_cuts_it(m, n, k, fmt, half_steps, program_depth, store, residual):
    kind, target = MMA_FORMATS[fmt], Target(store, residual)
    a, b, result = plan(m, n, k, fmt=kind)
    c = stored_place(result, Wanted(store=sweep.STORED_OPERANDS[store]))
    added = Result(end_of(c), result.stride, m, n) if residual else None
    try:
        compiled = compile_matmul(a, b, c, half_steps, program_depth, residual=added)
        expected = [list(listed(each)) for each in compiled]
    except ValueError as error:
        with pytest.raises(ValueError) as raised:
            programs(Product(m, n, k, kind, half_steps, program_depth, target))
        assert str(raised.value) == str(error)
        return
    work = programs(Product(m, n, k, kind, half_steps, program_depth, target))
    assert [list(listed_here(each)) for each in work] == expected


@pytest.mark.parametrize(("holds", "formula", "least"), [
    (array_keeps_on, array_bound_cycles, 120), (memory_keeps_on, memory_bound_cycles, 200),
])
def test_where_one_side_alone_decides_a_formula_says_the_same(holds, formula, least):
    random, found = Random(5), 0
    for _ in range(REGIMES):
        kind = MMA_FORMATS[random.choice(ALL_FORMATS)]
        side = random.choice((2, 4, 8))
        sizes = random.randint(1, 80), random.randint(1, 80), random.randint(1, 900)
        product = Product(*sizes, kind, random.choice((8, 16, 32)), 256)
        machine = Machine(
            side, side, kind.passes, random.choice((1, 4)), 2, 64, random.choice((2, 8, 32, 60)),
            random.choice((1, 2, 3, 6)),
        )
        program = programs(product)[0]
        if holds(program, machine):
            found += 1
            assert Timing(program, machine).run()[0] == formula(program, machine), (product, machine)
    assert found >= least


@settings(max_examples=60, deadline=None, derandomize=True)
@given(SIZES, SIZES, st.integers(1, 500), st.integers(1, 200), FORMATS, SIDES, st.integers(1, 3))
def test_a_longer_k_takes_no_less_where_rows_are_cut_alike(m, n, k, more, fmt, side, cycles_per_line):
    kind = MMA_FORMATS[fmt]
    cuts = [Product(m, n, length, kind, 8, 256).chunks[:2] for length in (k, k + more)]
    assume(cuts[0] == cuts[1])
    first, second = (
        matmul_cycles(m, n, length, fmt, side, side, half_steps=8, cycles_per_line=cycles_per_line)
        for length in (k, k + more)
    )
    assert first.bound <= first.cycles <= second.cycles


def test_half_the_width_takes_twice_the_cycles_where_memory_does_not_limit():
    """What a k twice as long adds, behind the first loads: as BF16 has a quarter of MXFP4's products a cycle."""
    added = {}
    for fmt in ("mxfp4", "mxfp8", "bf16"):
        kind = MMA_FORMATS[fmt]
        sizes = dict(half_steps=128, memory_latency=2, cycles_per_line=1)
        short, long = (matmul_cycles(16, 16, k, fmt, 2, 2, **sizes) for k in (512, 1024))
        first = [
            sum(each.lines for each in programs(Product(16, 16, k, kind, 128, 256))[0][0][0]) for k in (512, 1024)
        ]
        added[fmt] = long.cycles - short.cycles - (first[1] - first[0])
    assert added["mxfp8"] == 2 * added["mxfp4"] and added["bf16"] == 4 * added["mxfp4"]


def test_a_large_product_is_no_work():
    found = matmul_cycles(4096, 4096, 4096, "mxfp4", 4, 4, half_steps=128, latency=4)
    assert found.bound < found.cycles < 1.05 * found.bound


def test_one_row_leaves_the_array_idle_and_a_batch_brings_it_back():
    sizes = dict(half_steps=128, latency=4, cycles_per_line=1)
    one = matmul_cycles(1, 1024, 1024, "mxfp4", 4, 4, **sizes)
    assert one.bounded_by == "memory" and one.utilisation < 1 / 4  # one row of the array's four, at most
    batch = batch_for_full_array(1024, 1024, "mxfp4", 4, 4, **sizes)
    assert batch.rows == 9 and batch.bounded_by == "array"
    before = matmul_cycles(batch.rows - 1, 1024, 1024, "mxfp4", 4, 4, **sizes)
    assert before.bounded_by == "memory" and one.busy < before.busy < batch.busy
    slower = batch_for_full_array(1024, 1024, "mxfp4", 4, 4, **(sizes | {"cycles_per_line": 2}))
    assert slower.rows > batch.rows


def test_the_memory_is_that_of_the_cycle_model():
    assert (tile.MOST_READS, tile.POSTED) == (OUTSTANDING, WAITING + 1)


@pytest.mark.parametrize("cycles_per_line", [1, 7, 40, 1000])
def test_the_bound_leaves_out_what_memory_has_still_to_write(cycles_per_line):
    sizes = dict(half_steps=5, latency=3, memory_latency=17, program_depth=24, outstanding=2, store="mxfp8")
    found = matmul_cycles(1, 1, 32, "bf16", 8, 2, cycles_per_line=cycles_per_line, **sizes)
    assert found.bound <= found.cycles


@pytest.mark.parametrize(("change", "sentence"), [
    ({"fmt": "e5m2"}, "format 'e5m2': expected one of"),
    ({"m": 0}, "m = 0, n = 8, k = 70: expected at least 1 each"),
    ({"rows": 3}, "array 3 x 4: expected 2, 4 or 8 each"),
    ({"latency": 5}, "latency = 5: expected 1 .. 4"),
    ({"memory_latency": 1}, "memory_latency = 1: expected at least 2"),
    ({"cycles_per_line": 0}, "cycles_per_line = 0: expected at least 1"),
    ({"outstanding": 0}, "outstanding = 0: expected at least 1"),
    ({"outstanding": 65}, "outstanding = 65: expected at most 64, what the memory holds"),
    ({"store": "bf16"}, "a result in 'bf16': expected one of float32, mxfp4, mxfp8"),
    ({"half_steps": 0}, "half_steps = 0: expected 1 .. 256"),
    ({"half_steps": 1, "fmt": "mxfp8"}, "half_steps = 1: expected at least 2, a line of scales of mxfp8"),
    ({"k": 9000}, "141 units of k need 56 instructions: expected at most 40"),
    ({"m": 1 << 23}, "m = 8388608, n = 8, k = 70 take "),
    ({"k": 1 << 22}, "k = 4194304 takes 65536 lines a row: expected at most 65535"),
])
def test_what_the_tile_refuses_is_one_sentence(change, sentence):
    with pytest.raises(ValueError) as raised:
        matmul_cycles(**(dict(m=8, n=8, k=70, fmt="mxfp4", rows=4, cols=4, program_depth=40) | change))
    assert str(raised.value).startswith(sentence)


def test_no_batch_keeps_an_array_busy_that_a_slow_memory_starves():
    with pytest.raises(ValueError) as raised:
        batch_for_full_array(64, 64, "mxfp4", 8, 8, most=32, cycles_per_line=30)
    assert str(raised.value) == "n = 64, k = 64 in mxfp4: memory limits every batch of up to 32 rows"


def test_a_sweep_says_how_many_are_exact_and_which_is_worst():
    shape = CORNERS[0]
    right, wrong = Timed(shape, 4499, 4499), Timed(shape, 4499, 4500)
    assert sentence([right, right]) == "2 of 2 products take the cycles that zhenwu/perf/tile.py says, 8,998 in all"
    assert sentence([right, wrong]).startswith("1 of 2 products take") and "takes 4,499, not 4,500" in sentence([wrong])
