"""A product's programs as their timing needs them: how long each instruction occupies its unit, no address in them.

The work is cut into groups as `zhenwu/golden/tile/compile_matmul.py` cuts it, in whole panels of 16 rows, and along k
where a row is longer than a half of the scratchpad; tests hold the two to each other. Of a program only runs of equal
`Segment`s are kept: the loads of a group, and the mmas and stores of the group before it.

    loads g0 | loads g1, mmas g0 | loads g2, mmas g1 | ... | mmas of the last

Chapter: the array and its utilisation.
"""

from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

from zhenwu.spec.formats import BLOCK_SIZE
from zhenwu.spec.isa import STEP_ROWS, LoadFields, MmaFields, StoreFields
from zhenwu.spec.mma_formats import STEP_WORDS, WORD_BITS, MmaFormat, OperandFormat

LINE_FLOATS = STEP_WORDS * WORD_BITS // 32
SCALE_ELEMENTS = 2 * BLOCK_SIZE  # of k, in a line of scales of 16 rows
LONGEST_K_STEPS = (1 << LoadFields.k_steps.width) - 1
MOST_PANELS = ((1 << LoadFields.rows.width) - 1) // STEP_ROWS
MEMORY_LINES = 1 << LoadFields.element_base.width
LONGEST_STRIDE = (1 << StoreFields.stride.width) - 1  # of a load as well
LARGEST_HALF = 1 << MmaFields.a_step.width


class Load(NamedTuple):
    """`rows` rows of `k_steps` lines, and a line of scales behind every `scale_steps` of a panel, 0: none."""

    operand: int  # 0: A, 1: B
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
    """An m x n result of float32."""

    m: int
    n: int

    @property
    def lines(self) -> int:
        """Lines written."""
        return self.m * -(-self.n // LINE_FLOATS)


Instruction = Load | Mma | Store
Segment = tuple[Instruction, ...]
Program = tuple[tuple[Segment, int], ...]  # each with how often it follows itself


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

    @property
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
        while a * b > 1 and 2 + 2 * a * b + 1 > self.program_depth:  # an mma and a store a pair, two loads, a wait
            a, b = (a - 1, b) if a >= b else (a, b - 1)
        return a, b, -(-self.k // self.unit)


class Group(NamedTuple):
    """A chunk of A by one of B: which ones, and their rows, lines of a row and groups of k."""

    chunks: tuple[tuple[int, int], tuple[int, int]]  # of A and B: which rows, which stretch of k
    rows: tuple[int, int]
    k_steps: tuple[int, int]
    k_groups: int
    ends: bool  # the last of its results along k

    def instructions(self, before: "Group | None") -> int:
        """Loads, mmas and stores that it adds behind another."""
        pairs = -(-self.rows[0] // STEP_ROWS) * -(-self.rows[1] // STEP_ROWS)
        return sum(fresh(self, before)) + pairs * (1 + self.ends)


Run = list[Group]  # the groups of one set of results: no program may end between them


def fresh(group: Group, before: Group | None) -> tuple[bool, bool]:
    """Whether the chunk of A, and of B, is another than that of the group before."""
    if before is None:
        return True, True
    return group.chunks[0] != before.chunks[0], group.chunks[1] != before.chunks[1]


class Runs:
    """All runs in order: B's chunks pass for each of A's, or A's for each of B's."""

    def __init__(self, product: Product, a_outer: bool):
        a_panels, b_panels, units = product.chunks
        self.a_outer = a_outer
        self.ranges = cut(product.m, a_panels * STEP_ROWS), cut(product.n, b_panels * STEP_ROWS)
        self.outer, self.inner = (len(self.ranges[operand]) for operand in ((0, 1) if a_outer else (1, 0)))
        self.stretches = [
            (tuple(-(-length // fmt.line_elements) for fmt in (product.fmt.a, product.fmt.b)),
             -(-length // product.fmt.group))
            for length in cut(product.k, units * product.unit)
        ]

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
    orders = [(runs, split(product, runs)) for runs in (Runs(product, True), Runs(product, False))]
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
            program = segments(groups, product.fmt)
            if at + count < ragged:
                known[place] = program, count
        found.append(program)
        at += count
    return found


def fill(product: Product, runs: Runs, at: int) -> tuple[list[Group], int]:
    """The groups of the runs from `at` on that fit in a program, and how many runs; ValueError if not even one does.

    No half stays full between programs, so the first group loads both of its chunks.
    """
    groups: list[Group] = []
    length = 1  # a wait
    for index in range(at, runs.outer * runs.inner):
        run = runs.run(index)
        before = groups[-1] if groups else None
        length += sum(group.instructions(last) for group, last in zip(run, (before, *run), strict=False))
        if length > product.program_depth:
            if not groups:
                units = -(-product.k // product.unit)
                raise ValueError(
                    f"{units} units of k need {length} instructions: expected at most {product.program_depth}"
                )
            return groups, index - at
        groups += run
    return groups, runs.outer * runs.inner - at


def segments(groups: list[Group], fmt: MmaFormat) -> Program:
    """One program."""
    following = [*groups[1:], None]
    found = [loads(groups[0], None, fmt)]
    for group, after in zip(groups, following, strict=True):
        release = (True, True) if after is None else fresh(after, group)
        found.append(segment(loads(after, group, fmt), group.rows, group.k_groups, group.ends, release))
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
    first: Segment, rows: tuple[int, int], k_groups: int, ends: bool, release: tuple[bool, bool]
) -> Segment:
    """The loads of the group that follows, and the mmas and stores of a group; its last mma frees the halves."""
    a_rows, b_rows = (cut(count, STEP_ROWS) for count in rows)
    found: list[Instruction] = list(first)
    for i, m in enumerate(a_rows):
        for j, n in enumerate(b_rows):
            final = (i, j) == (len(a_rows) - 1, len(b_rows) - 1)
            found.append(Mma(m, n, k_groups, ends, release if final else (False, False)))
            if ends:
                found.append(Store(m, n))
    return tuple(found)


def lines_moved(program: Program) -> int:
    """Lines read and written."""
    return sum(
        count * sum(each.lines for each in found if not isinstance(each, Mma)) for found, count in program
    )
