"""The twin of the controller's harness: its traffic meets all there is, its copies are apart, its checks can fail."""

from collections import Counter
from copy import deepcopy

import pytest

from hdl.designs import QUEUES
from hdl.harness import traffic as tables
from hdl.harness.manner import EPOCH
from zhenwu.cosim.harness.controller import ControllerTwin
from zhenwu.cosim.harness.signature import next_signature
from zhenwu.spec.hbm3 import RD, REFAB

CYCLES = 40_000
FIELDS = {  # of the manner: table and attribute of the traffic
    "commands": tables.COMMAND_SIXTEENTHS, "writes": tables.WRITE_QUARTERS, "beats": tables.BEAT_SIXTEENTHS,
    "ahead": tables.BEATS_AHEAD, "ready": tables.READY_EIGHTHS, "bank_mask": tables.BANK_MASKS,
    "row_mask": tables.ROW_MASKS, "column_mask": tables.COLUMN_MASKS, "sequential": (False, True),
}


def stepped(twin: ControllerTwin, cycles: int) -> ControllerTwin:
    for _ in range(cycles):
        twin.step()
    return twin


@pytest.fixture(scope="module")
def met() -> Counter:
    """What happened how often in a long run."""
    twin, count = ControllerTwin(5, True, QUEUES), Counter()
    for _ in range(CYCLES):
        controller, traffic, pins = twin.controller, twin.traffic, twin.controller.pins
        entering, buffer = controller.admission.entering, controller.write_buffer
        if twin.count == 0:
            count.update((name, getattr(traffic, name)) for name in FIELDS)
        count["restart"] += twin.restarting
        for command in () if twin.restarting else controller.started():
            count[command.op] += 1
            count["row", command.address.row] += command.op == "ACT"
        count["refresh without traffic"] += pins.rise == REFAB and traffic.commands == 0
        count["forward"] += entering is not None and entering.forwarded
        count["hit"] += pins.column == RD and not controller.banks[pins.column_bank].opener_waits
        count["cmd waits"] += traffic.cmd is not None and not controller.cmd_ready
        count["wdata waits"] += traffic.wdata is not None and not controller.wdata_ready
        count["rdata waits"] += controller.rdata is not None and not traffic.rdata_ready
        count["data ahead"] += bool(buffer.early) and controller.writes.ready == controller.writes.count
        count["data late"] += controller.writes.count - controller.writes.ready > 8
        count["returns full"] += controller.admission.held == controller.admission.return_entries
        count["turn"] += pins.column != 0 and (pins.column == RD) == controller.direction.was_writing
        twin.step()
    assert twin.faults == []
    return count


def test_every_manner_is_met(met):
    assert [(name, value) for name, table in FIELDS.items() for value in table if not met[name, value]] == []


def test_every_situation_is_met(met):
    often = {"ACT": 500, "PREpb": 500, "PREab": 2, "REFab": 2, "RD": 1000, "WR": 1000, "hit": 500, "forward": 50}
    often |= dict.fromkeys(("cmd waits", "wdata waits", "rdata waits", "data ahead", "data late"), 500)
    often |= {"returns full": 100, "refresh without traffic": 1, "restart": 4}
    often |= {("row", row): 50 for row in (0x0000, 0x1555, 0x2AAA, 0x3FFF)}
    assert {name: met[name] for name, least in often.items() if met[name] < least} == {}


def test_a_copy_goes_its_own_way():
    twin = stepped(ControllerTwin(3, True, QUEUES), 7 * EPOCH + 100)
    copy = deepcopy(twin)
    before = copy.now, copy.signature, copy.values(), len(copy.content)
    signatures = []
    for _ in range(2 * EPOCH):
        twin.step()
        signatures.append(twin.signature)
    assert (copy.now, copy.signature, copy.values(), len(copy.content)) == before
    for signature in signatures:
        copy.step()
        assert copy.signature == signature
    assert copy.values() == twin.values() and copy.faults == twin.faults == []


def test_it_steps_its_signature_with_the_word_of_its_pins():
    twin = stepped(ControllerTwin(4, False, QUEUES), EPOCH)
    expected = next_signature(twin.signature, twin.word())
    assert stepped(twin, 1).signature == expected


def test_a_line_that_the_device_lost_is_a_fault():
    twin = stepped(ControllerTwin(5, False, QUEUES), 3 * EPOCH)
    assert twin.faults == [] and len(twin.content) > 20
    for line in list(twin.content):
        twin.content[line] ^= 1
    stepped(twin, 20 * EPOCH)
    assert any("the read of line" in fault for fault in twin.faults)
    assert all("the read of line" in fault for fault in twin.faults)


def test_a_gap_that_is_too_short_is_a_fault():
    twin = ControllerTwin(5, False, QUEUES)
    for gate in twin.controller.gates.of[RD]:
        gate.gaps = {op: gap - 1 for op, gap in gate.gaps.items()}
    assert any("expected" in fault and "RD" in fault for fault in stepped(twin, 3 * EPOCH).faults)


def test_a_refresh_that_never_comes_is_a_fault():
    twin = ControllerTwin(5, False, QUEUES)
    twin.controller.refresher.enable = False
    assert any("refresh due" in fault for fault in stepped(twin, 8 * EPOCH).faults)


def test_a_request_that_is_never_served_is_a_fault():
    twin = ControllerTwin(5, False, QUEUES)
    stepped(twin, 2 * EPOCH)
    twin.referee.limit = 1
    assert any("a request waited" in fault for fault in stepped(twin, EPOCH).faults)
