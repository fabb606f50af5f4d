"""How fast the simulation is: cycles a second of the array at full load, of the tile on a real layer, and of the
memory controller with a device on its pins.

Seconds depend on the machine, so that each figure stands beside one of the same run: what share of the time one
dot unit's work takes, how much longer the RTL takes than the golden tile for the same matmul, or than the
controller's cycle model for the same traffic.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from time import process_time

import numpy as np

from hdl.bench.coverage import Coverage
from hdl.bench.monitor import Transfer, monitor
from hdl.bench.run import forgotten_signals, simulate
from hdl.bench.script import script
from hdl.bench.sink import sink
from hdl.bench.source import source
from hdl.designs import design
from hdl.designs import elaborate as elaborated
from hdl.tile import dot_unit, mac_array
from zhenwu.cosim.elaborate import elaborate
from zhenwu.cosim.hbm.pins import device_on_pins
from zhenwu.cosim.profiles import NONE
from zhenwu.cosim.slice.bins import BINS as SLICE_BINS
from zhenwu.cosim.slice.slice import REFRESH_START, predicted
from zhenwu.cosim.slice.slice_bench import Work, slice_bench
from zhenwu.cosim.stream_bench import run_once
from zhenwu.cosim.tile.host import Host
from zhenwu.cosim.tile.tile import layer_jobs
from zhenwu.cosim.tile.tile_bench import BINS, budget, tile_bench, tile_sizes
from zhenwu.cycle.hbm.controller import Controller
from zhenwu.cycle.hbm.device import Content, Device
from zhenwu.cycle.hbm.patterns import accesses
from zhenwu.cycle.hbm.traffic import Access, Master, System
from zhenwu.golden.tile.layout import LINE_BYTES
from zhenwu.golden.tile.tile import tile as golden_tile
from zhenwu.spec.mma_formats import ALL_FORMATS, MMA_FORMATS
from zhenwu.spec.tile import SIM_TILE, SLICE_FORMATS

ARRAY_TARGET = 400  # cycles/s that the 4 x 4 array must reach for `make sim` to stay at about a minute
ARRAY_CYCLES = 1500
SLICE_TARGET = 300
CONTROLLER_TARGET = 5000
CONTROLLER_ACCESSES = 1500
CONTROLLER_RUNS = 3


@dataclass(frozen=True)
class Speed:
    """One measurement: processor seconds, and a sentence that sets it in relation."""

    what: str
    cycles: int
    seconds: float
    relation: str

    @property
    def cycles_per_s(self) -> float:
        """Simulated clock cycles per processor second."""
        return self.cycles / self.seconds


def speeds(seed: int) -> Iterator[Speed]:
    """Measure one after another."""
    rows, cols = int(SIM_TILE.rows.value), int(SIM_TILE.cols.value)
    for what, formats in ("MXFP4 alone", SLICE_FORMATS), ("all formats", ALL_FORMATS):
        one = dot_unit_seconds(seed, formats)
        yield Speed(f"dot unit, {what}", ARRAY_CYCLES, one, "operands every cycle")
        whole = array_seconds(seed, rows, cols, formats)
        target = f"target {ARRAY_TARGET} cycles/s; " if formats == SLICE_FORMATS else ""
        yield Speed(
            f"{rows} x {cols} array, {what}", ARRAY_CYCLES, whole,
            f"a step every cycle; {target}{whole / one:.1f} times one dot unit for {rows * cols} of them",
        )
    yield tile_speed(seed)
    for pattern in ("stream", "triad", "everywhere"):
        yield controller_speed(pattern, seed)
    yield slice_speed(seed)


def random_words(seed: int, bits: int) -> list[int]:
    """Operands for every cycle."""
    rng = np.random.default_rng(seed)
    return [int.from_bytes(rng.bytes(bits // 8), "little") for _ in range(ARRAY_CYCLES)]


def dot_unit_seconds(seed: int, formats: tuple[str, ...]) -> float:
    """Processor seconds for a dot unit of these formats that works in every cycle, in each of them by turns."""
    slots = 2 * int(SIM_TILE.subtiles.value)
    with forgotten_signals():
        pins = dot_unit.ports(slots=slots)
        words = random_words(seed, 256)

        def steps() -> Iterator[None]:
            pins["valid"].next = pins["accumulate"].next = True
            pins["a_scale"].next = pins["b_scale"].next = 127
            for index, word in enumerate(words):
                pins["a"].next, pins["b"].next = word & (1 << 128) - 1, word >> 128
                pins["fmt"].next = MMA_FORMATS[formats[index % len(formats)]].code
                pins["fetch_slot"].next, pins["slot"].next = (index + 1) % slots, index % slots
                yield

        unit = dot_unit.dot_unit(**pins, slots=slots, formats=formats, latency=int(SIM_TILE.adder_latency))
        return timed([unit, script(pins["clk"], pins["rst"], steps)], pins)


def array_seconds(seed: int, rows: int, cols: int, formats: tuple[str, ...]) -> float:
    """Processor seconds for an array that takes a step, with new operands, in every cycle, formats by turns."""
    half_steps = int(SIM_TILE.half_steps.value)
    slots = int(SIM_TILE.subtiles.value)
    with forgotten_signals():
        pins = mac_array.ports(rows=rows, cols=cols, half_steps=half_steps)
        words = random_words(seed, 128 * (rows + cols))

        def steps() -> Iterator[None]:
            step = pins["step"]
            scales = int.from_bytes(bytes([127] * 16), "little")
            pins["a_scales"].next = pins["b_scales"].next = scales
            step.valid.next = True
            for index, word in enumerate(words):
                step.slot.next = index % slots
                step.fmt.next = MMA_FORMATS[formats[index % len(formats)]].code
                pins["a_words"].next = word & (1 << 128 * rows) - 1
                pins["b_words"].next = word >> 128 * rows
                yield

        latency = int(SIM_TILE.adder_latency)
        array = mac_array.mac_array(**pins, rows=rows, cols=cols, formats=formats, latency=latency)
        return timed([array, script(pins["clk"], pins["rst"], steps)], pins)


def timed(parts: list, pins: dict) -> float:
    """Processor seconds of ARRAY_CYCLES cycles."""
    start = process_time()
    simulate(parts, clk=pins["clk"], rst=pins["rst"], budget_cycles=ARRAY_CYCLES)
    return process_time() - start


def tile_speed(seed: int) -> Speed:
    """The agent's q_proj for 64 tokens, on the tile with its bench and in the golden tile."""
    job = layer_jobs()[0]
    rows, cols, half_steps = (int(size.value) for size in (SIM_TILE.rows, SIM_TILE.cols, SIM_TILE.half_steps))
    memory = np.zeros((job.result.base + job.result.rows * job.result.stride, LINE_BYTES), np.uint8)
    for line, value in job.image.items():
        memory[line] = np.frombuffer(value.to_bytes(LINE_BYTES, "little"), np.uint8)
    start = process_time()
    golden_tile(job.programs[0], memory, rows, cols, half_steps)
    golden_seconds = process_time() - start
    hosts: list[Host] = []
    start = process_time()
    sizes = tile_sizes([job], rows, cols)
    outcome = run_once(tile_bench([job], Coverage(BINS), sizes, hosts), NONE, seed, budget([job]))
    seconds = process_time() - start
    relation = f"{seconds / golden_seconds:.0f} times the golden tile; elaboration included"
    return Speed(f"tile, {job.name}", outcome.cycles, seconds, relation)


def slice_speed(seed: int) -> Speed:
    """The agent's q_proj for 64 tokens from DRAM to DRAM, all checks on; and on both cycle models alone."""
    work = Work(layer_jobs()[:1], controller_sizes={"refresh_start": REFRESH_START})
    start = process_time()
    ck = predicted(work).spans[-1].settled
    model_seconds = process_time() - start
    start = process_time()
    outcome = run_once(slice_bench(work, Coverage(SLICE_BINS), [], []), NONE, seed, 2 * ck)
    seconds = process_time() - start
    relation = (
        f"target {SLICE_TARGET} cycles/s; {seconds / outcome.cycles / model_seconds * ck:.0f} times both cycle models "
        "alone; elaboration and all checks included"
    )
    return Speed(f"slice, {work.jobs[0].name}", outcome.cycles, seconds, relation)


def controller_speed(pattern: str, seed: int) -> Speed:
    """The controller of the quick tests, 16 + 16 entries, under one pattern at full load; the best of several runs."""
    traffic = accesses(pattern, CONTROLLER_ACCESSES, seed)
    runs = [controller_seconds(traffic) for _ in range(CONTROLLER_RUNS)]
    cycles, seconds = min(runs, key=lambda run: run[1])
    start = process_time()
    system = System(Master(traffic), Controller(**design("controller").parameters))
    while not system.master.done:
        system.step()
    model_seconds = process_time() - start
    relation = (
        f"target {CONTROLLER_TARGET:,} cycles/s; {seconds / cycles / model_seconds * system.controller.now:.1f} times "
        f"the cycle model, checks included"
    )
    return Speed(f"controller, {pattern}", cycles, seconds, relation)


def controller_seconds(traffic: list[Access]) -> tuple[int, float]:
    """(cycles, processor seconds) of one run in MyHDL: the controller and the device, no check."""
    with forgotten_signals():
        instance, pins = elaborate(elaborated, design("controller"))
        clk, rst, port = pins["clk"], pins["rst"], pins["port"]
        lines: list[Transfer] = []
        commands = [(access.write, access.line_address, access.id) for access in traffic]
        beats = [access.data for access in traffic if access.write]
        parts = [
            instance, device_on_pins(clk, rst, pins["bus"], pins["dq"], Device(Content())),
            source(clk, rst, port.cmd, commands), source(clk, rst, port.wdata, beats), sink(clk, rst, port.rdata),
            monitor(clk, rst, port.rdata, lines.append),
        ]
        reads = len(commands) - len(beats)
        start = process_time()
        run = simulate(
            parts, clk=clk, rst=rst, budget_cycles=100 * len(traffic), done=lambda: len(lines) == reads, settle_cycles=1
        )
        return run.cycles, process_time() - start
