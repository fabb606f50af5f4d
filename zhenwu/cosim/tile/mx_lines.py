"""Cosimulation of the quantised lines: rows of float32 become what golden says, block by block.

A cycle model goes with them: in every cycle it must show the same `valid` and `ready`.
"""

from collections.abc import Iterator
from dataclasses import replace
from random import Random

import numpy as np
from numpy.typing import NDArray

from hdl.bench.clock import cycle
from hdl.bench.coverage import Coverage
from hdl.bench.monitor import Transfer
from hdl.bench.scoreboard import Scoreboard
from hdl.bench.source import source
from hdl.bench.stalls import Stalls
from hdl.tile.mx_lines import mx_lines, ports
from zhenwu.cosim.evidence import Evidence
from zhenwu.cosim.lockstep import PinBoard, Values
from zhenwu.cosim.stream_bench import Bench, check_streams
from zhenwu.cosim.tile.store_work import QUANTISED, Work, matrix_stores, row_lines, work
from zhenwu.cycle.tile.mx_lines import MxLines, RowLine
from zhenwu.golden.numerics.mx_quantise import mx_quantise
from zhenwu.golden.tile.layout import LINE_FLOATS, MEMORY_LINES
from zhenwu.golden.tile.mx_lines import ELEMENTS, ends_block
from zhenwu.spec.formats import BLOCK_SIZE, E8M0_NAN, SCALE_RULES
from zhenwu.spec.isa import STEP_ROWS, STORE_FORMATS, STORE_PARTS, Store, decode, encode

ORACLE = "golden mx_lines, with golden mx_quantise; cycle model mx_lines: every handshake"
NOT_CHECKED = "lines of a part before its word, which store_path rules out"
BINS = {
    "cp_mxfp4_one_block": "a matrix of one block: the upper half of each line is 0",
    "cp_mxfp4_two_blocks": "codes of block 0 wait for those of block 1, row by row",
    "cp_mxfp8_one_block": "a line a row",
    "cp_mxfp8_two_blocks": "the lines of block 1 stand behind those of block 0",
    "cp_rule_floor": "a block that another rule would scale otherwise",
    "cp_rule_even": "likewise",
    "cp_rule_rceil": "likewise",
    "cp_whole_row": "32 columns: 4 lines of float32",
    "cp_one_part_row": "a block that closes with its first part",
    "cp_ragged_line": "words beyond the last column must not count",
    "cp_short_panel": "rows beyond m have scale 1.0",
    "cp_one_row": "the first row is the last",
    "cp_not_finite": "a NaN or infinity makes its block NaN, not its row's other block",
    "cp_zero_stride": "all rows go to one line",
    "cp_wrap": "the address space ends inside a matrix",
    "cp_open_for_ever": "scales of a matrix that no part closed are gone in the next one",
    "cp_while_it_comes": "a row is read while the next one comes",
    "cp_next_block_behind": "a line of the next block's first part goes where a row has been read",
    "cp_next_block_waits": "but waits where it has not",
    "cp_word_waits": "a block waits for the last line of the one before",
    "cp_scales_wait": "the line of scales is not taken at once",
}


def run(seed: int, quick: bool = False) -> Evidence:
    """Full-size matrices of every rule in a row, then every kind."""
    random = Random(f"{seed}/mx_lines")
    coverage = Coverage(BINS)
    stores = [
        store
        for rule in range(len(SCALE_RULES))
        for store in matrix_stores(random, STEP_ROWS, STORE_PARTS * STEP_ROWS, QUANTISED[rule % 2], rule=rule)
    ]
    stores += [replace(store, stride=0) for store in matrix_stores(random, 2, 40, QUANTISED[0])]
    for index in range(14 if quick else 40):
        columns = random.choice((random.randint(1, BLOCK_SIZE), random.randint(1, STORE_PARTS * STEP_ROWS)))
        closes = index % 7 != 3
        if not closes:
            columns = -(-columns // STEP_ROWS) * STEP_ROWS
        m = random.choice((1, 2, random.randint(1, STEP_ROWS)))
        stores += matrix_stores(random, m, columns, QUANTISED[index % 2], closes)
    todo = work(stores, 8, random)
    words, words_before, lines, lines_before = [], [], [], []
    for result in todo.results:
        if ends_block(result.store):
            words.append(encode(result.store))
            lines_before.append(len(lines))
        own = row_lines(result, random)
        lines += own
        words_before += [len(words)] * len(own)

    def bench(stalls) -> Bench:
        pins = ports()
        watch = Watch(pins, coverage, words, lines)
        count_shapes(todo, coverage)
        extra = [watch.follow()]
        for name, other, before in (("instr", "src", lines_before), ("src", "instr", words_before)):
            items = watch.moved[name].expected
            in_turn = watch.in_turn(name, other, before, stalls(name))
            extra.append(source(pins["clk"], pins["rst"], pins[name], items, in_turn))
        return Bench(
            mx_lines(**pins), pins, outputs={"dst": expected(todo)}, extra=extra,
            after=lambda: watch.moved | {"cycle by cycle": watch.timing.board},
        )

    return check_streams(
        "mx_lines", bench, seed=seed, coverage=coverage, budget_cycles=40_000, oracle=ORACLE, not_checked=NOT_CHECKED,
        achieved=lambda outcome: outcome.boards["src"].rate, bound=1.0,
        notes=("achieved, bound: lines of 8 float32 a cycle, matrices of any shape",),
    )


def expected(todo: Work) -> list[dict[str, int]]:
    """The lines on `dst`."""
    last = {end - 1 for end in todo.line_ends}
    return [
        {"line_address": address, "last": int(index in last), "data": line}
        for index, (address, line) in enumerate(todo.lines)
    ]


class Watch:
    """Holds the block's handshakes against the model's, and brings words and lines in turn, as `store_path` does."""

    def __init__(self, pins, coverage: Coverage, words: list[int], lines: list[dict[str, int]]):
        self.pins = pins
        self.coverage = coverage
        self.moved = {"instr": Scoreboard([{"word": word} for word in words]), "src": Scoreboard(lines)}
        self.offered = {"instr": 0, "src": 0}
        self.timing = PinBoard(pins)
        self.model = MxLines()

    def in_turn(self, name: str, other: str, before: list[int], stalls: Stalls) -> Stalls:
        """`stalls`, and one wherever so many transfers of the other stream must come before the next one of this."""
        while True:
            stalled = self.moved[other].received < before[self.offered[name]] or next(stalls)
            self.offered[name] += not stalled
            yield stalled

    def follow(self) -> Iterator:
        """Look at every edge."""
        pins = self.pins
        instr, src, dst = pins["instr"], pins["src"], pins["dst"]
        while True:
            yield pins["clk"].posedge
            if pins["rst"]:
                self.model = MxLines()
                for name, board in self.moved.items():
                    self.offered[name] = 0
                    board.restart()
                continue
            line = RowLine(int(src.row.val), int(src.place.val), bool(src.ends)) if src.valid else None
            if not self.timing.board.wrong:  # after that the two go different ways
                self.timing.compare(self.expected(line))
                self.count(line)
            for name, board in self.moved.items():
                if pins[name].valid and pins[name].ready:
                    payload = pins[name].payload()
                    board.receive(Transfer(cycle(), {field: int(signal.val) for field, signal in payload.items()}))
            if not self.timing.board.wrong:
                store = decode(int(instr.word.val)) if instr.valid and instr.ready else None
                self.model.step(store, line if src.ready else None, bool(dst.ready))

    def expected(self, line: RowLine | None) -> Values:
        """What the pins must show in this cycle; payloads are the scoreboard's."""
        values = {"instr.ready": self.model.ready, "dst.valid": self.model.offered is not None}
        if line is not None:
            values["src.ready"] = self.model.takes(line)
        return {name: int(value) for name, value in values.items()}

    def count(self, line: RowLine | None) -> None:
        """The situations of one cycle."""
        model, pins, hit = self.model, self.pins, self.coverage.hit
        reading = line is not None and model.reading is not None
        hit("cp_while_it_comes", reading and line.ends and model.shown)
        hit("cp_next_block_behind", reading and not line.ends and model.takes(line))
        hit("cp_next_block_waits", reading and not model.takes(line))
        hit("cp_word_waits", bool(pins["instr"].valid) and not model.ready)
        hit("cp_scales_wait", model.scaling and not pins["dst"].ready)


def count_shapes(todo: Work, coverage: Coverage) -> None:
    """The situations that the matrices hold."""
    hit = coverage.hit
    for before, result in zip([None, *todo.results], todo.results, strict=False):
        store = result.store
        if store.closes:
            hit(f"cp_{STORE_FORMATS[store.fmt]}_{'two_blocks' if store.part > 1 else 'one_block'}")
        hit("cp_whole_row", store.part % 2 and store.n == STEP_ROWS)
        hit("cp_one_part_row", store.part % 2 == 0 and store.closes)
        hit("cp_ragged_line", store.n % LINE_FLOATS > 0)
        hit("cp_short_panel", store.closes and store.m < STEP_ROWS)
        hit("cp_one_row", store.m == 1)
        hit("cp_zero_stride", store.stride == 0 and store.m > 1)
        hit("cp_wrap", ends_block(store) and store.base + (store.m - 1) * store.stride >= MEMORY_LINES)
        hit("cp_open_for_ever", before is not None and before.stays_open and store.part == 0)
    for matrix, store in blocks(todo):
        scales = [mx_quantise(matrix, ELEMENTS[STORE_FORMATS[store.fmt]], rule)[1] for rule in SCALE_RULES]
        for rule, own in enumerate(scales):
            others = [scale for scale in scales if scale is not own]
            hit(f"cp_rule_{SCALE_RULES[rule]}", rule == store.rule and all((own != other).any() for other in others))
        hit("cp_not_finite", bool((scales[0] == E8M0_NAN).any()))


def blocks(todo: Work) -> Iterator[tuple[NDArray[np.float32], Store]]:
    """Each block of 32 columns, float32[m, columns], and the part that ends it."""
    for index, result in enumerate(todo.results):
        if ends_block(result.store):
            parts = todo.results[index - result.store.part % 2 : index + 1]
            yield np.concatenate([part.words for part in parts], axis=1).view(np.float32), result.store
