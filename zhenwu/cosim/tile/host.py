"""The tile's host in a bench: it puts matrices in memory, fills the program memory, starts and waits.

A job is one or more programs on one memory image. The host runs jobs one after another and hands each finished
one to a scoreboard: the status words, then every line that should have been written.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from hdl.bench.clock import cycle
from hdl.bench.memory import Memory
from hdl.bench.monitor import Transfer
from hdl.bench.scoreboard import Scoreboard
from zhenwu.cycle.slice import SETTLE_CYCLES, Span
from zhenwu.golden.numerics import mx_dequantise
from zhenwu.golden.tile.layout import LINE_BYTES, Operand, Result, unpack_operand, unpack_result
from zhenwu.spec.isa import FINISHED, status

PROGRESS_CYCLES = 256
KNOCK_CYCLES = 25

Lines = dict[int, int]  # line address: 256 bits
Progress = Callable[[int, int], None]  # lines written so far, lines to be written


def no_progress(written: int, of: int) -> None:
    """Nobody watches."""


@dataclass(frozen=True)
class Job:
    """Programs of words, the memory before them, and what must hold after them."""

    name: str
    programs: Sequence[Sequence[int]]
    image: Lines
    statuses: Sequence[int]  # one a program
    written: Lines
    shape: tuple[int, int, int]  # m, n, k
    product: NDArray[np.uint32]  # [m, n], float32 bits, before it is quantised
    result: Result | Operand  # where it goes
    mma_cycles: int
    lines_moved: int
    program_depth: int
    poisoned: frozenset[int] = frozenset()

    @property
    def runs_to_its_end(self) -> bool:
        """One program that nothing stops."""
        return len(self.programs) == 1 and list(self.statuses) == [status(FINISHED)]

    @property
    def multiply_adds(self) -> int:
        """m * n * k."""
        m, n, k = self.shape
        return m * n * k


class Task(Protocol):
    """What a host runs: a job, or programs of a reader's own."""

    programs: Sequence[Sequence[int]]
    image: Lines
    statuses: Sequence[int]
    written: Lines | None  # None: nobody knows
    program_depth: int
    poisoned: frozenset[int]
    mma_cycles: int
    runs_to_its_end: bool


def expected_transfers(jobs: Sequence[Task]) -> list[dict[str, int]]:
    """What the host reports, in order: per job its status words, then the lines written, by address."""
    expected: list[dict[str, int]] = []
    for job in jobs:
        expected += [{"status": word} for word in job.statuses]
        expected += [{"line_address": line, "data": job.written[line]} for line in sorted(job.written or ())]
    return expected


class Host:
    """Runs `jobs`, telling `progress` from time to time.

    `board` holds what came against what was expected, `cycles` how long each job computed, `spans` when it began,
    ended and was in memory; `ran` how long each program took, and its counts. After a reset all begins again, in a
    memory that is as the reset left it. `settled` says whether what was stored is in memory.
    """

    def __init__(
        self, jobs: Sequence[Task], store: Memory, progress: Progress = no_progress,
        settled: Callable[[], bool] = lambda: True,
    ):
        self.jobs = jobs
        self.progress = progress
        self.store = store
        self.settled = settled
        self.loaded: Task | None = None  # whose image memory holds
        self.board = Scoreboard(expected_transfers(jobs))
        self.cycles: list[int] = []
        self.ran: list[tuple[int, dict[str, int]]] = []
        self.spans: list[Span] = []
        self.finished = False

    def steps(self, pins) -> Iterator[None]:
        """The script, from the start; what an earlier one found is forgotten at once."""
        self.board.restart()
        self.finished = False
        self.cycles, self.ran, self.spans = [], [], []
        pins["start"].next = False  # a reset may have come while it was high
        return self.conduct(pins)

    def conduct(self, pins) -> Iterator[None]:
        """Drives `code`, `start` and `length`."""
        for job in self.jobs:
            if job is not self.loaded:
                self.store.lines = dict(job.image)
                self.loaded = job
            self.store.poisoned = set(job.poisoned)
            self.store.written.clear()
            computing, first = 0, None
            # a start while a program runs has no effect; it runs at least as long as its mmas take
            knocks = range(KNOCK_CYCLES, job.mma_cycles if job.runs_to_its_end else 0, KNOCK_CYCLES)
            for program in job.programs:
                yield from self.fill(pins, program)
                pins["length"].next = len(program)
                pins["start"].next = True
                yield
                pins["start"].next = False
                began = cycle()
                first = began if first is None else first
                yield
                yield
                while not pins["done"]:
                    pins["start"].next = cycle() - began in knocks
                    if cycle() % PROGRESS_CYCLES == 0:
                        self.progress(len(self.store.written), len(job.written or ()))
                    yield
                computing += cycle() - began
                counts = vars(pins["counts"]) if "counts" in pins else {}
                self.ran.append((cycle() - began, {name: int(count.val) for name, count in counts.items()}))
                self.board.receive(Transfer(cycle(), {"status": int(pins["status"].val)}))
            done = cycle()
            for _ in range(SETTLE_CYCLES):
                yield
            while not self.settled():
                yield
            self.spans.append(Span(first, done, cycle()))
            self.cycles.append(computing)
            for line in sorted(self.store.written if job.written is not None else ()):
                when = self.store.written_at[line]
                self.board.receive(Transfer(when, {"line_address": line, "data": self.store.read(line)}))
        self.finished = True

    def product(self, job: Job) -> NDArray[np.float32]:
        """C[m, n] of a job as memory holds it, the numbers of a quantised one."""
        place, first = job.result, min(job.written)
        lines = np.zeros((max(job.written) + 1 - first, LINE_BYTES), np.uint8)
        for index in range(len(lines)):
            value = self.store.read(first + index)
            lines[index] = np.frombuffer(value.to_bytes(LINE_BYTES, "little"), np.uint8)
        if isinstance(place, Result):
            return unpack_result(lines, replace(place, base=place.base - first)).view(np.float32)
        bases = {"element_base": place.element_base - first, "scale_base": place.scale_base - first}
        return mx_dequantise(*unpack_operand(lines, replace(place, **bases)), place.fmt.element)[:, : place.k]

    def fill(self, pins, program: Sequence[int]) -> Iterator[None]:
        """Write the program memory, a word a cycle."""
        code = pins["code"]
        for index, word in enumerate(program):
            code.index.next = index
            code.word.next = word
            code.valid.next = True
            yield
            while not code.ready:
                yield
        code.valid.next = False
