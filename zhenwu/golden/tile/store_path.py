"""The store path: beats from the array become whole lines in memory."""

import numpy as np
from numpy.typing import NDArray

from zhenwu.golden.tile.layout import LINE_BYTES, LINE_FLOATS, MEMORY_LINES
from zhenwu.spec.isa import Store


def store_path(store: Store, beats: NDArray[np.uint32]) -> list[tuple[int, NDArray[np.uint8]]]:
    """The (line address, bytes uint8[32]) writes of a store, row by row.

    beats uint32[m * ceil(n / cols), cols] as `drain` gives them. A row is ceil(n / 8) lines, the last one
    filled up with +0. ValueError if there are more or fewer beats than the store's m x n takes.
    """
    cols = beats.shape[1]
    row_beats = -(-store.n // cols)
    if len(beats) != store.m * row_beats:
        raise ValueError(f"{len(beats)} beats for {store}: expected {store.m * row_beats}")
    row_lines = -(-store.n // LINE_FLOATS)
    words = np.zeros((store.m, row_lines * LINE_FLOATS), np.uint32)
    words[:, : store.n] = beats.reshape(store.m, row_beats * cols)[:, : store.n]
    lines = words.astype("<u4").view(np.uint8).reshape(store.m, row_lines, LINE_BYTES)
    return [
        ((store.base + row * store.stride + line) % MEMORY_LINES, lines[row, line])
        for row in range(store.m)
        for line in range(row_lines)
    ]
