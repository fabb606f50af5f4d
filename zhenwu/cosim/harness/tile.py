"""The tile's harness once more, in plain Python: what `hdl/harness/tile_harness.py` shows in each cycle.

    traffic ══ [ cycle model of the tile ] ══ tile_memory
                        └── results: the numbers, from the lines that came in
"""

from hdl.harness.tile_harness import REST_BITS
from zhenwu.cosim.harness.signature import advanced
from zhenwu.cosim.harness.tile_content import Content
from zhenwu.cosim.harness.tile_memory import TileMemory
from zhenwu.cosim.harness.tile_pins import counts, folded_host, folded_port
from zhenwu.cosim.harness.tile_program import Program
from zhenwu.cosim.harness.tile_traffic import Traffic
from zhenwu.cycle.tile.tile import Tile


class TileHarness:
    """`signature` as the hardware shows it in this cycle; `step` is one rising edge. The first cycle is the one after
    `rst`.
    """

    def __init__(self, seed: int, restless: bool, **sizes: int):
        self.sizes = sizes
        self.signature = 0
        self.cycle = 0
        self.traffic = Traffic(seed, restless, sizes["half_steps"], REST_BITS)
        self.memory = TileMemory(Content())
        self.tile = Tile(**sizes)
        self.program = Program(sizes["half_steps"])

    def restart(self) -> None:
        """A reset of tile and port: all is anew but the program memory."""
        kept = self.tile.sequencer.memory
        self.tile = Tile(**self.sizes)
        self.tile.sequencer.memory = kept
        self.memory.restart()
        self.program.restart()

    def pins(self) -> dict[str, int | None]:
        """All pins in this cycle, by name; a payload that is not valid is None."""
        tile, memory, host = self.tile, self.memory, self.traffic.host
        cmd, rdata = tile.cmd, memory.rdata
        return {
            "code.valid": int(host.code is not None), "code.ready": int(tile.sequencer.ready),
            "code.index": host.code and host.code[0], "code.word": host.code and host.code[1],
            "start": int(host.start), "length": host.length,
            "done": int(tile.sequencer.done), "status": tile.sequencer.status,
            **{f"counts.{name}": count for name, count in counts(tile.counters).items()},
            "port.cmd.valid": int(cmd is not None), "port.cmd.ready": int(memory.cmd_ready),
            "port.cmd.write": cmd and int(cmd[0]), "port.cmd.line_address": cmd and cmd[1],
            "port.cmd.id": cmd and 0,
            "port.wdata.valid": int(tile.wdata is not None), "port.wdata.ready": int(memory.wdata_ready),
            "port.wdata.data": self.program.offer(tile.wdata),
            "port.rdata.valid": int(rdata is not None), "port.rdata.ready": int(tile.rdata_ready),
            "port.rdata.data": rdata and rdata[0], "port.rdata.id": rdata and 0,
            "port.rdata.error": rdata and int(rdata[1]),
        }

    def step(self) -> None:
        """One rising edge."""
        traffic, tile, memory, program = self.traffic, self.tile, self.memory, self.program
        host, sequencer, rdata, cmd = traffic.host, tile.sequencer, memory.rdata, tile.cmd
        code_ready, done, rdata_ready = sequencer.ready, sequencer.done, tile.rdata_ready
        cmd_ready, wdata_ready = memory.cmd_ready, memory.wdata_ready
        wdata = program.offer(tile.wdata)
        error = rdata is not None and rdata[1]

        fold = folded_host(host, tile)
        fold ^= folded_port(cmd, cmd_ready, wdata, wdata_ready, rdata, rdata_ready)
        self.signature = advanced(self.signature) ^ fold

        if traffic.reset:
            self.restart()
        else:
            code = host.code if code_ready else None
            begins = host.length if host.start and code_ready else None
            line = rdata[0] if rdata is not None and rdata_ready else None
            program.step(code, begins, line, wdata is not None and wdata_ready)
            memory.step(traffic.draw, cmd, wdata, rdata_ready)
            tile.step(
                host.code, host.start, host.length, cmd_ready, wdata_ready, rdata is not None, error
            )
        traffic.step(code_ready, done)
        self.cycle += 1
