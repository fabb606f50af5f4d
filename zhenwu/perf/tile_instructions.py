"""Instructions as their timing needs them: how long each occupies its unit, no address in them.

Chapter: the array and its utilisation.
"""

from typing import NamedTuple

from zhenwu.spec.formats import BLOCK_SIZE
from zhenwu.spec.isa import RESIDUAL, STEP_ROWS, STORE_FORMATS, STORE_PARTS
from zhenwu.spec.mma_formats import STEP_WORDS, WORD_BITS

LINE_FLOATS = STEP_WORDS * WORD_BITS // 32
FLOAT32, MXFP4, MXFP8 = STORE_FORMATS
BLOCK_PARTS = BLOCK_SIZE // STEP_ROWS  # results side by side in a block


class Load(NamedTuple):
    """`rows` rows of `k_steps` lines, and a line of scales behind every `scale_steps` of a panel, 0: none."""

    operand: int  # 0: A, 1: B, 2: what a store adds
    rows: int
    k_steps: int
    scale_steps: int

    @property
    def lines(self) -> int:
        """Lines read."""
        panels = -(-self.rows // STEP_ROWS)
        return self.rows * self.k_steps + (panels * -(-self.k_steps // self.scale_steps) if self.scale_steps else 0)


class Mma(NamedTuple):
    """`k_groups` groups of k of an m x n result; `releases` of A and B say whose half it uses last."""

    m: int
    n: int
    k_groups: int
    last: bool  # of its result
    releases: tuple[bool, bool]


class Store(NamedTuple):
    """An m x n result, as it is or as part of a quantised matrix; `closes` the matrix, `adds` a residual first."""

    m: int
    n: int
    fmt: str = FLOAT32
    part: int = 0
    closes: bool = False
    adds: bool = False
    releases: bool = False  # the residual's half

    @property
    def ends_block(self) -> bool:
        """Whether it is the last part of a quantised block."""
        return self.fmt != FLOAT32 and (self.part % BLOCK_PARTS == BLOCK_PARTS - 1 or self.closes)

    @property
    def lines(self) -> int:
        """Lines written; of a quantised matrix the store that closes it counts all."""
        if self.fmt == FLOAT32:
            return self.m * -(-self.n // LINE_FLOATS)
        if not self.closes:
            return 0
        return self.m * (self.part // BLOCK_PARTS + 1 if self.fmt == MXFP8 else 1) + 1


class Target(NamedTuple):
    """How results are stored, and whether a residual is added first."""

    store: str = FLOAT32
    residual: bool = False

    @property
    def parts(self) -> int:
        """Results side by side that are written together."""
        return 1 if self.store == FLOAT32 else STORE_PARTS

    def stores(self, m: int, n: int, panel: int, columns: int) -> tuple[tuple[Load, ...], Store]:
        """What brings an m x n result of this panel of columns into memory: the load of a residual, and the store."""
        part, closes = panel % self.parts, self.closes(panel, columns)
        width = min(self.parts * STEP_ROWS, columns - panel * STEP_ROWS)
        loads = (Load(RESIDUAL, m, -(-width // LINE_FLOATS), 0),) if self.residual and not part else ()
        quantised = (self.store, part, closes) if self.store != FLOAT32 else (FLOAT32, 0, False)
        return loads, Store(m, n, *quantised, self.residual, self.residual and closes)

    def closes(self, panel: int, columns: int) -> bool:
        """Whether the result of this panel is the last of those that are written together."""
        return panel % self.parts == self.parts - 1 or (panel + 1) * STEP_ROWS >= columns


Instruction = Load | Mma | Store
Segment = tuple[Instruction, ...]
Program = tuple[tuple[Segment, int], ...]  # each with how often it follows itself
