"""Quantised results: the lines that a load of MXFP4 or MXFP8 reads, written block of 32 columns by block."""

import numpy as np
from numpy.typing import NDArray

from zhenwu.golden.numerics.mx_quantise import mx_quantise
from zhenwu.golden.tile.layout import LINE_BYTES, MEMORY_LINES, UNIT_SCALE, pack_codes
from zhenwu.spec.formats import BLOCK_SIZE, E2M1, E4M3, SCALE_RULES
from zhenwu.spec.isa import STEP_ROWS, STORE_FORMATS, Store

ELEMENTS = {"mxfp4": E2M1, "mxfp8": E4M3}
BLOCK_PARTS = 2  # results of 16 columns in a block of 32


def ends_block(store: Store) -> bool:
    """Whether a quantised part is the last one of its block, so that lines can be written."""
    return bool(store.part % BLOCK_PARTS or store.closes)


def mx_lines(store: Store, matrix: NDArray[np.uint32]) -> list[tuple[int, NDArray[np.uint8]]]:
    """The (line address, bytes uint8[32]) that a part writes which ends a block.

    matrix float32 bits uint32[m, n], all columns up to the end of this part. MXFP8 writes a line a row of each block;
    MXFP4 has two blocks in a line, so that the first one waits for the second, unless the matrix closes with it. After
    the rows of the last block come the scales of the matrix, a byte a row: block 0 in the lower half of the line.
    """
    m = len(matrix)
    block = store.part // BLOCK_PARTS
    name = STORE_FORMATS[store.fmt]
    codes, scale = mx_quantise(matrix.view(np.float32), ELEMENTS[name], SCALE_RULES[store.rule])  # (row, 32 * blocks)
    lines = []
    if name == "mxfp8":
        own = codes[:, block * BLOCK_SIZE :]
        lines = [(store.base + row * store.stride + block, own[row]) for row in range(m)]
    elif block or store.closes:
        packed = pack_codes(codes)
        padded = np.pad(packed, ((0, 0), (0, LINE_BYTES - packed.shape[1])))
        lines = [(store.base + row * store.stride, padded[row]) for row in range(m)]
    if store.closes:
        scales = np.full((LINE_BYTES // STEP_ROWS, STEP_ROWS), UNIT_SCALE, np.uint8)  # (block, row)
        scales[: block + 1, :m] = scale.T
        lines.append((store.scale_base, scales.reshape(-1)))
    return [(address % MEMORY_LINES, line) for address, line in lines]
