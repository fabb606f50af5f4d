"""Where array or memory alone decide how long a program takes: conditions that suffice, with room to spare."""

from itertools import pairwise

from zhenwu.perf.tile import occupied
from zhenwu.perf.tile_instructions import Load, Mma, Program, Segment, Store
from zhenwu.perf.tile_machine import Machine, banks, line_beats

MARGIN = 20  # cycles: registers on the way


def groups(program: Program) -> list[Segment]:
    """The segments with mmas, one for each group."""
    return [
        segment for segment, count in program for _ in range(count) if any(isinstance(each, Mma) for each in segment)
    ]


def lines(segment: Segment, kind: type) -> int:
    return sum(each.lines for each in segment if isinstance(each, kind))


def results_leave_in_time(segment: Segment, machine: Machine) -> bool:
    """Whether each mma that completes a result outlasts the way out of any other."""
    last = [each for each in segment if isinstance(each, Mma) and each.last]
    ways = [line_beats(each, machine.cols) for each in segment if isinstance(each, Store)]
    if len(last) < 2:
        return True
    longest = max(max(sum(way), len(way) * machine.cycles_per_line) for way in ways)
    return min(occupied([each], machine) for each in last) >= longest + MARGIN


def reads_cover_latency(machine: Machine) -> bool:
    return machine.outstanding * machine.cycles_per_line >= machine.memory_latency + 8


def no_line_waits(program: Program, machine: Machine) -> bool:
    """Whether no two lines of one bank follow each other in a cycle."""
    loads = [each for segment, _ in program for each in segment if isinstance(each, Load)]
    ways = [banks(load, machine.cols if load.operand else machine.rows) for load in loads]
    return machine.cycles_per_line > 1 or not any(one == other for way in ways for one, other in pairwise(way))


def array_keeps_on(program: Program, machine: Machine) -> bool:
    """Whether `array_bound_cycles` holds for certain."""
    found = groups(program)
    for index, segment in enumerate(found):
        stored = lines(segment, Store) + (lines(found[index - 1], Store) if index else 0)
        moved = (2 * lines(segment, Load) + stored) * machine.cycles_per_line / (2 if index else 1)
        needed = moved + machine.memory_latency + MARGIN + 3 * len(segment)
        if lines(segment, Load) and occupied(segment, machine) < needed:
            return False
    everything = tuple(each for segment in found for each in segment)
    in_time = results_leave_in_time(everything, machine)
    return in_time and reads_cover_latency(machine) and no_line_waits(program, machine)


def memory_keeps_on(program: Program, machine: Machine) -> bool:
    """Whether `memory_bound_cycles` holds for certain."""
    found = groups(program)
    if machine.cycles_per_line < 2 or not reads_cover_latency(machine):
        return False
    for segment in found[:-1]:
        beats = sum(sum(line_beats(each, machine.cols)) for each in segment if isinstance(each, Store))
        stored = 2 * lines(segment, Store) * machine.cycles_per_line
        needed = occupied(segment, machine) + machine.memory_latency + beats + stored + 2 * MARGIN + 3 * len(segment)
        if lines(segment, Load) * machine.cycles_per_line < needed:
            return False
    return results_leave_in_time(found[-1], machine)
