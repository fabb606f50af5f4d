"""The table of `make xcheck`: block by simulator."""

from collections.abc import Sequence
from dataclasses import dataclass

from zhenwu.cosim.compared import Comparison, Difference

MYHDL = "MyHDL"


@dataclass
class Row:
    """One design in one simulator: what was replayed, what differed, and the seconds that simulating took."""

    block: str
    design: str
    backend: str
    cycles: int = 0
    values: int = 0
    mismatches: int = 0
    seconds: float = 0.0
    first: Difference | None = None
    fault: str = ""
    inside: bool = False  # recorded inside a working tile, controller or slice

    def add(self, found: Comparison) -> None:
        """One more trace."""
        self.values += found.values
        self.mismatches += found.mismatches
        self.seconds += found.seconds
        self.first = self.first or found.first

    @property
    def ok(self) -> bool:
        """Something was compared, and nothing differed."""
        return not self.fault and self.values > 0 and self.mismatches == 0


def totals(rows: Sequence[Row]) -> list[dict]:
    """A record for each block and simulator, over all its designs; `ratio` is that of speeds to MyHDL's.

    Speeds are those of the design that has the block's name, or else the most cycles: models of other sizes than those
    that are emitted are compiled in haste.
    """
    found = []
    for block in dict.fromkeys(row.block for row in rows):
        own = [row for row in rows if row.block == block]
        for backend in dict.fromkeys(row.backend for row in own):
            mine = [row for row in own if row.backend == backend]
            timed = max(own, key=lambda row: (row.design == block, row.cycles)).design
            speed, base = (rate(own, name, timed) for name in (backend, MYHDL))
            found.append({
                "block": block, "backend": backend, "designs": len({row.design for row in mine}),
                "cycles": sum(row.cycles for row in mine), "values": sum(row.values for row in mine),
                "mismatches": sum(row.mismatches for row in mine), "faults": sum(bool(row.fault) for row in mine),
                "cycles_per_s": speed, "ratio": speed / base if base else 0.0,
            })
    return found


def rate(rows: Sequence[Row], backend: str, design: str) -> float:
    """Cycles a second of a design in a simulator: in the first of its rows, that of the optimised model."""
    for row in rows:
        if (row.backend, row.design) == (backend, design) and row.seconds:
            return row.cycles / row.seconds
    return 0.0


def table(rows: Sequence[Row]) -> str:
    """The table as text, and what differed below it."""
    records = totals(rows)
    backends = list(dict.fromkeys(record["backend"] for record in records))
    head = f"{'':<19}{'':>8}{'':>10}" + "".join(f"{name:>33}" for name in backends)
    units = f"{'mismatches':>13}{'cycles/s':>12}{'x MyHDL':>8}"
    lines = [head, f"{'block':<19}{'designs':>8}{'cycles':>10}" + units * len(backends)]
    for block in dict.fromkeys(record["block"] for record in records):
        own = {record["backend"]: record for record in records if record["block"] == block}
        first = next(iter(own.values()))
        line = f"{block:<19}{first['designs']:>8}{first['cycles']:>10,}"
        for name in backends:
            record = own.get(name)
            line += f"{'':>33}" if record is None else (
                f"{record['mismatches']:>13,}{record['cycles_per_s']:>12,.0f}{record['ratio']:>8.2f}"
            )
        lines.append(line.rstrip())
    lines += [f"{row.design} in {row.backend}: {row.fault or row.first}" for row in rows if not row.ok]
    return "\n".join(lines)


def closing_line(rows: Sequence[Row]) -> str:
    """The last line: that all agree, or the blocks that do not."""
    wrong = sorted({row.block for row in rows if not row.ok})
    if wrong:
        return f"FAILED: {', '.join(wrong)}"
    cycles = sum(row.cycles for row in rows if row.backend == MYHDL)
    values = sum(row.values for row in rows)
    blocks, backends = len({row.block for row in rows}), len({row.backend for row in rows})
    return (
        f"All {blocks} blocks agree in {backends} simulators: {cycles:,} recorded cycles, {values:,} values compared, "
        f"0 mismatches."
    )
