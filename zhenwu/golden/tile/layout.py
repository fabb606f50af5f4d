"""Matrices in memory: how codes, scales and float32 results lie in lines of 32 bytes.

    element plane, row r, step s: base + r * stride + s         two blocks of 32 codes of one row
        byte    0 .. 15  block 2s        element i in bits 4(i mod 2)+3 .. 4(i mod 2) of byte i div 2
        byte   16 .. 31  block 2s + 1
    scale plane, panel p, step s: base + p * stride + s         two blocks of 16 rows
        byte    0 .. 15  block 2s        byte r: row 16p + r
        byte   16 .. 31  block 2s + 1
    result, row r, line l:        base + r * stride + l         float32 columns 8l .. 8l + 7, little-endian

A row-major scale plane would waste 7/8 of each line at k = 128. Chapter: the sequencer and the tile mover.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zhenwu.golden.arguments import require_dtype
from zhenwu.spec.formats import BLOCK_SIZE, E8M0_BIAS
from zhenwu.spec.isa import STEP_BLOCKS, STEP_ROWS, LoadFields, StoreFields

STEP_ELEMENTS = STEP_BLOCKS * BLOCK_SIZE
CODES_PER_BYTE = 2
BLOCK_BYTES = BLOCK_SIZE // CODES_PER_BYTE
LINE_BYTES = STEP_BLOCKS * BLOCK_BYTES
LINE_WORDS = LINE_BYTES // 4  # float32 words
MEMORY_LINES = 1 << LoadFields.element_base.width
MEMORY_BYTES = MEMORY_LINES * LINE_BYTES  # 256 MiB
UNIT_SCALE = E8M0_BIAS  # the scale byte of 1.0, which padding gets


@dataclass(frozen=True)
class Operand:
    """Where a rows x k matrix of MXFP4 lies: bases and strides in lines; a stride leads to the next row or panel."""

    element_base: int
    element_stride: int
    scale_base: int
    scale_stride: int
    rows: int
    k: int

    @property
    def blocks(self) -> int:
        """Blocks of 32 along k, the last one padded."""
        return -(-self.k // BLOCK_SIZE)

    @property
    def steps(self) -> int:
        """Lines along k, the last one padded."""
        return -(-self.blocks // STEP_BLOCKS)

    @property
    def panels(self) -> int:
        """Panels of 16 rows, the last one ragged."""
        return -(-self.rows // STEP_ROWS)


@dataclass(frozen=True)
class Result:
    """Where a rows x columns matrix of float32 lies: base and stride in lines, each row in whole lines."""

    base: int
    stride: int
    rows: int
    columns: int

    @property
    def row_lines(self) -> int:
        """Lines of one row, the last one padded."""
        return -(-self.columns // LINE_WORDS)


def line_of(byte_address: int) -> int:
    """The line that begins at a byte address; ValueError if none does, or if it lies beyond memory."""
    if byte_address % LINE_BYTES:
        raise ValueError(f"address {byte_address:#x} lies within a line: expected a multiple of {LINE_BYTES} bytes")
    line = byte_address // LINE_BYTES
    if not 0 <= line < MEMORY_LINES:
        raise ValueError(f"address {byte_address:#x} lies beyond memory: expected 0 .. {MEMORY_BYTES - LINE_BYTES:#x}")
    return line


def plan(m: int, n: int, k: int, first_line: int = 0) -> tuple[Operand, Operand, Result]:
    """Places for A[m, k], B[n, k] and C[m, n] one after another from `first_line` on, without a gap.

    ValueError if a size is below 1, if the three reach beyond the 2^23 lines that an instruction can address, or if a
    row is longer than its stride field can say.
    """
    if min(m, n, k) < 1:
        raise ValueError(f"m = {m}, n = {n}, k = {k}: expected at least 1 each")
    base = first_line
    operands = []
    for rows in (m, n):
        steps = Operand(0, 0, 0, 0, rows, k).steps
        operand = Operand(base, steps, base + rows * steps, steps, rows, k)
        base = operand.scale_base + operand.panels * operand.scale_stride
        operands.append(operand)
    a, b = operands
    row_lines = Result(0, 0, m, n).row_lines
    c = Result(base, row_lines, m, n)
    lines = base + m * row_lines - first_line
    if first_line + lines > MEMORY_LINES:
        room = f"{MEMORY_LINES} lines, {MEMORY_BYTES >> 20} MiB"
        if first_line:
            room = f"the {MEMORY_LINES - first_line} from line {first_line} to the end of {MEMORY_BYTES >> 20} MiB"
        raise ValueError(f"m = {m}, n = {n}, k = {k} take {lines} lines of memory: expected at most {room}")
    for name, stride, field in (("k", a.steps, LoadFields.element_stride), ("n", row_lines, StoreFields.stride)):
        if stride >= 1 << field.width:
            size = {"k": k, "n": n}[name]
            raise ValueError(f"{name} = {size} takes {stride} lines a row: expected at most {(1 << field.width) - 1}")
    return a, b, c


def pack_codes(codes: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """E2M1 codes uint8[..., 2i] in 0 .. 15 -> bytes uint8[..., i], even elements in the low half."""
    return codes[..., 0::2] | codes[..., 1::2] << 4


def unpack_codes(packed: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Bytes uint8[..., i] -> E2M1 codes uint8[..., 2i], the inverse of `pack_codes`."""
    return np.stack((packed & 0xF, packed >> 4), axis=-1).reshape(*packed.shape[:-1], -1)


def require_memory(memory: NDArray[np.uint8]) -> None:
    """Refuse a memory that is not uint8[lines, 32]."""
    require_dtype("memory", memory, np.uint8)
    if memory.ndim != 2 or memory.shape[1] != LINE_BYTES:
        raise ValueError(f"memory has shape {memory.shape}: expected (lines, {LINE_BYTES})")


def plane(memory: NDArray[np.uint8], base: int, stride: int, count: int, length: int) -> NDArray[np.int64]:
    """Line addresses [count, length] of `count` runs of `length` lines; ValueError where memory ends before them."""
    last = base + (count - 1) * stride + length - 1
    if last >= len(memory):
        raise ValueError(f"line {last} lies beyond the {len(memory)} lines of memory")
    return base + stride * np.arange(count)[:, None] + np.arange(length)


def pack_operand(
    codes: NDArray[np.uint8], block_scale: NDArray[np.uint8], memory: NDArray[np.uint8], operand: Operand
) -> None:
    """Write a quantised matrix into memory: codes uint8[rows, 32 * blocks], block_scale uint8[rows, blocks].

    memory uint8[lines, 32] changes only where `operand` says. A missing last block gets codes 0 and scale 127,
    and so do the scales of rows that the last panel lacks. TypeError for another dtype, ValueError for another
    shape, a code above 15, or a memory too short.
    """
    require_memory(memory)
    rows, blocks, steps, panels = operand.rows, operand.blocks, operand.steps, operand.panels
    for name, array, width in (("codes", codes, blocks * BLOCK_SIZE), ("block_scale", block_scale, blocks)):
        require_dtype(name, array, np.uint8)
        if array.shape != (rows, width):
            raise ValueError(f"{name} has shape {array.shape}: expected ({rows}, {width})")
    if codes.max(initial=0) > 15:
        raise ValueError(f"codes hold {codes.max()}: expected E2M1 codes 0 .. 15")
    element_lines = plane(memory, operand.element_base, operand.element_stride, rows, steps)
    scale_lines = plane(memory, operand.scale_base, operand.scale_stride, panels, steps)

    padded_codes = np.zeros((rows, steps * STEP_ELEMENTS), np.uint8)
    padded_codes[:, : codes.shape[1]] = codes
    memory[element_lines] = pack_codes(padded_codes).reshape(rows, steps, LINE_BYTES)

    padded_scale = np.full((panels * STEP_ROWS, steps * STEP_BLOCKS), UNIT_SCALE, np.uint8)
    padded_scale[:rows, :blocks] = block_scale
    by_panel = padded_scale.reshape(panels, STEP_ROWS, steps, STEP_BLOCKS)  # (panel, row, step, block)
    memory[scale_lines] = by_panel.transpose(0, 2, 3, 1).reshape(panels, steps, LINE_BYTES)


def unpack_result(memory: NDArray[np.uint8], result: Result) -> NDArray[np.uint32]:
    """The float32 bits of a result: uint32[rows, columns], pad words left out; ValueError if memory is too short."""
    require_memory(memory)
    lines = memory[plane(memory, result.base, result.stride, result.rows, result.row_lines)]
    words = lines.reshape(result.rows, -1).view("<u4").astype(np.uint32)
    return words[:, : result.columns]
