"""The timing rules of HBM3 as data: which command may follow which, in the same part of the memory, how soon.

    TimingRule("bank", "ACT", "RD", ("nRCDRD",))     an RD starts at least nRCDRD CK after an ACT of its bank

Gaps count from the CK in which a command starts. That is assumed: a precharge goes on the falling edge, half a CK
after that, and the simulator counts what follows an ACT from the ACT's end. Three pieces of code read this table and
share nothing else: the controller's gates in `hdl/hbm`, their cycle model, and the checker in
`zhenwu/cycle/hbm/timing_checker.py`. `kind` tells the rows of the public simulator (reported) from our own (assumed).
Chapter: HBM3 from the cell up.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from zhenwu.spec.hbm3 import COMMANDS, HbmTiming

SCOPES = ("pseudo_channel", "stack_id", "bank_group", "bank")  # from the largest to the smallest
WRITE_RECOVERY = ("nCWL", "nBL", "nWR")  # WR to precharge: latency, burst, recovery


@dataclass(frozen=True)
class TimingRule:
    """`following` starts at least the sum of `gap` after `preceding` of the same `scope`.

    `preceding` may name several commands that count alike: "ACT|REFpb". `window` = 4: after the fourth-last of them.
    `sibling`: after one of another `scope` in the same scope above.
    """

    scope: str
    preceding: str
    following: str
    gap: tuple[str, ...]
    window: int = 1
    sibling: bool = False
    kind: str = "reported"

    def __post_init__(self):
        if self.scope not in SCOPES or not {*self.precedents, self.following} <= set(COMMANDS[1:]):
            raise ValueError(f"{self}: expected a scope of {', '.join(SCOPES)} and two commands of the table")

    @property
    def precedents(self) -> tuple[str, ...]:
        """The commands that `preceding` names."""
        return tuple(self.preceding.split("|"))

    def __str__(self) -> str:
        window = f" (every {self.window + 1}th)" if self.window > 1 else ""
        other = "another " if self.sibling else ""
        return f"{other}{self.scope}: {self.preceding} -> {self.following}{window}: {' + '.join(self.gap)}"

    def cycles(self, timing: HbmTiming) -> int:
        """The gap in CK."""
        return timing.total(*self.gap)


def rules(scope: str, preceding: str, following: str, *gap: str, **more) -> Iterator[TimingRule]:
    """A row for each pair of a command in `preceding` and one in `following`."""
    for first in preceding.split():
        for second in following.split():
            yield TimingRule(scope, first, second, gap, **more)


def table(*groups: Iterable[TimingRule]) -> tuple[TimingRule, ...]:
    """All rows in order."""
    return tuple(rule for group in groups for rule in group)


READS, WRITES, PRECHARGES = "RD RDA", "WR WRA", "PREpb PREab"
REFRESHES = "REFab REFpb RFMab RFMpb"

TIMING_RULES = table(
    # DQ: bursts one after the other, and the turn from one direction to the other
    rules("pseudo_channel", READS, READS, "nBL"),
    rules("pseudo_channel", WRITES, WRITES, "nBL"),
    rules("pseudo_channel", READS, WRITES, "nRTW"),
    rules("pseudo_channel", WRITES, READS, "nCWL", "nBL", "nWTRS"),
    # Column commands of one die, of two dies, of one bank group
    rules("stack_id", READS, READS, "nCCDS"),
    rules("stack_id", WRITES, WRITES, "nCCDS"),
    rules("stack_id", READS, READS, "nCCDR", sibling=True),
    rules("bank_group", READS, READS, "nCCDL"),
    rules("bank_group", WRITES, WRITES, "nCCDL"),
    rules("bank_group", WRITES, READS, "nCWL", "nBL", "nWTRL"),
    # Rows of the pseudo-channel: how fast they may open, and closing all of them
    rules("bank_group", "ACT", "ACT", "nRRDL"),
    rules("pseudo_channel", "ACT", "ACT", "nRRDS"),
    rules("pseudo_channel", "ACT", "ACT", "nFAW", window=4),
    rules("pseudo_channel", "ACT", "PREab", "nRAS"),
    rules("pseudo_channel", "RD", "PREab", "nRTP"),
    rules("pseudo_channel", "WR", "PREab", *WRITE_RECOVERY),
    rules("pseudo_channel", "PREab", "ACT", "nRP"),
    rules("pseudo_channel", PRECHARGES, PRECHARGES, "nPPD"),
    # Refresh of all banks; refresh management likewise
    rules("pseudo_channel", "ACT", "REFab", "nRC"),
    rules("pseudo_channel", PRECHARGES, "REFab", "nRP"),
    rules("pseudo_channel", "RDA", "REFab", "nRTP", "nRP"),
    rules("pseudo_channel", "WRA", "REFab", *WRITE_RECOVERY, "nRP"),
    rules("pseudo_channel", "REFab", "ACT PREab", "nRFCab"),
    rules("pseudo_channel", "REFab", REFRESHES, "nRFCab", kind="assumed"),
    rules("pseudo_channel", "ACT", "RFMab", "nRC"),
    rules("pseudo_channel", PRECHARGES, "RFMab", "nRP"),
    rules("pseudo_channel", "RDA", "RFMab", "nRTP", "nRP"),
    rules("pseudo_channel", "WRA", "RFMab", *WRITE_RECOVERY, "nRP"),
    rules("pseudo_channel", "RFMab", "ACT PREab", "nRFMab"),
    rules("pseudo_channel", "RFMab", REFRESHES, "nRFMab", kind="assumed"),
    # Refresh of one bank, as the other banks see it
    rules("pseudo_channel", "REFpb", "REFpb ACT", "nRREFD"),
    rules("pseudo_channel", "ACT", "REFpb", "nRRDS"),
    rules("pseudo_channel", "RFMpb", "RFMpb ACT", "nRREFD"),
    rules("pseudo_channel", "ACT", "RFMpb", "nRRDS"),
    # One bank
    rules("bank", "ACT", "ACT", "nRC"),
    rules("bank", "ACT", READS, "nRCDRD"),
    rules("bank", "ACT", WRITES, "nRCDWR"),
    rules("bank", "ACT", "PREpb", "nRAS"),
    rules("bank", "PREpb", "ACT", "nRP"),
    rules("bank", "RD", "PREpb", "nRTP"),
    rules("bank", "WR", "PREpb", *WRITE_RECOVERY),
    rules("bank", "RDA", "ACT", "nRTP", "nRP"),
    rules("bank", "WRA", "ACT", *WRITE_RECOVERY, "nRP"),
    rules("bank", "ACT", "REFpb", "nRC"),
    rules("bank", "PREpb", "REFpb", "nRP"),
    rules("bank", "REFpb", "ACT", "nRFCpb"),
    rules("bank", "ACT", "RFMpb", "nRC"),
    rules("bank", "PREpb", "RFMpb", "nRP"),
    rules("bank", "RFMpb", "ACT", "nRFMpb"),
    # Ours: what the table leaves open
    rules("bank", "RDA", "REFpb RFMpb", "nRTP", "nRP", kind="assumed"),
    rules("bank", "WRA", "REFpb RFMpb", *WRITE_RECOVERY, "nRP", kind="assumed"),
    rules("bank", "REFpb", "REFpb RFMpb", "nRFCpb", kind="assumed"),
    rules("bank", "RFMpb", "REFpb RFMpb", "nRFMpb", kind="assumed"),
    rules("pseudo_channel", "ACT|REFpb", "ACT REFpb", "nFAW", window=4, kind="assumed"),
)
