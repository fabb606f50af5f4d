"""The traffic of `hdl/harness/traffic.py` in plain Python."""

from hdl.harness import traffic as block
from hdl.harness.column_commands import field_lsb
from hdl.harness.device import ROWS
from hdl.harness.traffic import EVEN, IDS, ROW_STEP
from hdl.hbm.request import BANK_GROUPS, BANKS, COLUMNS
from zhenwu.cosim.harness.content import line_of

GROUP_LSB, BANK_LSB, ROW_LSB, COLUMN_LSB = map(field_lsb, ("bank_group", "bank", "row", "column"))
BANK_PLACES = [bank % BANK_GROUPS << GROUP_LSB | bank // BANK_GROUPS << BANK_LSB for bank in range(BANKS)]
ROW_PLACES = [row * ROW_STEP << ROW_LSB for row in range(ROWS)]


class Traffic:
    """`cmd` (write, line address, id) and `wdata` are what stands on offer, or None; `rdata_ready` is the pin."""

    def __init__(self):
        self.behave(0)
        self.restart()

    def restart(self) -> None:
        """As after a reset."""
        self.cmd: tuple[bool, int, int] | None = None
        self.wdata: int | None = None
        self.rdata_ready = False
        self.owed = EVEN
        self.sequence = 0

    def behave(self, manner: int) -> None:
        """Take on a manner: each field by its table."""

        def choice(table: tuple[int, ...], lsb: int) -> int:
            return table[(manner >> lsb) % len(table)]

        self.commands = choice(block.COMMAND_SIXTEENTHS, block.COMMANDS_LSB)
        self.writes = choice(block.WRITE_QUARTERS, block.WRITES_LSB)
        self.beats = choice(block.BEAT_SIXTEENTHS, block.BEATS_LSB)
        self.ahead = choice(block.BEATS_AHEAD, block.AHEAD_LSB)
        self.ready = choice(block.READY_EIGHTHS, block.READY_LSB)
        self.sequential = (manner >> block.SEQUENTIAL_LSB) % 2 == 1
        self.column_mask = choice(block.COLUMN_MASKS, block.COLUMNS_LSB)
        self.bank_mask = choice(block.BANK_MASKS, block.BANKS_LSB)
        self.bank = (manner >> block.BANK_LSB) % BANKS & ~self.bank_mask
        self.row_mask = choice(block.ROW_MASKS, block.ROWS_LSB)
        self.row = (manner >> block.ROW_LSB) % ROWS & ~self.row_mask

    def step(self, draw: int, beat_draw: int, cmd_ready: bool, wdata_ready: bool) -> None:
        """One edge: the two draws, and what is ready in this cycle."""
        owed = self.owed
        if self.wdata is None or wdata_ready:
            self.wdata = None
            if (draw >> block.BEAT_LSB) % 16 < self.beats and owed + self.ahead > EVEN:
                self.wdata = line_of(beat_draw)
                self.owed = owed - 1
        if self.cmd is None or cmd_ready:
            self.cmd = None
            if draw % 16 < self.commands:
                write = (draw >> block.IS_WRITE_LSB) % 4 < self.writes
                self.owed += write
                column = (self.sequence if self.sequential else draw >> block.COLUMN_LSB) & self.column_mask
                self.sequence = (self.sequence + 1) % COLUMNS
                line_address = (
                    ROW_PLACES[draw >> block.DRAWN_ROW_LSB & self.row_mask | self.row]
                    | BANK_PLACES[draw >> block.DRAWN_BANK_LSB & self.bank_mask | self.bank]
                    | column << COLUMN_LSB
                )
                self.cmd = write, line_address, (draw >> block.ID_LSB) % IDS
        self.rdata_ready = (draw >> block.READY_DRAW_LSB) % 8 < self.ready
