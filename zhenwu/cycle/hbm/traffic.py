"""Accesses through the cycle model, with everybody watching: what came back, how long it took, what was wrong."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from typing import NamedTuple

from zhenwu.cycle.hbm.controller import Controller
from zhenwu.cycle.hbm.device import Content
from zhenwu.cycle.hbm.referee import Referee


class Access(NamedTuple):
    """A read or a write of one line."""

    write: bool
    line_address: int
    data: int = 0
    id: int = 0


def expected_lines(accesses: Sequence[Access], content: Mapping[int, int] | None = None) -> list[int]:
    """What the reads return: a plain dictionary, one access after the other."""
    return replayed(accesses, Content(content or {}))


def replayed(accesses: Sequence[Access], memory: Content) -> list[int]:
    """What the reads return, from and into `memory`."""
    lines = []
    for access in accesses:
        if access.write:
            memory.write(access.line_address, access.data)
        else:
            lines.append(memory.read(access.line_address))
    return lines


class Master:
    """Offers `accesses` in order on the port's streams, and takes the lines; an offer stands until it is taken.

    `stalls` may hold patterns for cmd, wdata and rdata. A write's data are offered from `data_delay` CK after its
    command was; a negative number lets so many beats go ahead of their commands. `idle` may forbid new commands.
    """

    def __init__(
        self,
        accesses: Sequence[Access],
        stalls: Mapping[str, Iterator[bool]] | None = None,
        data_delay: int = 0,
        idle: Callable[[int], bool] | None = None,
    ):
        self.accesses = accesses
        self.stalls = {name: iter((stalls or {}).get(name) or repeat(False)) for name in ("cmd", "wdata", "rdata")}
        self.data_delay = data_delay
        self.idle = idle or (lambda now: False)
        self.beats = [access.data for access in accesses if access.write]
        self.sent = self.beat = 0  # commands and beats taken
        self.offered_at: list[int] = []  # CK in which each write's command was first offered
        self.accepted_at: list[int] = []  # and in which each read's was taken
        self.latencies: list[int] = []
        self.lines: list[int] = []
        self.ids: list[int] = []
        self.cmd: tuple[bool, int, int] | None = None
        self.wdata: int | None = None
        self.rdata_ready = False

    @property
    def done(self) -> bool:
        """Whether everything has been taken and has come back."""
        reads = len(self.accesses) - len(self.beats)
        return self.sent == len(self.accesses) and self.beat == len(self.beats) and len(self.lines) == reads

    def offer(self, now: int) -> None:
        """Decide what is on the streams in CK `now`."""
        if self.cmd is None and self.sent < len(self.accesses):
            if not next(self.stalls["cmd"]) and not self.idle(now):
                access = self.accesses[self.sent]
                self.cmd = (access.write, access.line_address, access.id)
                if access.write:
                    self.offered_at.append(now)
        if self.wdata is None and self.beat < len(self.beats):
            ahead = self.data_delay < 0 and self.beat < len(self.offered_at) - self.data_delay
            late = self.beat < len(self.offered_at) and now >= self.offered_at[self.beat] + self.data_delay
            if (ahead or late) and not next(self.stalls["wdata"]):
                self.wdata = self.beats[self.beat]
        self.rdata_ready = not next(self.stalls["rdata"])

    def move(self, now: int, controller: Controller) -> None:
        """What moves at the edge that ends CK `now`, before the controller's own step."""
        if controller.rdata is not None and self.rdata_ready:
            self.latencies.append(now - self.accepted_at[len(self.lines)])
            self.lines.append(controller.rdata.data)
            self.ids.append(controller.rdata.id)
        if self.cmd is not None and controller.cmd_ready:
            if not self.cmd[0]:
                self.accepted_at.append(now)
            self.sent, self.cmd = self.sent + 1, None
        if self.wdata is not None and controller.wdata_ready:
            self.beat, self.wdata = self.beat + 1, None


class System:
    """A master, the controller and its referee with the device: all of them one CK further with each `step`."""

    def __init__(self, master: Master, controller: Controller | None = None, referee: Referee | None = None):
        self.master = master
        self.controller = controller or Controller()
        self.referee = referee or Referee(self.controller, Content())

    @property
    def done(self) -> bool:
        """Whether everything has come back, and everything written is in the device."""
        return self.master.done and self.controller.idle

    def step(self) -> None:
        """One rising edge."""
        master, controller, referee = self.master, self.controller, self.referee
        now, cmd, wdata, dq_read = controller.now, master.cmd, master.wdata, referee.device.read
        taken = cmd if controller.cmd_ready else None
        referee.step(now, taken, controller.started(), controller.dq.drive, controller.dq.write)
        master.move(now, controller)
        controller.step(cmd, wdata, master.rdata_ready, dq_read)
        master.offer(controller.now)


@dataclass
class Result:
    """`cycles` until everything was served, the referee who watched, the latencies of reads (acceptance to transfer,
    in CK), and all that was wrong, a sentence each."""

    cycles: int
    referee: Referee
    latencies: list[int] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def run(
    accesses: Sequence[Access],
    controller: Controller | None = None,
    *,
    budget: int | None = None,
    referee: Referee | None = None,
    **manner,
) -> Result:
    """All `accesses` through the controller; `manner` goes to the Master. RuntimeError if it takes over `budget` CK."""
    system = System(Master(accesses, **manner), controller, referee)
    store = system.referee.device.store
    memory = Content(store)
    budget = budget or 10_000 + 2_000 * len(accesses)
    while not system.done:
        if system.controller.now >= budget:
            sent = system.master.sent
            raise RuntimeError(f"{sent} of {len(accesses)} accesses were taken in {budget} CK, expected all and an end")
        system.step()
    cycles = system.controller.now
    expected = replayed(accesses, memory)
    faults = system.referee.faults(cycles)
    differing = sum(store.read(line) != value for line, value in memory.items())
    if differing:
        faults.append(f"{differing} of {len(memory)} lines in the device differ from those of a dictionary")
    wrong = sum(got != want for got, want in zip(system.master.lines, expected, strict=True))
    if wrong:
        faults.append(f"{wrong} of {len(expected)} reads returned other lines than a dictionary holds")
    if system.master.ids != [access.id for access in accesses if not access.write]:
        faults.append("reads returned other ids than they were asked with")
    return Result(cycles, system.referee, system.master.latencies, faults)
