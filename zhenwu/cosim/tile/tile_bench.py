"""The bench round a tile: a host, an ideal memory of stated latency and rate, and a look at the streams inside."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from hdl.bench.coverage import Coverage, watch
from hdl.bench.memory import Memory, memory
from hdl.bench.script import script
from hdl.tile.tile import ports, tile
from zhenwu.cosim.stream_bench import PATIENCE_CYCLES, Bench, MakeBench
from zhenwu.cosim.tile.host import Host, Job, Progress, Task, no_progress
from zhenwu.cosim.tile.jobs import PLAIN, Wanted, matmul_job
from zhenwu.cosim.tile.tile_follower import INNER, TileFollower
from zhenwu.perf.tile import POSTED
from zhenwu.spec.isa import MmaFields
from zhenwu.spec.mma_formats import MXFP4_MMA, MmaFormat
from zhenwu.spec.tile import SIM_MEMORY_CYCLES_PER_LINE, SIM_MEMORY_LATENCY, SIM_TILE, SLICE_FORMATS

ROWS, COLS = int(SIM_TILE.rows.value), int(SIM_TILE.cols.value)
HALF_STEPS = int(SIM_TILE.half_steps.value)
PROGRAM_DEPTH = SIM_TILE.program_depth.value
ADDER_LATENCY = int(SIM_TILE.adder_latency)
LATENCY = SIM_MEMORY_LATENCY.value
CYCLES_PER_LINE = SIM_MEMORY_CYCLES_PER_LINE.value
INNER_STREAMS = ("load", "mma", "store", "line", "step", "beats")
ORACLE = (
    "the product by its format's definition, golden tile for bad programs: every line written, and no other; cycle "
    "model tile in every cycle"
)
NOT_CHECKED = "programs that the assembler's check refuses (they hang); a memory with rows and refresh: slice has one"
BINS = {
    "cp_array_waits_for_operands": "an mma that waits for a load",
    "cp_array_waits_for_drain": "an mma that waits for accumulators",
    "cp_mover_waits_for_half": "a load that waits for the array",
    "cp_read_and_write_meet": "mover and store path want the memory in the same cycle",
    "cp_array_waits_for_adder": "an mma that waits until its sub-tile's last sum has left the adder",
    "cp_lines_meet": "a line that waits while the one before it fills their bank",
    "cp_store_held_up": "a beat that the store path cannot take, since the memory does not take its line",
}


def program_depth(k: int, fmt: MmaFormat = MXFP4_MMA) -> int:
    """Instructions that the program memory holds: the simulated tile's, or more where one sum over k needs it.

    A sum over k takes two loads and an mma for every half that it fills, and a store and a wait; it cannot be split
    over programs.
    """
    halves = -(-k // (HALF_STEPS * min(fmt.a.line_elements, fmt.b.line_elements)))
    return max(PROGRAM_DEPTH, 1 << (3 * halves + 1).bit_length())


def sized_job(
    name: str, a: NDArray[np.float32], b: NDArray[np.float32], rows: int = ROWS, cols: int = COLS, first_line: int = 0,
    wanted: Wanted = PLAIN,
) -> Job:
    """C[m,n] = A[m,k] . B[n,k] in memory from `first_line` on, compiled for the simulated tile."""
    depth = program_depth(a.shape[1], wanted.fmt)
    sizes = {"rows": rows, "cols": cols, "half_steps": HALF_STEPS, "program_depth": depth}
    return matmul_job(name, a, b, first_line=first_line, wanted=wanted, **sizes)


def bound(job: Job) -> int:
    """Cycles that a job takes at least on the ideal memory: the array's, or the memory's."""
    return max(job.mma_cycles, job.lines_moved * CYCLES_PER_LINE)


def budget(jobs: Sequence[Job]) -> int:
    """Cycles that are ample for the jobs under any stalls."""
    return 4000 + 30 * sum(bound(job) + 4 * sum(map(len, job.programs)) + 300 for job in jobs)


def tile_sizes(
    jobs: Sequence[Task], rows: int, cols: int, formats: tuple[str, ...] = SLICE_FORMATS,
    latency: int = ADDER_LATENCY,
) -> dict[str, object]:
    """The arguments of a tile that runs these jobs."""
    return {
        "rows": rows, "cols": cols, "half_steps": HALF_STEPS,
        "program_depth": max(job.program_depth for job in jobs),
        "queue_depth": int(SIM_TILE.queue_depth), "outstanding": int(SIM_TILE.outstanding),
        "formats": formats, "latency": latency,
    }


def follow(clk, rst, follower: TileFollower) -> Iterator:
    """The tile's model beside it."""
    while True:
        yield clk.posedge
        if rst:
            follower.restart()
        else:
            follower.step()


def tile_bench(
    jobs: Sequence[Task], coverage: Coverage, sizes: Mapping[str, object], hosts: list[Host],
    progress: Progress = no_progress, *, latency_cycles: int = LATENCY, cycles_per_line: int = CYCLES_PER_LINE,
    timing_only: bool = False,
) -> MakeBench:
    """A maker of benches that run `jobs` on a tile of these sizes; each bench's host is appended to `hosts`.

    `latency_cycles` and `cycles_per_line` are the memory's; `timing_only` leaves the dot units out.
    """

    def bench(stalls) -> Bench:
        pins = ports()
        clk, rst, port = pins["clk"], pins["rst"], pins["port"]
        store = Memory()
        host = Host(jobs, store, progress, settled=lambda: store.posted == 0)
        hosts.append(host)
        dut = tile(**pins, **sizes, timing_only=timing_only)
        behind = memory(
            clk, rst, port, store, latency_cycles=latency_cycles, cycles_per_line=cycles_per_line,
            stalls={name: stalls(f"port.{name}") for name in ("cmd", "wdata", "rdata")},
        )
        inside = dut.symdict
        follower = TileFollower(pins | {name: inside[name] for name in INNER}, sizes)
        return Bench(
            dut,
            {**pins, **{name: inside[name] for name in INNER_STREAMS}},
            extra=[
                behind,
                script(clk, rst, lambda: host.steps(pins), [pins["code"]]),
                watch(clk, rst, coverage, situations(inside)),
                follow(clk, rst, follower),
            ],
            done=lambda: host.finished,
            after=lambda: {"memory": host.board, "cycle by cycle": follower.board},
            patience=PATIENCE_CYCLES + latency_cycles + POSTED * cycles_per_line,
        )

    return bench


def situations(inside: Mapping) -> dict[str, Callable[[], bool]]:
    """What to look for between the tile's blocks, by bin."""
    load, mma, beats = inside["load_queued"], inside["mma_queued"], inside["beats"]
    step, read, write, blocked = (inside[name] for name in ("step", "read_cmd", "write_cmd", "blocked"))

    def operands_ready() -> bool:
        word, full = int(mma.word.val), int(inside["full"].val)
        a_half, b_half = (word >> field.lsb & 1 for field in (MmaFields.a_half, MmaFields.b_half))
        return bool(full >> a_half & full >> 2 + b_half & 1)

    return {
        "cp_array_waits_for_operands": lambda: mma.valid and not step.valid and not operands_ready(),
        "cp_array_waits_for_drain": lambda: mma.valid and not mma.ready and not step.valid and operands_ready(),
        "cp_mover_waits_for_half": lambda: load.valid and not load.ready and not read.valid,
        "cp_read_and_write_meet": lambda: read.valid and write.valid,
        "cp_array_waits_for_adder": lambda: blocked and not mma.valid,
        "cp_lines_meet": lambda: bool(inside["conflict"]),
        "cp_store_held_up": lambda: beats.valid and not beats.ready,
    }
