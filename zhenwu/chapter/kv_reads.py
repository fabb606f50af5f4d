"""A decode step's read of the KV cache inside a chapter: on the controller's cycle model, or on its hardware.

Both count from the first column command to the last burst, with no refresh unless its CK is given.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from hdl.bench.coverage import Coverage
from zhenwu.chapter.figure import drawing
from zhenwu.chapter.show import Html
from zhenwu.cosim.hbm.controller_bench import Follower, Traffic, controller_bench
from zhenwu.cosim.hbm.controller_bins import BINS
from zhenwu.cosim.hbm.timeline import timeline
from zhenwu.cosim.profiles import NONE
from zhenwu.cosim.stream_bench import run_once
from zhenwu.cycle.hbm.controller import Controller
from zhenwu.cycle.hbm.kv_read import kv_read
from zhenwu.cycle.hbm.traffic import run
from zhenwu.golden.hbm.bound import Counted, counted_bound
from zhenwu.spec.hbm3 import DramCommand

PAGE_SCALE = 1.4  # px a CK of a picture of banks
SEED = 1


@dataclass(frozen=True)
class KvRead:
    """What one read did: lines and CK on DQ, the commands in their order, and of the hardware the cycles compared."""

    counted: Counted
    commands: Sequence[DramCommand]
    compared: int = 0


@dataclass(frozen=True)
class Manner:
    """How a KV cache is read: so many lines in runs of so many, by a controller of these sizes."""

    lines: int
    run: int
    sizes: Mapping = field(default_factory=dict)

    def accesses(self) -> list:
        return kv_read(self.lines, self.run, SEED)


def on_model(manner: Manner) -> KvRead:
    """On the controller's cycle model; RuntimeError if a rule was broken or a line was wrong."""
    found = run(manner.accesses(), Controller(**manner.sizes))
    if found.faults:
        raise RuntimeError(found.faults[0])
    return _counted(found.referee.commands)


def on_hardware(manner: Manner) -> KvRead:
    """On the hardware, simulated; RuntimeError if a line, a pin or a rule was wrong."""
    followers: list[Follower] = []
    traffic = Traffic("a KV cache", manner.accesses(), dict(manner.sizes))
    outcome = run_once(controller_bench(traffic, Coverage(BINS), followers), NONE, SEED, 5_000 + 150 * manner.lines)
    broken = [*outcome.violations, *followers[0].controller.faults]
    broken += [f"{name}: {board.first}" for name, board in outcome.boards.items() if board.mismatches]
    if broken:
        raise RuntimeError(broken[0])
    return _counted(followers[0].referee.commands, outcome.cycles)


def _counted(commands: Sequence[DramCommand], compared: int = 0) -> KvRead:
    return KvRead(counted_bound((command.cycle, command.op) for command in commands), commands, compared)


def banks(read: KvRead, caption: str, alt: str, *, first: int, cycles: int) -> Html:
    """Every bank for some `cycles` CK from CK `first` on."""
    return drawing(timeline(read.commands, first, first + cycles, caption, None, px_per_ck=PAGE_SCALE), caption, alt)
