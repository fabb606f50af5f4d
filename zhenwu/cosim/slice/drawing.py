"""The slice's pictures for the report: the whole run, and banks, pins and commands around the first refresh."""

from collections.abc import Sequence

from hdl.bench.waveform import waveform
from zhenwu.cosim.evidence import Drawing, Listing
from zhenwu.cosim.hbm.drawing import WORDS
from zhenwu.cosim.hbm.timeline import timeline
from zhenwu.cosim.profiles import NONE
from zhenwu.cosim.slice.activity import array_and_dq
from zhenwu.cosim.slice.figures import Figures
from zhenwu.cosim.slice.slice_bench import SliceFollower
from zhenwu.cosim.stream_bench import MakeBench, run_once
from zhenwu.spec.hbm3 import DramCommand, HbmTiming

AROUND = 130  # CK shown before a refresh falls due, and after it has ended
PINS_BEFORE, PINS_AFTER = 48, 24  # cycles of the waveform, around REFab
MOST_COMMANDS = 5_000  # in the page
PINS = (
    "step_valid", "step_ready", "step_slot", "step_last", "line_valid", "line_ready", "beats_valid", "beats_ready",
    "port_cmd_valid", "port_cmd_ready", "port_cmd_write", "port_cmd_line_address", "port_wdata_valid",
    "port_wdata_ready", "port_rdata_valid", "port_rdata_ready", "bus_rise_op", "bus_rise_bank_group", "bus_rise_bank",
    "bus_rise_row", "bus_fall_op", "bus_fall_bank_group", "bus_fall_bank", "bus_column_op", "bus_column_bank_group",
    "bus_column_bank", "bus_column_column", "dq_drive", "dq_write", "dq_read",
)


def first_refresh(commands: Sequence[DramCommand]) -> int | None:
    """The CK of the first REFab."""
    return next((command.cycle for command in commands if command.op == "REFab"), None)


def drawings(
    figures: Figures, follower: SliceFollower, make: MakeBench, seed: int, timing: HbmTiming
) -> tuple[Drawing, ...]:
    """The run of the first job; and if it has a refresh, the banks and the pins around that."""
    commands, span = follower.controller.referee.commands, figures.span
    title = f"{figures.name}: what array and DQ do, CK by CK"
    caption = (
        f"From the start to the last line in the device, {figures.took:,} CK; a column is a stretch of time. The array "
        f"multiplies in {figures.array_share:.1%} of it, at most {figures.array_bound:.1%} on this memory; the limit "
        f"is {figures.limit}. Rest the pointer on a column to read it."
    )
    picture = array_and_dq(follower.activity, commands, span.began, span.settled, title, timing)
    whole = Drawing(title, caption, picture)
    refresh = first_refresh(commands)
    if refresh is None or refresh > span.settled:
        return (whole,)
    return whole, bank_drawing(figures, follower, refresh, timing), pin_drawing(follower, make, seed, refresh)


def bank_drawing(figures: Figures, follower: SliceFollower, refresh: int, timing: HbmTiming) -> Drawing:
    """All banks around the first refresh."""
    due = follower.controller.referee.refresh[0]
    title = f"{figures.name}: bank by bank around a refresh"
    caption = (
        f"In CK {due} a refresh falls due; REFab follows {refresh - due} CK later and takes "
        f"{timing.total('nRFCab')} CK. Bars are open rows, darker until their opener is served; green ticks are RD, "
        "brown ones WR; DQ shows the bursts."
    )
    last = min(refresh + timing.total("nRFCab") + AROUND, figures.span.settled)
    commands = follower.controller.referee.commands
    return Drawing(title, caption, timeline(commands, max(0, due - AROUND), last, title, due, timing))


def pin_drawing(follower: SliceFollower, make: MakeBench, seed: int, refresh: int) -> Drawing:
    """The pins, and some streams inside the tile, while the refresh begins."""
    offset = follower.controller.reset_cycles
    begin, end = max(0, refresh + offset - PINS_BEFORE), refresh + offset + PINS_AFTER
    doing = follower.activity[refresh]
    outcome = run_once(make, NONE, seed, end + 1, window=(begin, end))
    columns = {column.name: column for column in outcome.trace.columns}
    title = "The slice's pins as a refresh begins"
    caption = (
        f"REFab stands on bus_rise in cycle {refresh + offset}, CK {refresh} after reset; the array is {doing} then. "
        "step is the array's input, line what comes to the scratchpad, beats what leaves the accumulators. A dot marks "
        "a transfer."
    )
    return Drawing(title, caption, waveform([columns[name] for name in PINS], begin, title, words=WORDS))


def listing(commands: Sequence[DramCommand]) -> Listing:
    """Every command that crossed the pins, as text."""
    lines = [written(command) for command in commands[:MOST_COMMANDS]]
    if len(commands) > MOST_COMMANDS:
        lines.append(f"... and {len(commands) - MOST_COMMANDS:,} more")
    return Listing("Commands of the slice", "CK, command, bank group and bank, row or column.", "\n".join(lines))


def written(command: DramCommand) -> str:
    """One command as a line."""
    place = command.address
    where = "" if command.op in ("PREab", "REFab") else f"group {place.bank_group} bank {place.bank}"
    last = f"row {place.row}" if command.op in ("ACT", "RD", "WR") else ""
    column = f"column {place.column}" if command.op in ("RD", "WR") else ""
    return f"{command.cycle:8} {command.op:6} {where:15} {last:10} {column}".rstrip()
