"""The controller's harness in plain Python: the same traffic round the cycle model, so the same signature.

    twin = ControllerTwin(seed=1, restless=True, sizes={"read_entries": 16, "write_entries": 16})
    for _ in range(1000):
        twin.step()
    twin.signature, twin.faults

`hdl/harness/controller_harness.py` says what is drawn, `hdl/harness/controller_pins.py` where each pin lies.
"""

from collections.abc import Mapping
from copy import deepcopy

from hdl.bundle import DQ_BITS
from hdl.harness import controller_pins as layout
from hdl.harness.controller_harness import SALTS
from hdl.harness.manner import CHANCE, CHANCE_LSB, EPOCH, RESET_CYCLES
from zhenwu.cosim.harness.content import BoundedContent, Returns
from zhenwu.cosim.harness.signature import WORD, advanced, first_draw, next_draw
from zhenwu.cosim.harness.traffic import Traffic
from zhenwu.cosim.hbm.pins import model_values
from zhenwu.cycle.hbm.commands import IDLE, Commands
from zhenwu.cycle.hbm.controller import BANK_GROUPS, Controller
from zhenwu.cycle.hbm.referee import Referee
from zhenwu.spec.hbm3 import ACT, NOP, PREPB
from zhenwu.spec.hbm3_rules import TIMING_RULES

EVEN_WORDS = sum(WORD << 64 * pair for pair in range(4))
EVEN_PAIRS = sum((1 << 64) - 1 << 128 * pair for pair in range(2))
LOW_HALF = (1 << DQ_BITS) - 1


def turned_words(line: int, first_turn: int) -> int:
    """The words of a line XORed, word k turned left by `first_turn` + k bits."""
    pairs = line & EVEN_WORDS ^ (line >> 32 & EVEN_WORDS) << 1
    quads = pairs & EVEN_PAIRS ^ (pairs >> 64 & EVEN_PAIRS) << 2
    total = (quads & LOW_HALF ^ quads >> 128 << 4) << first_turn
    return total & WORD ^ total >> 32


class ControllerTwin:
    """One harness since its reset: `step` is a rising edge, `signature` what the harness shows, `now` counts edges.

    `faults` says what the referee finds wrong with the model, and which lines a plain dictionary holds otherwise.
    """

    def __init__(self, seed: int, restless: bool, sizes: Mapping[str, int]):
        self.restless, self.sizes = restless, dict(sizes)
        self.now = self.signature = 0
        self.draw, self.beat_draw, self.manner_draw = (first_draw(seed, salt) for salt in SALTS.values())
        self.manner, self.count, self.restarting = 0, EPOCH - 1, True
        self.traffic, self.returns = Traffic(), Returns()
        self.controller = Controller(**sizes)
        self.content = BoundedContent()
        self.referee = Referee(self.controller, self.content)
        # The words of the lines on the port, kept while a line stands there
        self.wdata_line: int | None = None
        self.rdata_line: tuple | None = None
        self.wdata_word = self.rdata_word = 0

    def __deepcopy__(self, memo: dict) -> "ControllerTwin":
        """A twin of its own; what never changes is shared."""
        memo.update({id(constant): constant for constant in (*TIMING_RULES, self.controller.timing, IDLE)})
        copy = type(self).__new__(type(self))
        memo[id(self)] = copy
        copy.__dict__.update(deepcopy(self.__dict__, memo))
        return copy

    @property
    def faults(self) -> list[str]:
        """All that is wrong so far, a sentence each."""
        referee = self.referee
        found = [str(violation) for violation in referee.checker.violations]
        found += referee.ledger.faults + referee.device.faults + self.returns.faults
        if referee.ledger.longest > referee.limit:
            found.append(f"a request waited {referee.ledger.longest} CK, expected at most {referee.limit}")
        return found

    def step(self) -> None:
        """One rising edge."""
        signature = advanced(self.signature)
        draw, manner_draw = self.draw, self.manner_draw
        if not self.restarting:
            signature ^= self.word()
            self.move(draw)
        self.signature = signature
        self.draw, self.beat_draw, self.manner_draw = (
            next_draw(draw), next_draw(self.beat_draw), next_draw(manner_draw)
        )
        if self.count == EPOCH - 1:
            self.turn(manner_draw)
        elif self.count == RESET_CYCLES - 1:
            self.restarting = False
        self.count = (self.count + 1) % EPOCH
        self.now += 1

    def move(self, draw: int) -> None:
        """One edge outside a reset: what moves on the port, then the controller, the device and the traffic."""
        controller, traffic, referee, returns = self.controller, self.traffic, self.referee, self.returns
        cmd, wdata, ready, rdata = traffic.cmd, traffic.wdata, traffic.rdata_ready, controller.rdata
        cmd_ready, wdata_ready = controller.cmd_ready, controller.wdata_ready
        taken = cmd if cmd_ready else None
        if rdata is not None and ready:
            returns.line(controller.now, rdata.id, rdata.data)
        if taken is not None:
            returns.command(*taken)
        if wdata is not None and wdata_ready:
            returns.beat(wdata)
        dq, dq_read = controller.dq, referee.device.read
        started = () if controller.pins is IDLE else controller.started()
        referee.step(controller.now, taken, started, dq.drive, dq.write)
        referee.commands.clear()  # its log would grow for ever
        controller.step(cmd, wdata, ready, dq_read)
        traffic.step(draw, self.beat_draw, cmd_ready, wdata_ready)

    def turn(self, manner_draw: int) -> None:
        """The end of an epoch: a new manner, and perhaps a reset."""
        self.manner = manner_draw
        self.traffic.behave(manner_draw)
        referee = self.referee
        self.restarting = self.restless and (manner_draw >> CHANCE_LSB) % CHANCE == 0
        if self.restarting:
            self.controller = Controller(**self.sizes)
            referee.restart(self.controller)
            self.returns.restart(self.content)
            self.traffic.restart()
        else:
            now, ledger = self.controller.now, referee.ledger
            referee.checker.end(now)
            oldest = min((queue[0][0] for queue in ledger.waiting.values() if queue), default=now)
            ledger.longest = max(ledger.longest, now - oldest)

    def word(self) -> int:
        """All pins of this cycle, as the signature folds them."""
        controller, traffic = self.controller, self.traffic
        dq, rdata, wdata, total = controller.dq, controller.return_buffer.rdata, traffic.wdata, 0
        bits = 2 if controller.admission.ready else 0
        if traffic.cmd is not None:
            write, line_address, id = traffic.cmd
            bits |= 1 | write << 2 | line_address << layout.ADDRESS_LSB | id << layout.COMMAND_ID_LSB
        flags = layout.WDATA_READY if controller.write_buffer.ready else 0
        if traffic.rdata_ready:
            flags |= layout.RDATA_READY
        if wdata is not None:
            flags |= layout.WDATA_VALID
            if wdata is not self.wdata_line:
                self.wdata_line, self.wdata_word = wdata, turned_words(wdata, 0)
            total = self.wdata_word
        if rdata is not None:
            flags |= layout.RDATA_VALID | rdata.id << layout.RETURNED_ID_LSB
            if rdata is not self.rdata_line:
                self.rdata_line, self.rdata_word = rdata, turned_words(rdata.data, layout.RDATA_TURN)
            total ^= self.rdata_word
        if dq.drive:
            flags |= layout.DRIVE
            total ^= turned_words(dq.write, layout.DQ_TURN)
        bits |= flags << layout.FLAGS_LSB
        if controller.pins is not IDLE:
            bits |= slots(controller.pins)
        return total ^ bits & WORD ^ bits >> 32 & WORD ^ bits >> 64

    def values(self) -> dict[str, int]:
        """The pins of this cycle by name, as `zhenwu/cosim/hbm/pins.py` names them; payloads only where they count.

        Under `restart`, the reset inside, the pins still show what they did before it, and count for nothing.
        """
        traffic = self.traffic
        values = {"restart": int(self.restarting), "manner": self.manner, "port.rdata.ready": int(traffic.rdata_ready)}
        values |= {"port.cmd.valid": int(traffic.cmd is not None), "port.wdata.valid": int(traffic.wdata is not None)}
        if traffic.cmd is not None:
            names = ("write", "line_address", "id")
            values |= {f"port.cmd.{name}": int(value) for name, value in zip(names, traffic.cmd, strict=True)}
        if traffic.wdata is not None:
            values["port.wdata.data"] = traffic.wdata
        return values | model_values(self.controller) | {"dq.read": self.referee.device.read}


def slots(pins: Commands) -> int:
    """The three command slots in their places among the pins."""
    bits = pins.rise << layout.RISE_LSB | pins.fall << layout.FALL_LSB | pins.column << layout.COLUMN_SLOT_LSB
    if pins.rise == ACT:
        bits |= (bank_fields(pins.rise_bank) | pins.row << layout.LAST_LSB) << layout.RISE_LSB
    if pins.fall == PREPB:
        bits |= bank_fields(pins.fall_bank) << layout.FALL_LSB
    if pins.column != NOP:
        bits |= (
            bank_fields(pins.column_bank) | pins.column_number << layout.LAST_LSB
        ) << layout.COLUMN_SLOT_LSB
    return bits


def bank_fields(bank: int) -> int:
    """The fields of a slot that name a bank, counted through all groups."""
    return bank % BANK_GROUPS << layout.BANK_GROUP_LSB | bank // BANK_GROUPS << layout.BANK_LSB
