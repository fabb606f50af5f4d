"""What the benches of the store path store: random results in every format, their residuals, and golden's lines."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random

import numpy as np
from numpy.typing import NDArray

from zhenwu.golden.tile.layout import LINE_BYTES, LINE_FLOATS, MEMORY_LINES
from zhenwu.golden.tile.mx_lines import ends_block
from zhenwu.golden.tile.residual_add import residual_add
from zhenwu.golden.tile.store_path import store_path
from zhenwu.spec.formats import FLOAT32, SCALE_RULES
from zhenwu.spec.isa import RESIDUAL_STEPS, STEP_ROWS, STORE_FORMATS, STORE_PARTS, Store, StoreFields

FRACTION_BITS = FLOAT32.mantissa_bits
INFINITY = FLOAT32.largest_code + 1
SIGN = 1 << FLOAT32.magnitude_bits
QUANTISED = range(1, len(STORE_FORMATS))


@dataclass(frozen=True)
class Result:
    """A store, the m x n float32 that come for it, and the residual that it adds (its half as it then is)."""

    store: Store
    words: NDArray[np.uint32]
    residual: NDArray[np.uint8] | None = None

    @property
    def added(self) -> NDArray[np.uint32]:
        """The float32 that are stored or quantised."""
        if self.residual is None:
            return self.words
        return residual_add(self.words, self.residual, STEP_ROWS * self.store.part)

    @property
    def stays_open(self) -> bool:
        """Whether the matrix goes on after this store."""
        return bool(self.store.fmt and not self.store.closes)


@dataclass(frozen=True)
class Work:
    """Results, their beats and their lines."""

    results: list[Result]
    beats: list[int]
    lines: list[tuple[int, int]]  # address and content
    beat_ends: list[int]  # beats up to the end of each result
    line_ends: list[int]
    loads: tuple[list[NDArray[np.uint8]], list[NDArray[np.uint8]]]  # of each half of the residual buffer, in order

    @property
    def stores(self) -> list[Store]:
        """The instructions."""
        return [result.store for result in self.results]

    @property
    def frees(self) -> list[dict[str, int]]:
        """Which half is given back with which beat."""
        return [
            {"free": 1 << store.add_half, "beats": end}
            for store, end in zip(self.stores, self.beat_ends, strict=True)
            if store.release
        ]


def to_int(array: NDArray) -> int:
    """An array's bytes as one word, the first one lowest."""
    return int.from_bytes(array.tobytes(), "little")


def float_words(random: Random, rows: int, columns: int) -> NDArray[np.uint32]:
    """Any float32: often of a few binades, now and then zeros, subnormals, infinities or NaNs.

    A whole panel is always of a few binades, so that the scale rules differ somewhere in it.
    """
    rng = np.random.default_rng(random.getrandbits(32))
    kind = 0.5 if rows == STEP_ROWS else random.random()
    if kind < 0.2:
        return rng.integers(0, 2**32, (rows, columns), np.uint32)
    largest = {0: 0, 1: 1, 2: 254}.get(int(20 * kind), random.randint(20, 240))
    exponent = np.maximum(largest - rng.integers(0, 7, (rows, columns)), 0)
    words = exponent << FRACTION_BITS | rng.integers(0, 1 << FRACTION_BITS, (rows, columns))
    words[rng.random((rows, columns)) < 0.1] = 0
    if kind > 0.9:
        words[random.randrange(rows), random.randrange(columns)] = INFINITY + random.getrandbits(2)
    return (words | SIGN * rng.integers(0, 2, (rows, columns))).astype(np.uint32)


def base_of(random: Random, m: int) -> int:
    """A line address, half of them near the end of the address space."""
    if random.random() < 0.5:
        return MEMORY_LINES - random.randint(1, 2 * m)
    return random.randrange(MEMORY_LINES)


def stride_of(random: Random) -> int:
    """Small strides and any."""
    return random.choice((0, 1, 2, 3, random.randrange(1 << StoreFields.stride.width)))


def float32_store(random: Random) -> Store:
    """One store of any shape and place."""
    m, n = random.randint(1, STEP_ROWS), random.randint(1, STEP_ROWS)
    return Store(m, n, base_of(random, m), stride_of(random), part=random.randrange(STORE_PARTS))


def matrix_stores(
    random: Random, m: int, columns: int, fmt: int, closes: bool = True, rule: int | None = None
) -> list[Store]:
    """The parts of a quantised matrix, the last of which closes it or leaves it open; any scale rule by default."""
    last = (columns - 1) // STEP_ROWS
    rule = random.randrange(len(SCALE_RULES)) if rule is None else rule
    whole = Store(m, STEP_ROWS, base_of(random, m), stride_of(random), fmt, rule, scale_base=base_of(random, 1))
    parts = [replace(whole, part=part) for part in range(last + 1)]
    parts[-1] = replace(parts[-1], n=columns - STEP_ROWS * last, closes=int(closes))
    return parts


def some_group(random: Random) -> list[Store]:
    """A float32 store, or the parts of a quantised matrix, seldom one that is never closed."""
    if random.random() < 0.4:
        return [float32_store(random)]
    m = random.choice((1, 2, 3, random.randint(1, STEP_ROWS), STEP_ROWS))
    columns = random.choice((random.randint(1, STEP_ROWS), random.randint(1, STORE_PARTS * STEP_ROWS)))
    closes = random.random() < 0.9
    if not closes:
        columns = STEP_ROWS * random.randint(1, STORE_PARTS)
    return matrix_stores(random, m, columns, random.choice(QUANTISED), closes)


def with_residual(random: Random, group: list[Store]) -> list[Store]:
    """Most parts of a group add one half of the residual; the last one releases it, even if it does not add it."""
    half = random.getrandbits(1)
    stores = [replace(store, add=int(random.random() < 0.8), add_half=half) for store in group]
    stores[-1] = replace(stores[-1], release=int(any(store.add for store in stores)))
    return stores


def some_stores(random: Random, count: int) -> list[Store]:
    """`count` groups, half of them with a residual."""
    groups = [some_group(random) for _ in range(count)]
    return [store for group in groups for store in (with_residual(random, group) if random.random() < 0.5 else group)]


def results_of(stores: list[Store], random: Random) -> Iterator[Result]:
    """Random numbers for these stores; each half of the residual is loaded anew after its release.

    The first residual has NaNs in its first row, the first result of two rows an infinity.
    """
    halves: list[NDArray[np.uint8] | None] = [None, None]
    first_residual = first_pair = True
    for store in stores:
        if (store.add or store.release) and halves[store.add_half] is None:
            words = float_words(random, STEP_ROWS, RESIDUAL_STEPS * LINE_FLOATS)
            if first_residual:
                words[0, ::STEP_ROWS] = INFINITY + 1
                first_residual = False
            halves[store.add_half] = words.astype("<u4").view(np.uint8).reshape(STEP_ROWS, RESIDUAL_STEPS, LINE_BYTES)
        words = float_words(random, store.m, store.n)
        if store.m == 2 and first_pair:
            words[1, 0] = INFINITY
            first_pair = False
        yield Result(store, words, halves[store.add_half] if store.add else None)
        if store.release:
            halves[store.add_half] = None


def work(stores: list[Store], cols: int, random: Random) -> Work:
    """Random numbers for these stores, and what golden makes of them; words beyond n may be anything."""
    results = list(results_of(stores, random))
    beats: list[int] = []
    lines: list[tuple[int, int]] = []
    beat_ends, line_ends = [], []
    loads: tuple[list, list] = ([], [])
    open_parts: list[NDArray[np.uint32]] = []
    for result in results:
        own = beats_of(result.words, cols, random)
        beats += [to_int(beat) for beat in own]
        own_lines = store_path(result.store, own, result.residual, open_parts)
        lines += [(address, to_int(line)) for address, line in own_lines]
        beat_ends.append(len(beats))
        line_ends.append(len(lines))
        known = loads[result.store.add_half]
        if result.residual is not None and not any(result.residual is load for load in known):
            known.append(result.residual)
    return Work(results, beats, lines, beat_ends, line_ends, loads)


def beats_of(words: NDArray[np.uint32], cols: int, random: Random) -> NDArray[np.uint32]:
    """Rows as beats, with random words beyond the last column."""
    m, n = words.shape
    rng = np.random.default_rng(random.getrandbits(32))
    padded = rng.integers(0, 2**32, (m, -(-n // cols) * cols), np.uint32)
    padded[:, :n] = words
    return padded.reshape(-1, cols)


def row_lines(result: Result, random: Random) -> list[dict[str, int]]:
    """A quantised part's lines of 8 float32, as `mx_lines` takes them; words beyond n may be anything."""
    store = result.store
    rows = beats_of(result.added, LINE_FLOATS, random).reshape(store.m, -1, LINE_FLOATS)  # (row, line, column)
    return [
        {"row": row, "place": store.part % 2 * 2 + line, "ends": int(ends_block(store)), "data": to_int(words)}
        for row, own in enumerate(rows)
        for line, words in enumerate(own)
    ]
