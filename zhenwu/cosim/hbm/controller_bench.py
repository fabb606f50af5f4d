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
from zhenwu.cosim.hbm.controller_follower import ControllerFollower
from zhenwu.cosim.stream_bench import Bench, MakeBench
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
    """Watches one run: the models of the controller and of a plain memory beside it, restarted at a reset."""

    def __init__(self, traffic: Traffic, pins: dict, coverage: Coverage):
        self.traffic, self.pins = traffic, pins
        self.controller = ControllerFollower(pins, traffic.sizes, Content(), Situations(coverage).count)
        self.data_board = Scoreboard([])
        self.expect()

    @property
    def referee(self) -> Referee:
        """Who watches the pins."""
        return self.controller.referee

    @property
    def done(self) -> bool:
        """Whether all that was written is in the device."""
        return self.controller.model.idle

    def expect(self) -> None:
        """The lines that the reads must return, given what the device holds now."""
        content = Content(self.referee.device.store)
        ids = [access.id for access in self.traffic.accesses if not access.write]
        lines = replayed(self.traffic.accesses, content)
        self.data_board.expected = [{"id": id, "data": line} for id, line in zip(ids, lines, strict=True)]
        self.data_board.restart()

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
        clk, rst, rdata = self.pins["clk"], self.pins["rst"], self.pins["port"].rdata
        resetting = True
        while True:
            yield clk.posedge
            if rst:
                if not resetting:
                    self.controller.restart()
                    self.expect()
                resetting = True
                continue
            resetting = False
            if rdata.valid and rdata.ready:
                values = {"id": int(rdata.id.val), "data": int(rdata.data.val)}
                self.data_board.receive(Transfer(cycle(), values))
            self.controller.step()


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
                "pins": follower.controller.board, "lines": follower.data_board, "memory": follower.memory_board()
            },
            patience=traffic.patience or follower.referee.limit,
        )

    return bench
