"""The corners of the controller at work, counted on its cycle model."""

from hdl.bench.coverage import Coverage
from zhenwu.cycle.hbm.controller import Controller
from zhenwu.cycle.hbm.referee import Referee
from zhenwu.spec.hbm3 import ACT, NOP, PREAB, PREPB, REFAB, WR

BINS = {
    "cp_row_hit": "a request finds its row open",
    "cp_row_conflict": "a request finds another row open: PRE, then ACT",
    "cp_row_closed": "a request finds its bank closed",
    "cp_forwarding": "a read takes the data of a queued write",
    "cp_late_data": "a forwarded read waits for the write's data",
    "cp_write_wait": "a write waits at the port until an older read of its line is on its way",
    "cp_writes_without_data": "writes wait in the queue for their data",
    "cp_data_ahead": "data wait for their commands, as many as are allowed",
    "cp_to_writes_high": "the write queue fills: DQ turns round although reads wait",
    "cp_to_writes_idle": "no read waits: DQ turns round for few writes",
    "cp_to_reads_low": "few writes are left: DQ turns back",
    "cp_overdue": "a request has waited longer than max_age and decides the direction",
    "cp_leftover": "an opener that the other direction left behind is served first",
    "cp_window_full": "four ACTs within nFAW: the fifth waits",
    "cp_refresh_during_burst": "a refresh falls due while a burst is on DQ",
    "cp_refresh_with_opener": "a refresh falls due while an opener waits: that is served first",
    "cp_refresh_all_closed": "a refresh falls due with all banks closed: no PREab",
    "cp_preab": "a refresh closes open rows",
    "cp_refresh_under_load": "requests wait for a refresh to end",
    "cp_read_queue_full": "the read queue is full",
    "cp_write_queue_full": "the write queue is full",
    "cp_return_buffer_full": "all lines of the return buffer are promised",
    "cp_rdata_held_up": "a line is not taken",
    "cp_copied": "a write leaves while reads wait for its line: they get copies",
    "cp_three_commands": "a column command, with a row command beside it, in one CK",
}


def on_dq(model: Controller) -> bool:
    """Whether half a line is on DQ."""
    dq = model.dq
    first_half = bool(dq.reads) and dq.reads[0][0] == model.now
    return dq.drive or first_half or dq.filling is not None


class Situations:
    """Counts them, CK by CK."""

    def __init__(self, coverage: Coverage):
        self.coverage = coverage
        self.was_due = False

    def count(self, model: Controller, referee: Referee, cmd: tuple | None, rdata_ready: bool) -> None:
        """One CK, before the model's edge."""
        hit, pins = self.coverage.hit, model.pins
        admission, reads, writes, buffer = model.admission, model.reads, model.writes, model.write_buffer
        if pins.column != NOP:
            hit("cp_row_hit", not model.banks[pins.column_bank].opener_waits)
            hit("cp_three_commands", pins.rise == ACT or pins.fall == PREPB)
            hit("cp_leftover", (pins.column == WR) != model.direction.was_writing)
        hit("cp_row_conflict", pins.fall == PREPB)
        hit("cp_row_closed", pins.rise == ACT)
        hit("cp_forwarding", admission.entering is not None and admission.entering.forwarded)
        back = model.return_buffer
        late = back.forwarded[back.head] and not buffer.present[back.source[back.head]]
        hit("cp_late_data", late and back.rdata is None)
        hit("cp_copied", bool(back.waiting_for(model.dq.sent)))
        hit("cp_writes_without_data", writes.ready < writes.count)
        hit("cp_data_ahead", not buffer.ready and writes.ready == writes.count)
        hit("cp_rdata_held_up", back.rdata is not None and not rdata_ready)
        head = admission.fifo[0] if admission.fifo else None
        waits = head is not None and head.write and any(read.same_line(head.place) for read in reads.requests)
        hit("cp_write_wait", waits)
        self.count_direction(model)
        self.count_refresh(model)
        window = model.gates.window
        hit("cp_window_full", len(window.starts) == window.starts.maxlen and not window.opens(model.now + 1))
        hit("cp_read_queue_full", reads.count == admission.read_entries)
        hit("cp_write_queue_full", writes.count == admission.write_entries)
        hit("cp_return_buffer_full", admission.held == admission.return_entries)

    def count_direction(self, model: Controller) -> None:
        """Why DQ turns round."""
        hit, direction = self.coverage.hit, model.direction
        writing, overdue = direction.choose(model.now, model.reads, model.writes)
        hit("cp_overdue", overdue)
        if overdue or writing == direction.was_writing:
            return
        hit("cp_to_writes_high", writing and model.reads.ready > 0)
        hit("cp_to_writes_idle", writing and model.writes.ready < direction.high)
        hit("cp_to_reads_low", not writing)

    def count_refresh(self, model: Controller) -> None:
        """What a refresh meets."""
        hit, due = self.coverage.hit, model.refresher.due
        if due and not self.was_due:
            hit("cp_refresh_during_burst", on_dq(model))
            hit("cp_refresh_with_opener", any(bank.opener_waits for bank in model.banks))
            hit("cp_refresh_all_closed", not any(bank.is_open for bank in model.banks))
        hit("cp_preab", model.pins.fall == PREAB)
        hit("cp_refresh_under_load", model.pins.rise == REFAB and model.reads.count > 0)
        self.was_due = due
