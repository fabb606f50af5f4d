"""The controller's pictures for the report: every bank around a refresh, and the pins while the rows open again."""

from hdl.bench.waveform import waveform
from zhenwu.cosim.evidence import Drawing
from zhenwu.cosim.hbm.controller_bench import Follower
from zhenwu.cosim.hbm.timeline import timeline
from zhenwu.cosim.profiles import NONE
from zhenwu.cosim.stream_bench import MakeBench, run_once
from zhenwu.spec.hbm3 import COMMANDS, HBM3_6400

AROUND = 120  # CK shown before a refresh falls due, and after it has ended
PINS = (
    "port_cmd_valid", "port_cmd_ready", "port_cmd_line_address", "bus_rise_op", "bus_rise_bank_group", "bus_rise_bank",
    "bus_rise_row", "bus_fall_op", "bus_fall_bank_group", "bus_fall_bank", "bus_column_op", "bus_column_bank_group",
    "bus_column_bank", "bus_column_column", "dq_read", "port_rdata_valid", "port_rdata_ready", "port_rdata_id",
    "port_rdata_data",
)
WORDS = {f"bus_{slot}_op": ("", *COMMANDS[1:]) for slot in ("rise", "fall", "column")}


def timeline_drawing(follower: Follower) -> Drawing:
    """All banks from before the first refresh until the stream runs again."""
    commands = follower.referee.commands
    due = follower.referee.refresh[0]
    refresh = next(command.cycle for command in commands if command.op == "REFab")
    last = min(refresh + HBM3_6400.total("nRFCab") + AROUND, commands[-1].cycle)
    title = "A stream of reads, bank by bank, around a refresh"
    caption = (
        f"Four banks, one of each group, are read in turn; the next four open in time. In CK {due} a refresh falls "
        f"due: openers are still served, PREab closes all, REFab follows {refresh - due} CK after that and takes "
        f"{HBM3_6400.total('nRFCab')} CK. Bars are open rows, darker until the opener is served; ticks are RD; DQ "
        "shows the bursts. Rest the pointer on a mark to read it."
    )
    return Drawing(title, caption, timeline(commands, max(0, due - AROUND), last, title, due))


def refresh_drawing(make: MakeBench, seed: int, follower: Follower) -> Drawing:
    """The pins from the first ACT after the refresh to the first lines back."""
    commands = follower.referee.commands
    refresh = next(command.cycle for command in commands if command.op == "REFab")
    act = next(command.cycle for command in commands if command.op == "ACT" and command.cycle > refresh)
    offset = follower.controller.reset_cycles
    begin = act + offset - 2
    outcome = run_once(make, NONE, seed, begin + 100, window=(begin, begin + 70))
    columns = {column.name: column for column in outcome.trace.columns}
    shown = [columns[name] for name in PINS]
    title = "The controller's pins as rows open after a refresh"
    caption = (
        f"ACTs to different bank groups start {HBM3_6400.total('nRRDS')} CK apart, the first RD "
        f"{HBM3_6400.total('nRCDRD')} CK after its ACT, its data {HBM3_6400.total('nCL')} CK later on DQ. A dot marks "
        "a transfer."
    )
    return Drawing(title, caption, waveform(shown, begin, title, words=WORDS))
