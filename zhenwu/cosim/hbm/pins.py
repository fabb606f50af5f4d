"""The controller's pins: as the model names them, as commands, and with a device on them."""

from collections.abc import Iterator

from hdl.bundle import CommandSlot, HbmCommandBus, HbmDataBus
from zhenwu.cosim.hbm.scheduler import expected_pins
from zhenwu.cycle.hbm.controller import Controller
from zhenwu.cycle.hbm.device import Device
from zhenwu.spec.hbm3 import ACT, COMMANDS, PREPB, DramAddress, DramCommand

NAMELESS = ("leave_read", "leave_write", "act_for_write", "position", "slot")  # between blocks, not on the pins


def device_on_pins(clk, rst, bus: HbmCommandBus, dq: HbmDataBus, device: Device) -> Iterator:
    """`device` behind the pins, and nothing else: a bench that checks the commands as well has a referee."""
    now = 0
    while True:
        yield clk.posedge
        if rst:
            now = 0
            device.reset()
            dq.read.next = 0
        else:
            device.step(now, started(bus, now), bool(dq.drive), int(dq.write.val))
            dq.read.next = device.read
            now += 1


def started(bus: HbmCommandBus, now: int) -> list[DramCommand]:
    """The commands that start in CK `now`, with no row in column commands, as the pins carry none."""
    found = []
    for slot in (bus.rise, bus.fall, bus.column):
        if slot.op:
            op = int(slot.op.val)
            found.append(DramCommand(now, COMMANDS[op], address(slot, op)))
    return found


def address(slot: CommandSlot, op: int) -> DramAddress:
    """What a command names: PREab and REFab name no bank."""
    last = {}
    if op == ACT:
        last["row"] = int(slot.row.val)
    elif hasattr(slot, "column"):
        last["column"] = int(slot.column.val)
    elif op != PREPB:
        return DramAddress()
    return DramAddress(
        pseudo_channel=int(slot.pseudo_channel.val), stack_id=int(slot.stack_id.val),
        bank_group=int(slot.bank_group.val), bank=int(slot.bank.val), **last,
    )


def model_values(model: Controller) -> dict[str, int]:
    """What the RTL's outputs must be in this CK; payloads that nobody looks at are left out."""
    values = {
        "port.cmd.ready": int(model.cmd_ready), "port.wdata.ready": int(model.wdata_ready),
        "port.rdata.valid": int(model.rdata is not None), "dq.drive": int(model.dq.drive),
    }
    if model.rdata is not None:
        values |= {"port.rdata.data": model.rdata.data, "port.rdata.id": model.rdata.id, "port.rdata.error": 0}
    if model.dq.drive:
        values["dq.write"] = model.dq.write
    pins = expected_pins(model.pins)
    return values | {f"bus.{name}": value for name, value in pins.items() if name not in NAMELESS}
