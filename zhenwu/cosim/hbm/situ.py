"""A cycle model of the controller at work, as the place in which a block of the RTL is tried.

The block gets on its inputs what the model's own block gets, cycle by cycle, and its outputs must be what the
model's block puts out.
"""

from random import Random

from hdl.bench.stalls import bursts, mix, never, random_stalls
from hdl.hbm.request import COLUMN_LSB, ROW_LSB, SLOT_LSB
from zhenwu.cycle.hbm.admission import Entering
from zhenwu.cycle.hbm.commands import Commands, Request
from zhenwu.cycle.hbm.controller import BANK_GROUPS, Controller
from zhenwu.cycle.hbm.device import Content
from zhenwu.cycle.hbm.patterns import accesses
from zhenwu.cycle.hbm.referee import Referee
from zhenwu.cycle.hbm.traffic import Access, Master, System
from zhenwu.spec.hbm3 import ACT, NOP, PREPB

Values = dict[str, int]
MIXTURE = {"hot_lines": 50, "read_back": 70, "few_rows": 40, "update": 40, "bursts": 160, "turns": 40, "row_flood": 40,
           "everywhere": 20}  # accesses of each pattern, in turn, at most


class Situ:
    """A system under mixed traffic; `begin` starts it anew, `step` moves it one CK.

    `data_delay` of writes as the Master has it: early by default.
    """

    def __init__(self, seed: int, cycles: int, data_delay: int = -3, **sizes):
        self.seed = seed
        self.data_delay = data_delay
        self.sizes = sizes
        self.cycles = cycles

    def begin(self) -> None:
        """Everything as after a reset, with no offer on the streams yet."""
        random = Random(f"{self.seed}/mixture")
        traffic: list[Access] = []
        while len(traffic) < self.cycles:
            for name, count in MIXTURE.items():
                traffic += accesses(name, random.randrange(count // 2, count), random.randrange(1 << 30))
        stalls = {}
        for name in ("cmd", "wdata", "rdata"):
            own = f"{self.seed}/{name}"
            stalls[name] = mix(own, never(), random_stalls(f"{own}/random"), bursts(f"{own}/bursts", 120))
        controller = Controller(**self.sizes)
        referee = Referee(controller, Content())
        self.system = System(Master(traffic, stalls, self.data_delay), controller, referee)

    @property
    def model(self) -> Controller:
        """The controller."""
        return self.system.controller

    @property
    def master(self) -> Master:
        """What is on the port's streams."""
        return self.system.master

    def step(self) -> None:
        """One CK."""
        self.system.step()
        referee = self.system.referee
        assert not (referee.device.faults or referee.ledger.faults or referee.checker.violations), "a broken model"


def request_word(request: Request) -> int:
    """A request as `hdl/hbm/request.py` packs it."""
    return request.bank | request.column << COLUMN_LSB | request.row << ROW_LSB | request.slot << SLOT_LSB


def pin_values(commands: Commands) -> Values:
    """The command pins, with 0 for what a command does not name."""
    values = {"rise.op": commands.rise, "fall.op": commands.fall, "column.op": commands.column}
    for slot, op, bank in (
        ("rise", commands.rise == ACT, commands.rise_bank),
        ("fall", commands.fall == PREPB, commands.fall_bank),
        ("column", commands.column != NOP, commands.column_bank),
    ):
        values[f"{slot}.bank_group"] = bank % BANK_GROUPS if op else 0
        values[f"{slot}.bank"] = bank // BANK_GROUPS if op else 0
    values["rise.row"] = commands.row if commands.rise == ACT else 0
    values["column.column"] = commands.column_number if commands.column != NOP else 0
    return values


def entering_values(entering: Entering | None) -> Values:
    """The fields of the RTL's Entering; what does not matter is 0."""
    if entering is None:
        return dict.fromkeys(("entering.read", "entering.write", "entering.forward"), 0)
    return {
        "entering.read": int(entering.queued_read is not None),
        "entering.write": int(entering.write),
        "entering.forward": int(entering.forwarded),
        "entering.request": request_word(entering.request),
        "entering.id": entering.id,
        "entering.source": entering.source,
    }
