"""The slice cycle by cycle: the tile's model on the controller's. Chapter: a slice that runs a matmul.

It says in which CK a matmul ends, which commands cross the pins and what the array does meanwhile, in a small part of
the time that the hardware takes to simulate (`make bench`). The numbers of the result are not computed here: stores
take their lines from `written`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from zhenwu.cycle.hbm.controller import Controller
from zhenwu.cycle.hbm.device import Content
from zhenwu.cycle.hbm.referee import Referee
from zhenwu.cycle.tile.tile import Tile

Inputs = tuple[tuple[int, int] | None, bool, int]  # code (index, word), start, length
QUIET: Inputs = None, False, 0
SETTLE_CYCLES = 12  # that a host waits after `done` before it asks whether all is in memory
PROGRESS_CYCLES = 256


class Slice:
    """Cycle for cycle what `hdl/slice.py` does, with a device on its pins. `step` is one rising edge.

    `written` holds the line that is stored at each address; lines that it does not name are stored as 0.
    """

    def __init__(self, tile: Tile, controller: Controller, referee: Referee):
        self.tile = tile
        self.controller = controller
        self.referee = referee
        self.written: Mapping[int, int] = {}

    def step(self, code: tuple[int, int] | None, start: bool, length: int) -> None:
        """One CK."""
        tile, controller, referee = self.tile, self.controller, self.referee
        cmd = None if tile.cmd is None else (*tile.cmd, 0)
        wdata = None if tile.wdata is None else self.written.get(tile.wdata, 0)
        rdata_ready, read = tile.rdata_ready, referee.device.read
        taken = cmd if controller.cmd_ready else None
        referee.step(controller.now, taken, controller.started(), controller.dq.drive, controller.dq.write)
        tile.step(code, start, length, controller.cmd_ready, controller.wdata_ready, controller.rdata is not None)
        controller.step(cmd, wdata, rdata_ready, read)


class Task(Protocol):
    """Programs of 128-bit words, the lines in memory before them, and those that they write."""

    programs: Sequence[Sequence[int]]
    image: Mapping[int, int]
    written: Mapping[int, int]


class Span(NamedTuple):
    """CK of a task: its first start, its last `done`, and when all that it stored was in the device."""

    began: int
    done: int
    settled: int


@dataclass
class SliceRun:
    """The `spans` of the tasks; what the array did in each CK, one of ACTIVITIES; the referee, who has the commands;
    and what was wrong, a sentence each.
    """

    spans: list[Span]
    activity: list[str]
    referee: Referee
    faults: list[str]


def host(tasks: Sequence[Task], model: Slice, spans: list[Span]) -> Iterator[Inputs]:
    """What a host drives in the next CK: it fills the program memory, starts, waits for `done` and for the device."""
    store, controller = model.referee.device.store, model.controller
    for task in tasks:
        store.clear()
        store.update(task.image)
        model.written = task.written
        began = None
        for words in task.programs:
            for index, word in enumerate(words):
                yield (index, word), False, 0
            yield None, True, len(words)
            began = controller.now if began is None else began
            yield None, False, len(words)
            yield None, False, len(words)
            while not model.tile.sequencer.done:
                yield None, False, len(words)
        done = controller.now
        for _ in range(SETTLE_CYCLES):
            yield QUIET
        while not controller.idle:
            yield QUIET
        spans.append(Span(began, done, controller.now))


def run(
    tasks: Sequence[Task], tile: Tile, controller: Controller, *, budget: int,
    progress: Callable[[int], None] = lambda now: None,
) -> SliceRun:
    """One task after another, from reset; `progress` is told the CK now and then.

    RuntimeError if they are not done within `budget` CK.
    """
    referee = Referee(controller, Content())
    model = Slice(tile, controller, referee)
    spans: list[Span] = []
    activity: list[str] = []
    inputs = QUIET
    for following in host(tasks, model, spans):
        if controller.now >= budget:
            raise RuntimeError(f"{len(spans)} of {len(tasks)} tasks were done in {budget} CK, expected all")
        if controller.now % PROGRESS_CYCLES == 0:
            progress(controller.now)
        activity.append(tile.activity)
        model.step(*inputs)
        inputs = following
    return SliceRun(spans, activity, referee, referee.faults(controller.now))
