"""Cosimulation of the write buffer, in the place of the model's own: beats early and late, slots used again."""

from hdl.bench.coverage import Coverage
from hdl.hbm.write_buffer import ports, write_buffer
from zhenwu.cosim.evidence import Evidence, merge
from zhenwu.cosim.hbm.queue_pins import QueuePins
from zhenwu.cosim.hbm.situ import Situ, entering_values
from zhenwu.cosim.lockstep import Pair, check_lockstep, listed
from zhenwu.cycle.hbm.device import HALF, HALF_BITS

ORACLE = "cycle model write_buffer: every line and flag, in every cycle"
NOT_CHECKED = "queues other than 8 and 2 entries"
BINS = {
    "cp_early": "beats wait in front for their commands",
    "cp_late": "writes wait in the queue for their data",
    "cp_full": "as many beats as the queue has entries: wdata is held up",
    "cp_straight": "a beat finds its write waiting",
    "cp_sent_and_entering": "a slot comes free in the CK in which a write takes another",
    "cp_last_slot": "a write takes the only free slot",
}


def run(seed: int, quick: bool = False) -> Evidence:
    """Two sizes, with early data and with late ones."""
    coverage = Coverage(BINS)
    cycles = 1500 if quick else 4000
    sizes = ((8, -3), (8, 60), (2, 5))
    return merge("write_buffer", *(check_size(*size, seed, cycles, coverage) for size in sizes))


def check_size(entries: int, data_delay: int, seed: int, cycles: int, coverage: Coverage) -> Evidence:
    """One size."""

    def make() -> Pair:
        sizes = {"read_entries": 6, "write_entries": entries, "return_entries": 12}
        situ = Situ(seed, 2 * cycles, data_delay, refresh_start=700, **sizes)
        situ.begin()
        pins = ports(entries=entries, slots=len(situ.model.write_buffer.lines))
        bench = Bench(situ, entries, coverage)
        return Pair(write_buffer(**pins), pins, bench.begin, lambda _: bench.expected(), bench.advance)

    return check_lockstep(
        "write_buffer", make, seed=seed, cycles=cycles, coverage=coverage, oracle=ORACLE, not_checked=NOT_CHECKED
    )


class Bench:
    """What the model's write buffer gets and puts out."""

    def __init__(self, situ: Situ, entries: int, coverage: Coverage):
        self.situ, self.entries, self.coverage = situ, entries, coverage

    def begin(self) -> dict[str, int]:
        """As after a reset."""
        self.situ.begin()
        self.queue = QueuePins(self.entries)
        return self.inputs()

    def inputs(self) -> dict[str, int]:
        """The port, the queue, what is entering, what has left."""
        model, wdata = self.situ.model, self.situ.master.wdata
        values = {"wdata.valid": int(wdata is not None)}
        if wdata is not None:
            values["wdata.data"] = wdata
        values |= self.queue.values(model.writes, "writes")
        values |= {
            "write_head": self.queue.head, "write_count": model.writes.count, "write_ready": model.writes.ready,
            "sent": int(model.dq.sent is not None), "sent_slot": model.dq.sent or 0,
        }
        return values | entering_values(model.admission.entering)

    def expected(self) -> dict[str, int]:
        """The flags, and the lines that are there."""
        buffer = self.situ.model.write_buffer
        values = {"wdata.ready": int(buffer.ready), "arrive": int(buffer.arrives(self.situ.model.writes))}
        values |= listed("queued", buffer.queued) | listed("present", buffer.present)
        for slot, line in enumerate(buffer.lines):
            if buffer.present[slot]:
                values |= {f"first_half.{slot}": line & HALF, f"second_half.{slot}": line >> HALF_BITS}
        return values

    def advance(self, _) -> dict[str, int]:
        """One CK."""
        model, hit = self.situ.model, self.coverage.hit
        buffer, entering = model.write_buffer, model.admission.entering
        hit("cp_early", len(buffer.early) > 1 and model.writes.ready == model.writes.count)
        hit("cp_late", model.writes.ready < model.writes.count and not buffer.early)
        hit("cp_full", len(buffer.early) == self.entries)
        hit("cp_straight", buffer.arrives(model.writes) and len(buffer.early) == 1)
        hit("cp_sent_and_entering", model.dq.sent is not None and entering is not None and entering.write)
        hit("cp_last_slot", entering is not None and entering.write and buffer.queued.count(False) == 1)
        self.queue.step(model.pins.leave_write)
        self.situ.step()
        return self.inputs()
