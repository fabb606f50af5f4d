"""How a product is cut: into panels of 16 rows, and along k where a row is longer than a half of the scratchpad.

Stretches of k begin at a whole line of scales, so they are counted in units of 64 elements; BF16 has no scales, and its
unit is a line. Chapter: the sequencer and the tile mover.
"""

from dataclasses import dataclass

from zhenwu.golden.tile.layout import LINE_BLOCKS, Operand
from zhenwu.golden.tile.target import Target
from zhenwu.spec.formats import BLOCK_SIZE
from zhenwu.spec.isa import STEP_ROWS, LoadFields
from zhenwu.spec.mma_formats import MMA_FORMATS, MmaFormat

LONGEST_K_STEPS = (1 << LoadFields.k_steps.width) - 1
MOST_PANELS = ((1 << LoadFields.rows.width) - 1) // STEP_ROWS


@dataclass(frozen=True)
class Chunk:
    """What one load brings: `panels` panels from `panel` on, `units` units of k from `unit` on."""

    panel: int
    panels: int
    unit: int
    units: int


@dataclass(frozen=True)
class Matmul:
    """The matrices of a product, and in how many units its k is cut."""

    a: Operand
    b: Operand
    target: Target
    fmt: MmaFormat

    @property
    def unit_elements(self) -> int:
        """Elements of k in a unit: a line of scales, or a line of elements where there are no scales."""
        return LINE_BLOCKS * BLOCK_SIZE if self.fmt.a.scaled else self.fmt.a.line_elements

    @property
    def units(self) -> int:
        """Units of k, the last one padded."""
        return -(-self.a.k // self.unit_elements)

    def lines(self, operand: Operand, unit: int, units: int) -> int:
        """Lines of a row in `units` units from `unit` on; the last unit may have fewer than the others."""
        of_a_unit = self.unit_elements // operand.fmt.line_elements
        return min(units * of_a_unit, operand.steps - unit * of_a_unit)

    def groups(self, unit: int, units: int) -> int:
        """Groups of k in them. What only fills the last line is left out: it would add zeros and take time."""
        of_a_unit = self.unit_elements // self.fmt.group
        return min(units * of_a_unit, -(-self.a.k // self.fmt.group) - unit * of_a_unit)


def product_format(a: Operand, b: Operand) -> MmaFormat:
    """The format of a product of two operands; ValueError where there is none."""
    for fmt in MMA_FORMATS.values():
        if (fmt.a, fmt.b) == (a.fmt, b.fmt):
            return fmt
    pairs = ", ".join(f"{fmt.a.name} by {fmt.b.name}" for fmt in MMA_FORMATS.values())
    raise ValueError(f"a is {a.fmt.name} and b {b.fmt.name}: expected {pairs}")


def chunks(
    matmul: Matmul, half_steps: int, program_depth: int
) -> tuple[list[list[Chunk]], list[list[Chunk]], bool]:
    """The chunks of A and of B: for each range of panels, its stretches of k in ascending order.

    The third value says that the results must come row by row: the parts of a quantised matrix follow one another, so
    either a chunk of B has all of them, or a chunk of A is one panel and stays while B's chunks pass.
    """
    a, b, parts = matmul.a, matmul.b, matmul.target.parts
    longest = max(a.steps, b.steps)
    if longest <= min(half_steps, LONGEST_K_STEPS):
        units = matmul.units
        a_panels = min(half_steps // a.steps, MOST_PANELS, a.panels)
        b_panels = min(half_steps // b.steps, MOST_PANELS, b.panels)
    else:
        units = min(half_steps, LONGEST_K_STEPS) * min(a.fmt.line_elements, b.fmt.line_elements) // matmul.unit_elements
        if not units:
            raise ValueError(f"half_steps = {half_steps}: expected at least 2, a line of scales of {matmul.fmt.name}")
        a_panels = b_panels = 1
    # Two loads, an mma and what stores for each pair of panels, a wait: a group must fit in a program.
    pair = 1 + matmul.target.most_instructions
    while a_panels * b_panels > 1 and 2 + pair * a_panels * b_panels + 1 > program_depth:
        if a_panels >= b_panels:
            a_panels -= 1
        else:
            b_panels -= 1
    row_by_row = False
    if parts > 1 and b_panels < b.panels:
        row_by_row = b_panels < parts
        if row_by_row:
            a_panels = 1
        else:
            b_panels -= b_panels % parts
    return cut(matmul, a, a_panels, units), cut(matmul, b, b_panels, units), row_by_row


def cut(matmul: Matmul, operand: Operand, panels: int, units: int) -> list[list[Chunk]]:
    """Cut an operand into chunks of at most `panels` panels and `units` units."""
    return [
        [
            Chunk(panel, min(panels, operand.panels - panel), unit, min(units, matmul.units - unit))
            for unit in range(0, matmul.units, units)
        ]
        for panel in range(0, operand.panels, panels)
    ]


def ends_k(chunk: Chunk, matmul: Matmul) -> bool:
    """Whether the chunk is the last along k."""
    return chunk.unit + chunk.units == matmul.units
