"""Controllers that are broken on purpose: each kind of wrong behaviour is noticed by the referee who watches it."""

from dataclasses import replace

from zhenwu.cycle.hbm.controller import Controller
from zhenwu.cycle.hbm.direction import Direction
from zhenwu.cycle.hbm.dq_path import DqPath
from zhenwu.cycle.hbm.patterns import accesses, line
from zhenwu.cycle.hbm.refresher import Refresher
from zhenwu.cycle.hbm.request_queue import RequestQueue
from zhenwu.cycle.hbm.return_buffer import ReturnBuffer
from zhenwu.cycle.hbm.scheduler import Scheduler
from zhenwu.cycle.hbm.traffic import Access, Master, System, run
from zhenwu.spec.hbm3 import ACT

SMALL = {"read_entries": 16, "write_entries": 16}


def test_a_controller_that_never_refreshes_is_caught(monkeypatch):
    monkeypatch.setattr(Refresher, "step", lambda self, rise: None)
    result = run(accesses("stream", 4000, 1), Controller(refresh_start=1000))
    assert any("the refresh due in CK 1000 is" in fault for fault in result.faults)


def test_a_reset_does_not_hide_a_refresh_that_was_missing(monkeypatch):
    monkeypatch.setattr(Refresher, "step", lambda self, rise: None)
    system = System(Master([]), Controller(refresh_start=1000))
    for _ in range(1600):
        system.step()
    system.referee.restart(Controller())
    assert any("the refresh due in CK 1000 is 600 CK late" in fault for fault in system.referee.faults(0))


def test_a_controller_that_refreshes_late_is_caught(monkeypatch):
    honest = Refresher.step

    def slack(self, rise):
        honest(self, rise)
        self.due = self.due and self.count <= self.interval - 600

    monkeypatch.setattr(Refresher, "step", slack)
    result = run(accesses("stream", 4000, 1), Controller(refresh_start=1000))
    assert any("CK late, expected at most 512" in fault for fault in result.faults)


def test_a_controller_that_starves_writes_is_caught(monkeypatch):
    traffic = [Access(False, line(index % 4, 0, 0, index // 4 % 32)) for index in range(16_000)]
    traffic[10] = Access(True, line(0, 1, 0, 0), 5)
    sizes = {"read_entries": 4, "write_entries": 4, "max_age": 100}
    fair = run(traffic, Controller(**sizes))
    assert fair.faults == []
    monkeypatch.setattr(Direction, "choose", lambda self, now, reads, writes: (reads.ready == 0, False))
    result = run(traffic, Controller(**sizes))
    assert any("a request waited" in fault and "expected at most" in fault for fault in result.faults)


def test_a_controller_that_returns_forwarded_data_too_early_is_caught(monkeypatch):
    honest = ReturnBuffer.step

    def hasty(self, ready, entering, fill, buffer, sent):
        present, buffer.present = buffer.present, [True] * len(buffer.present)
        honest(self, ready, entering, fill, buffer, sent)
        buffer.present = present

    monkeypatch.setattr(ReturnBuffer, "step", hasty)
    result = run(accesses("hot_lines", 200, 1), Controller(), data_delay=60)
    assert any("reads returned other lines than a dictionary holds" in fault for fault in result.faults)


def test_a_controller_that_opens_the_wrong_row_is_caught(monkeypatch):
    honest = Scheduler.decide

    def astray(self, *world):
        decided = honest(self, *world)
        return replace(decided, row=decided.row ^ 1) if decided.rise == ACT and decided.rise_bank == 5 else decided

    monkeypatch.setattr(Scheduler, "decide", astray)
    controller = Controller(refresh_enable=False, **SMALL)
    system = System(Master(accesses("few_rows", 100, 1)), controller)
    for _ in range(3000):
        system.step()
    assert any("is open, expected" in fault for fault in system.referee.faults(0))


def test_a_controller_that_serves_a_read_twice_is_caught(monkeypatch):
    """The request stays in its queue."""
    honest = RequestQueue.step

    def sticky(self, now, enter, arrive, leave):
        honest(self, now, enter, arrive, None if now == 300 else leave)

    monkeypatch.setattr(RequestQueue, "step", sticky)
    system = System(Master(accesses("stream", 300, 1)), Controller(refresh_enable=False, **SMALL))
    for _ in range(500):
        system.step()
    assert any("which no request asks for" in fault for fault in system.referee.faults(0))


def test_a_controller_that_forgets_a_write_that_a_younger_one_hides_is_caught(monkeypatch):
    """No read tells: the device has the right lines in the end."""
    honest = RequestQueue.step

    def forgetful(self, now, enter, arrive, leave):
        honest(self, now, enter, arrive, leave)
        lines = [request[:3] for request in self.requests]
        if leave is None and self.ready == len(lines) and len(lines) > 1 and lines[0] in lines[1:]:
            self.requests.pop(0), self.stamps.pop(0)

    monkeypatch.setattr(RequestQueue, "step", forgetful)
    traffic = [Access(True, line(0, 0, 0, index % 2), index) for index in range(12)]
    result = run(traffic, Controller(refresh_enable=False, **SMALL))
    assert any("WR served requests, expected 12: each is served once" in fault for fault in result.faults)


def test_a_controller_that_mixes_up_ids_is_caught(monkeypatch):
    monkeypatch.setattr(Controller, "mapped", lambda self, write, line, id, honest=Controller.mapped: honest(
        self, write, line, id ^ 1))
    result = run(accesses("few_rows", 60, 1), Controller(**SMALL))
    assert result.faults == ["reads returned other ids than they were asked with"]


def test_a_controller_that_drives_its_write_data_a_ck_late_is_caught(monkeypatch):
    honest = DqPath.step

    def late(self, now, commands, read, buffer):
        fill = honest(self, now, commands, read, buffer)
        if self.writes and self.writes[-1][0] == now + self.write_latency - 1:
            self.writes[-1] = (self.writes[-1][0] + 1, self.writes[-1][1])
        return fill

    monkeypatch.setattr(DqPath, "step", late)
    system = System(Master(accesses("triad", 60, 1)), Controller(**SMALL))
    for _ in range(800):
        system.step()
    assert any("expected the data of a WR" in fault for fault in system.referee.faults(0))
