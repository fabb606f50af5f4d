"""Cosimulation of the return buffer, in the place of the model's own: lines from DQ and from waiting writes."""

from collections.abc import Iterator

from hdl.bench.coverage import Coverage
from hdl.hbm.return_buffer import ports, return_buffer
from zhenwu.cosim.evidence import Evidence, merge, until_one_fails
from zhenwu.cosim.hbm.situ import Situ, entering_values
from zhenwu.cosim.lockstep import Pair, check_lockstep, listed
from zhenwu.cycle.hbm.device import HALF, HALF_BITS

ORACLE = "cycle model return_buffer: every transfer, in every cycle"
NOT_CHECKED = "sizes other than 12, 3 and 1"
BINS = {
    "cp_in_order": "the next line's turn comes, and it is there",
    "cp_waits_its_turn": "a line is there, but an older read's is not",
    "cp_forwarded": "a line comes from the write buffer",
    "cp_copied": "a write leaves, and a read waits for its line",
    "cp_copied_twice": "a write leaves, and several reads wait for its line",
    "cp_taken_as_sent": "a read takes its line in the CK in which the write leaves",
    "cp_late_data": "a forwarded read's turn has come, but its write's data have not",
    "cp_held_up": "rdata is not taken",
    "cp_fill_and_give": "a burst ends in the CK in which a line leaves",
    "cp_full": "all lines are promised",
}


def run(seed: int, quick: bool = False) -> Evidence:
    """Three sizes, with early data and with late ones; then a sink that takes lines as writes leave."""
    coverage = Coverage(BINS)
    cycles = 1500 if quick else 3000
    sizes = ((12, -3, False), (12, 60, False), (3, 20, False), (1, 5, False), (12, 0, True))
    return merge("return_buffer", *until_one_fails(check_size(*size, seed, cycles, coverage) for size in sizes))


def check_size(
    entries: int, data_delay: int, as_sent: bool, seed: int, cycles: int, coverage: Coverage
) -> Evidence:
    """One size."""

    def make() -> Pair:
        sizes = {"read_entries": 8, "write_entries": 6, "return_entries": entries}
        situ = Situ(seed, 2 * cycles, data_delay, refresh_start=700, **sizes)
        situ.begin()
        pins = ports(slots=len(situ.model.write_buffer.lines))
        bench = Bench(situ, entries, as_sent, coverage)
        return Pair(
            return_buffer(**pins, entries=entries), pins, bench.begin, lambda _: bench.expected(), bench.advance
        )

    return check_lockstep(
        "return_buffer", make, seed=seed, cycles=cycles, coverage=coverage, oracle=ORACLE, not_checked=NOT_CHECKED
    )


class Bench:
    """What the model's return buffer gets and puts out."""

    def __init__(self, situ: Situ, entries: int, as_sent: bool, coverage: Coverage):
        self.situ, self.entries, self.as_sent, self.coverage = situ, entries, as_sent, coverage

    def begin(self) -> dict[str, int]:
        """As after a reset."""
        self.situ.begin()
        if self.as_sent:
            self.situ.master.stalls["rdata"] = self.until_a_write_leaves()
        return self.inputs()

    def until_a_write_leaves(self) -> Iterator[bool]:
        """Stalls of rdata, drawn CK by CK: if the next read takes the line of a write, only as that write leaves."""
        waited = 0
        while True:
            model = self.situ.model
            back = model.return_buffer
            next_waits = back.forwarded[back.head] and model.dq.sent != back.source[back.head]
            waited = waited + 1 if next_waits else 0
            yield next_waits and waited < 200

    def inputs(self) -> dict[str, int]:
        """DQ, the write buffer, what is entering, and whether rdata is taken."""
        system, model = self.situ.system, self.situ.model
        buffer, filling = model.write_buffer, model.dq.filling
        values = {
            "rdata.ready": int(self.situ.master.rdata_ready), "dq_read": system.referee.device.read,
            "fill": int(filling is not None), "fill_slot": filling or 0, "half": model.dq.half,
        }
        values |= {"sent": int(model.dq.sent is not None), "sent_slot": model.dq.sent or 0}
        values |= listed("present", buffer.present)
        values |= listed("first_half", [line & HALF for line in buffer.lines])
        values |= listed("second_half", [line >> HALF_BITS for line in buffer.lines])
        return values | entering_values(model.admission.entering)

    def expected(self) -> dict[str, int]:
        """rdata, and what has left."""
        back = self.situ.model.return_buffer
        values = {"rdata.valid": int(back.rdata is not None), "returned": int(back.returned)}
        if back.rdata is not None:
            values |= {"rdata.data": back.rdata.data, "rdata.id": back.rdata.id, "rdata.error": 0}
        return values

    def advance(self, _) -> dict[str, int]:
        """One CK."""
        model, hit = self.situ.model, self.coverage.hit
        back, ready = model.return_buffer, self.situ.master.rdata_ready
        free = back.rdata is None or ready
        waits = back.forwarded[back.head] and not model.write_buffer.present[back.source[back.head]]
        there = back.filled[back.head] or (back.forwarded[back.head] and not waits)
        hit("cp_in_order", free and there)
        hit("cp_waits_its_turn", not there and any(back.filled))
        hit("cp_forwarded", free and there and back.forwarded[back.head])
        copies = back.waiting_for(model.dq.sent)
        hit("cp_copied", bool(copies))
        hit("cp_copied_twice", len(copies) > 1)
        hit("cp_taken_as_sent", free and back.head in copies)
        hit("cp_late_data", free and waits)
        hit("cp_held_up", back.rdata is not None and not ready)
        hit("cp_fill_and_give", free and there and model.dq.filling is not None)
        hit("cp_full", model.admission.held == self.entries)
        self.situ.step()
        return self.inputs()
