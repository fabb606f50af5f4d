"""The tile's cycle model on a memory of constant rate: what `hdl/bench/memory.py` does without stalls, its data left
out.
"""

from collections import deque

from zhenwu.cosim.tile.sweep import Shape, job_of
from zhenwu.cycle.tile.tile import Tile

WAITING = 2  # commands
OUTSTANDING = 64  # reads, and beats of writes


class Memory:
    """`step` is one rising edge."""

    def __init__(self, latency: int, cycles_per_line: int):
        self.latency, self.cycles_per_line = latency, cycles_per_line
        self.commands, self.reads, self.beats = deque(), deque(), 0
        self.free_at = self.offer_at = 0
        self.cmd_ready = self.wdata_ready = self.rdata_valid = False

    def step(self, now: int, cmd: tuple[bool, int] | None, wdata: bool, rdata_ready: bool) -> None:
        """`cmd` is (write, address) if offered."""
        if self.commands and self.free_at <= now:
            accepted_at, write = self.commands[0]
            if self.beats if write else len(self.reads) < OUTSTANDING:
                self.commands.popleft()
                self.free_at = now + self.cycles_per_line
                if write:
                    self.beats -= 1
                else:
                    self.reads.append(accepted_at)
        self.beats += wdata and self.wdata_ready
        if cmd is not None and self.cmd_ready:
            self.commands.append((now, cmd[0]))
        self.cmd_ready, self.wdata_ready = len(self.commands) < WAITING, self.beats < OUTSTANDING
        if not self.rdata_valid or rdata_ready:
            self.rdata_valid = False
            if self.reads and max(self.reads[0] + self.latency, self.offer_at) <= now + 1:
                self.reads.popleft()
                self.rdata_valid = True
                self.offer_at = now + 1 + self.cycles_per_line


def model_cycles(shape: Shape) -> int:
    """Cycles from start to done, over all programs, as `Host` counts them."""
    tile = Tile(
        rows=shape.rows, cols=shape.cols, half_steps=shape.half_steps, program_depth=shape.program_depth,
        queue_depth=shape.queue_depth, outstanding=shape.outstanding, formats=(shape.fmt,), latency=shape.latency,
    )
    memory = Memory(shape.memory_latency, shape.cycles_per_line)
    now = total = 0

    def step(code: tuple[int, int] | None = None, start: bool = False, length: int = 0) -> None:
        nonlocal now
        seen = tile.cmd, tile.wdata is not None, tile.rdata_ready
        tile.step(code, start, length, memory.cmd_ready, memory.wdata_ready, memory.rdata_valid)
        memory.step(now, *seen)
        now += 1

    for words in job_of(shape).programs:
        step()  # the host sees `done`, and drives the first word in the next cycle
        for place, word in enumerate(words):
            step((place, word))
        began = now
        step(None, True, len(words))
        while not tile.sequencer.done:
            step(None, False, len(words))
        total += now - began
    return total
