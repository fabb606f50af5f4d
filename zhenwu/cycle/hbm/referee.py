"""All checks of a controller at once: rules, conservation, DQ, waiting times, over the pins of each CK."""

from collections.abc import Sequence

from zhenwu.cycle.hbm.controller import Controller
from zhenwu.cycle.hbm.device import Device, Store
from zhenwu.cycle.hbm.ledger import Ledger
from zhenwu.cycle.hbm.timing_checker import TimingChecker
from zhenwu.spec.hbm3 import HBM3_6400, DramCommand, HbmTiming
from zhenwu.spec.hbm3_rules import TIMING_RULES, TimingRule
from zhenwu.spec.hbm_controller import longest_wait


class Referee:
    """The device on the pins, and everybody who watches them.

    `model` is the cycle model of the controller at work: from it come the requests that can be served (`serve` says
    that these and no others are). The pins themselves may be the model's or the RTL's. `step` is one CK.
    """

    def __init__(
        self,
        model: Controller,
        store: Store,
        timing: HbmTiming = HBM3_6400,
        rules: Sequence[TimingRule] = TIMING_RULES,
        limit: int | None = None,
    ):
        refresher = model.refresher
        self.refresh = (refresher.count + 1, refresher.interval) if refresher.enable else None
        self.device = Device(store, timing, model.address_map)
        self.checker = TimingChecker(timing, rules, self.refresh)
        self.ledger = Ledger(model.address_map)
        self.limit = limit or longest_wait(
            timing, model.admission.read_entries, model.admission.write_entries, model.direction.max_age,
            len(model.banks),
        )
        self.model = model
        self.commands: list[DramCommand] = []

    def restart(self, model: Controller) -> None:
        """A reset: `model` starts anew; what was found stays, and so does the device's content."""
        self.model = model
        self.device.reset()
        self.checker.reset()
        self.ledger.reset()

    def step(self, now: int, started: Sequence[DramCommand], drive: bool, write: int) -> None:
        """CK `now`, before the model's own edge: `started` are the commands on the pins, with no row in RD and WR."""
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
        if entering is not None and entering.queued_read is not None:
            self.ledger.accept(now, False, model.line(entering.request))
        if model.write_buffer.arrives(model.writes):
            self.ledger.accept(now, True, model.line(model.writes.requests[model.writes.ready]))

    def faults(self, now: int) -> list[str]:
        """All that is wrong, a sentence each; the run ends with CK `now`."""
        self.checker.end(now)
        found = [str(violation) for violation in self.checker.violations]
        found += self.ledger.faults + self.device.faults
        if self.ledger.longest > self.limit:
            found.append(f"a request waited {self.ledger.longest} CK, expected at most {self.limit}")
        return found
