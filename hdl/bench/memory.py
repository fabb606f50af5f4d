"""An ideal memory behind a MemoryPort: a stated latency, a stated rate, and nothing else of a DRAM.

Commands are served strictly in the order of acceptance, one line (read or write) in `cycles_per_line` cycles:

    cmd -> 2-entry FIFO -> serve head -> reads wait out the latency -> rdata
    wdata -> FIFO of `outstanding` beats --^  (a write at the head waits for its beat and blocks what follows)

In-order service is what makes a read that was accepted after a write to the same line return the new data.
"""

from collections import deque
from collections.abc import Collection, Iterator, Mapping

from hdl.bench.clock import cycle
from hdl.bench.monitor import Transfer
from hdl.bench.scoreboard import Scoreboard
from hdl.bench.stalls import Stalls, never
from hdl.bundle import LINE_BITS, MemoryPort

_WORD = (1 << 64) - 1


def unwritten(line_address: int) -> int:
    """What a line that nobody wrote reads as: a hash of its address, never zero (splitmix64, four words)."""
    state, line = line_address, 0
    for _ in range(LINE_BITS // 64):
        state = (state + 0x9E3779B97F4A7C15) & _WORD
        word = ((state ^ state >> 30) * 0xBF58476D1CE4E5B9) & _WORD
        word = ((word ^ word >> 27) * 0x94D049BB133111EB) & _WORD
        line = line << 64 | word ^ word >> 31
    return line or 1


class Memory:
    """Sparse content: `lines` maps a line address to a 256-bit int, `written` holds the addresses written since the
    start and `written_at` the cycle in which each last was. Lines in `poisoned` read with `error` until written.
    `posted` writes have been accepted and are not in `lines` yet.
    """

    def __init__(self, image: Mapping[int, int] | None = None, poisoned: Collection[int] = ()):
        self.lines = {int(line): int(value) for line, value in (image or {}).items()}
        self.poisoned = set(poisoned)
        self.written: set[int] = set()
        self.written_at: dict[int, int | None] = {}
        self.posted = 0

    def read(self, line_address: int) -> int:
        """The 256 bits of a line."""
        value = self.lines.get(line_address)
        return unwritten(line_address) if value is None else value

    def write(self, line_address: int, value: int, at_cycle: int | None = None) -> None:
        """Store 256 bits; this also heals a poisoned line."""
        if not 0 <= value < 1 << LINE_BITS:
            raise ValueError(f"line {line_address:#x}: value {value:#x} does not fit {LINE_BITS} bits")
        self.lines[line_address] = value
        self.written.add(line_address)
        self.written_at[line_address] = at_cycle
        self.poisoned.discard(line_address)

    def against(self, expected: Mapping[int, int]) -> Scoreboard:
        """The content held against the lines that should have been written, in address order.

        A line written beyond those counts as extra.
        """
        order = sorted(expected) + sorted(self.written - set(expected))
        board = Scoreboard([{"data": expected[line], "line_address": line} for line in sorted(expected)])
        for line in order:
            board.receive(Transfer(self.written_at.get(line), {"line_address": line, "data": self.read(line)}))
        return board


def memory(
    clk,
    rst,
    port: MemoryPort,
    store: Memory,
    *,
    latency_cycles: int = 20,
    cycles_per_line: int = 1,
    outstanding: int = 64,
    stalls: Mapping[str, Stalls] | None = None,
) -> Iterator:
    """Serve `port` from `store`.

    A read accepted at edge c is offered on rdata so that it can move at edge c + latency_cycles at the earliest,
    and `cycles_per_line` after the line before it. At most `outstanding` reads wait to be taken and as many
    write beats wait for their command; then the port pushes back. `cmd.ready` and `wdata.ready` are registers.
    `stalls` may hold further patterns for `cmd`, `wdata` and `rdata`. Reset drops all that is under way; the
    content stays.
    """
    if latency_cycles < 2 or cycles_per_line < 1 or outstanding < 1:
        raise ValueError("memory: expected latency_cycles >= 2, cycles_per_line >= 1, outstanding >= 1")
    cmd, wdata, rdata = port.cmd, port.wdata, port.rdata
    stalls = stalls or {}
    cmd_stalls, wdata_stalls, rdata_stalls = (stalls.get(name) or never() for name in ("cmd", "wdata", "rdata"))
    commands, beats, reads = deque(), deque(), deque()
    free_at = offer_at = 0  # the cycles at which the line bus, and the rdata wires, are free again
    while True:
        yield clk.posedge
        now = cycle()
        if rst:
            commands.clear()
            beats.clear()
            reads.clear()
            store.posted = 0
            free_at = offer_at = now
            cmd.ready.next = wdata.ready.next = rdata.valid.next = False
            continue

        if commands and free_at <= now:
            accepted_at, write, line, tag = commands[0]
            if write and beats:
                store.write(line, beats.popleft(), now)
                store.posted -= 1
            elif not write and len(reads) < outstanding:
                reads.append((accepted_at, store.read(line), tag, line in store.poisoned))
            else:
                accepted_at = None
            if accepted_at is not None:
                commands.popleft()
                free_at = now + cycles_per_line

        if wdata.valid and wdata.ready:
            beats.append(int(wdata.data.val))
        if cmd.valid and cmd.ready:
            commands.append((now, bool(cmd.write), int(cmd.line_address.val), int(cmd.id.val)))
            store.posted += bool(cmd.write)
        cmd.ready.next = len(commands) < 2 and not next(cmd_stalls)
        wdata.ready.next = len(beats) < outstanding and not next(wdata_stalls)

        # what is driven at this edge can move at the next one
        if not rdata.valid or rdata.ready:
            rdata.valid.next = False
            if reads and max(reads[0][0] + latency_cycles, offer_at) <= now + 1 and not next(rdata_stalls):
                _, rdata.data.next, rdata.id.next, rdata.error.next = reads.popleft()
                rdata.valid.next = True
                offer_at = now + 1 + cycles_per_line
