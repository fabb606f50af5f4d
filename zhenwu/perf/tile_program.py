"""A product's programs as their timing needs them: how long each instruction occupies its unit, no address in them.

The work is cut into groups as `zhenwu/golden/tile/compile_matmul.py` cuts it, in whole panels of 16 rows, and along k
where a row is longer than a half of the scratchpad; tests hold the two to each other. Of a program only runs of equal
`Segment`s are kept: the loads of a group, and the mmas and stores of the group before it.

    loads g0 | loads g1, mmas g0 | loads g2, mmas g1 | ... | mmas of the last

Chapter: the array and its utilisation.
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import groupby
from typing import NamedTuple

from zhenwu.perf.tile_instructions import LINE_FLOATS, Instruction, Load, Mma, Program, Segment, Store, Target
from zhenwu.spec.formats import BLOCK_SIZE
from zhenwu.spec.isa import STEP_ROWS, LoadFields, MmaFields, StoreFields
from zhenwu.spec.mma_formats import MmaFormat, OperandFormat

SCALE_ELEMENTS = 2 * BLOCK_SIZE  # of k, in a line of scales of 16 rows
LONGEST_K_STEPS = (1 << LoadFields.k_steps.width) - 1
MOST_PANELS = ((1 << LoadFields.rows.width) - 1) // STEP_ROWS
MEMORY_LINES = 1 << LoadFields.element_base.width
LONGEST_STRIDE = (1 << StoreFields.stride.width) - 1  # of a load as well
LARGEST_HALF = 1 << MmaFields.a_step.width


@dataclass(frozen=True)
class Product:
    """C[m, n] = A[m, k] times B[n, k] transposed, for a tile with this much room.

    ValueError for what no tile takes: sizes below 1 or beyond memory, a half of no whole line of scales.
    """

    m: int
    n: int
    k: int
    fmt: MmaFormat
    half_steps: int  # steps of 16 rows x a line in a half of an operand's scratchpad
    program_depth: int  # instructions
    target: Target = Target()

    def __post_init__(self):
        if min(self.m, self.n, self.k) < 1:
            raise ValueError(f"m = {self.m}, n = {self.n}, k = {self.k}: expected at least 1 each")
        if not 1 <= self.half_steps <= LARGEST_HALF:
            raise ValueError(f"half_steps = {self.half_steps}: expected 1 .. {LARGEST_HALF}")
        for name, size, stride in (
            ("k", self.k, self.steps(self.fmt.a)), ("k", self.k, self.steps(self.fmt.b)),
            ("n", self.n, -(-self.n // LINE_FLOATS)),
        ):
            if stride > LONGEST_STRIDE:
                raise ValueError(f"{name} = {size} takes {stride} lines a row: expected at most {LONGEST_STRIDE}")
        lines = Store(self.m, self.n).lines
        for rows, fmt in ((self.m, self.fmt.a), (self.n, self.fmt.b)):
            lines += Load(0, rows, self.steps(fmt), scale_steps(fmt)).lines
        if lines > MEMORY_LINES:
            raise ValueError(
                f"m = {self.m}, n = {self.n}, k = {self.k} take {lines} lines of memory: expected at most "
                f"{MEMORY_LINES}"
            )

    def steps(self, fmt: OperandFormat) -> int:
        """Lines of a row of an operand, the last one padded."""
        return -(-self.k // fmt.line_elements)

    @property
    def unit(self) -> int:
        """Elements of k by which rows are cut: those of a line of scales, or of a line where there are no scales."""
        return SCALE_ELEMENTS if self.fmt.a.scaled else self.fmt.a.line_elements

    @cached_property
    def chunks(self) -> tuple[int, int, int]:
        """Panels of A and of B in a chunk, and units of k."""
        panels = (-(-self.m // STEP_ROWS), -(-self.n // STEP_ROWS))
        steps = (self.steps(self.fmt.a), self.steps(self.fmt.b))
        room = min(self.half_steps, LONGEST_K_STEPS)
        if max(steps) > room:
            units = room * min(self.fmt.a.line_elements, self.fmt.b.line_elements) // self.unit
            if not units:
                raise ValueError(
                    f"half_steps = {self.half_steps}: expected at least 2, a line of scales of {self.fmt.name}"
                )
            return 1, 1, units
        a, b = (min(self.half_steps // length, MOST_PANELS, count)
                for length, count in zip(steps, panels, strict=True))
        pair = 2 + self.target.residual  # an mma, a store and perhaps a load; beside them two loads and a wait
        while a * b > 1 and 2 + pair * a * b + 1 > self.program_depth:
            a, b = (a - 1, b) if a >= b else (a, b - 1)
        parts = self.target.parts
        if b < panels[1]:  # either a chunk of B has all parts of a matrix, or one panel of A stays while they pass
            a, b = (1, b) if b < parts else (a, b - b % parts)
        return a, b, -(-self.k // self.unit)

    @property
    def row_by_row(self) -> bool:
        """Whether a quantised matrix takes several chunks of B, which then have to follow one another."""
        return self.chunks[1] < min(self.target.parts, -(-self.n // STEP_ROWS))


class Group(NamedTuple):
    """A chunk of A by one of B: which ones, and their rows, lines of a row and groups of k."""

    chunks: tuple[tuple[int, int], tuple[int, int]]  # of A and B: which rows, which stretch of k
    rows: tuple[int, int]
    k_steps: tuple[int, int]
    k_groups: int
    ends: bool  # the last of its results along k


Run = list[Group]  # the groups of one set of results: no program may end between them


def added_instructions(group: Group, before: Group | None, product: Product) -> int:
    """Loads, mmas and stores that a group adds behind another."""
    a_panels, b_panels = (-(-rows // STEP_ROWS) for rows in group.rows)
    count = sum(fresh(group, before)) + a_panels * b_panels * (1 + group.ends)
    if group.ends and product.target.residual:
        first, parts = group.chunks[1][0] * product.chunks[1], product.target.parts
        count += a_panels * sum(not panel % parts for panel in range(first, first + b_panels))
    return count


def fresh(group: Group, before: Group | None) -> tuple[bool, bool]:
    """Whether the chunk of A, and of B, is another than that of the group before."""
    if before is None:
        return True, True
    return group.chunks[0] != before.chunks[0], group.chunks[1] != before.chunks[1]


class Runs:
    """All runs in order: B's chunks pass for each of A's, or A's for each of B's."""

    def __init__(self, product: Product, a_outer: bool):
        a_panels, b_panels, units = product.chunks
        self.a_outer, self.row_by_row = a_outer, product.row_by_row
        self.target, self.panels, self.columns = product.target, b_panels, product.n
        self.ranges = cut(product.m, a_panels * STEP_ROWS), cut(product.n, b_panels * STEP_ROWS)
        self.outer, self.inner = (len(self.ranges[operand]) for operand in ((0, 1) if a_outer else (1, 0)))
        self.stretches = [
            (tuple(-(-length // fmt.line_elements) for fmt in (product.fmt.a, product.fmt.b)),
             -(-length // product.fmt.group))
            for length in cut(product.k, units * product.unit)
        ]

    def together(self, index: int) -> int:
        """How many runs from this one on make the parts of the same quantised matrices."""
        count = 1
        while self.row_by_row and not self.target.closes(self.panels * (index % self.inner + count) - 1, self.columns):
            count += 1
        return count

    def run(self, index: int) -> Run:
        """The run at a place in the order."""
        outer, inner = divmod(index, self.inner)
        i, j = (outer, inner) if self.a_outer else (inner, outer)
        rows, last = (self.ranges[0][i], self.ranges[1][j]), len(self.stretches) - 1
        return [
            Group(((i, place), (j, place)), rows, k_steps, k_groups, place == last)
            for place, (k_steps, k_groups) in enumerate(self.stretches)
        ]


def cut(whole: int, most: int) -> list[int]:
    """Lengths of at most `most` that make up a whole."""
    return [min(most, whole - at) for at in range(0, whole, most)]


def scale_steps(fmt: OperandFormat) -> int:
    """Lines of a row that share a line of scales; 0 where there are no scales."""
    return SCALE_ELEMENTS // fmt.line_elements if fmt.scaled else 0


def programs(product: Product) -> list[Program]:
    """The programs, one after another."""
    return ordered(product)[1]


def ordered(product: Product) -> tuple[Runs, list[Program]]:
    """The runs in the order of loops that reads fewer lines, and their programs."""
    ways = (True,) if product.row_by_row else (True, False)
    orders = [(runs, split(product, runs)) for runs in (Runs(product, a_outer) for a_outer in ways)]
    return min(orders, key=lambda order: sum(map(lines_moved, order[1])))


def split(product: Product, runs: Runs) -> list[Program]:
    """As many runs to a program as fit in it. Two that begin at one place of the inner loop are equal, where neither is
    followed by a run of the last, ragged round of the outer one.
    """
    found: list[Program] = []
    known: dict[int, tuple[Program, int]] = {}  # by that place: a program, and its runs
    at, ragged = 0, (runs.outer - 1) * runs.inner
    while at < runs.outer * runs.inner:
        place = at % runs.inner
        program, count = known.get(place, (None, 0))
        if program is None or at + count >= ragged:
            groups, count = fill(product, runs, at)
            program = segments(groups, product)
            if at + count < ragged:
                known[place] = program, count
        found.append(program)
        at += count
    return found


def fill(product: Product, runs: Runs, at: int) -> tuple[list[Group], int]:
    """The groups of the runs from `at` on that fit in a program, and how many runs; ValueError if not even one does.

    No half stays full between programs, so the first group loads both of its chunks. Nor does a quantised matrix stay
    open, so the runs that make its parts stay together.
    """
    groups: list[Group] = []
    length, count = 1, 0  # a wait
    while at + count < runs.outer * runs.inner:
        joined = runs.together(at + count)
        more = [group for index in range(joined) for group in runs.run(at + count + index)]
        before = groups[-1] if groups else None
        length += sum(added_instructions(*pair, product) for pair in zip(more, (before, *more), strict=False))
        if length > product.program_depth:
            if not groups:
                units = -(-product.k // product.unit)
                raise ValueError(
                    f"{units} units of k need {length} instructions: expected at most {product.program_depth}"
                )
            break
        groups += more
        count += joined
    return groups, count


def segments(groups: list[Group], product: Product) -> Program:
    """One program."""
    following = [*groups[1:], None]
    found = [loads(groups[0], None, product.fmt)]
    target = product.target
    for group, after in zip(groups, following, strict=True):
        release = (True, True) if after is None else fresh(after, group)
        first = group.chunks[1][0] * product.chunks[1]
        part = first % target.parts
        columns = product.n - (first - part) * STEP_ROWS  # from the matrix on that the group begins or goes on with
        columns = min(columns, (part + target.parts) * STEP_ROWS + group.rows[1])  # beyond that they make no difference
        following_loads = loads(after, group, product.fmt)
        found.append(segment(following_loads, group.rows, group.k_groups, group.ends, release, target, part, columns))
    return tuple((each, sum(1 for _ in equal)) for each, equal in groupby(found))


def loads(group: Group | None, before: Group | None, fmt: MmaFormat) -> Segment:
    """The loads that a group needs behind another."""
    if group is None:
        return ()
    return tuple(
        Load(operand, group.rows[operand], group.k_steps[operand], scale_steps(each))
        for operand, (each, needed) in enumerate(zip((fmt.a, fmt.b), fresh(group, before), strict=True)) if needed
    )


@lru_cache(1 << 12)
def segment(
    first: Segment, rows: tuple[int, int], k_groups: int, ends: bool, release: tuple[bool, bool], target: Target,
    part: int, columns: int,
) -> Segment:
    """The loads of the group that follows, and the mmas and stores of a group; its last mma frees the halves."""
    a_rows, b_rows = (cut(count, STEP_ROWS) for count in rows)
    found: list[Instruction] = list(first)
    for i, m in enumerate(a_rows):
        for j, n in enumerate(b_rows):
            final = (i, j) == (len(a_rows) - 1, len(b_rows) - 1)
            mma = Mma(m, n, k_groups, ends, release if final else (False, False))
            if ends:
                residual, store = target.stores(m, n, part + j, columns)
                found += [*residual, mma, store]
            else:
                found.append(mma)
    return tuple(found)


def lines_moved(program: Program) -> int:
    """Lines read and written."""
    return sum(
        count * sum(each.lines for each in found if not isinstance(each, Mma)) for found, count in program
    )
