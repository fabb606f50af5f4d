"""Cosimulation of the DQ path, in the place of the model's own: bursts back to back, and turns."""

from dataclasses import replace

from hdl.bench.coverage import Coverage
from hdl.hbm.dq_path import dq_path, ports
from zhenwu.cosim.evidence import Evidence, merge
from zhenwu.cosim.hbm.situ import Situ
from zhenwu.cosim.lockstep import Pair, check_lockstep, listed
from zhenwu.cycle.hbm.device import HALF, HALF_BITS
from zhenwu.spec.hbm3 import HBM3_6400, HbmTiming

ORACLE = "cycle model dq_path: DQ and the slots, in every cycle"
NOT_CHECKED = "bursts that the timing rules keep apart"
BINS = {
    "cp_read": "the two halves of a read are taken",
    "cp_write": "the two halves of a write are driven",
    "cp_reads_back_to_back": "read bursts without a gap",
    "cp_writes_back_to_back": "write bursts without a gap",
    "cp_many_under_way": "as many reads under way as the latency allows",
    "cp_runs_round": "a burst is due after the end of the clock's range",
}
NOW_BITS = 7


def run(seed: int, quick: bool = False) -> Evidence:
    """The latencies of the table, then short and long ones."""
    coverage = Coverage(BINS)
    cycles = 1500 if quick else 4000
    tables = (HBM3_6400, replace(HBM3_6400, nCL=3, nCWL=2), replace(HBM3_6400, nCL=31, nCWL=16, nRTW=25))
    return merge("dq_path", *(check_table(timing, seed, cycles, coverage) for timing in tables))


def check_table(timing: HbmTiming, seed: int, cycles: int, coverage: Coverage) -> Evidence:
    """One timing."""

    def make() -> Pair:
        situ = Situ(seed, 2 * cycles, timing=timing, read_entries=12, write_entries=10, refresh_start=1200)
        situ.begin()
        pins = ports(slots=len(situ.model.write_buffer.lines), now_bits=NOW_BITS)
        bench = Bench(situ, coverage)
        block = dq_path(**pins, read_latency=timing.total("nCL"), write_latency=timing.total("nCWL"))
        return Pair(block, pins, bench.begin, lambda _: bench.expected(), bench.advance)

    return check_lockstep(
        "dq_path", make, seed=seed, cycles=cycles, coverage=coverage, oracle=ORACLE, not_checked=NOT_CHECKED
    )


class Bench:
    """What the model's DQ path gets and puts out."""

    def __init__(self, situ: Situ, coverage: Coverage):
        self.situ, self.coverage = situ, coverage

    def begin(self) -> dict[str, int]:
        """As after a reset."""
        self.situ.begin()
        self.drove = self.took = 0  # CK without a gap
        return self.inputs()

    def inputs(self) -> dict[str, int]:
        """The clock, the column command, the lines, and DQ."""
        model = self.situ.model
        lines = model.write_buffer.lines
        return {
            "now": model.now % (1 << NOW_BITS), "column_op": model.pins.column, "slot": model.pins.slot,
            "dq.read": self.situ.system.referee.device.read,
        } | listed("first_half", [line & HALF for line in lines]) | listed(
            "second_half", [line >> HALF_BITS for line in lines]
        )

    def expected(self) -> dict[str, int]:
        """What is driven, taken and done."""
        dq = self.situ.model.dq
        values = {"dq.drive": int(dq.drive), "fill": int(dq.filling is not None), "sent": int(dq.sent is not None)}
        if dq.drive:
            values |= {"dq.write": dq.write, "dq.write_ecc": 0}
        if dq.filling is not None:
            values |= {"fill_slot": dq.filling, "half": dq.half}
        if dq.sent is not None:
            values["sent_slot"] = dq.sent
        return values

    def advance(self, _) -> dict[str, int]:
        """One CK."""
        dq, hit, now = self.situ.model.dq, self.coverage.hit, self.situ.model.now
        hit("cp_read", dq.filling is not None)
        hit("cp_write", dq.sent is not None)
        self.drove = self.drove + 1 if dq.drive else 0
        hit("cp_writes_back_to_back", self.drove > 4)
        due = [ck for ck, _ in dq.reads]
        hit("cp_reads_back_to_back", any(after == ck + 2 for ck, after in zip(due, due[1:], strict=False)))
        hit("cp_many_under_way", len(due) >= dq.read_latency // 2)
        hit("cp_runs_round", any(ck >> NOW_BITS > now >> NOW_BITS for ck in due))
        self.situ.step()
        return self.inputs()
