"""Products in any format, with any target: their places in memory, and how to draw them."""

from dataclasses import dataclass

from hypothesis import strategies as st

from zhenwu.golden.tile.compile_matmul import compile_matmul
from zhenwu.golden.tile.layout import Operand, Result, plan
from zhenwu.spec.formats import SCALE_RULES
from zhenwu.spec.isa import Instruction
from zhenwu.spec.mma_formats import (
    MMA_FORMATS,
    MXFP4_MMA,
    MXFP4_OPERAND,
    MXFP8_OPERAND,
    MmaFormat,
    OperandFormat,
)

MOST_STRETCHES = 32  # of k, in what is drawn


@dataclass(frozen=True)
class Placed:
    """A product one matrix after another from line 0 on: A, B, C, and the residual if it has one."""

    m: int
    n: int
    k: int
    fmt: MmaFormat = MXFP4_MMA
    store: OperandFormat | None = None
    rule: str = SCALE_RULES[0]
    adds: bool = False

    @property
    def operands(self) -> tuple[Operand, Operand]:
        """A and B."""
        return plan(self.m, self.n, self.k, fmt=self.fmt)[:2]

    @property
    def result(self) -> Result | Operand:
        """C, as float32 or quantised."""
        c = plan(self.m, self.n, self.k, fmt=self.fmt)[2]
        if self.store is None:
            return c
        size = Operand(0, 0, 0, 0, self.m, self.n, self.store)
        return Operand(c.base, size.steps, c.base + self.m * size.steps, size.scale_steps, self.m, self.n, self.store)

    @property
    def residual(self) -> Result | None:
        """Behind C, which takes no more lines quantised than as float32."""
        c = plan(self.m, self.n, self.k, fmt=self.fmt)[2]
        return Result(c.base + self.m * c.stride, c.stride, self.m, self.n) if self.adds else None

    @property
    def lines(self) -> int:
        """Lines of all of them."""
        c = plan(self.m, self.n, self.k, fmt=self.fmt)[2]
        return c.base + 2 * self.m * c.stride

    def programs(self, half_steps: int = 8, program_depth: int = 256) -> list[list[Instruction]]:
        """The compiled programs."""
        return compile_matmul(*self.operands, self.result, half_steps, program_depth, self.rule, self.residual)


@st.composite
def products(draw, m: int, n: int, k: int) -> tuple[Placed, int, int]:
    """A product of at most these sizes, and half_steps and program_depth with which it can be compiled."""
    fmt = draw(st.sampled_from(list(MMA_FORMATS.values())))
    store = draw(st.sampled_from([None, MXFP4_OPERAND, MXFP8_OPERAND]))
    lines_of_scales = 2 if fmt.a.scaled and fmt.a.line_elements == 32 else 1
    half_steps = draw(st.integers(lines_of_scales, 40))
    longest = MOST_STRETCHES * (half_steps // lines_of_scales) * lines_of_scales * fmt.a.line_elements
    placed = Placed(
        draw(st.integers(1, m)),
        draw(st.integers(1, n)),
        draw(st.integers(1, min(k, longest))),
        fmt, store, draw(st.sampled_from(SCALE_RULES)), draw(st.booleans()),
    )
    # A sum over all stretches must fit, and of a quantised matrix four of them
    return placed, half_steps, draw(st.integers(100, 300)) * (1 if store is None else 4)
