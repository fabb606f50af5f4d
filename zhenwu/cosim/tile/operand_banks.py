"""Cosimulation of the operand banks: one half is read, word by word, while the other is written.

    lines   | half 0 | half 1 | half 0 | half 1 | half 0 |
    reading          | half 0 | half 1 | half 0 | half 1 | half 0 |
"""

from collections import deque
from collections.abc import Iterator
from itertools import chain, repeat
from random import Random

import numpy as np

from hdl.bench.clock import cycle
from hdl.bench.coverage import Coverage
from hdl.bench.monitor import Transfer
from hdl.bench.scoreboard import Scoreboard
from hdl.tile.operand_banks import bank_depth, operand_banks, ports
from zhenwu.cosim.evidence import Evidence, merge
from zhenwu.cosim.profiles import BURSTS, NONE, RANDOM, RESET
from zhenwu.cosim.stream_bench import Bench, check_streams
from zhenwu.golden.tile import operand_banks as golden
from zhenwu.golden.tile.layout import LINE_BYTES
from zhenwu.golden.tile.mover import LineWrite, mover
from zhenwu.spec.isa import STEP_ROWS, Load
from zhenwu.spec.mma_formats import BF16_OPERAND, MXFP4_OPERAND, MXFP8_OPERAND, STEP_WORDS

ORACLE = "golden operand_banks: which half of which line is which word"
NOT_CHECKED = "a read of a word that is being written: the flags of the scratchpad prevent it"
BINS = {
    "cp_same_bank": "a line behind one for the same bank must wait for that bank's second word",
    "cp_scale_behind_scale": "the scale bank makes the next scale line wait in the same way",
    "cp_full_rate": "a line behind one for another bank must not wait: two banks are written at once",
    "cp_bank_again": "a line for the bank before last must not wait either",
    "cp_replaced": "a place written twice holds the later line",
    "cp_odd_block": "a line of scales begins at an odd block: an MXFP8 panel of an odd number of blocks came before",
    "cp_word_too_many": "that panel's last line had a word too many: the line at the odd block must replace it",
    "cp_read_while_written": "a reading must not be disturbed by what goes to other places",
    "cp_reset": "a reset clears what was held, and leaves banks that can be written again",
}
RANDOM_SIZES = ((8, 2), (4, 3), (2, 5))  # banks, half_steps
MOVER_SIZE = (4, 3)
FILLINGS = (  # half, format, and whether a panel has a single step, which for MXFP8 is an odd number of blocks
    (0, MXFP8_OPERAND, True),
    (1, MXFP4_OPERAND, False),
    (0, BF16_OPERAND, True),
    (1, MXFP8_OPERAND, False),
)
ALL_PROFILES = (NONE, RANDOM, BURSTS, RESET)

Writes = list[tuple[LineWrite, np.ndarray]]


def run(seed: int, quick: bool = False) -> Evidence:
    """Lines in the mover's order for the rate, then in any order for the conflicts."""
    coverage = Coverage(BINS)
    parts = [check_banks(*MOVER_SIZE, seed, in_order, (NONE,), coverage)]
    for size in RANDOM_SIZES[:1] if quick else RANDOM_SIZES:
        parts.append(check_banks(*size, seed, shuffled, ALL_PROFILES, coverage))
    return merge("operand_banks", *parts)


def in_order(load: Load, half_steps: int, random: Random) -> list[LineWrite]:
    """A whole half as the mover fills it."""
    return mover(load, half_steps)


def shuffled(load: Load, half_steps: int, random: Random) -> list[LineWrite]:
    """A whole half in any order, a third of the places twice, often at once; in half 0 the scale lines together."""
    places = in_order(load, half_steps, random)
    places += random.sample(places, len(places) // 3)
    random.shuffle(places)
    if load.half == 0:
        places.sort(key=lambda write: write.scale)
    again = [place for place in places if random.random() < 0.1]
    return list(chain.from_iterable(repeat(place, 2 if place in again else 1) for place in places))


def check_banks(banks: int, half_steps: int, seed: int, order, profiles, coverage: Coverage) -> Evidence:
    """Fill both halves twice in turn, and read each after it has been filled."""
    random = Random(f"{seed}/{banks}/{half_steps}")
    writes: Writes = []
    readings = []  # how many lines it takes, then a word of every bank at each place
    for half, fmt, single in FILLINGS:
        panels = half_steps if single else 1
        k_steps = half_steps // panels
        load = Load(0, half, panels * STEP_ROWS, k_steps, 0, k_steps, 0, 1, fmt=fmt.code)
        filling = order(load, half_steps, random)
        writes += [(place, np.frombuffer(random.randbytes(LINE_BYTES), np.uint8)) for place in filling]
        readings.append((len(writes), half_words(writes, half, banks, half_steps)))
    items = [
        {"half": place.half, "step": place.step, "row": place.row, "scale": place.scale, "data": bits(line)}
        for place, line in writes
    ]

    def bench(stalls) -> Bench:
        pins = ports(banks=banks, half_steps=half_steps)
        board, waits = Scoreboard([words for _, reading in readings for words in reading]), Scoreboard([])
        extra = [
            read(pins, readings, board, coverage),
            observe(pins["clk"], pins["rst"], pins["line"], banks, waits, coverage),
        ]
        return Bench(
            operand_banks(**pins, banks=banks, half_steps=half_steps), pins, {"line": items}, extra=extra,
            done=lambda: board.complete, after=lambda: {"words": board, "waits": waits},
        )

    return check_streams(
        "operand_banks", bench, seed=seed, coverage=coverage, budget_cycles=20_000, oracle=ORACLE,
        not_checked=NOT_CHECKED, achieved=lambda outcome: outcome.boards["line"].rate, bound=1.0, profiles=profiles,
        notes=("achieved, bound: lines a cycle, in the mover's order",),
    )


def half_words(writes: Writes, half: int, banks: int, half_steps: int) -> list[dict[str, int]]:
    """What each place of a half holds after these writes: the words of all banks, and the scales.

    The elements fill it, the scales perhaps not: what none of them wrote is not read.
    """
    elements, scales = golden.operand_banks(writes, banks, half_steps)
    depth = bank_depth(banks, half_steps) // 2
    scale_lines = {place.step for place, _ in writes if place.half == half and place.scale}
    blocks = sorted({step + word for step in scale_lines for word in range(STEP_WORDS)})
    reading = []
    for i in range(depth):
        scale_address = half * half_steps * STEP_WORDS + blocks[i % len(blocks)]
        reading.append({
            "address": half * depth + i, "scale_address": scale_address,
            "words": bits(elements[:, half * depth + i]), "scales": bits(scales[scale_address]),
        })  # fmt: skip
    return reading


def bits(array: np.ndarray) -> int:
    """Bytes as one word, the first one lowest."""
    return int.from_bytes(array.tobytes(), "little")


def read(pins, readings, board: Scoreboard, coverage: Coverage) -> Iterator:
    """Read each half as soon as all its lines have been taken: a place a cycle, the answer two edges later."""
    clk, rst, line = pins["clk"], pins["rst"], pins["line"]
    while True:
        board.restart()
        taken = 0
        under_way = deque((None, None))
        plan = iter([(count, item) for count, reading in readings for item in reading])
        following = next(plan)
        while True:
            yield clk.posedge
            if rst:
                break
            answered = under_way.popleft()
            if answered is not None:
                words = {"words": int(pins["words"].val), "scales": int(pins["scales"].val)}
                board.receive(Transfer(cycle(), answered | words))
            asked = following if following and following[0] <= taken else None
            if asked:
                pins["address"].next = asked[1]["address"]
                pins["scale_address"].next = asked[1]["scale_address"]
                following = next(plan, None)
            under_way.append(asked and {name: asked[1][name] for name in ("address", "scale_address")})
            moves = bool(line.valid and line.ready)
            taken += moves
            coverage.hit("cp_read_while_written", bool(moves and asked))


def observe(clk, rst, line, banks: int, waits: Scoreboard, coverage: Coverage) -> Iterator:
    """Count the situations by the banks and places of the last lines; a line waits only behind one for its bank."""
    scale_bank = banks
    recent: deque[int | None] = deque((None, None), maxlen=2)  # their banks, None where none moved
    places: set[tuple[int, ...]] = set()
    seconds: set[tuple[int, int]] = set()  # half, block: of the second words of lines of scales
    while True:
        yield clk.posedge
        if rst:
            coverage.hit("cp_reset", bool(places))
            places.clear()
            seconds.clear()
            waits.expected.clear()
            waits.restart()
            continue
        bank = None
        if line.valid:
            bank = scale_bank if line.scale else int(line.row.val) % banks
            waits.expected.append({"ready": int(recent[-1] != bank)})
            waits.receive(Transfer(cycle(), {"ready": int(line.ready)}))
            coverage.hit("cp_same_bank", bool(not line.ready and bank != scale_bank))
            coverage.hit("cp_scale_behind_scale", bool(not line.ready and bank == scale_bank))
        if line.valid and line.ready:
            coverage.hit("cp_full_rate", recent[-1] not in (None, bank))
            coverage.hit("cp_bank_again", recent[-1] not in (None, bank) and recent[-2] == bank)
            place = (int(line.half.val), int(line.step.val), int(line.row.val), int(line.scale.val))
            coverage.hit("cp_replaced", place in places)
            places.add(place)
            if line.scale:
                half, block = place[:2]
                coverage.hit("cp_odd_block", block % STEP_WORDS)
                coverage.hit("cp_word_too_many", (half, block) in seconds)
                seconds.add((half, block + 1))
        else:
            bank = None
        recent.append(bank)
