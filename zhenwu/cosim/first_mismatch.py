"""The first mismatch, made visible: run again with the pins recorded, write a VCD and an SVG."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from hdl.bench.waveform import waveform
from zhenwu.cosim.evidence import Mismatch
from zhenwu.cosim.files import SIM_FOLDER, write_atomically
from zhenwu.cosim.numbers import Reading, integer
from zhenwu.cosim.vcd import vcd

if TYPE_CHECKING:
    from zhenwu.cosim.stream_bench import Outcome

CYCLES_BEFORE = 16
CYCLES_AFTER = 7


def wave_files(block: str) -> tuple[Path, Path]:
    """Where the VCD and the SVG of a block's first mismatch go."""
    return SIM_FOLDER / f"{block}_mismatch.vcd", SIM_FOLDER / f"{block}_mismatch.svg"


def first_mismatch(
    block: str,
    outcome: "Outcome",
    again: Callable[[tuple[int, int]], "Outcome"],
    seed: int,
    numbers: Mapping[str, Reading],
) -> Mismatch:
    """Describe the earliest difference of `outcome`; `again` repeats the run recording a window of cycles."""
    stream, difference = min(
        ((name, board.first) for name, board in outcome.boards.items() if board.first),
        key=lambda found: outcome.cycles if found[1].cycle is None else found[1].cycle,
    )
    cycle = outcome.cycles if difference.cycle is None else difference.cycle
    window = (max(0, cycle - CYCLES_BEFORE), cycle + CYCLES_AFTER)
    reading = numbers.get(difference.field, integer)
    vcd_path, svg_path = wave_files(block)
    mismatch = Mismatch(
        block=block,
        stream=stream,
        index=difference.index,
        cycle=difference.cycle,
        field=difference.field,
        expected=difference.expected,
        actual=difference.actual,
        expected_number=_read(reading, difference.expected),
        actual_number=_read(reading, difference.actual),
        profile=outcome.profile.name,
        seed=seed,
        vcd=vcd_path,
        svg=svg_path,
    )
    columns = [column for column in again(window).trace.columns if column.name != "clk"]
    mark_column = _pin(stream, difference.field, {column.name for column in columns})
    drawing = waveform(columns, window[0], str(mismatch), mark_cycle=cycle, mark_column=mark_column)
    write_atomically(vcd_path, vcd(columns, window[0], block).encode())
    write_atomically(svg_path, drawing.encode())
    return mismatch


def _pin(stream: str, field: str, names: set[str]) -> str:
    """The pin of a stream's field, or of a field that is a dotted pin itself: `bus.rise.op`, `requests.3`."""
    whole = field.replace(".", "_")
    guesses = f"{stream.replace('.', '_')}_{whole}", whole, whole.rpartition("_")[0]
    return next((name for name in guesses if name in names), guesses[0])


def _read(reading: Reading, value: int | None) -> str:
    return "nothing" if value is None else reading(value)
