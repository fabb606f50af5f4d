"""The device on the pins: latencies, halves, what was never written, what DQ shows wrong."""

from zhenwu.cycle.hbm.device import HALF, HALF_BITS, Content, Device
from zhenwu.golden.hbm.address_map import address_map
from zhenwu.spec.hbm3 import HBM3_6400, DramAddress, DramCommand

PLACE = DramAddress(bank_group=2, bank=1, row=77, column=9)
CL, CWL = HBM3_6400.total("nCL"), HBM3_6400.total("nCWL")


def opened(store=None) -> Device:
    device = Device(store if store is not None else Content())
    device.step(0, [DramCommand(0, "ACT", PLACE)], False, 0)
    return device


def test_a_read_drives_its_two_halves_at_its_latency():
    device = opened()
    seen = {}
    for now in range(1, 60):
        commands = [DramCommand(now, "RD", PLACE)] if now == 31 else []
        seen[now] = device.read
        device.step(now, commands, False, 0)
    value = device.store.read(device.line(PLACE))
    assert {now: half for now, half in seen.items() if half} == {31 + CL: value & HALF, 32 + CL: value >> HALF_BITS}
    assert device.faults == []


def test_a_write_samples_its_two_halves_at_its_latency():
    device = opened()
    value = (0xABC << 200) | 0x123
    for now in range(1, 60):
        drive = now in (15 + CWL, 16 + CWL)
        half = value & HALF if now == 15 + CWL else value >> HALF_BITS if now == 16 + CWL else 0
        device.step(now, [DramCommand(now, "WR", PLACE)] if now == 15 else [], drive, half)
    assert device.store == {device.line(PLACE): value} and device.faults == []


def test_the_line_is_that_of_the_open_row():
    device = opened()
    assert address_map(device.line(PLACE), "RoBaCoBg") == PLACE
    device.step(40, [DramCommand(40, "PREpb", PLACE), DramCommand(66, "ACT", DramAddress(0, 0, 2, 1, 78))], False, 0)
    assert address_map(device.line(PLACE), "RoBaCoBg").row == 78


def test_driving_at_the_wrong_time_is_a_fault():
    device = opened()
    device.step(1, [], True, 5)
    assert "CK 1: the controller drives it, expected no write data" in device.faults[0]
    device = opened()
    device.step(15, [DramCommand(15, "WR", PLACE)], False, 0)
    device.step(15 + CWL, [], False, 0)
    assert f"CK {15 + CWL}: the controller does not drive it, expected the data of a WR" in device.faults[0]


def test_what_was_never_written_is_a_hash_of_its_address_and_never_zero():
    content = Content()
    values = [content.read(line) for line in range(300)]
    assert len(set(values)) == 300 and 0 not in values and max(value.bit_length() for value in values) == 256
    content.write(7, 0)
    assert content.read(7) == 0 and content == {7: 0}


def test_a_reset_drops_bursts_and_rows_and_keeps_the_content():
    device = opened(Content({5: 6}))
    device.step(15, [DramCommand(15, "WR", PLACE)], False, 0)
    device.reset()
    for now in range(16, 60):
        device.step(now, [], False, 0)
    assert device.store == {5: 6} and device.open_rows == {} and device.faults == []
