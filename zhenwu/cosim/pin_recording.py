"""Pins recorded in MyHDL for replay in another simulator: every design, in the sizes that it is emitted at.

The combinational number blocks get patterns of their own and the quantiser stands between a source and a sink.
All other blocks are recorded where they work, inside a tile that multiplies in every format behind a memory that
stalls, or inside a memory controller under mixed traffic: their inputs are what their neighbours really do. The slice
runs a ragged product from a device. A harness needs no stimulus but a seed.
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from random import Random

import numpy as np

from hdl.bench.coverage import Coverage
from hdl.bench.memory import Memory, memory
from hdl.bench.run import forgotten_signals, simulate
from hdl.bench.script import script
from hdl.bench.sink import sink
from hdl.bench.source import source
from hdl.bench.stalls import random_stalls
from hdl.bench.trace import Column, Recorder, flatten
from hdl.bundle import wire
from hdl.designs import DESIGNS, SMALL_ARRAY, TILE, Design, design, elaborate, fresh_ports
from hdl.hierarchy import arguments
from zhenwu.cosim.backends.pins import directions
from zhenwu.cosim.hbm.controller_bench import Follower, Traffic
from zhenwu.cosim.hbm.controller_bins import BINS
from zhenwu.cosim.profiles import NONE
from zhenwu.cosim.slice.bins import BINS as SLICE_BINS
from zhenwu.cosim.slice.jobs import shaped_jobs
from zhenwu.cosim.slice.slice_bench import Work, slice_bench
from zhenwu.cosim.stream_bench import run_once
from zhenwu.cosim.tile.format_jobs import format_jobs, wide
from zhenwu.cosim.tile.host import Host
from zhenwu.cosim.tile.jobs import Wanted
from zhenwu.cosim.tile.tile_bench import budget, sized_job
from zhenwu.cycle.hbm.patterns import accesses

SHAPE = (19, 21, 70)  # m, n, k: two ragged panels each way, a ragged k
VECTORS = 2000
BLOCKS = 60  # through the quantiser
JOBS = 4  # of a tile, after the ragged one: each of the formats once
BUDGET_CYCLES = 20_000
MIXED = {"few_rows": 200, "hot_lines": 120, "update": 40, "bursts": 250, "one_bank": 50}  # accesses; beyond a refresh
RESET_AT = 900
SLICE_RESET_AT = 330  # in the first mma
HARNESS_CYCLES, HARNESS_RESET_AT = 5000, 1500

SMALL_TILE = Design("tile_2x2", "hdl.tile.tile", {}, design("tile").parameters | SMALL_ARRAY)
MXFP4_TILE = Design("tile_mxfp4", "hdl.tile.tile", {}, TILE)  # as it stands in the slice
MXFP4_UNIT = "dot_unit_mxfp4"

QUANTISER = "mx_quantise"

Recording = list[Column]


def recorders(folder: Path, seed: int) -> dict[str, Callable[[], dict[str, Recording]]]:
    """What records each group of designs, by name of the group; `folder` holds their Verilog."""

    def combinational() -> dict[str, Recording]:
        entries = [entry for entry in DESIGNS if entry.module.startswith("hdl.numerics.") and entry.name != QUANTISER]
        return {
            entry.name: record_combinational(entry, (folder / f"{entry.name}.v").read_text(encoding="utf-8"), seed)
            for entry in entries
        }

    return {
        "number blocks": combinational,
        "quantiser": lambda: {QUANTISER: record_quantiser(seed)},
        "a working tile": lambda: record_tile(design("tile"), seed),
        "a tile with a 2 x 2 array": lambda: record_tile(SMALL_TILE, seed),
        "a tile of MXFP4 alone": lambda: {MXFP4_UNIT: record_tile(MXFP4_TILE, seed)[MXFP4_UNIT]},
        "a working controller": lambda: record_controller(seed),
        "a working slice": lambda: record_slice(seed),
    }


def record_combinational(entry: Design, verilog: str, seed: int) -> Recording:
    """Random and related values on every input that the emitted `verilog` says the design has."""
    random = Random(f"{seed}/{entry.name}")
    with forgotten_signals():
        instance, pins = elaborate(entry)
        clk, rst = pins.get("clk", wire(1)), wire(1)
        trace = Recorder(pins)
        ways = directions(verilog)
        inputs = [pins[name] for name, (way, _) in ways.items() if way == "input" and name != "clk"]

        def drive() -> Iterator:
            while True:
                values = related(random, [len(signal) for signal in inputs])
                for signal, value in zip(inputs, values, strict=True):
                    signal.next = value if signal.min is None or signal.min >= 0 else value - (1 << len(signal) - 1)
                yield clk.negedge

        simulate([instance, drive(), trace.record(clk)], clk=clk, rst=rst, budget_cycles=VECTORS, reset_cycles=0)
        return trace.columns


def related(random: Random, widths: list[int]) -> list[int]:
    """Unsigned values; half the time each differs from the one before it only in its low bits, or in one bit."""
    values: list[int] = []
    for width in widths:
        value = random.getrandbits(width)
        if values and random.random() < 0.5:
            value = values[-1] ^ (random.getrandbits(width) >> random.randrange(width))
        if random.random() < 0.1:
            value ^= 1 << random.randrange(width)
        values.append(value & ((1 << width) - 1))
    return values


def record_quantiser(seed: int) -> Recording:
    """Whole and ragged blocks of ordinary, tiny and infinite floats, both elements and all rules, with stalls."""
    random = Random(f"{seed}/mx_quantise")
    items = []
    for _ in range(BLOCKS):
        exponent = random.randrange(256)
        beats, fmt, rule = random.randint(1, 4), random.randrange(2), random.randrange(3)
        for beat in range(beats):
            words = [
                random.getrandbits(1) << 31 | max(0, exponent - random.randrange(6)) << 23 | random.getrandbits(23)
                for _ in range(8)
            ]
            last = beat == beats - 1
            data = sum(word << 32 * i for i, word in enumerate(words))
            count = random.randint(1, 8) if last else 8
            items.append({"data": data, "count": count, "last": int(last), "fmt": fmt, "rule": rule})
    with forgotten_signals():
        instance, pins = elaborate(design("mx_quantise"))
        clk, rst = pins["clk"], pins["rst"]
        trace = Recorder(pins)
        parts = [instance, trace.record(clk)]
        parts.append(source(clk, rst, pins["src"], items, random_stalls(f"{seed}/src", 0.3)))
        parts.append(sink(clk, rst, pins["dst"], random_stalls(f"{seed}/dst", 0.3)))
        simulate(parts, clk=clk, rst=rst, budget_cycles=4 * len(items))
        return trace.columns


def record_tile(entry: Design, seed: int) -> dict[str, Recording]:
    """The tile `entry` and the blocks inside it while it multiplies, by name of the design that they equal.

    A ragged product in MXFP4 with a residual of many rows, then others in each of its formats in turn: together they
    store as float32 and quantised, with a residual and without. RuntimeError if the tile does not finish its programs well.
    """
    rows, cols = (entry.parameters[name] for name in ("rows", "cols"))
    m, n, k = SHAPE
    rng = np.random.default_rng(seed)
    added = Wanted(residual=wide(rng, m, n))
    jobs = [sized_job("ragged", wide(rng, m, k), wide(rng, n, k), rows, cols, wanted=added)]
    jobs += format_jobs(seed, JOBS, rows, cols, entry.parameters["formats"])
    store = Memory()
    host = Host(jobs, store)
    with forgotten_signals():
        instance, pins = elaborate(entry)
        clk, rst = pins["clk"], pins["rst"]
        traces = {name: Recorder(inner) for name, inner in inner_designs(instance, entry, pins).items()}
        stalls = {name: random_stalls(f"{seed}/{name}", 0.2) for name in ("cmd", "wdata", "rdata")}
        parts = [
            instance,
            memory(clk, rst, pins["port"], store, outstanding=64, stalls=stalls),
            script(clk, rst, lambda: host.steps(pins)),
            *(trace.record(clk) for trace in traces.values()),
        ]
        simulate(parts, clk=clk, rst=rst, budget_cycles=budget(jobs), done=lambda: host.finished)
        if host.board.mismatches or not host.board.complete:
            raise RuntimeError(f"{entry.name}: the recorded run went wrong: {host.board.first}")
        return {name: trace.columns for name, trace in traces.items()}


def record_controller(seed: int) -> dict[str, Recording]:
    """The memory controller and the blocks inside it, by name of the design that they equal.

    Stalls on all streams, a row conflict or a forward now and then, a refresh, and a reset in the middle of it all.
    """
    entry = design("controller")
    traffic = Traffic("mixed", [access for name in MIXED for access in accesses(name, MIXED[name], seed)],
                      entry.parameters)
    with forgotten_signals():
        instance, pins = elaborate(entry)
        clk, rst, port = pins["clk"], pins["rst"], pins["port"]
        traces = {name: Recorder(inner) for name, inner in inner_designs(instance, entry, pins).items()}
        follower = Follower(traffic, pins, Coverage(BINS))
        commands = [(access.write, access.line_address, access.id) for access in traffic.accesses]
        beats = [access.data for access in traffic.accesses if access.write]
        stalls = {name: random_stalls(f"{seed}/{name}", 0.2) for name in ("cmd", "wdata", "rdata")}
        parts = [
            instance,
            source(clk, rst, port.cmd, commands, stalls["cmd"]),
            source(clk, rst, port.wdata, beats, stalls["wdata"]),
            sink(clk, rst, port.rdata, stalls["rdata"]),
            follower.run(),
            *(trace.record(clk) for trace in traces.values()),
        ]
        simulate(
            parts, clk=clk, rst=rst, budget_cycles=BUDGET_CYCLES, reset_at=(RESET_AT,),
            done=lambda: follower.data_board.complete and follower.done,
        )
        beside = follower.controller
        if beside.board.mismatches or beside.faults:
            raise RuntimeError(f"controller: the recorded run differs from its model: {beside.board.first}")
        return {name: trace.columns for name, trace in traces.items()}


def record_slice(seed: int) -> dict[str, Recording]:
    """The slice while it multiplies two small matrices that lie in a device, with a reset in the middle of it."""
    entry = design("slice")
    work = Work(shaped_jobs(seed, [SHAPE]), controller_sizes=entry.parameters["controller_sizes"])
    if work.tile_sizes != entry.parameters["tile_sizes"]:
        raise RuntimeError(f"slice: recorded with {work.tile_sizes}, expected {entry.parameters['tile_sizes']}")
    make = slice_bench(work, Coverage(SLICE_BINS), [], [])
    outcome = run_once(make, NONE, seed, BUDGET_CYCLES, reset_at=(SLICE_RESET_AT,), window=(0, BUDGET_CYCLES))
    if not outcome.ok:
        raise RuntimeError(f"slice: the recorded run failed: {outcome.violations or outcome.mismatches}")
    own = shape(fresh_ports(entry))
    return {"slice": [column for column in outcome.trace.columns if column.name in own]}


def record_harness(entry: Design, seed: int) -> Recording:
    """A harness that runs by itself, its memories wiped with each of two resets, for nothing starts known."""
    with forgotten_signals():
        instance, pins = elaborate(entry)
        clk, rst, wipe = pins["clk"], pins["rst"], pins["wipe"]
        trace = Recorder(pins)

        def drive() -> Iterator:
            pins["seed"].next, pins["restless"].next = seed, True
            while True:
                yield clk.negedge
                wipe.next = bool(rst)

        parts = [instance, drive(), trace.record(clk)]
        simulate(parts, clk=clk, rst=rst, budget_cycles=HARNESS_CYCLES, reset_at=(HARNESS_RESET_AT,))
        return trace.columns


def inner_designs(instance, entry: Design, pins: Mapping[str, object]) -> dict[str, dict]:
    """The pins of one instance of each design that stands inside `instance`, and of `entry` itself.

    An instance stands for a design if it has the same block, parameters and pin widths.
    """
    found = {entry.name: dict(pins)}
    shapes = {other.name: (other, shape(fresh_ports(other))) for other in DESIGNS if other.name != entry.name}
    waiting = list(instance.subs)
    while waiting:
        inner = waiting.pop(0)
        if not hasattr(inner, "subs"):
            continue
        waiting += inner.subs
        own, given = arguments(inner)
        for name, (other, widths) in shapes.items():
            if name in found or other.block != inner.func.__name__ or not other.parameters.items() <= given.items():
                continue
            if shape(own) == widths:
                found[name] = own
    return found


def shape(pins: Mapping[str, object]) -> dict[str, int]:
    """The width of every signal among pins, by Verilog name."""
    return {name: len(signal) for name, signal in flatten(pins).items()}
