"""HBM3: the geometry and the timing of one pseudo-channel, in CK, and the commands that cross its pins.

The values are those of a public simulator's table. JESD238 itself is not public, so they are `reported`, the core
timings with one source; nothing here claims JEDEC compliance. The rules between commands stand in
`zhenwu/spec/hbm3_rules.py`, the controller's own sizes in `zhenwu/spec/hbm_controller.py`.
Chapters: HBM3 from the cell up; the controller and its limits.
"""

from dataclasses import dataclass, fields

from zhenwu.spec.sourced import Sourced
from zhenwu.spec.sources import JESD238, PHORONIX_HBM3, RAMULATOR_HBM3, RAMULATOR_HBM3E

HBM_PIN_RATE = Sourced(6.4, "Gb/s", PHORONIX_HBM3, "reported", key="hbm3.pin_rate", note="Per DQ pin.")
HBM_TRANSFERS_PER_CK = Sourced(
    4, "bit", JESD238, "reported", key="hbm3.transfers_per_ck",
    note="Bits per DQ pin and CK period: the data strobe runs at twice CK and moves two bits a cycle.",
)
HBM_CK_PERIOD = (HBM_TRANSFERS_PER_CK / HBM_PIN_RATE).to("ns").named("hbm3.ck_period", "tCK at 6.4 Gb/s.")

# The commands, in the order of their codes on the pins; 0 is no command.
COMMANDS = ("NOP", "ACT", "PREpb", "PREab", "RD", "RDA", "WR", "WRA", "REFab", "REFpb", "RFMab", "RFMpb")
NOP, ACT, PREPB, PREAB, RD, RDA, WR, WRA, REFAB, REFPB, RFMAB, RFMPB = range(len(COMMANDS))


@dataclass(frozen=True, slots=True)
class DramAddress:
    """A place in one channel. What a command does not name is 0: PREab has no bank, ACT no column."""

    pseudo_channel: int = 0
    stack_id: int = 0
    bank_group: int = 0
    bank: int = 0
    row: int = 0
    column: int = 0


@dataclass(frozen=True, slots=True)
class DramCommand:
    """A command `op` of COMMANDS that starts in CK `cycle`."""

    cycle: int
    op: str
    address: DramAddress = DramAddress()


@dataclass(frozen=True)
class HbmGeometry:
    """How many there are of each: a channel has pseudo_channels, each of those stack_ids, and so on down."""

    channels: Sourced
    pseudo_channels: Sourced
    stack_ids: Sourced
    bank_groups: Sourced
    banks: Sourced  # in a bank group
    rows: Sourced
    columns: Sourced  # of one burst each
    burst_length: Sourced
    dq_bits: Sourced

    @property
    def line_bytes(self) -> Sourced:
        """What one burst moves."""
        return (self.burst_length * self.dq_bits).to("B").named("hbm3.line_bytes")

    @property
    def lines(self) -> Sourced:
        """Bursts that one pseudo-channel stores."""
        per_bank = self.rows * self.columns
        return (per_bank * self.banks * self.bank_groups * self.stack_ids).named("hbm3.lines")


def ck(value: int, key: str, note: str = "") -> Sourced:
    """A number of CK from the table."""
    return Sourced(value, "CK", RAMULATOR_HBM3, "reported", key=f"hbm3.{key}", note=note)


def count(value: int, key: str, note: str = "") -> Sourced:
    """A number of things from the table."""
    return Sourced(value, "", RAMULATOR_HBM3, "reported", key=f"hbm3.{key}", note=note)


HBM3_GEOMETRY = HbmGeometry(
    channels=count(16, "channels", "Of 64 DQ each; a stack has 1,024 DQ."),
    pseudo_channels=count(2, "pseudo_channels", "They share the channel's row and column command buses."),
    stack_ids=count(1, "stack_ids", "A stack of up to 4 dies; 2 to 4 in higher ones."),
    bank_groups=count(4, "bank_groups"),
    banks=count(4, "banks"),
    rows=count(1 << 14, "rows"),
    columns=count(1 << 5, "columns", "A page of 1 KiB."),
    burst_length=count(8, "burst_length"),
    dq_bits=Sourced(32, "bit", RAMULATOR_HBM3, "reported", key="hbm3.dq_bits", note="Of a pseudo-channel."),
)


@dataclass(frozen=True)
class HbmTiming:
    """The timing of one speed grade, in CK. `replace(HBM3_6400, nRC=80)` makes another; a plain number in it
    counts as assumed. Values that no device can have raise ValueError.
    """

    tCK_ps: Sourced
    nBL: Sourced  # a burst on DQ
    nRCDRD: Sourced  # ACT to RD
    nRCDWR: Sourced  # ACT to WR
    nRP: Sourced  # precharge
    nRAS: Sourced  # ACT to precharge
    nRC: Sourced  # ACT to ACT of one bank
    nCCDS: Sourced  # column to column, another bank group
    nCCDL: Sourced  # the same bank group
    nCCDR: Sourced  # another stack id
    nRRDS: Sourced  # ACT to ACT, another bank group
    nRRDL: Sourced  # the same bank group
    nFAW: Sourced  # any five ACTs take longer than this
    nWTRS: Sourced  # end of a write burst to RD, another bank group
    nWTRL: Sourced  # the same bank group
    nRTW: Sourced  # RD to WR
    nRTP: Sourced  # RD to precharge
    nWR: Sourced  # write recovery: end of the burst to precharge
    nCL: Sourced  # RD to its data
    nCWL: Sourced  # WR to its data
    nPPD: Sourced  # precharge to precharge
    nRFCab: Sourced  # an all-bank refresh
    nRFCpb: Sourced  # a per-bank refresh
    nRREFD: Sourced  # per-bank refresh to ACT or refresh of another bank
    nREFI: Sourced  # between two all-bank refreshes
    nREFIpb: Sourced  # between two per-bank refreshes

    def __post_init__(self):
        for field in fields(self):
            value = getattr(self, field.name)
            if not isinstance(value, Sourced):
                unit = "ps" if field.name == "tCK_ps" else "CK"
                value = Sourced(value, unit, "ours: changed by whoever made this table", "assumed", key=field.name)
                object.__setattr__(self, field.name, value)
            number = value.value
            if isinstance(number, bool) or not isinstance(number, int) or number < 1:
                raise ValueError(f"{field.name} = {number!r}: expected a whole number of at least 1")
        for smaller, larger, why in _ORDER:
            if self.total(*smaller) > self.total(*larger):
                raise ValueError(
                    f"{' + '.join(smaller)} = {self.total(*smaller)} is more than {' + '.join(larger)} = "
                    f"{self.total(*larger)}: expected at most that, since {why}"
                )

    @property
    def nRFMab(self) -> Sourced:
        """Refresh management takes as long as the refresh of as many banks."""
        return self.nRFCab

    @property
    def nRFMpb(self) -> Sourced:
        """The same of one bank."""
        return self.nRFCpb

    def total(self, *names: str) -> int:
        """The sum of some of the values, in CK."""
        return sum(int(getattr(self, name)) for name in names)


_ORDER = (  # (sum, at most this sum, why)
    (("nRAS",), ("nRC",), "a row closes before its bank opens again"),
    (("nRCDRD",), ("nRAS",), "a row stays open until it can be read"),
    (("nRCDWR",), ("nRAS",), "a row stays open until it can be written"),
    (("nBL",), ("nCCDS",), "bursts do not overlap on DQ"),
    (("nCCDS",), ("nCCDL",), "a bank group is no faster than the pseudo-channel"),
    (("nCCDS",), ("nCCDR",), "a change of die is no faster than none"),
    (("nRRDS",), ("nRRDL",), "a bank group is no faster than the pseudo-channel"),
    (("nWTRS",), ("nWTRL",), "a bank group is no faster than the pseudo-channel"),
    (("nRRDS",), ("nFAW",), "a window of four ACTs holds at least two"),
    (("nCL", "nBL"), ("nRTW", "nCWL"), "a write burst comes after the read burst before it on DQ"),
    (("nRFCpb",), ("nRFCab",), "refreshing one bank takes no longer than refreshing all"),
    (("nRFCab", "nRP", "nRAS"), ("nREFI",), "a refresh ends, and some work is done, before the next is due"),
    (("nRREFD",), ("nRFCpb",), "another bank waits no longer than the bank under refresh"),
)

HBM3_6400 = HbmTiming(
    tCK_ps=HBM_CK_PERIOD.to("ps").named("hbm3.tCK_ps"),
    nBL=ck(2, "nBL", "BL8 at four transfers a CK."),
    nRCDRD=ck(31, "nRCDRD"),
    nRCDWR=ck(15, "nRCDWR"),
    nRP=ck(26, "nRP"),
    nRAS=ck(45, "nRAS"),
    nRC=ck(72, "nRC", "One more than nRAS + nRP."),
    nCCDS=ck(2, "nCCDS"),
    nCCDL=ck(4, "nCCDL"),
    nCCDR=ck(3, "nCCDR"),
    nRRDS=ck(4, "nRRDS"),
    nRRDL=ck(5, "nRRDL"),
    nFAW=ck(24, "nFAW"),
    nWTRS=ck(7, "nWTRS"),
    nWTRL=ck(10, "nWTRL"),
    nRTW=ck(20, "nRTW"),
    nRTP=ck(9, "nRTP"),
    nWR=ck(33, "nWR"),
    nCL=ck(20, "nCL"),
    nCWL=ck(10, "nCWL"),
    nPPD=ck(2, "nPPD"),
    nRFCab=ck(416, "nRFCab", "260 ns; denser channels take 350, 450 or 550 ns."),
    nRFCpb=ck(320, "nRFCpb"),
    nRREFD=ck(8, "nRREFD"),
    nREFI=ck(6240, "nREFI", "3.9 us."),
    nREFIpb=ck(390, "nREFIpb", "nREFI over 16 banks."),
)


def faster(value: int, name: str, unit: str = "CK") -> Sourced:
    """A value of the fastest preset."""
    return Sourced(value, unit, RAMULATOR_HBM3E, "reported", key=f"hbm3_9600.{name}")


# The simulator's fastest grade: 9.6 Gb/s. Nothing says that the M890 has it; a controller must not care.
HBM3_9600 = HbmTiming(faster(417, "tCK_ps", "ps"), **{
    name: faster(value, name)
    for name, value in {
        "nBL": 2, "nRCDRD": 47, "nRCDWR": 23, "nRP": 39, "nRAS": 68, "nRC": 108, "nCCDS": 2, "nCCDL": 6, "nCCDR": 5,
        "nRRDS": 6, "nRRDL": 8, "nFAW": 36, "nWTRS": 11, "nWTRL": 15, "nRTW": 30, "nRTP": 14, "nWR": 50, "nCL": 30,
        "nCWL": 15, "nPPD": 2, "nRFCab": 624, "nRFCpb": 480, "nRREFD": 8, "nREFI": 9360, "nREFIpb": 585,
    }.items()
})
