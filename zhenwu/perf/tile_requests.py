"""The lines that the tile asks memory for in a product, with their addresses. Chapter: a slice that runs a matmul.

Matrices lie as `zhenwu/golden/tile/layout.py` plans them.
"""

from collections.abc import Iterator
from itertools import chain

from zhenwu.perf.tile_program import (
    LINE_FLOATS,
    SCALE_ELEMENTS,
    Group,
    Load,
    Product,
    Program,
    fill,
    loads,
    ordered,
    scale_steps,
    segments,
)
from zhenwu.spec.isa import STEP_ROWS


def requests(product: Product, first_line: int) -> Iterator[tuple[Program, Iterator[int], Iterator[int]]]:
    """Each program, with the lines that it reads and those that it writes, in their order."""
    runs, _ = ordered(product)
    places = Places(product, first_line)
    at = 0
    while at < runs.outer * runs.inner:
        groups, count = fill(product, runs, at)
        at += count
        reads = (places.reads(*pair) for pair in zip(groups, (None, *groups), strict=False))
        yield segments(groups, product), chain.from_iterable(reads), chain.from_iterable(map(places.writes, groups))


class Places:
    """Where the matrices of a product lie."""

    def __init__(self, product: Product, first_line: int):
        self.product = product
        self.panels = product.chunks[:2]
        self.units = product.chunks[2]
        self.bases: list[tuple[int, int]] = []  # of elements and of scales
        base = first_line
        for rows, fmt in ((product.m, product.fmt.a), (product.n, product.fmt.b)):
            whole = Load(0, rows, product.steps(fmt), scale_steps(fmt))
            self.bases.append((base, base + rows * whole.k_steps))
            base += whole.lines
        self.result = base

    def first_row(self, group: Group, operand: int) -> int:
        """The first row of a group's chunk."""
        return group.chunks[operand][0] * self.panels[operand] * STEP_ROWS

    def reads(self, group: Group, before: Group | None) -> Iterator[int]:
        """The lines of a group's loads."""
        product = self.product
        for load in loads(group, before, product.fmt):
            operand = load.operand
            fmt = (product.fmt.a, product.fmt.b)[operand]
            elements, scales = self.bases[operand]
            stride, scale_stride = product.steps(fmt), -(-product.k // SCALE_ELEMENTS)
            unit = group.chunks[operand][1] * self.units
            step = unit * product.unit // fmt.line_elements
            first = self.first_row(group, operand)
            for row in range(first, first + load.rows, STEP_ROWS):
                rows = range(row, min(row + STEP_ROWS, first + load.rows))
                for k_step in range(load.k_steps):
                    yield from (elements + each * stride + step + k_step for each in rows)
                    if load.scale_steps and ((k_step + 1) % load.scale_steps == 0 or k_step == load.k_steps - 1):
                        line = unit + k_step // load.scale_steps
                        yield scales + row // STEP_ROWS * scale_stride + line

    def writes(self, group: Group) -> Iterator[int]:
        """The lines of a group's stores."""
        if not group.ends:
            return
        stride = -(-self.product.n // LINE_FLOATS)
        rows, columns = (self.first_row(group, operand) for operand in (0, 1))
        for row in range(0, group.rows[0], STEP_ROWS):
            for column in range(0, group.rows[1], STEP_ROWS):
                lines = -(-min(STEP_ROWS, group.rows[1] - column) // LINE_FLOATS)
                first = self.result + (columns + column) // LINE_FLOATS
                for each in range(rows + row, rows + min(row + STEP_ROWS, group.rows[0])):
                    yield from range(first + each * stride, first + each * stride + lines)
