"""The slice's harness once more, in plain Python: what `hdl/harness/slice_harness.py` shows in each cycle.

    traffic ══ [ cycle models of tile and controller ] ── pins ── referee: device, rules, ledger
                        └── results: the numbers, from the lines that came in
"""

from collections.abc import Mapping

from hdl.harness.slice_harness import REST_BITS
from zhenwu.cosim.harness.signature import advanced
from zhenwu.cosim.harness.slice_pins import folded_memory
from zhenwu.cosim.harness.tile_content import Content
from zhenwu.cosim.harness.tile_pins import counts, folded_host
from zhenwu.cosim.harness.tile_program import Program
from zhenwu.cosim.harness.tile_traffic import Traffic
from zhenwu.cosim.hbm.pins import NAMELESS
from zhenwu.cosim.hbm.scheduler import expected_pins
from zhenwu.cycle.hbm.controller import Controller
from zhenwu.cycle.hbm.referee import Referee
from zhenwu.cycle.slice import Slice
from zhenwu.cycle.tile.tile import Tile

COMMANDS_KEPT = 4096  # of the referee's list, which otherwise grows for ever


class SliceHarness:
    """`signature` as the hardware shows it in this cycle; `step` is one rising edge. The first cycle is the one after
    `rst`. `faults` are the referee's so far.
    """

    def __init__(self, seed: int, restless: bool, *, tile_sizes: Mapping[str, int], controller_sizes: Mapping):
        self.tile_sizes, self.controller_sizes = tile_sizes, controller_sizes
        self.signature = 0
        self.cycle = 0
        self.traffic = Traffic(seed, restless, tile_sizes["half_steps"], REST_BITS)
        controller = Controller(**controller_sizes)
        self.slice = Slice(Tile(**tile_sizes), controller, Referee(controller, Content()))
        self.program = Program(tile_sizes["half_steps"])

    def restart(self) -> None:
        """A reset: all is anew but the program memory and the device's content."""
        model = self.slice
        kept = model.tile.sequencer.memory
        model.tile = Tile(**self.tile_sizes)
        model.tile.sequencer.memory = kept
        model.controller = Controller(**self.controller_sizes)
        model.referee.restart(model.controller)
        self.program.restart()

    @property
    def faults(self) -> list[str]:
        """What the referee found, but for what is still under way."""
        referee = self.slice.referee
        found = [str(violation) for violation in referee.checker.violations]
        found += referee.ledger.faults + referee.device.faults
        if referee.ledger.longest > referee.limit:
            found.append(f"a request waited {referee.ledger.longest} CK, expected at most {referee.limit}")
        return found

    def pins(self) -> dict[str, int | None]:
        """All pins in this cycle, by name; a payload that is not valid is None."""
        host, sequencer, controller = self.traffic.host, self.slice.tile.sequencer, self.slice.controller
        bus = {f"bus.{name}": value for name, value in expected_pins(controller.pins).items() if name not in NAMELESS}
        return {
            "code.valid": int(host.code is not None), "code.ready": int(sequencer.ready),
            "code.index": host.code and host.code[0], "code.word": host.code and host.code[1],
            "start": int(host.start), "length": host.length,
            "done": int(sequencer.done), "status": sequencer.status, **bus,
            **{f"counts.{name}": count for name, count in counts(self.slice.tile.counters).items()},
            "dq.drive": int(controller.dq.drive), "dq.write": controller.dq.write if controller.dq.drive else None,
            "dq.read": self.slice.referee.device.read,
        }

    def step(self) -> None:
        """One rising edge."""
        model, traffic, program = self.slice, self.traffic, self.program
        tile, controller, device = model.tile, model.controller, model.referee.device
        host, sequencer, rdata = traffic.host, tile.sequencer, controller.rdata
        code_ready, done = sequencer.ready, sequencer.done
        fold = folded_host(host, tile)
        fold ^= folded_memory(controller.pins, controller.dq, device.read)
        self.signature = advanced(self.signature) ^ fold

        if traffic.reset:
            self.restart()
        else:
            address = tile.wdata
            wdata = program.offer(address)
            model.written = {} if wdata is None else {address: wdata}
            program.step(
                host.code if code_ready else None,
                host.length if host.start and code_ready else None,
                rdata.data if rdata is not None and tile.rdata_ready else None,
                wdata is not None and controller.wdata_ready,
            )
            model.step(host.code, host.start, host.length)
            if len(model.referee.commands) > COMMANDS_KEPT:
                model.referee.commands.clear()
        traffic.step(code_ready, done)
        self.cycle += 1
