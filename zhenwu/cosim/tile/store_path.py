"""Cosimulation of the store path: beats of random words become the lines that golden says, in its order.

A cycle model goes with it: in every cycle it must show the same `valid`, `ready`, ends of stores and free halves.
"""

from itertools import chain
from random import Random

import numpy as np

from hdl.bench.coverage import Coverage
from hdl.bench.monitor import monitor
from hdl.bench.sink import sink
from hdl.tile.store_path import ports, store_path
from zhenwu.cosim.evidence import Evidence, merge, until_one_fails
from zhenwu.cosim.stream_bench import Bench, check_streams
from zhenwu.cosim.tile.store_watch import Watch, residuals
from zhenwu.cosim.tile.store_work import Work, matrix_stores, some_stores, with_residual, work
from zhenwu.golden.tile.layout import LINE_FLOATS, MEMORY_LINES
from zhenwu.spec.formats import CANONICAL_NAN
from zhenwu.spec.isa import STEP_ROWS, STORE_FORMATS, Store, encode

ORACLE = "golden store_path: addresses and lines, row by row; cycle model store_path: every handshake"
NOT_CHECKED = "parts out of order, which check_program refuses; a residual that changes while its half is full"
BINS = {
    "cp_short_line": "a line that its row does not fill ends in +0, not in the words of the line before",
    "cp_single_column": "one word a row: a line a beat",
    "cp_two_lines": "the second line of a row stands behind the first, the next row a stride behind",
    "cp_part_of_float32": "a float32 result that stands beside another",
    "cp_wrap_in_row": "the address space ends inside a row",
    "cp_wrap_between_rows": "or between two rows",
    "cp_back_to_back": "beats of the next store come while the last line of this one still waits",
    "cp_wdata_first": "memory takes the line before its command",
    "cp_cmd_first": "and the command before its line",
    "cp_beats_wait": "a full buffer holds the array back",
    "cp_suppressed_midway": "poison stops the lines of a store under way, but not the line on offer",
    "cp_suppressed_all": "nothing of a store is written, and its end is still reported",
    "cp_discarded": "a result that no store asks for is swallowed",
    "cp_mxfp4": "a matrix of MXFP4 is closed",
    "cp_mxfp8": "a matrix of MXFP8 is closed",
    "cp_four_parts": "the widest matrix",
    "cp_open_for_ever": "a matrix that no store closes leaves nothing behind in the next one",
    "cp_next_block_behind": "a part of the next block follows the reading of the block before",
    "cp_next_block_waits": "but must not overtake it",
    "cp_block_waits": "a store waits for the lines of the block before",
    "cp_float32_after_quantised": "lines of float32 must not overtake those of a block",
    "cp_two_ends": "the last line of one store and the last beat of another in one cycle",
    "cp_added": "a residual is added to float32",
    "cp_added_before_quantising": "and to what is quantised",
    "cp_residual_columns": "a part takes its own columns of the residual",
    "cp_residual_both_halves": "of either half",
    "cp_residual_kept": "one load serves several stores",
    "cp_residual_late": "a store waits for its residual",
    "cp_released_unread": "a half may be given back by a store that does not add it",
    "cp_sum_nan": "a residual makes a number NaN",
}
SIZES = (4, 8, 2)  # columns of the array; the first gives the rate
STRIKES = ((4, 5), (8, 0), (2, 3), (8, 9))  # columns, and the lines that are written before poison strikes
END = MEMORY_LINES - 1
CORNERS = [
    Store(2, 9, END, 3), Store(3, 1, END - 1, 1), Store(1, 1, 0, 0), Store(16, 16, 7, 2, part=3), Store(2, 3, 5, 1),
    # Two that add one half, three that add the other and one that only releases it
    Store(3, 12, 40, 2, add=1), Store(2, 9, 50, 2, part=1, add=1, release=1),
    Store(3, 16, 60, 1, fmt=2, rule=1, scale_base=70, add=1, add_half=1),
    Store(3, 16, 60, 1, fmt=2, rule=1, scale_base=70, part=1, add=1, add_half=1),
    Store(3, 5, 60, 1, fmt=2, rule=1, scale_base=70, part=2, closes=1, add_half=1, release=1),
    Store(1, 1, 80, 1),
    # Lines that are written while first parts of a matrix go by, the last of which goes on
    *[Store(1, 1, 9, 1), Store(1, 16, 20, 1, fmt=1, scale_base=30)] * 6,
    Store(1, 16, 20, 1, fmt=1, scale_base=30, part=1),
    Store(1, 3, 20, 1, fmt=1, scale_base=30, part=2, closes=1),
]


def run(seed: int, quick: bool = False) -> Evidence:
    """Every width of array; then poison that strikes at the start, or when some lines have been written."""
    coverage = Coverage(BINS)
    sizes, strikes = (SIZES[:2], STRIKES[:2]) if quick else (SIZES, STRIKES)
    stores = (check_stores(cols, seed, 4 if quick else 12, coverage) for cols in sizes)
    suppressed = (check_suppress(cols, lines, seed, coverage) for cols, lines in strikes)
    return merge("store_path", *until_one_fails(chain(stores, suppressed)))


def check_stores(cols: int, seed: int, count: int, coverage: Coverage) -> Evidence:
    """Corner cases, then random stores; at the end some beats that no store asks for."""
    random = Random(f"{seed}/{cols}")
    stores = CORNERS + matrix_stores(random, STEP_ROWS, 64, 1 + seed % 2) + matrix_stores(random, 16, 64, 2 - seed % 2)
    todo = work(stores + some_stores(random, count), cols, random)
    unasked = [random.getrandbits(32 * cols) for _ in range(10)]

    def bench(stalls) -> Bench:
        pins = ports(cols=cols)
        watch = Watch(pins, todo, coverage, cols)
        count_shapes(todo, coverage)
        return Bench(
            store_path(**pins, cols=cols), pins,
            inputs={"instr": [encode(store) for store in todo.stores], "src": todo.beats + unasked},
            outputs={
                "cmd": [{"write": 1, "line_address": address, "id": 0} for address, _ in todo.lines],
                "wdata": [{"data": line} for _, line in todo.lines],
            },
            extra=[residuals(pins, todo, stalls("residual"), seed), watch.follow()], after=watch.boards,
        )

    return check_streams(
        "store_path", bench, seed=seed, coverage=coverage, budget_cycles=40_000, oracle=ORACLE,
        not_checked=NOT_CHECKED, achieved=lambda outcome: outcome.boards["src"].rate, bound=1.0,
        notes=("achieved, bound: beats a cycle, stores of random shapes, the first residual late",),
    )


def check_suppress(cols: int, strike: int, seed: int, coverage: Coverage) -> Evidence:
    """Poison strikes when `strike` lines have been written; what was on offer then is written, no line after it."""
    random = Random(f"{seed}/{cols}/{strike}")
    stores = [Store(3, 12, 40, 2), Store(4, 5, 80, 1), Store(1, 16, 100, 2)]
    stores[1:1] = with_residual(random, matrix_stores(random, 3, 40, 1 + strike % 2))
    todo = work(stores, cols, random)

    def bench(stalls) -> Bench:
        pins = ports(cols=cols)
        watch = Watch(pins, todo, coverage, cols, strike)
        streams = {name: pins[name] for name in ("cmd", "wdata")}
        extra = [sink(pins["clk"], pins["rst"], stream, stalls(name)) for name, stream in streams.items()]
        extra += [
            monitor(pins["clk"], pins["rst"], stream, watch.written[name].receive) for name, stream in streams.items()
        ]
        return Bench(
            store_path(**pins, cols=cols), pins,
            inputs={"instr": [encode(store) for store in todo.stores], "src": todo.beats},
            extra=[*extra, residuals(pins, todo, stalls("residual"), seed), watch.follow()],
            done=lambda: watch.done.complete, after=lambda: watch.boards() | watch.written,
        )

    return check_streams(
        "store_path", bench, seed=seed, coverage=coverage, budget_cycles=5_000, oracle=ORACLE, not_checked=NOT_CHECKED
    )


def count_shapes(todo: Work, coverage: Coverage) -> None:
    """The situations that the stores hold."""
    hit = coverage.hit
    for (before, _), (address, _) in zip(todo.lines, todo.lines[1:], strict=False):
        hit("cp_wrap_in_row", (before, address) == (END, 0))
    for before, result in zip([None, *todo.results], todo.results, strict=False):
        store = result.store
        name = STORE_FORMATS[store.fmt]
        if name == "float32":
            hit("cp_short_line", store.n % LINE_FLOATS != 0)
            hit("cp_single_column", store.n == 1)
            hit("cp_two_lines", store.n > LINE_FLOATS and store.m > 1)
            hit("cp_part_of_float32", store.part > 0)
            hit("cp_float32_after_quantised", before is not None and before.store.closes)
        elif store.closes:
            hit(f"cp_{name}")
            hit("cp_four_parts", store.part == 3)
        hit("cp_open_for_ever", before is not None and before.stays_open and not (store.fmt and store.part))
        hit("cp_wrap_between_rows", store.base + (store.m - 1) * store.stride >= MEMORY_LINES)
        count_residual(result, coverage)
    hit("cp_residual_both_halves", all(todo.loads))
    adding = [result.store for result in todo.results if result.store.add]
    hit("cp_residual_kept", any(not store.release for store in adding))


def count_residual(result, coverage: Coverage) -> None:
    """The situations of a store that adds, or releases, its residual."""
    store = result.store
    coverage.hit("cp_released_unread", store.release and not store.add)
    if store.add:
        coverage.hit("cp_added_before_quantising" if store.fmt else "cp_added")
        coverage.hit("cp_residual_columns", store.part > 0)
        coverage.hit("cp_sum_nan", bool(np.any(result.added == CANONICAL_NAN)))
