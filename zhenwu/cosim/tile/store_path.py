"""Cosimulation of the store path: beats of random words become the lines that golden says, in its order."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

import numpy as np

from hdl.bench.clock import cycle
from hdl.bench.coverage import Coverage
from hdl.bench.monitor import Transfer, monitor
from hdl.bench.scoreboard import Scoreboard
from hdl.bench.sink import sink
from hdl.tile.store_path import ports, store_path
from zhenwu.cosim.evidence import Evidence, merge
from zhenwu.cosim.stream_bench import Bench, check_streams
from zhenwu.golden.tile import store_path as golden
from zhenwu.golden.tile.layout import LINE_WORDS, MEMORY_LINES
from zhenwu.spec.isa import STEP_ROWS, Store, StoreFields, encode

ORACLE = "golden store_path: addresses and lines, row by row"
NOT_CHECKED = "beats whose words beyond n are not +0: drain gates them"
BINS = {
    "cp_short_line": "a line that its row does not fill ends in +0, not in the words of the line before",
    "cp_single_column": "one word a row: a line a beat",
    "cp_two_lines": "the second line of a row stands behind the first, the next row a stride behind",
    "cp_wrap_in_row": "the address space ends inside a row",
    "cp_wrap_between_rows": "or between two rows",
    "cp_back_to_back": "beats of the next store come while the last line of this one still waits",
    "cp_wdata_first": "memory takes the line before its command",
    "cp_cmd_first": "and the command before its line",
    "cp_beats_wait": "a full buffer holds the array back",
    "cp_suppressed_midway": "poison stops the lines of a store under way, but not the line on offer",
    "cp_suppressed_all": "nothing of a store is written, and its end is still reported",
    "cp_discarded": "a result that no store asks for is swallowed",
}
SIZES = (4, 8, 2)  # columns of the array; the first gives the rate
STRIKES = ((4, 5), (8, 0), (2, 3), (8, 9))  # columns, and the lines that are written before poison strikes



@dataclass(frozen=True)
class Work:
    """Stores, their beats and their lines."""

    stores: list[Store]
    beats: list[int]
    lines: list[tuple[int, int]]  # address and content
    beat_ends: list[int]  # beats up to the end of each store
    line_ends: list[int]


def run(seed: int, quick: bool = False) -> Evidence:
    """Every width of array; then poison that strikes at the start, or when some lines have been written."""
    coverage = Coverage(BINS)
    sizes, strikes = (SIZES[:2], STRIKES[:2]) if quick else (SIZES, STRIKES)
    parts = [check_stores(cols, seed, 4 if quick else 25, coverage) for cols in sizes]
    parts += [check_suppress(cols, lines, seed, coverage) for cols, lines in strikes]
    return merge("store_path", *parts)


def some_store(random: Random) -> Store:
    """Any shape, half of them near the end of the address space."""
    m, n = random.randint(1, STEP_ROWS), random.randint(1, STEP_ROWS)
    base = random.randrange(MEMORY_LINES)
    if random.random() < 0.5:
        base = MEMORY_LINES - random.randint(1, 2 * m)
    return Store(m, n, base, random.choice((0, 1, 2, 3, random.randrange(1 << StoreFields.stride.width))))


def work(stores: list[Store], cols: int, random: Random) -> Work:
    """Random words for these stores, and what golden makes of them."""
    beats, lines, beat_ends, line_ends = [], [], [], []
    for store in stores:
        row_beats = -(-store.n // cols)
        words = np.frombuffer(random.randbytes(4 * store.m * row_beats * cols), np.uint32)
        words = words.reshape(store.m, row_beats * cols).copy()
        words[:, store.n :] = 0
        own = words.reshape(-1, cols)  # (beat, column)
        beats += [int.from_bytes(beat.tobytes(), "little") for beat in own]
        own_lines = golden.store_path(store, own)
        lines += [(address, int.from_bytes(line.tobytes(), "little")) for address, line in own_lines]
        beat_ends.append(len(beats))
        line_ends.append(len(lines))
    return Work(stores, beats, lines, beat_ends, line_ends)


def check_stores(cols: int, seed: int, count: int, coverage: Coverage) -> Evidence:
    """Corner cases, then random stores; at the end some beats that no store asks for."""
    random = Random(f"{seed}/{cols}")
    end = MEMORY_LINES - 1
    corners = [Store(2, 9, end, 3), Store(3, 1, end - 1, 1), Store(1, 1, 0, 0), Store(16, 16, 7, 2), Store(2, 3, 5, 1)]
    todo = work(corners + [some_store(random) for _ in range(count)], cols, random)
    unasked = [random.getrandbits(32 * cols) for _ in range(10)]

    def bench(stalls) -> Bench:
        pins = ports(cols=cols)
        watch = Watch(pins, todo, coverage)
        count_shapes(todo, coverage)
        return Bench(
            store_path(**pins, cols=cols), pins,
            inputs={"instr": [encode(store) for store in todo.stores], "src": todo.beats + unasked},
            outputs={
                "cmd": [{"write": 1, "line_address": address, "id": 0} for address, _ in todo.lines],
                "wdata": [{"data": line} for _, line in todo.lines],
            },
            extra=[watch.follow()], after=lambda: {"store_done": watch.done},
        )

    return check_streams(
        "store_path", bench, seed=seed, coverage=coverage, budget_cycles=20_000, oracle=ORACLE,
        not_checked=NOT_CHECKED, achieved=lambda outcome: outcome.boards["src"].rate, bound=1.0,
        notes=("achieved, bound: beats a cycle, stores of random shapes",),
    )


def check_suppress(cols: int, strike: int, seed: int, coverage: Coverage) -> Evidence:
    """Poison strikes when `strike` lines have been written; what was on offer then is written, no line after it."""
    random = Random(f"{seed}/{cols}/{strike}")
    todo = work([Store(3, 12, 40, 2), Store(4, 5, 80, 1), Store(1, 16, 100, 2)], cols, random)

    def bench(stalls) -> Bench:
        pins = ports(cols=cols)
        watch = Watch(pins, todo, coverage, strike)
        streams = {name: pins[name] for name in ("cmd", "wdata")}
        extra = [sink(pins["clk"], pins["rst"], stream, stalls(name)) for name, stream in streams.items()]
        extra += [
            monitor(pins["clk"], pins["rst"], stream, watch.written[name].receive) for name, stream in streams.items()
        ]
        return Bench(
            store_path(**pins, cols=cols), pins,
            inputs={"instr": [encode(store) for store in todo.stores], "src": todo.beats},
            extra=[*extra, watch.follow()], done=lambda: watch.done.complete,
            after=lambda: {"store_done": watch.done, **watch.written},
        )

    return check_streams(
        "store_path", bench, seed=seed, coverage=coverage, budget_cycles=5_000, oracle=ORACLE, not_checked=NOT_CHECKED
    )


class Watch:
    """What happened so far: lines written, stores done. It raises `discard` at the end and `suppress` at `strike`."""

    def __init__(self, pins, todo: Work, coverage: Coverage, strike: int | None = None):
        self.pins = pins
        self.todo = todo
        self.coverage = coverage
        self.strike = strike
        self.done = Scoreboard([{"store": index, "lines_missing": 0} for index in range(len(todo.stores))])
        self.written = {"cmd": Scoreboard([]), "wdata": Scoreboard([])}
        self.restart()

    def restart(self) -> None:
        """Expect everything from the start."""
        self.lines = {"cmd": 0, "wdata": 0}  # taken by memory
        self.beats = self.stores = 0  # taken by the block
        self.limit: int | None = None  # of lines, once poison has struck
        self.done.restart()
        for board, items in zip(self.written.values(), zip(*self.todo.lines, strict=True), strict=True):
            field = "line_address" if board is self.written["cmd"] else "data"
            board.expected = [{field: item} for item in items]
            board.restart()

    def follow(self) -> Iterator:
        """Look at every edge."""
        pins = self.pins
        while True:
            yield pins["clk"].posedge
            if pins["rst"]:
                pins["discard"].next = pins["suppress"].next = False
                self.restart()
                continue
            if pins["suppress"] and self.limit is None:
                self.settle_limit()
            if pins["store_done"]:
                self.store_ends()
            self.count()
            for name in self.lines:
                self.lines[name] += bool(pins[name].valid and pins[name].ready)
            self.beats += bool(pins["src"].valid and pins["src"].ready)
            self.stores += bool(pins["instr"].valid and pins["instr"].ready)
            pins["discard"].next = self.done.complete
            pins["suppress"].next = self.strike is not None and self.lines["cmd"] >= self.strike

    def settle_limit(self) -> None:
        """The block has seen `suppress` at this edge: the lines that it offers now are the last ones."""
        self.limit = self.lines["cmd"] + bool(self.pins["cmd"].valid)
        for board in self.written.values():
            del board.expected[self.limit :]
        self.coverage.hit("cp_suppressed_midway", 0 < self.limit < len(self.todo.lines))

    def store_ends(self) -> None:
        """A pulse of `store_done`: the store's lines must have been taken by both streams before."""
        index = self.done.received
        begin, due = (0, *self.todo.line_ends)[index : index + 2] if index < len(self.todo.stores) else (0, 0)
        if self.limit is not None:
            self.coverage.hit("cp_suppressed_all", begin >= self.limit)
            due = min(due, self.limit)
        missing = max(0, due - min(self.lines.values()))
        self.done.receive(Transfer(cycle(), {"store": index, "lines_missing": missing}))

    def count(self) -> None:
        """The situations of one cycle."""
        cmd, wdata, src = self.pins["cmd"], self.pins["wdata"], self.pins["src"]
        ends = self.todo.beat_ends
        active = self.stores > 0 and self.beats < ends[self.stores - 1]
        moves = bool(src.valid and src.ready)
        done = self.done.received
        self.coverage.hit("cp_back_to_back", active and moves and done < self.stores - 1)
        self.coverage.hit("cp_wdata_first", bool(cmd.valid and not wdata.valid))
        self.coverage.hit("cp_cmd_first", bool(wdata.valid and not cmd.valid))
        self.coverage.hit("cp_beats_wait", active and bool(src.valid and not src.ready))
        self.coverage.hit("cp_discarded", moves and not active)


def count_shapes(todo: Work, coverage: Coverage) -> None:
    """The situations that the stores hold."""
    for store in todo.stores:
        coverage.hit("cp_short_line", store.n % LINE_WORDS != 0)
        coverage.hit("cp_single_column", store.n == 1)
        coverage.hit("cp_two_lines", store.n > LINE_WORDS and store.m > 1)
    for (before, _), (address, _) in zip(todo.lines, todo.lines[1:], strict=False):
        coverage.hit("cp_wrap_in_row", (before, address) == (MEMORY_LINES - 1, 0))
    for store in todo.stores:
        coverage.hit("cp_wrap_between_rows", store.base + (store.m - 1) * store.stride >= MEMORY_LINES)
