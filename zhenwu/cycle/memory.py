"""An ideal memory behind a MemoryPort: what `hdl/bench/memory.py` does without stalls, its data left out."""

from collections import deque

WAITING = 2  # commands
OUTSTANDING = 64  # reads, and beats of writes


class Memory:
    """A line in every `cycles_per_line` cycles, a read `latency` cycles after it was taken. `step` is a rising edge."""

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
