"""What `hdl/harness/tile_memory.py` answers, in plain Python."""

from hdl.harness.stall_pattern import FLOWS, LENGTH_BITS, SPICE_BITS, STALLS
from hdl.harness.tile_memory import (
    CMD_DEPTH,
    CMD_LSB,
    ERROR,
    ERROR_BITS,
    SERVE_LSB,
    WDATA_DEPTH,
    WDATA_LSB,
)
from zhenwu.cosim.harness.tile_content import Content
from zhenwu.cycle.stream.fifo import Fifo


class StallPattern:
    """Stretches of flow and of standstill."""

    def __init__(self, lsb: int):
        self.lsb = lsb
        self.stalled, self.left = False, 0

    def step(self, draw: int) -> None:
        """One rising edge."""
        if self.left:
            self.left -= 1
            return
        spice = draw >> self.lsb & (1 << SPICE_BITS) - 1
        self.stalled = not self.stalled
        self.left = spice & (STALLS if self.stalled else FLOWS)[spice >> LENGTH_BITS]


class TileMemory:
    """`rdata` is (line, error) on offer or None; reads have id 0. `content` outlives a reset."""

    def __init__(self, content: Content):
        self.content = content
        self.restart()

    def restart(self) -> None:
        """A reset: all that is under way is dropped."""
        self.cmds, self.beats = Fifo(CMD_DEPTH), Fifo(WDATA_DEPTH)
        self.cmd_stalls, self.wdata_stalls = StallPattern(CMD_LSB), StallPattern(WDATA_LSB)
        self.serve_stalls = StallPattern(SERVE_LSB)
        self.rdata: tuple[int, bool] | None = None

    @property
    def cmd_ready(self) -> bool:
        return self.cmds.ready and not self.cmd_stalls.stalled

    @property
    def wdata_ready(self) -> bool:
        return self.beats.ready and not self.wdata_stalls.stalled

    def step(self, draw: int, cmd: tuple[bool, int] | None, wdata: int | None, rdata_ready: bool) -> None:
        """One rising edge. `cmd` (write, line address) and `wdata` are what is valid, whether ready or not."""
        cmd = cmd if self.cmd_ready else None
        wdata = wdata if self.wdata_ready else None
        head, beat = self.cmds.head, self.beats.head
        served = wrote = False
        if rdata_ready:
            self.rdata = None
        if head is not None and not self.serve_stalls.stalled:
            if head[0]:
                served = wrote = beat is not None
                if wrote:
                    self.content.write(head[1], beat)
            elif self.rdata is None:
                served = True
                self.rdata = self.content.read(head[1]), draw & (1 << ERROR_BITS) - 1 == ERROR
        self.cmds.step(cmd, served)
        self.beats.step(wdata, wrote)
        for stalls in (self.cmd_stalls, self.wdata_stalls, self.serve_stalls):
            stalls.step(draw)
