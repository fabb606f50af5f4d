"""A reader's own programs on the tile: foretold by the cycle model, computed by the golden one, then run in hardware.

    programs ──┬──> cycle model, ideal memory ──> when each ends, or hangs ──┐
    memory ────┼──> golden tile ────────────────> every line written ────────┼──> compared
               └──> hardware beside its cycle model ─────────────────────────┘
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from hdl.bench.clock import cycle
from hdl.bench.coverage import Coverage
from hdl.bench.memory import unwritten
from zhenwu.cosim.evidence import Evidence
from zhenwu.cosim.profiles import NONE
from zhenwu.cosim.stream_bench import PATIENCE_CYCLES, check_streams
from zhenwu.cosim.tile import tile_bench
from zhenwu.cosim.tile.check_jobs import eight_floats
from zhenwu.cosim.tile.host import Host, Lines, Progress, no_progress
from zhenwu.cosim.tile.jobs import lines_of
from zhenwu.cosim.tile.tile_bench import PROGRAM_DEPTH, tile_sizes
from zhenwu.cosim.user_program import UserProgram
from zhenwu.cycle.memory import Memory
from zhenwu.cycle.tile.program_run import Ran, run_programs
from zhenwu.cycle.tile.tile import Tile
from zhenwu.golden.tile.check_order import stored_lines
from zhenwu.golden.tile.layout import LINE_BYTES, Result, unpack_result
from zhenwu.golden.tile.mover import mover
from zhenwu.golden.tile.sequencer import sequencer
from zhenwu.golden.tile.tile import tile as golden
from zhenwu.perf.tile import POSTED
from zhenwu.spec.isa import FINISHED, Load, Store, status
from zhenwu.spec.mma_formats import ALL_FORMATS


@dataclass(frozen=True)
class Setting:
    """What programs run on: the tile, with all formats built in, and an ideal memory."""

    rows: int
    cols: int
    latency: int
    memory_latency: int
    cycles_per_line: int


@dataclass(frozen=True)
class ProgramTask:
    """Programs up to the first that does not finish, and what is known of their end, as a host runs them."""

    programs: Sequence[Sequence[int]]
    image: Lines
    statuses: Sequence[int]
    written: Lines | None
    program_depth: int
    poisoned: frozenset[int] = frozenset()
    mma_cycles: int = 0
    runs_to_its_end: bool = False  # no start while it runs


def program_depth(programs: Sequence[UserProgram]) -> int:
    """Instructions that the program memory holds: the simulated tile's, or a power of 2 that the longest one fits."""
    return max(PROGRAM_DEPTH, 1 << (max(len(program.lines) for program in programs) - 1).bit_length())


def sizes_of(task: ProgramTask, setting: Setting) -> Mapping[str, object]:
    """The arguments of the tile."""
    return tile_sizes([task], setting.rows, setting.cols, ALL_FORMATS, setting.latency)


def foretold(
    programs: Sequence[UserProgram], setting: Setting, budget: int, progress: Progress = no_progress
) -> list[Ran]:
    """Each program's end on the cycle model alone, up to the first that does not finish."""
    words = [program.words for program in programs]
    trapping = next((index for index, program in enumerate(programs) if program.trap), len(words) - 1)
    task = ProgramTask(words, {}, [], None, program_depth(programs))
    memory = Memory(setting.memory_latency, setting.cycles_per_line)
    tile = Tile(**sizes_of(task, setting))
    return run_programs(
        words[: trapping + 1], tile, memory, budget=budget, progress=lambda now: progress(now, budget)
    )


def golden_task(programs: Sequence[UserProgram], image: Lines, runs: Sequence[Ran], setting: Setting) -> ProgramTask:
    """The programs that run, with what they write if the golden tile can say it."""
    programs, depth = programs[: len(runs)], program_depth(programs)
    words = [program.words for program in programs]
    if runs[-1].status is None or not all(program.trusted for program in programs):
        ended = [run.status for run in runs if run.status is not None]
        return ProgramTask(words, image, ended, None, depth)
    handed = [sequencer(program.words, tile_bench.HALF_STEPS)[0] for program in programs]
    loads = [each for instructions in handed for each in instructions if isinstance(each, Load)]
    read = {write.line_address for load in loads for write in mover(load, tile_bench.HALF_STEPS)}
    stores = [each for instructions in handed for each in instructions if isinstance(each, Store)]
    written = sorted({line for store in stores for line in stored_lines(store)})
    memory = np.zeros((1 + max([0, *read, *written, *image]), LINE_BYTES), np.uint8)
    for line in read | image.keys():
        value = image.get(line)
        content = unwritten(line) if value is None else value
        memory[line] = np.frombuffer(content.to_bytes(LINE_BYTES, "little"), np.uint8)
    statuses = []
    for program in words:
        memory, end = golden(program, memory, setting.rows, setting.cols, tile_bench.HALF_STEPS)
        statuses.append(end)
    lines = lines_of(memory[written])
    return ProgramTask(words, image, statuses, dict(zip(written, lines.values(), strict=True)), depth)


def in_hardware(
    task: ProgramTask, runs: Sequence[Ran], setting: Setting, progress: Progress = no_progress
) -> tuple[Host, Evidence]:
    """Run the programs; `progress` is told the cycles so far, of those that were foretold."""
    hosts: list[Host] = []
    coverage = Coverage(tile_bench.BINS)
    total = sum(run.cycles for run in runs) + sum(map(len, task.programs))
    make = tile_bench.tile_bench(
        [task], coverage, sizes_of(task, setting), hosts, lambda written, of: progress(min(cycle(), total), total),
        latency_cycles=setting.memory_latency, cycles_per_line=setting.cycles_per_line,
    )
    quiet = PATIENCE_CYCLES + setting.memory_latency + POSTED * setting.cycles_per_line
    slack = 2 * quiet + 64 * len(runs)
    evidence = check_streams(
        "tile", make, seed=1, coverage=coverage, budget_cycles=total + slack, oracle=tile_bench.ORACLE,
        not_checked="", profiles=(NONE,), numbers={"data": eight_floats},
    )
    return hosts[0], evidence


def agrees(runs: Sequence[Ran], host: Host, evidence: Evidence) -> bool:
    """Whether the hardware did what was foretold, in every cycle and every line; or hung, as was foretold."""
    ended = [(run.cycles, run.counts) for run in runs if run.status is not None]
    violations = [text for text in evidence.violations if not (runs[-1].hangs and text.startswith("deadlock"))]
    return host.ran == ended and not evidence.mismatches and not violations


def product_in(lines: Lines, place: Result) -> NDArray[np.float32]:
    """The float32 result that lies in memory."""
    end = place.base + place.rows * place.stride
    content = b"".join(lines.get(line, 0).to_bytes(LINE_BYTES, "little") for line in range(place.base, end))
    memory = np.frombuffer(content, np.uint8).reshape(-1, LINE_BYTES)
    return unpack_result(memory, replace(place, base=0)).view(np.float32)


def finished(runs: Sequence[Ran], programs: Sequence[UserProgram]) -> bool:
    """Whether all programs ran to their end."""
    return len(runs) == len(programs) and all(run.status == status(FINISHED) for run in runs)
