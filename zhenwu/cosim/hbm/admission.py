"""Cosimulation of admission, in the place of the model's own: hazards, forwarding, room."""

from hdl.bench.coverage import Coverage
from hdl.hbm.admission import admission, ports
from zhenwu.cosim.evidence import Evidence, merge
from zhenwu.cosim.hbm.queue_pins import QueuePins
from zhenwu.cosim.hbm.situ import Situ, entering_values
from zhenwu.cosim.lockstep import Pair, check_lockstep, listed

ORACLE = "cycle model admission, in every cycle"
NOT_CHECKED = "queues other than 8 + 8 and 3 + 2, return buffers other than 40, 20 and 3"
BINS = {
    "cp_read": "a read enters its queue",
    "cp_write": "a write enters its queue, with a slot",
    "cp_forward": "a read of a queued write's line goes past the queue",
    "cp_youngest": "two writes of one line wait: the younger one's data are forwarded",
    "cp_forward_entering": "the write has only just been admitted",
    "cp_write_waits_for_read": "a write of a line that a queued read has not read yet waits",
    "cp_waits_for_entering": "the read has only just been admitted",
    "cp_read_queue_full": "a read waits for room",
    "cp_write_queue_full": "a write waits for room",
    "cp_room_just_made": "a request enters a queue that is full, as another leaves it",
    "cp_return_buffer_full": "a read waits for a line to come back in",
    "cp_head_blocks": "a command behind a blocked head waits too",
}


def run(seed: int, quick: bool = False) -> Evidence:
    """Two sizes, with early data and with late ones."""
    coverage = Coverage(BINS)
    cycles = 1500 if quick else 4000
    sizes = ((8, 8, 40, "RoBaCoBg", -3), (8, 8, 20, "RoBaCoBg", 60), (3, 2, 3, "RoBaBgCo", 0))
    return merge("admission", *(check_size(*size, seed, cycles, coverage) for size in sizes))


def check_size(
    read_entries: int, write_entries: int, return_entries: int, address_map: str, data_delay: int, seed: int,
    cycles: int, coverage: Coverage,
) -> Evidence:
    """One size."""
    sizes = {"read_entries": read_entries, "write_entries": write_entries}

    def make() -> Pair:
        situ = Situ(
            seed, 2 * cycles, data_delay, return_entries=return_entries, address_map=address_map, refresh_start=900,
            **sizes,
        )
        situ.begin()
        pins = ports(**sizes, slots=len(situ.model.write_buffer.lines))
        bench = Bench(situ, coverage)
        block = admission(**pins, return_entries=return_entries, map_name=address_map)
        return Pair(block, pins, bench.begin, lambda _: bench.expected(), bench.advance)

    return check_lockstep(
        "admission", make, seed=seed, cycles=cycles, coverage=coverage, oracle=ORACLE, not_checked=NOT_CHECKED
    )


class Bench:
    """What the model's admission gets and puts out."""

    def __init__(self, situ: Situ, coverage: Coverage):
        self.situ, self.coverage = situ, coverage

    def begin(self) -> dict[str, int]:
        """As after a reset."""
        self.situ.begin()
        model = self.situ.model
        self.queues = {
            "read": QueuePins(model.admission.read_entries), "write": QueuePins(model.admission.write_entries)
        }
        return self.inputs()

    def inputs(self) -> dict[str, int]:
        """The port, the queues, the buffers."""
        model, cmd = self.situ.model, self.situ.master.cmd
        values = {"cmd.valid": int(cmd is not None)}
        if cmd is not None:
            values |= {"cmd.write": int(cmd[0]), "cmd.line_address": cmd[1], "cmd.id": cmd[2]}
        for name, queue in (("read", model.reads), ("write", model.writes)):
            values |= self.queues[name].values(queue, f"{name}s")
            values |= {f"{name}_head": self.queues[name].head, f"{name}_count": queue.count}
        values |= {
            "leave_read": int(model.pins.leave_read is not None),
            "leave_write": int(model.pins.leave_write is not None),
            "returned": int(model.return_buffer.returned),
        }
        return values | listed("queued", model.write_buffer.queued)

    def expected(self) -> dict[str, int]:
        """cmd.ready and what is entering."""
        admission = self.situ.model.admission
        return entering_values(admission.entering) | {"cmd.ready": int(admission.ready)}

    def advance(self, _) -> dict[str, int]:
        """One CK."""
        self.count()
        for name, queue in self.queues.items():
            queue.step(getattr(self.situ.model.pins, f"leave_{name}"))
        before = len(self.situ.model.admission.fifo)
        self.situ.step()
        self.coverage.hit("cp_head_blocks", before == 2 and len(self.situ.model.admission.fifo) == 2)
        return self.inputs()

    def count(self) -> None:
        """The situations of the head in this CK."""
        model, hit = self.situ.model, self.coverage.hit
        admission, reads, writes, pins = model.admission, model.reads, model.writes, model.pins
        if not admission.fifo:
            return
        head, before = admission.fifo[0], admission.entering
        enters = admission.admit(head, pins, reads, writes, model.write_buffer)
        same = [write for write in writes.requests if write.same_line(head.place)]
        new_read = before is not None and before.queued_read is not None and before.request.same_line(head.place)
        new_write = before is not None and before.write and before.request.same_line(head.place)
        if enters is not None:
            hit("cp_write", enters.write)
            hit("cp_read", enters.queued_read is not None)
            hit("cp_forward", enters.forwarded)
            hit("cp_youngest", enters.forwarded and len(same) > 1)
            hit("cp_forward_entering", enters.forwarded and new_write)
            full = writes.count == admission.write_entries if enters.write else reads.count == admission.read_entries
            hit("cp_room_just_made", full and not enters.forwarded)
        elif head.write:
            waits = any(read.same_line(head.place) for read in reads.requests)
            hit("cp_write_waits_for_read", waits)
            hit("cp_waits_for_entering", new_read and not waits)
            hit("cp_write_queue_full", writes.count == admission.write_entries and not waits and not new_read)
        else:
            hit("cp_return_buffer_full", admission.held == admission.return_entries)
            hit("cp_read_queue_full", admission.held < admission.return_entries)
