"""The bench round a controller: the device on its pins, the cycle model beside it, and the referee over both.

    accesses ──> cmd, wdata ──> [ controller ] ──> rdata ──> lines of a plain dictionary
                     │             │   ▲
                     │        pins ▼   │ DQ
                     └──> ( model )    device, rules, ledger
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from hdl.bench.clock import cycle
from hdl.bench.coverage import Coverage
from hdl.bench.monitor import Transfer
from hdl.bench.scoreboard import Scoreboard
from hdl.hbm.controller import controller, ports
from zhenwu.cosim.hbm.controller_bins import Situations
from zhenwu.cosim.hbm.pins import model_values, started
from zhenwu.cosim.lockstep import pin
from zhenwu.cosim.stream_bench import Bench, MakeBench
from zhenwu.cycle.hbm.controller import Controller
from zhenwu.cycle.hbm.device import Content
from zhenwu.cycle.hbm.referee import Referee
from zhenwu.cycle.hbm.traffic import Access, replayed


@dataclass(frozen=True)
class Traffic:
    """Accesses, and the sizes of the controller that serves them (arguments of the block and of the model).

    `patience` as the Bench has it; by default the longest that a request may wait.
    """

    name: str
    accesses: Sequence[Access]
    sizes: dict = field(default_factory=dict)
    patience: int = 0


class Follower:
    """Watches one run: compares the pins in every cycle, plays the device, restarts all of it at a reset."""

    def __init__(self, traffic: Traffic, pins: dict, coverage: Coverage):
        self.traffic, self.pins = traffic, pins
        self.situations = Situations(coverage)
        self.pins_board, self.data_board = Scoreboard([]), Scoreboard([])
        self.signals: dict[str, object] = {}
        self.reset_cycles = 0  # edges of the bench before CK 0
        self.referee: Referee | None = None
        self.restart()

    def restart(self) -> None:
        """As after a reset. The device keeps its content, and what the reads return follows from that."""
        self.model = Controller(**self.traffic.sizes)
        if self.referee is None:
            self.referee = Referee(self.model, Content())
        else:
            self.referee.restart(self.model)
        content = Content(self.referee.device.store)
        ids = [access.id for access in self.traffic.accesses if not access.write]
        lines = replayed(self.traffic.accesses, content)
        self.data_board.expected = [{"id": id, "data": line} for id, line in zip(ids, lines, strict=True)]
        self.data_board.restart()

    @property
    def done(self) -> bool:
        """Whether all that was written is in the device."""
        return self.model.idle

    @property
    def faults(self) -> list[str]:
        """What the referee found, a sentence each."""
        return self.referee.faults(self.model.now)

    def memory_board(self) -> Scoreboard:
        """The device's content against a plain dictionary."""
        store, content = self.referee.device.store, Content()
        replayed(self.traffic.accesses, content)
        board = Scoreboard([{"data": value, "line_address": line} for line, value in content.items()])
        for line in content:
            board.receive(Transfer(None, {"data": store.read(line), "line_address": line}))
        return board

    def run(self) -> Iterator:
        """The generator."""
        clk, rst, port, bus, dq = (self.pins[name] for name in ("clk", "rst", "port", "bus", "dq"))
        resetting = True
        while True:
            yield clk.posedge
            if rst:
                if not resetting:
                    self.restart()
                dq.read.next = 0
                resetting = True
                continue
            if resetting:
                self.reset_cycles = cycle()
            resetting = False
            model, now = self.model, self.model.now
            self.compare(model_values(model))
            cmd = wdata = None
            if port.cmd.valid:
                cmd = bool(port.cmd.write), int(port.cmd.line_address.val), int(port.cmd.id.val)
            if port.wdata.valid:
                wdata = int(port.wdata.data.val)
            ready = bool(port.rdata.ready)
            if port.rdata.valid and ready:
                values = {"id": int(port.rdata.id.val), "data": int(port.rdata.data.val)}
                self.data_board.receive(Transfer(cycle(), values))
            taken = cmd if port.cmd.ready else None
            self.referee.step(now, taken, started(bus, now), bool(dq.drive), int(dq.write.val))
            self.situations.count(model, self.referee, cmd, ready)
            model.step(cmd, wdata, ready, int(dq.read.val))
            dq.read.next = self.referee.device.read

    def compare(self, expected: dict[str, int]) -> None:
        """Hold the pins of this cycle against the model's."""
        actual = {}
        for name in expected:
            if name not in self.signals:
                self.signals[name] = pin(self.pins, name)
            actual[name] = int(self.signals[name].val)
        self.pins_board.expected.append(expected)
        self.pins_board.receive(Transfer(cycle(), actual))


def controller_bench(traffic: Traffic, coverage: Coverage, followers: list[Follower]) -> MakeBench:
    """A maker of benches for one traffic; each bench's follower is appended to `followers`."""

    def bench(stalls: Callable) -> Bench:
        pins = ports()
        follower = Follower(traffic, pins, coverage)
        followers.append(follower)
        commands = [(access.write, access.line_address, access.id) for access in traffic.accesses]
        beats = [access.data for access in traffic.accesses if access.write]
        reads = len(commands) - len(beats)
        return Bench(
            controller(**pins, **traffic.sizes), pins, inputs={"port.cmd": commands, "port.wdata": beats},
            outputs={"port.rdata": [{}] * reads}, extra=[follower.run()], done=lambda: follower.done,
            after=lambda: {
                "pins": follower.pins_board, "lines": follower.data_board, "memory": follower.memory_board()
            },
            patience=traffic.patience or follower.referee.limit,
        )

    return bench
