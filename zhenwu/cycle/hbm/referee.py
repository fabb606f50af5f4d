"""All checks of a controller at once: rules, conservation, DQ, waiting times, over the pins of each CK."""

from collections.abc import Sequence

from zhenwu.cycle.hbm.controller import Controller
from zhenwu.cycle.hbm.device import Device, Store
from zhenwu.cycle.hbm.ledger import Ledger
from zhenwu.cycle.hbm.timing_checker import TimingChecker
from zhenwu.spec.hbm3 import DramCommand
from zhenwu.spec.hbm3_rules import TIMING_RULES, TimingRule
from zhenwu.spec.hbm_controller import longest_wait


class Referee:
    """The device on the pins, and everybody who watches them.

    `model` is the cycle model of the controller at work: it says from when on a request can be served, and which
    reads it forwards. All else comes from the port and from the pins, which may be the model's or the RTL's. `step`
    is one CK.
    """

    def __init__(self, model: Controller, store: Store, rules: Sequence[TimingRule] = TIMING_RULES):
        refresher, timing = model.refresher, model.timing
        self.refresh = (refresher.count + 1, refresher.interval) if refresher.enable else None
        self.device = Device(store, timing, model.address_map)
        self.checker = TimingChecker(timing, rules, self.refresh)
        self.ledger = Ledger(model.address_map)
        admission = model.admission
        self.limit = longest_wait(timing, admission.read_entries, admission.write_entries, model.direction.max_age)
        self.model = model
        self.commands: list[DramCommand] = []

    def restart(self, model: Controller) -> None:
        """A reset: `model` starts anew; what was found stays, and so does the device's content."""
        self.checker.end(self.model.now)
        self.model = model
        self.device.reset()
        self.checker.reset()
        self.ledger.reset()

    def step(
        self, now: int, taken: tuple[bool, int, int] | None, started: Sequence[DramCommand], drive: bool, write: int
    ) -> None:
        """CK `now`, before the model's own edge.

        `taken` is the command (write, line address, id) that the port takes, `started` the commands on the pins, with
        no row in RD and WR, `drive` and `write` what the controller does with DQ.
        """
        if taken is not None:
            self.ledger.take(taken[0], taken[1])
        for command in started:
            if command.op in ("RD", "WR"):
                place = command.address
                command = self.ledger.serve(command, self.device.open_rows.get((place.bank_group, place.bank)))
            self.checker.check(command)
            self.commands.append(command)
        self.device.step(now, list(started), drive, write)
        self.accept(now)

    def accept(self, now: int) -> None:
        """What can be served from the next CK on."""
        model, entering = self.model, self.model.admission.entering
        if entering is not None and entering.forwarded:
            self.ledger.forward(now, model.line(entering.request))
        elif entering is not None and not entering.write:
            self.ledger.accept(now, False, model.line(entering.request))
        if model.write_buffer.arrives(model.writes):
            self.ledger.accept(now, True, model.line(model.writes.requests[model.writes.ready]))

    def faults(self, now: int) -> list[str]:
        """All that is wrong, a sentence each; the run ends with CK `now`, and all that was asked for is done."""
        self.checker.end(now)
        self.ledger.end()
        found = [str(violation) for violation in self.checker.violations]
        found += self.ledger.faults + self.device.faults
        if self.ledger.longest > self.limit:
            found.append(f"a request waited {self.ledger.longest} CK, expected at most {self.limit}")
        return found
