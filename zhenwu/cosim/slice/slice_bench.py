"""The bench round a slice: a host, a device on the pins, and both cycle models beside the hardware.

    host ──> code, start ──> [ tile ══ controller ] ──> command pins, DQ ──> device
                                │           │                  │
                             ( Tile )  ( Controller )       referee: rules, ledger, waits

With `relayed` a relay with stalls stands between tile and controller, in place of the slice's wires.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from hdl.bench.clock import cycle
from hdl.bench.coverage import Coverage
from hdl.bench.memory import Memory
from hdl.bench.relay import port_relays
from hdl.bench.script import script
from hdl.bundle import MemoryPort
from hdl.hbm.controller import controller
from hdl.slice import ports, slice
from hdl.tile.tile import tile
from zhenwu.cosim.hbm.controller_follower import ControllerFollower
from zhenwu.cosim.slice.bins import Situations, count_jobs
from zhenwu.cosim.stream_bench import Bench, MakeBench
from zhenwu.cosim.tile.host import Host, Job
from zhenwu.cosim.tile.tile_bench import ADDER_LATENCY, COLS, HALF_STEPS, INNER_STREAMS, ROWS, tile_sizes
from zhenwu.cosim.tile.tile_follower import INNER, TileFollower
from zhenwu.cycle.slice import PROGRESS_CYCLES
from zhenwu.golden.tile.check_addresses import check_addresses
from zhenwu.spec.hbm3 import HBM3_6400, HbmTiming
from zhenwu.spec.tile import SLICE_FORMATS


@dataclass(frozen=True)
class Work:
    """Jobs, and the slice that runs them: its dot units, arguments of its controller, formats and adder."""

    jobs: Sequence[Job]
    rows: int = ROWS
    cols: int = COLS
    controller_sizes: Mapping = field(default_factory=dict)
    formats: tuple[str, ...] = SLICE_FORMATS
    latency: int = ADDER_LATENCY

    def __post_init__(self):
        """Refuse what would run into memory's end: ValueError, one sentence."""
        for job in self.jobs:
            for words in job.programs:
                check_addresses(words, HALF_STEPS)

    @property
    def tile_sizes(self) -> dict[str, object]:
        """Arguments of its tile."""
        return tile_sizes(self.jobs, self.rows, self.cols, self.formats, self.latency)

    @property
    def timing(self) -> HbmTiming:
        """The device's."""
        return self.controller_sizes.get("timing", HBM3_6400)


class DatedStore:
    """A bench's memory as the device's store, noting in which cycle each line was written."""

    def __init__(self, memory: Memory):
        self.memory = memory
        self.read = memory.read

    def write(self, line_address: int, value: int) -> None:
        """Store a line."""
        self.memory.write(line_address, value, cycle())


class SliceFollower:
    """Both models beside the hardware, restarted at a reset, and what the array did in each CK."""

    def __init__(
        self, work: Work, pins: Mapping, tile_pins: Mapping, memory_port: MemoryPort, store: Memory,
        situations: Situations, progress: Callable[[int], None],
    ):
        self.clk, self.rst, self.start = pins["clk"], pins["rst"], pins["start"]
        memory_pins = {"port": memory_port, "bus": pins["bus"], "dq": pins["dq"]}
        self.tile = TileFollower(tile_pins, work.tile_sizes)
        self.controller = ControllerFollower(memory_pins, work.controller_sizes, DatedStore(store))
        self.situations = situations
        self.progress = progress
        self.activity: list[str] = []
        self.stepped_at, self.was_settled = -1, True
        self.between = 0  # commands and beats in the relay, if there is one

    @property
    def settled(self) -> bool:
        """Whether all that was stored is in the device, as of before this edge, whoever asks first at it."""
        return self.was_settled if self.stepped_at == cycle() else self.settled_by_now

    @property
    def settled_by_now(self) -> bool:
        """The same of the models as they are."""
        return self.between == 0 and self.controller.model.idle

    def run(self) -> Iterator:
        """The generator."""
        resetting = True
        while True:
            yield self.clk.posedge
            if self.rst:
                if not resetting:
                    self.situations.at_reset(self.tile.model, self.controller.model)
                    self.tile.restart()
                    self.controller.restart()
                    self.activity.clear()
                    self.between = 0
                resetting = True
                continue
            resetting = False
            if len(self.activity) % PROGRESS_CYCLES == 0:
                self.progress(len(self.activity))
            self.activity.append(self.tile.model.activity)
            self.situations.count(self.tile.model, self.controller.model)
            if self.start and not self.tile.model.sequencer.ready:
                self.situations.knocked()
            self.stepped_at, self.was_settled = cycle(), self.settled_by_now
            self.between += moved(self.tile.port) - moved(self.controller.port)
            self.tile.step()
            self.controller.step()


def moved(port: MemoryPort) -> int:
    """Commands and beats that move in this cycle."""
    return sum(bool(stream.valid and stream.ready) for stream in (port.cmd, port.wdata))


def slice_bench(
    work: Work, coverage: Coverage, hosts: list[Host], followers: list[SliceFollower], *, relayed: bool = False,
    progress: Callable[[int], None] = lambda now: None,
) -> MakeBench:
    """A maker of benches that run `work`; each bench's host and follower are appended to the lists.

    `progress` is told the CK from time to time.
    """

    def bench(stalls: Callable) -> Bench:
        count_jobs(work.jobs, coverage)
        pins, store = ports(), Memory()
        clk, rst = pins["clk"], pins["rst"]
        if relayed:
            master, memory_port = MemoryPort(), MemoryPort()
            outer = {name: pins[name] for name in ("code", "start", "length", "done", "status", "counts")}
            compute = tile(clk, rst, **outer, port=master, **work.tile_sizes)
            memory = controller(clk, rst, memory_port, pins["bus"], pins["dq"], **work.controller_sizes)
            dut = [compute, memory]
            between = {"port": master, "memory": memory_port}
            extra = port_relays(clk, rst, master, memory_port, stalls)
        else:
            dut = slice(**pins, tile_sizes=work.tile_sizes, controller_sizes=work.controller_sizes)
            compute = next(inner for inner in dut.subs if inner.func.__name__ == "tile")
            memory_port = dut.symdict["port"]
            between, extra = {"port": memory_port}, []
        inside = compute.symdict
        tile_pins = pins | between | {name: inside[name] for name in INNER}
        follower = SliceFollower(work, pins, tile_pins, memory_port, store, Situations(coverage), progress)
        host = Host(work.jobs, store, settled=lambda: follower.settled)
        hosts.append(host)
        followers.append(follower)
        extra += [script(clk, rst, lambda: host.steps(pins), [pins["code"]]), follower.run()]
        return Bench(
            dut, {**pins, **between, **{name: inside[name] for name in INNER_STREAMS}}, extra=extra,
            done=lambda: host.finished,
            after=lambda: {
                "tile": follower.tile.board, "controller": follower.controller.board, "memory": host.board,
            },
        )

    return bench
