"""The controller in its closed loop inside a chapter: hardware and twin side by side, and one bit that flips."""

from collections.abc import Iterator
from typing import NamedTuple

from hdl.bench.run import forgotten_signals, simulate
from hdl.designs import QUEUES
from hdl.harness import controller_harness as harness
from zhenwu.cosim.harness.controller import ControllerTwin
from zhenwu.cosim.harness.native import RESET_CYCLES, Blocks

SEED = 8  # much traffic in the first epochs
WATCHED = ("port.cmd.valid", "port.cmd.ready", "port.rdata.valid", "bus.rise.op", "bus.column.op")


class Loop(NamedTuple):
    """`hardware` and `twin` are signatures, one a cycle from the first after the reset; `pins` as `waves` takes them.

    `flipped` is the cycle in which a bit was turned over, `first_wrong` the first with another signature, or None.
    """

    hardware: list[int]
    twin: list[int]
    pins: dict[str, tuple[int, list[int]]]
    flipped: int | None

    @property
    def first_wrong(self) -> int | None:
        pairs = zip(self.hardware, self.twin, strict=True)
        return next((cycle for cycle, (shown, due) in enumerate(pairs) if shown != due), None)


def closed_loop(cycles: int, flip_from: int | None = None, bit: int = 77, seed: int = SEED) -> Loop:
    """Run the controller's harness in MyHDL beside its twin.

    From cycle `flip_from` on, one `bit` of the first line that stands on the port for the master is turned over, once.
    """
    with forgotten_signals():
        pins = harness.ports()
        clk, rst, wipe = pins["clk"], pins["rst"], pins["wipe"]
        dut = harness.controller_harness(**pins, controller_sizes=QUEUES)
        watched = {name: Blocks(dut).named("controller_harness", name) for name in WATCHED}
        rdata = Blocks(dut).named("controller_harness", "port.rdata")
        twin = ControllerTwin(seed, False, QUEUES)
        hardware: list[int] = []
        due: list[int] = []
        values: dict[str, list[int]] = {name: [] for name in WATCHED}
        flipped: list[int] = []

        def watch() -> Iterator:
            pins["seed"].next, pins["restless"].next, wipe.next = seed, False, True
            while True:
                yield clk.posedge
                wipe.next = bool(rst)
                if rst:
                    continue
                hardware.append(int(pins["signature"].val))
                due.append(twin.signature)
                for name, signal in watched.items():
                    values[name].append(int(signal.val))
                twin.step()
                yield clk.negedge
                if flip_from is not None and len(hardware) >= flip_from and not flipped and rdata.valid:
                    rdata.data.next = int(rdata.data.val) ^ 1 << bit
                    flipped.append(len(hardware))

        simulate([dut, watch()], clk=clk, rst=rst, budget_cycles=cycles + RESET_CYCLES, reset_cycles=RESET_CYCLES)
    if twin.faults:
        raise RuntimeError(twin.faults[0])
    pictured = {name.replace(".", "_"): (len(watched[name]), values[name]) for name in WATCHED}
    return Loop(hardware, due, pictured, flipped[0] if flipped else None)
