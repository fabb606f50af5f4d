"""The store path: whole lines, row by row, padded with +0; residuals added; parts gathered and quantised."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhenwu.cosim.tile import store_path as cosim
from zhenwu.cycle.tile.store_path import StorePath
from zhenwu.golden.numerics.fp32_add import fp32_add
from zhenwu.golden.numerics.mx_quantise import mx_quantise
from zhenwu.golden.tile.layout import Operand, pack_operand
from zhenwu.golden.tile.store_path import store_path
from zhenwu.spec.formats import CANONICAL_NAN, E2M1, E4M3, SCALE_RULES
from zhenwu.spec.isa import Store

MXFP4, MXFP8 = 1, 2


def beats_of(words, cols):
    """Rows of words as beats, filled up with a value that must not reach memory."""
    rows, n = words.shape
    padded = np.pad(words, ((0, 0), (0, -n % cols)), constant_values=0xDEAD)
    return padded.reshape(-1, cols)


def numbers(seed, m, n):
    """Float32 of a few binades."""
    rng = np.random.default_rng(seed)
    return np.ldexp(rng.normal(size=(m, n)), rng.integers(-3, 4, (m, n))).astype(np.float32)


def stored(x, store, cols=4, residual=None):
    """The lines that the parts of a quantised matrix x float32[m, n] write, all parts alike but for their places."""
    m, n = x.shape
    gathered, lines = [], []
    for part in range(-(-n // 16)):
        words = x[:, 16 * part : 16 * part + 16].view(np.uint32)
        own = replace(store, m=m, n=words.shape[1], part=part, closes=int(16 * part + 16 >= n))
        lines.append(store_path(own, beats_of(words, cols), residual, gathered))
    return lines


def test_two_rows_of_nine_words_are_two_lines_each():
    words = np.arange(18, dtype=np.uint32).reshape(2, 9) + 0x01020300
    writes = store_path(Store(m=2, n=9, base=100, stride=10), beats_of(words, 4))
    assert [address for address, _ in writes] == [100, 101, 110, 111]
    assert bytes(writes[0][1][:8]) == bytes([0, 3, 2, 1, 1, 3, 2, 1])
    assert bytes(writes[3][1]) == bytes([17, 3, 2, 1]) + bytes(28)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(m=st.integers(1, 16), n=st.integers(1, 16), cols=st.sampled_from([2, 4, 8]), seed=st.integers(0, 99))
def test_lines_hold_the_words_and_then_zeros(m, n, cols, seed):
    words = np.random.default_rng(seed).integers(0, 2**32, (m, n), dtype=np.uint32)
    part = seed % 4
    writes = store_path(Store(m, n, base=3, stride=5, part=part), beats_of(words, cols))
    row_lines = (n + 7) // 8
    first = 3 + 2 * part
    assert [address for address, _ in writes] == [
        first + 5 * row + line for row in range(m) for line in range(row_lines)
    ]
    kept = np.concatenate([line.view("<u4") for _, line in writes]).reshape(m, -1)
    np.testing.assert_array_equal(kept[:, :n], words)
    assert (kept[:, n:] == 0).all()


def test_addresses_wrap_at_the_end_of_the_address_space():
    writes = store_path(Store(2, 1, base=(1 << 23) - 1, stride=1), np.zeros((2, 4), np.uint32))
    assert [address for address, _ in writes] == [(1 << 23) - 1, 0]


@pytest.mark.parametrize("count", [3, 5])
def test_refuses_another_number_of_beats(count):
    with pytest.raises(ValueError, match=rf"{count} beats for Store\(m=2, n=5, .*: expected 4"):
        store_path(Store(2, 5, 0, 1), np.zeros((count, 4), np.uint32))


# residuals


def test_a_residual_is_added_before_the_words_are_stored():
    words, residual = numbers(1, 3, 16).view(np.uint32), numbers(2, 16, 64).view(np.uint32)
    words[1, 2], residual[1, 34] = 0x7F800000, 0xFF800000  # Inf - Inf
    lines = residual.view(np.uint8).reshape(16, 8, 32)
    writes = store_path(Store(3, 16, 0, 8, part=2, add=1), beats_of(words, 8), lines)
    kept = np.concatenate([line.view("<u4") for _, line in writes]).reshape(3, 16)
    np.testing.assert_array_equal(kept, fp32_add(words, residual[:3, 32:48]))
    assert kept[1, 2] == CANONICAL_NAN


def test_a_residual_that_lies_beyond_the_result_is_not_stored():
    residual = np.full((16, 8, 32), 0x40, np.uint8)
    ((_, line),) = store_path(Store(1, 3, 0, 1, add=1), np.zeros((1, 4), np.uint32), residual)
    assert (line.view("<u4") != 0).tolist() == [True] * 3 + [False] * 5


def test_refuses_a_store_that_adds_without_a_residual():
    with pytest.raises(ValueError, match="no residual for Store"):
        store_path(Store(1, 1, 0, 1, add=1), np.zeros((1, 4), np.uint32))


# quantised: what a load of that operand reads


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    m=st.integers(1, 16), n=st.integers(1, 64), rule=st.sampled_from(range(3)), cols=st.sampled_from([2, 4, 8]),
    seed=st.integers(0, 99),
)
def test_mxfp4_lines_are_those_that_pack_operand_puts_there(m, n, rule, cols, seed):
    x = numbers(seed, m, n)
    parts = stored(x, Store(1, 1, base=40, stride=3, fmt=MXFP4, rule=rule, scale_base=7), cols)
    expected = np.full((100, 32), 0xEE, np.uint8)
    memory = expected.copy()
    pack_operand(*mx_quantise(x, E2M1, SCALE_RULES[rule]), expected, Operand(40, 3, 7, 1, m, n))
    for address, line in (write for lines in parts for write in lines):
        memory[address] = line
    np.testing.assert_array_equal(memory, expected)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(m=st.integers(1, 16), n=st.integers(1, 64), rule=st.sampled_from(range(3)), seed=st.integers(0, 99))
def test_mxfp8_has_a_line_for_each_block_of_a_row(m, n, rule, seed):
    x = numbers(seed, m, n)
    codes, scale = mx_quantise(x, E4M3, SCALE_RULES[rule])
    writes = dict(
        write for lines in stored(x, Store(1, 1, 40, 3, fmt=MXFP8, rule=rule, scale_base=7)) for write in lines
    )
    blocks = scale.shape[1]
    scales = np.full((2, 16), 127, np.uint8)
    scales[:blocks, :m] = scale.T
    expected = {40 + 3 * row + block: codes[row, 32 * block :][:32] for row in range(m) for block in range(blocks)}
    expected[7] = scales.reshape(-1)
    assert {address: bytes(line) for address, line in writes.items()} == {
        address: bytes(line) for address, line in expected.items()
    }


@pytest.mark.parametrize(("fmt", "counts"), [(MXFP4, [0, 0, 0, 6]), (MXFP8, [0, 5, 0, 6])])
def test_lines_of_a_block_are_written_with_the_part_that_ends_it(fmt, counts):
    """And then the scales. MXFP4 has both blocks in a line."""
    parts = stored(numbers(1, 5, 64), Store(1, 1, 0, 2, fmt=fmt, scale_base=99))
    assert [len(lines) for lines in parts] == counts
    assert parts[-1][-1][0] == 99


def test_a_part_0_forgets_what_was_never_closed():
    words = numbers(4, 2, 16).view(np.uint32)
    first = Store(2, 16, 0, 1, fmt=MXFP8)
    gathered = []
    store_path(first, beats_of(words, 4), None, gathered)
    writes = store_path(replace(first, closes=1), beats_of(words, 4), None, gathered)
    assert len(writes) == 3 and gathered == []


def test_a_float32_store_does_not_disturb_an_open_matrix():
    words, gathered = numbers(4, 2, 16).view(np.uint32), []
    store_path(Store(2, 16, 0, 1, fmt=MXFP8), beats_of(words, 4), None, gathered)
    store_path(Store(2, 16, 9, 1), beats_of(words, 4), None, gathered)
    assert len(gathered) == 1


@pytest.mark.parametrize("store", [Store(2, 16, 0, 1, fmt=1, part=1), Store(3, 16, 0, 1, fmt=1, part=2)])
def test_refuses_a_part_that_does_not_continue_its_matrix(store):
    gathered = [np.zeros((2, 16), np.uint32)] * 2
    with pytest.raises(ValueError, match="follows 2 parts: expected"):
        store_path(store, np.zeros((4 * store.m, 4), np.uint32), None, gathered)


def test_a_residual_is_added_before_the_numbers_are_quantised():
    x, residual = numbers(1, 16, 64), numbers(2, 16, 64)
    lines = residual.view(np.uint8).reshape(16, 8, 32)
    store = Store(1, 1, 40, 2, fmt=MXFP8, scale_base=7)
    summed = stored(x + residual, store)
    added = stored(x, replace(store, add=1), residual=lines)
    for expected, actual in zip(sum(summed, []), sum(added, []), strict=True):
        assert expected[0] == actual[0] and bytes(expected[1]) == bytes(actual[1])


# timing


def timed(stores, cols=4, residual_full=lambda cycle: 3, cycles=400):
    """What the model does in which cycle where nothing stalls: {event: cycles}, the first cycle offers a store."""
    path, waiting = StorePath(cols), list(stores)
    seen = {"store": [], "beat": [], "cmd": [], "done": [], "free": []}
    for cycle in range(cycles):
        store = waiting.pop(0) if waiting and path.accepts(waiting[0]) else None
        beat = path.takes(path.room(True, True))
        happened = {
            "store": store is not None, "beat": beat, "cmd": path.cmd is not None, "done": path.done,
            "free": path.freed(beat) > 0,
        }
        for name, now in happened.items():
            if now:
                seen[name].append(cycle)
        path.step(store, beat, True, True, False, residual_full(cycle))
    return seen


def test_a_float32_line_is_offered_two_cycles_after_its_last_beat():
    seen = timed([Store(1, 16, 0, 1)])
    assert seen["beat"] == [1, 2, 3, 4] and seen["cmd"] == [4, 6] and seen["done"] == [7]


def test_a_store_of_b_beats_takes_b_and_one_cycles():
    seen = timed([Store(16, 16, 0, 2), Store(2, 16, 0, 2), Store(1, 1, 0, 1)])
    assert seen["store"] == [0, 65, 74]
    assert seen["beat"] == [*range(1, 65), *range(66, 74), 75]


def matrix(fmt, parts=4, m=16):
    return [Store(m, 16, 0, 2, fmt=fmt, part=part, closes=int(part == parts - 1)) for part in range(parts)]


def test_a_quantised_matrix_takes_as_long_as_its_beats():
    """Each line of MXFP8 follows the last beat of its row by 9 cycles: 2 to be read, 4 beats, 2 to be encoded, 1."""
    seen = timed(matrix(MXFP8))
    assert len(seen["beat"]) == 256 and seen["beat"][-1] == 4 * 65 - 1
    block_0, block_1, scales = seen["cmd"][:16], seen["cmd"][16:32], seen["cmd"][32]
    assert block_0 == [65 + 4 * row + 4 + 9 for row in range(16)]
    assert block_1 == [195 + 4 * row + 4 + 9 for row in range(16)]
    assert scales == block_1[-1] + 1
    assert seen["done"] == [65, block_0[-1] + 1, 195, scales + 1]


def test_the_quantiser_is_the_bound_of_a_wide_array():
    """A block of 16 rows is two parts of 32 beats, 66 cycles, but 64 beats of the quantiser, which begin 5 cycles after
    its second store, and 2 more; a cycle for the scales.
    """
    taken = timed(matrix(MXFP8) + matrix(MXFP8), cols=8)["store"]
    assert np.diff(taken[1::2]).tolist() == [71, 72, 71]


def test_a_float32_store_waits_for_the_lines_of_a_block():
    seen = timed([*matrix(MXFP4, parts=1, m=1), Store(1, 1, 0, 1)])
    assert seen["store"] == [0, seen["cmd"][1]], "taken when the scales are on offer"


def test_a_store_that_adds_loses_no_time_where_its_residual_is_there():
    plain = timed([Store(2, 16, 0, 2), Store(2, 16, 0, 2)])
    adding = timed([Store(2, 16, 0, 2, add=1), Store(2, 16, 0, 2, add=1, release=1)])
    assert adding | {"free": []} == plain and adding["free"] == [adding["beat"][-1]]


def test_the_first_beat_comes_a_cycle_after_the_residual():
    """The memory that holds it answers a cycle later."""
    seen = timed([Store(1, 4, 0, 1, add=1)], residual_full=lambda cycle: int(cycle >= 20))
    assert seen["beat"] == [21]


@pytest.mark.parametrize("seed", [1, 2])
def test_hdl_equals_golden_under_stalls_and_reset(seed):
    evidence = cosim.run(seed, quick=True)
    assert evidence.ok, f"{evidence.first_mismatch} {evidence.violations}"
    assert evidence.unhit == {}
