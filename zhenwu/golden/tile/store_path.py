"""The store path: beats from the array become whole lines in memory, float32 or quantised."""

import numpy as np
from numpy.typing import NDArray

from zhenwu.golden.tile.layout import LINE_BYTES, LINE_FLOATS, MEMORY_LINES
from zhenwu.golden.tile.mx_lines import ends_block, mx_lines
from zhenwu.golden.tile.residual_add import residual_add
from zhenwu.spec.isa import STEP_ROWS, Store

PART_LINES = STEP_ROWS // LINE_FLOATS  # lines of float32 in a row of a whole result


def store_path(
    store: Store,
    beats: NDArray[np.uint32],
    residual: NDArray[np.uint8] | None = None,
    open_parts: list[NDArray[np.uint32]] | None = None,
) -> list[tuple[int, NDArray[np.uint8]]]:
    """The (line address, bytes uint8[32]) writes of a store, in order.

    beats      : uint32[m * ceil(n / cols), cols] as `drain` gives them; columns beyond n do not count
    residual   : uint8[16, 8, 32], the half that a store with `add` names
    open_parts : what the quantised parts of the open matrix have gathered, uint32[m, 16] each; changed in place

    A float32 row is ceil(n / 8) lines, the last one filled up with +0. `mx_lines` has what a quantised part writes, if
    it ends a block of 32 columns. ValueError if there are more or fewer beats than the store's m x n takes, if a
    residual is missing, or if a part does not continue the open matrix.
    """
    cols = beats.shape[1]
    row_beats = -(-store.n // cols)
    if len(beats) != store.m * row_beats:
        raise ValueError(f"{len(beats)} beats for {store}: expected {store.m * row_beats}")
    words = beats.reshape(store.m, row_beats * cols)[:, : store.n]
    if store.add:
        if residual is None:
            raise ValueError(f"no residual for {store}, which adds one")
        words = residual_add(words, residual, STEP_ROWS * store.part)
    if not store.fmt:
        return float32_lines(store, words)

    gathered = [] if open_parts is None else open_parts
    if store.part == 0:
        gathered.clear()
    if len(gathered) != store.part or any(part.shape != (store.m, STEP_ROWS) for part in gathered):
        raise ValueError(f"{store} follows {len(gathered)} parts: expected {store.part} of {store.m} x {STEP_ROWS}")
    gathered.append(words)
    lines = mx_lines(store, np.concatenate(gathered, axis=1)) if ends_block(store) else []
    if store.closes:
        gathered.clear()
    return lines


def float32_lines(store: Store, words: NDArray[np.uint32]) -> list[tuple[int, NDArray[np.uint8]]]:
    """The lines of a float32 result uint32[m, n]."""
    row_lines = -(-store.n // LINE_FLOATS)
    padded = np.pad(words, ((0, 0), (0, row_lines * LINE_FLOATS - store.n)))
    lines = padded.astype("<u4").view(np.uint8).reshape(store.m, row_lines, LINE_BYTES)
    first = store.base + PART_LINES * store.part
    return [
        ((first + row * store.stride + line) % MEMORY_LINES, lines[row, line])
        for row in range(store.m)
        for line in range(row_lines)
    ]
