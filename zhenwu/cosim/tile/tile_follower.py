"""The tile's cycle model beside the hardware: in every cycle its port, its end and the streams between its blocks."""

from collections.abc import Mapping

from zhenwu.cosim.lockstep import PinBoard, Values
from zhenwu.cycle.tile.tile import Tile
from zhenwu.spec.isa import Load, Mma, Store

INNER = ("load", "mma", "store", "step", "beats", "reserved", "full")  # of the hardware, looked at as well


class TileFollower:
    """Compares in every cycle; a reset starts the model anew.

    `pins` holds `code`, `start`, `length`, `done`, `status`, `port` and those of INNER, `sizes` the tile's arguments.
    """

    def __init__(self, pins: Mapping[str, object], sizes: Mapping[str, int]):
        self.code, self.start, self.length, self.port = (pins[name] for name in ("code", "start", "length", "port"))
        self.sizes = sizes
        self.pins = PinBoard(pins)
        self.board = self.pins.board
        self.model = Tile(**sizes)

    def restart(self) -> None:
        """As after a reset: all is anew but the program memory, which no reset clears."""
        program = self.model.sequencer.memory
        self.model = Tile(**self.sizes)
        self.model.sequencer.memory = program

    def step(self) -> None:
        """One rising edge outside reset."""
        code, port, model = self.code, self.port, self.model
        self.pins.compare(tile_values(model, bool(port.cmd.ready), bool(port.wdata.ready)))
        word = (int(code.index.val), int(code.word.val)) if code.valid else None
        model.step(
            word, bool(self.start), int(self.length.val), bool(port.cmd.ready), bool(port.wdata.ready),
            bool(port.rdata.valid), bool(port.rdata.error),
        )


def tile_values(model: Tile, cmd_ready: bool, wdata_ready: bool) -> Values:
    """What the hardware must show in this cycle; payloads that nobody looks at are left out."""
    sequencer, offered = model.sequencer, model.sequencer.offered
    values = {
        "code.ready": sequencer.ready, "done": sequencer.done, "status": sequencer.status,
        "load.valid": isinstance(offered, Load), "mma.valid": isinstance(offered, Mma),
        "store.valid": isinstance(offered, Store), "reserved": model.scratchpad.reserved, "full": model.scratchpad.full,
        "step.valid": model.mma_issue.valid, "step.ready": model.mac_array.ready,
        "beats.valid": model.drain.beat is not None, "beats.ready": model.beats_ready(cmd_ready, wdata_ready),
        "port.cmd.valid": model.cmd is not None, "port.wdata.valid": model.wdata is not None,
        "port.rdata.ready": model.rdata_ready, "counts.conflicts": model.counters.conflicts,
        **{f"counts.{name}": cycles for name, cycles in model.counters.cycles.items()},
    }
    if model.cmd is not None:
        values |= {"port.cmd.write": model.cmd[0], "port.cmd.line_address": model.cmd[1], "port.cmd.id": 0}
    return {name: int(value) for name, value in values.items()}
