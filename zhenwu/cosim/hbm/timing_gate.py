"""Cosimulation of the timing gates: each scope's, under commands that heed no rule, with a clock that runs round."""

from hdl.bench.coverage import Coverage
from hdl.hbm.controller import GATES, gaps
from hdl.hbm.timing_gate import KINDS, ports, timing_gate
from zhenwu.cosim.evidence import Evidence, merge
from zhenwu.cosim.hbm.played_commands import PlayedCommands
from zhenwu.cosim.hbm.situ import pin_values
from zhenwu.cosim.lockstep import Pair, check_lockstep, listed
from zhenwu.cycle.hbm import timing_gate as model
from zhenwu.cycle.hbm.commands import IDLE
from zhenwu.spec.hbm3 import HBM3_6400
from zhenwu.spec.hbm3_rules import TIMING_RULES

ORACLE = "cycle model timing_gate: every gate in every cycle"
NOT_CHECKED = "gaps other than those of the 6.4 Gb/s table (the controller's tests have others)"
BINS = {
    "cp_prolonged": "a later command keeps a gate shut for longer",
    "cp_kept": "a gate that a long gap shuts is not opened by a shorter one",
    "cp_two_causes": "two commands of one CK shut the same gate",
    "cp_runs_round": "a gate is shut across the end of the clock's range",
    "cp_older_than_range": "a stamp is older than the clock's range, and its gate still open",
}
NOW_BITS = 10  # the longest gap, a refresh, takes nearly half of the range


def run(seed: int, quick: bool = False) -> Evidence:
    """The gates of the banks, of the bank groups, of the pseudo-channel."""
    coverage = Coverage(BINS)
    cycles = 2600 if quick else 6000
    return merge("timing_gate", *(check_scope(scope, seed, cycles, coverage) for scope in range(len(GATES))))


def check_scope(scope: int, seed: int, cycles: int, coverage: Coverage) -> Evidence:
    """One scope."""
    lanes, kinds, scopes = GATES[scope]
    rows = [gaps(TIMING_RULES, HBM3_6400, kind, *scopes) for kind in KINDS[:kinds]]

    def make() -> Pair:
        pins = ports(lanes=lanes, kinds=kinds, now_bits=NOW_BITS)
        bench = Bench(lanes, rows, f"{seed}/{scope}", coverage)
        return Pair(
            timing_gate(**pins, lanes=lanes, gaps=rows), pins, bench.begin, lambda _: bench.expected(), bench.advance
        )

    return check_lockstep(
        "timing_gate", make, seed=seed, cycles=cycles, coverage=coverage, oracle=ORACLE, not_checked=NOT_CHECKED
    )


class Bench:
    """The model's gates, the clock, and the commands."""

    def __init__(self, lanes: int, rows, seed: str, coverage: Coverage):
        self.lanes, self.rows, self.seed, self.coverage = lanes, rows, seed, coverage

    def begin(self) -> dict[str, int]:
        """As after a reset: all gates open, the clock near the end of its range."""
        self.now = (1 << NOW_BITS) - 300
        self.played = PlayedCommands(self.seed, quiet=1 << NOW_BITS)
        self.gates = [model.TimingGate(self.lanes, row) for row in self.rows]
        self.commands = IDLE
        return self.inputs()

    def inputs(self) -> dict[str, int]:
        """The clock and the pins."""
        return pin_values(self.commands) | {"now": self.now % (1 << NOW_BITS)}

    def expected(self) -> dict[str, int]:
        """Gates that must not pass a command in the next CK."""
        masks = [
            sum((not gate.opens(lane, self.now + 1)) << lane for lane in range(self.lanes)) for gate in self.gates
        ]
        return listed("shut", masks)

    def advance(self, _) -> dict[str, int]:
        """One CK."""
        started = self.commands.started()
        for gate in self.gates:
            before = list(gate.allowed_at)
            gate.step(self.now, started)
            self.count(gate, before, started)
        self.now += 1
        self.commands = self.played.next()
        return self.inputs()

    def count(self, gate: model.TimingGate, before: list[int], started) -> None:
        """The situations of a gate in this CK."""
        hit, now = self.coverage.hit, self.now
        causes = [(op, bank) for op, bank in started if op in gate.gaps]
        for lane, until in enumerate(before):
            mine = [op for op, bank in causes if (bank or 0) % self.lanes == lane]
            if mine and until > now:
                hit("cp_prolonged" if gate.allowed_at[lane] > until else "cp_kept")
            hit("cp_two_causes", len(mine) > 1)
            hit("cp_runs_round", until > now and (until >> NOW_BITS) > (now >> NOW_BITS))
            hit("cp_older_than_range", 0 < until < now - (1 << NOW_BITS))
