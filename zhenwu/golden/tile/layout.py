"""Matrices in memory: how codes, scales and float32 results lie in lines of 32 bytes.

    element plane, row r, line l: base + r * stride + l         64 elements of MXFP4, 32 of MXFP8, 16 of BF16
        element i in the bits i * width .. of the line, lowest first: two of MXFP4 share a byte
    scale plane, panel p, line l: base + p * stride + l         two blocks of 16 rows; BF16 has none
        byte    0 .. 15  block 2l        byte r: row 16p + r
        byte   16 .. 31  block 2l + 1
    result, row r, line l:        base + r * stride + l         float32 columns 8l .. 8l + 7, little-endian

A row-major scale plane would waste 7/8 of each line at k = 128. Chapter: the sequencer and the tile mover.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zhenwu.golden.arguments import require_dtype
from zhenwu.spec.formats import BLOCK_SIZE, E8M0_BIAS
from zhenwu.spec.isa import STEP_ROWS, LoadFields, StoreFields
from zhenwu.spec.mma_formats import MXFP4_MMA, MXFP4_OPERAND, STEP_WORDS, WORD_BITS, MmaFormat, OperandFormat

WORD_BYTES = WORD_BITS // 8
LINE_BYTES = STEP_WORDS * WORD_BYTES
LINE_BLOCKS = 2  # of scales in a line of the scale plane
LINE_FLOATS = LINE_BYTES // 4
MEMORY_LINES = 1 << LoadFields.element_base.width
MEMORY_BYTES = MEMORY_LINES * LINE_BYTES  # 256 MiB
UNIT_SCALE = E8M0_BIAS  # the scale byte of 1.0, which padding gets


@dataclass(frozen=True)
class Operand:
    """Where a rows x k matrix lies: bases and strides in lines; a stride leads to the next row or panel."""

    element_base: int
    element_stride: int
    scale_base: int
    scale_stride: int
    rows: int
    k: int
    fmt: OperandFormat = MXFP4_OPERAND

    @property
    def blocks(self) -> int:
        """Blocks of 32 along k, the last one padded."""
        return -(-self.k // BLOCK_SIZE)

    @property
    def steps(self) -> int:
        """Lines of a row, the last one padded."""
        return -(-self.k // self.fmt.line_elements)

    @property
    def scale_steps(self) -> int:
        """Lines of scales of a panel, the last one padded; none in a format without scales."""
        return -(-self.blocks // LINE_BLOCKS) if self.fmt.scaled else 0

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
        return -(-self.columns // LINE_FLOATS)


def line_of(byte_address: int) -> int:
    """The line that begins at a byte address; ValueError if none does, or if it lies beyond memory."""
    if byte_address % LINE_BYTES:
        raise ValueError(f"address {byte_address:#x} lies within a line: expected a multiple of {LINE_BYTES} bytes")
    line = byte_address // LINE_BYTES
    if not 0 <= line < MEMORY_LINES:
        raise ValueError(f"address {byte_address:#x} lies beyond memory: expected 0 .. {MEMORY_BYTES - LINE_BYTES:#x}")
    return line


def plan(m: int, n: int, k: int, first_line: int = 0, fmt: MmaFormat = MXFP4_MMA) -> tuple[Operand, Operand, Result]:
    """Places for A[m, k], B[n, k] and C[m, n] one after another from `first_line` on, without a gap.

    ValueError if a size is below 1, if the three reach beyond the 2^23 lines that an instruction can address, or if a
    row is longer than its stride field can say.
    """
    if min(m, n, k) < 1:
        raise ValueError(f"m = {m}, n = {n}, k = {k}: expected at least 1 each")
    base = first_line
    operands = []
    for rows, operand_format in ((m, fmt.a), (n, fmt.b)):
        size = Operand(0, 0, 0, 0, rows, k, operand_format)
        scale_base = base + rows * size.steps
        operands.append(Operand(base, size.steps, scale_base, size.scale_steps, rows, k, operand_format))
        base = scale_base + size.panels * size.scale_steps
    a, b = operands
    row_lines = Result(0, 0, m, n).row_lines
    c = Result(base, row_lines, m, n)
    lines = base + m * row_lines - first_line
    if first_line + lines > MEMORY_LINES:
        room = f"{MEMORY_LINES} lines, {MEMORY_BYTES >> 20} MiB"
        if first_line:
            room = f"the {MEMORY_LINES - first_line} from line {first_line} to the end of {MEMORY_BYTES >> 20} MiB"
        raise ValueError(f"m = {m}, n = {n}, k = {k} take {lines} lines of memory: expected at most {room}")
    for name, size, stride, field in (
        ("k", k, a.steps, LoadFields.element_stride),
        ("k", k, b.steps, LoadFields.element_stride),
        ("n", n, row_lines, StoreFields.stride),
    ):
        if stride >= 1 << field.width:
            raise ValueError(f"{name} = {size} takes {stride} lines a row: expected at most {(1 << field.width) - 1}")
    return a, b, c


def pack_codes(codes: NDArray[np.unsignedinteger], bits: int = 4) -> NDArray[np.uint8]:
    """Codes of 4, 8 or 16 bits, uint8 or uint16[..., i] -> bytes uint8[..., i * bits / 8], the first ones lowest."""
    if bits == 4:
        return codes[..., 0::2] | codes[..., 1::2] << 4
    return np.ascontiguousarray(codes).astype(f"<u{bits // 8}", copy=False).view(np.uint8)


def unpack_codes(packed: NDArray[np.uint8], bits: int = 4) -> NDArray[np.unsignedinteger]:
    """Bytes uint8[..., i] -> codes uint8 or uint16[..., i * 8 / bits], the inverse of `pack_codes`."""
    if bits == 4:
        return np.stack((packed & 0xF, packed >> 4), axis=-1).reshape(*packed.shape[:-1], -1)
    return np.ascontiguousarray(packed).view(f"<u{bits // 8}")


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
    codes: NDArray[np.unsignedinteger],
    block_scale: NDArray[np.uint8] | None,
    memory: NDArray[np.uint8],
    operand: Operand,
) -> None:
    """Write a matrix into memory: its codes and, of an MX format, block_scale uint8[rows, blocks].

    codes: of an MX format uint8[rows, 32 * blocks], of BF16 uint16[rows, k]. memory uint8[lines, 32] changes only where
    `operand` says. Elements that a last line lacks get code 0; blocks and rows that a line of scales lacks get scale
    127. TypeError for another dtype, ValueError for another shape, a code that is too wide, or a memory too short.
    """
    require_memory(memory)
    fmt, rows, blocks, steps, panels = operand.fmt, operand.rows, operand.blocks, operand.steps, operand.panels
    bits = fmt.element.bits
    require_dtype("codes", codes, np.uint8 if fmt.scaled else np.uint16)
    require_shape("codes", codes, (rows, blocks * BLOCK_SIZE if fmt.scaled else operand.k))
    if codes.max(initial=0) >> bits:
        raise ValueError(f"codes hold {codes.max()}: expected codes of {bits} bits, 0 .. {(1 << bits) - 1}")
    padding = [(0, 0), (0, max(0, steps * fmt.line_elements - codes.shape[1]))]
    padded_codes = np.pad(codes, padding)
    element_lines = plane(memory, operand.element_base, operand.element_stride, rows, steps)
    if not fmt.scaled:
        memory[element_lines] = pack_codes(padded_codes, bits).reshape(rows, steps, LINE_BYTES)
        return
    require_dtype("block_scale", block_scale, np.uint8)
    require_shape("block_scale", block_scale, (rows, blocks))
    scale_steps = operand.scale_steps
    scale_lines = plane(memory, operand.scale_base, operand.scale_stride, panels, scale_steps)
    memory[element_lines] = pack_codes(padded_codes, bits).reshape(rows, steps, LINE_BYTES)

    padded_scale = np.full((panels * STEP_ROWS, scale_steps * LINE_BLOCKS), UNIT_SCALE, np.uint8)
    padded_scale[:rows, :blocks] = block_scale
    by_panel = padded_scale.reshape(panels, STEP_ROWS, scale_steps, LINE_BLOCKS)  # (panel, row, line, block)
    memory[scale_lines] = by_panel.transpose(0, 2, 3, 1).reshape(panels, scale_steps, LINE_BYTES)


def unpack_operand(
    memory: NDArray[np.uint8], operand: Operand
) -> tuple[NDArray[np.unsignedinteger], NDArray[np.uint8] | None]:
    """The codes of a matrix in memory and, of an MX format, its scales: the inverse of `pack_operand`.

    ValueError if memory is too short.
    """
    require_memory(memory)
    fmt, rows, blocks, scale_steps = operand.fmt, operand.rows, operand.blocks, operand.scale_steps
    lines = memory[plane(memory, operand.element_base, operand.element_stride, rows, operand.steps)]
    codes = unpack_codes(lines.reshape(rows, -1), fmt.element.bits)
    if not fmt.scaled:
        return codes[:, : operand.k], None
    lines = memory[plane(memory, operand.scale_base, operand.scale_stride, operand.panels, scale_steps)]
    by_panel = lines.reshape(-1, scale_steps, LINE_BLOCKS, STEP_ROWS).transpose(0, 3, 1, 2)  # (panel, row, line, block)
    return codes[:, : blocks * BLOCK_SIZE], by_panel.reshape(-1, scale_steps * LINE_BLOCKS)[:rows, :blocks]


def require_shape(name: str, array: NDArray, shape: tuple[int, int]) -> None:
    """Refuse an array of another shape."""
    if array.shape != shape:
        raise ValueError(f"{name} has shape {array.shape}: expected {shape}")


def unpack_result(memory: NDArray[np.uint8], result: Result) -> NDArray[np.uint32]:
    """The float32 bits of a result: uint32[rows, columns], pad words left out; ValueError if memory is too short."""
    require_memory(memory)
    lines = memory[plane(memory, result.base, result.stride, result.rows, result.row_lines)]
    words = lines.reshape(result.rows, -1).view("<u4").astype(np.uint32)
    return words[:, : result.columns]
