"""Where a product goes: as float32, or quantised as an operand of the next product, with or without a residual added.

Chapter: the sequencer and the tile mover.
"""

from dataclasses import dataclass

from zhenwu.golden.tile.layout import LINE_FLOATS, Operand, Result
from zhenwu.spec.formats import SCALE_RULES
from zhenwu.spec.isa import RESIDUAL, STEP_ROWS, STORE_FORMATS, STORE_PARTS, Instruction, Load, Store
from zhenwu.spec.mma_formats import FLOAT32_RESIDUAL

QUANTISED = STORE_FORMATS[1:]
PANEL_LINES = STEP_ROWS // LINE_FLOATS  # of a result's row


@dataclass(frozen=True)
class Target:
    """A product's place: a Result, or an Operand of MXFP4 or MXFP8 whose k is the product's n.

    `rule`: how block scales are chosen. `residual`: float32 of the same rows and columns, added before.
    """

    place: Result | Operand
    rule: str = SCALE_RULES[0]
    residual: Result | None = None

    def __post_init__(self):
        if self.rule not in SCALE_RULES:
            raise ValueError(f"scale rule {self.rule!r}: expected one of {', '.join(SCALE_RULES)}")
        if isinstance(self.place, Operand) and self.place.fmt.name not in QUANTISED:
            raise ValueError(f"a quantised result in {self.place.fmt.name}: expected {' or '.join(QUANTISED)}")
        added = self.residual
        if added is not None and (added.rows, added.columns) != (self.rows, self.columns):
            raise ValueError(
                f"the residual is {added.rows} x {added.columns}: expected {self.rows} x {self.columns}, as the result"
            )

    @property
    def rows(self) -> int:
        """Rows of the product."""
        return self.place.rows

    @property
    def columns(self) -> int:
        """Columns of the product."""
        return self.place.columns if isinstance(self.place, Result) else self.place.k

    @property
    def parts(self) -> int:
        """Results side by side that are written together."""
        return 1 if isinstance(self.place, Result) else STORE_PARTS

    @property
    def most_instructions(self) -> int:
        """Loads and stores that a result takes at most."""
        return 1 if self.residual is None else 2

    def closes(self, panel: int) -> bool:
        """Whether the result of this panel of columns is the last of those that are written together."""
        return panel % self.parts == self.parts - 1 or (panel + 1) * STEP_ROWS >= self.columns


def stores(target: Target, row_panel: int, column_panel: int, matrices: int) -> list[Instruction]:
    """What brings one m x n result into memory: its store, and before it the load of a residual that begins here.

    `matrices` counts what has been written together before: residuals take turns in the two halves of their buffer.
    """
    m = min(STEP_ROWS, target.rows - row_panel * STEP_ROWS)
    part = column_panel % target.parts
    instructions: list[Instruction] = []
    half = matrices % 2
    added = target.residual
    if added is not None and part == 0:
        width = min(target.parts * STEP_ROWS, target.columns - column_panel * STEP_ROWS)
        instructions.append(
            Load(
                operand=RESIDUAL,
                half=half,
                rows=m,
                k_steps=-(-width // LINE_FLOATS),
                element_base=added.base + row_panel * STEP_ROWS * added.stride + column_panel * PANEL_LINES,
                element_stride=added.stride,
                fmt=FLOAT32_RESIDUAL.code,
            )
        )
    adds = added is not None
    n = min(STEP_ROWS, target.columns - column_panel * STEP_ROWS)
    addition = {"add": int(adds), "add_half": half * adds, "release": int(adds and target.closes(column_panel))}
    instructions.append(Store(m=m, n=n, **place_of(target, row_panel, column_panel), **addition))
    return instructions


def place_of(target: Target, row_panel: int, column_panel: int) -> dict[str, int]:
    """The fields of a store that say where it writes, and how."""
    place, row = target.place, row_panel * STEP_ROWS
    if isinstance(place, Result):
        return {"base": place.base + row * place.stride + column_panel * PANEL_LINES, "stride": place.stride}
    matrix, part = divmod(column_panel, target.parts)
    matrix_lines = target.parts * STEP_ROWS // place.fmt.line_elements
    return {
        "base": place.element_base + row * place.element_stride + matrix * matrix_lines,
        "stride": place.element_stride,
        "scale_base": place.scale_base + row_panel * place.scale_stride + matrix,
        "fmt": STORE_FORMATS.index(place.fmt.name),
        "rule": SCALE_RULES.index(target.rule),
        "part": part,
        "closes": int(target.closes(column_panel)),
    }
