"""What a tile stores, from the lines that it loads: the numbers beside the cycle model, which knows only when.

Nothing is looked up in memory: what comes in on the port is put down, line by line, and a result is computed when its
first line goes out. The arithmetic is `mx_exact`, over the whole k of a result at once; a test holds it against the
golden tile.
"""

from collections import deque
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from zhenwu.golden.numerics.mx_exact import mx_exact
from zhenwu.golden.tile.layout import LINE_BYTES, LINE_FLOATS, WORD_BYTES, unpack_codes
from zhenwu.golden.tile.sequencer import sequencer
from zhenwu.spec.formats import BLOCK_SIZE
from zhenwu.spec.isa import STEP_ROWS, Instruction, Load, Mma, Store
from zhenwu.spec.mma_formats import STEP_WORDS
from zhenwu.spec.tile import SLICE_FORMATS

Line = tuple[int, int]  # address, bits


class Loaded:
    """The lines that a load brings, in the order in which they come, and the blocks that they make."""

    def __init__(self, load: Load):
        self.load = load
        panels = -(-load.rows // STEP_ROWS)
        self.missing = (load.rows + panels) * load.k_steps
        self.bytes = bytearray()

    def panel(self, step: int, count: int, blocks: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """Codes uint8[count, 32 blocks] and scales uint8[count, blocks] of the panel whose first step is `step`."""
        load = self.load
        if self.missing:
            raise RuntimeError(f"{load} lacks {self.missing} lines when a result of it is stored")
        lines = np.frombuffer(bytes(self.bytes), np.uint8).reshape(-1, STEP_WORDS, WORD_BYTES)
        codes, scales = [], []
        for place in range(step, step + -(-blocks // STEP_WORDS)):
            panel, k_step = divmod(place, load.k_steps)
            rows = min(STEP_ROWS, load.rows - STEP_ROWS * panel)
            start = panel * load.k_steps * (STEP_ROWS + 1) + k_step * (rows + 1)
            codes.append(lines[start : start + count].reshape(count, LINE_BYTES))
            scales.append(lines[start + rows, :, :count].T)
        elements = unpack_codes(np.concatenate(codes, axis=1))[:, : BLOCK_SIZE * blocks]
        return elements, np.concatenate(scales, axis=1)[:, :blocks]


Part = tuple[Mma, Loaded, Loaded]  # of a sum over k, with its operands


class Results:
    """The lines of one run of a program after the other; `begin` starts a run."""

    def __init__(self):
        self.begin((), 1)

    def begin(self, words: Iterable[int], half_steps: int) -> None:
        """A start is taken: these words will run."""
        self.instructions: deque[Instruction] = deque(sequencer(words, half_steps, SLICE_FORMATS)[0])
        self.coming = deque(Loaded(load) for load in self.instructions if isinstance(load, Load))
        self.loads = deque(self.coming)
        self.held: dict[tuple[int, int], Loaded] = {}
        self.sums: deque[list[Part]] = deque([[]])  # of the results not stored yet, the last one being gathered
        self.lines: deque[Line] = deque()  # of the store at hand

    def load(self, line: int) -> None:
        """A line comes in."""
        loaded = self.coming[0]
        loaded.bytes += line.to_bytes(LINE_BYTES, "little")
        loaded.missing -= 1
        if not loaded.missing:
            self.coming.popleft()

    def store(self) -> Line:
        """The next line that goes out."""
        while not self.lines:
            self.follow(self.instructions.popleft())
        return self.lines.popleft()

    def follow(self, instruction: Instruction) -> None:
        """One instruction in program order; what a store needs has been loaded when its first line goes out."""
        match instruction:
            case Load(operand=operand, half=half):
                self.held[operand, half] = self.loads.popleft()
            case Mma():
                self.sums[-1].append((instruction, self.held[0, instruction.a_half], self.held[1, instruction.b_half]))
                if instruction.last:
                    self.sums.append([])
            case Store():
                self.lines.extend(lines_of(instruction, product(self.sums.popleft())))


def product(parts: Sequence[Part]) -> NDArray[np.uint32]:
    """The float32 bits uint32[m, n] of a result, whose k is that of all its mmas in a row."""
    operands = [
        (*a.panel(mma.a_step, mma.m, mma.k_groups), *b.panel(mma.b_step, mma.n, mma.k_groups)) for mma, a, b in parts
    ]
    return mx_exact(*(np.concatenate(pieces, axis=1) for pieces in zip(*operands, strict=True)))


def lines_of(store: Store, product: NDArray[np.uint32]) -> Sequence[Line]:
    """The lines of a store, row by row: float32, whole lines, padded with +0."""
    row_lines = -(-store.n // LINE_FLOATS)
    rows = np.zeros((store.m, row_lines * LINE_FLOATS), "<u4")
    rows[:, : store.n] = product
    whole = rows.tobytes()
    return [
        (
            store.base + row * store.stride + line,
            int.from_bytes(whole[(row * row_lines + line) * LINE_BYTES :][:LINE_BYTES], "little"),
        )
        for row in range(store.m)
        for line in range(row_lines)
    ]
