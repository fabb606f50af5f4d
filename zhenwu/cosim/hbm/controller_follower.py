"""The controller's model beside the hardware, and the referee with the device on the hardware's pins."""

from collections.abc import Callable, Mapping

from hdl.bench.clock import cycle
from zhenwu.cosim.hbm.pins import model_values, started
from zhenwu.cosim.lockstep import PinBoard
from zhenwu.cycle.hbm.controller import Controller
from zhenwu.cycle.hbm.device import Store
from zhenwu.cycle.hbm.referee import Referee

Command = tuple[bool, int, int]
Observe = Callable[[Controller, Referee, Command | None, bool], None]


class ControllerFollower:
    """Compares pins in every cycle, plays the device, restarts all of it at a reset; the device keeps its content.

    `pins` holds `port`, `bus` and `dq`, `sizes` the arguments of the controller. `observe` sees the model, the referee,
    the command on offer and rdata's ready in each CK.
    """

    def __init__(self, pins: Mapping[str, object], sizes: Mapping, store: Store, observe: Observe | None = None):
        self.port, self.bus, self.dq = (pins[name] for name in ("port", "bus", "dq"))
        self.sizes = sizes
        self.observe = observe
        self.pins = PinBoard(pins)
        self.board = self.pins.board
        self.reset_cycles = 0  # edges of the bench before CK 0
        self.model = Controller(**sizes)
        self.referee = Referee(self.model, store)

    def restart(self) -> None:
        """As after a reset."""
        self.model = Controller(**self.sizes)
        self.referee.restart(self.model)
        self.dq.read.next = 0

    @property
    def faults(self) -> list[str]:
        """What the referee found, a sentence each."""
        return self.referee.faults(self.model.now)

    def step(self) -> None:
        """One rising edge outside reset."""
        port, dq, model, referee, now = self.port, self.dq, self.model, self.referee, self.model.now
        if now == 0:
            self.reset_cycles = cycle()
        self.pins.compare(model_values(model))
        cmd = wdata = None
        if port.cmd.valid:
            cmd = bool(port.cmd.write), int(port.cmd.line_address.val), int(port.cmd.id.val)
        if port.wdata.valid:
            wdata = int(port.wdata.data.val)
        ready = bool(port.rdata.ready)
        taken = cmd if port.cmd.ready else None
        referee.step(now, taken, started(self.bus, now), bool(dq.drive), int(dq.write.val))
        if self.observe is not None:
            self.observe(model, referee, cmd, ready)
        model.step(cmd, wdata, ready, int(dq.read.val))
        dq.read.next = referee.device.read
