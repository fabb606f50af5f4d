"""Roll a program up: what repeats with addresses that advance evenly becomes a loop.

For each distance of 1 to 255 instructions, two instructions that far apart go together if they differ in nothing but
addresses that a loop can advance. A run of such pairs in which each stream advances evenly is a loop whose body is as
long as the distance. Loops are chosen where they save the most, and then the rolled program is rolled once more, so
that loops come to stand in loops. Short bodies hide long ones and the other way round: so the first time is tried with
bodies of at most 1, 2, 4 .. 255 instructions, and the shortest program is kept. Chapter: the sequencer and the tile
mover.
"""

import heapq
from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from zhenwu.golden.tile.sequencer import ADDRESSES, STREAMS, advances_of
from zhenwu.spec.isa import LOOP_DEPTH, Instruction, Loop, LoopFields

LONGEST_BODY = (1 << LoopFields.length.width) - 1
MOST_ROUNDS = (1 << LoopFields.count.width) - 1
LARGEST_ADVANCE = (1 << LoopFields.result.width) - 1  # of every stream


@dataclass(frozen=True)
class Repeat:
    """`count` times the `length` instructions from `start` on."""

    start: int
    length: int
    count: int

    @property
    def end(self) -> int:
        """What comes behind it."""
        return self.start + self.length * self.count

    @property
    def saving(self) -> int:
        """Instructions that a loop saves."""
        return self.length * (self.count - 1) - 1


def roll(program: Iterable[Instruction]) -> list[Instruction]:
    """A program that hands out the same, waits included, in fewer words: at best in very few, at worst as it was.

    It takes time in proportion to the program's length. ValueError for a program that has loops already.
    """
    program = list(program)
    if any(isinstance(each, Loop) for each in program):
        raise ValueError("the program has loops: expected one without, to roll it up")
    best = program
    for rolled in rolled_once(program, [*(1 << i for i in range(LoopFields.length.width)), LONGEST_BODY]):
        for _ in range(LOOP_DEPTH - 1):
            (rolled,) = rolled_once(rolled, [LONGEST_BODY])
        best = min(best, rolled, key=len)
    return best


def rolled_once(program: Sequence[Instruction], limits: Sequence[int]) -> Iterator[list[Instruction]]:
    """The program with loops round what it repeats, once for each limit to the length of their bodies."""
    for candidates in repeats(program, limits):
        rolled: list[Instruction] = []
        place = 0
        for repeat in chosen(candidates):
            rolled += program[place : repeat.start]
            rolled += [loop_of(program, repeat), *program[repeat.start : repeat.start + repeat.length]]
            place = repeat.end
        yield rolled + list(program[place:])


def repeats(program: Sequence[Instruction], limits: Sequence[int]) -> Iterator[list[Repeat]]:
    """The best repeat from each instruction on, of those that save anything; once for each ascending limit."""
    count = len(program)
    kinds, streams = kinds_of(program), streams_of(program)
    outside = outside_loops(program)
    saving = np.zeros(count, np.int64)
    lengths, counts = np.zeros(count, np.int64), np.zeros(count, np.int64)
    length = 0
    for limit in limits:
        while length < min(limit, count // 2):
            length += 1
            pairs = count - length  # of an instruction and the one `length` behind it
            alike = even_run(kinds, streams, length)
            rounds = np.minimum(alike // length + 1, MOST_ROUNDS)
            saved = np.where(outside[:pairs], length * (rounds - 1) - 1, 0)
            better = saved > saving[:pairs]
            saving[:pairs][better] = saved[better]
            lengths[:pairs][better] = length
            counts[:pairs][better] = rounds[better]
        yield [Repeat(int(i), int(lengths[i]), int(counts[i])) for i in np.flatnonzero(saving > 0)]


def kinds_of(program: Sequence[Instruction]) -> NDArray[np.int64]:
    """A number for each instruction, equal for those that differ only in what a loop advances.

    Instructions of a loop differ from others: a loop that is to hold it must hold the whole of it.
    """
    numbers: dict[tuple[bool, Instruction], int] = {}
    outside = outside_loops(program)
    return np.array(
        [
            numbers.setdefault((bool(out), replace(each, **dict.fromkeys(advances_of(each), 0))), len(numbers))
            for out, each in zip(outside, program, strict=True)
        ],
        np.int64,
    )


def outside_loops(program: Sequence[Instruction]) -> NDArray[np.bool_]:
    """Which instructions stand in no loop."""
    outside = np.ones(len(program), bool)
    behind = 0
    for index, each in enumerate(program):
        outside[index] = index >= behind
        if isinstance(each, Loop):
            behind = max(behind, index + 1 + each.length)
    return outside


def streams_of(program: Sequence[Instruction]) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """For each stream the instructions whose addresses it moves, and these addresses."""
    places: dict[str, list[int]] = {name: [] for name in STREAMS}
    addresses: dict[str, list[int]] = {name: [] for name in STREAMS}
    for index, each in enumerate(program):
        for field, name in advances_of(each).items():
            places[name].append(index)
            addresses[name].append(getattr(each, field))
    return [(np.array(places[name], np.int64), np.array(addresses[name], np.int64)) for name in STREAMS]


def even_run(
    kinds: NDArray[np.int64], streams: list[tuple[NDArray[np.int64], NDArray[np.int64]]], length: int
) -> NDArray[np.int64]:
    """From each instruction on, how many in a row go with the one `length` behind them and advance evenly."""
    pairs = len(kinds) - length
    first = np.arange(pairs)
    differs = kinds[:-length] != kinds[length:]
    if (until(differs) - first).max(initial=0) < length:
        return np.zeros(pairs, np.int64)
    end = np.full(pairs, pairs)
    for places, addresses in streams:
        partner = np.searchsorted(places, places + length)
        paired = partner < len(places)
        paired[paired] = places[partner[paired]] == places[paired] + length  # if not, it is no matter: the kinds differ
        here = places[paired]
        if not len(here):
            continue
        advance = (addresses[partner[paired]] - addresses[paired]) % ADDRESSES
        differs[here[advance > LARGEST_ADVANCE]] = True
        # From `first` on, the stream advances as at the next place of it, up to the place where that changes
        changes = np.append(advance[1:] != advance[:-1], True)
        following = until(changes) + 1  # places from which on it is another
        ends = np.append(here, pairs)[following]
        next_place = np.searchsorted(here, first)
        end = np.minimum(end, np.append(ends, pairs)[next_place])
    return np.minimum(end, until(differs)) - first


def until(marked: NDArray[np.bool_]) -> NDArray[np.int64]:
    """From each place on, the first that is marked; the length if none is."""
    count = len(marked)
    return np.minimum.accumulate(np.where(marked, np.arange(count), count)[::-1])[::-1]


def chosen(candidates: list[Repeat]) -> list[Repeat]:
    """Repeats that do not overlap, in order, the one that saves most first; one that runs into another is cut."""
    taken: list[tuple[int, int]] = []  # start and end, in order
    kept: dict[int, Repeat] = {}
    heap = [(-repeat.saving, repeat.start, repeat.length, repeat.count) for repeat in candidates]
    heapq.heapify(heap)
    while heap:
        _, start, length, count = heapq.heappop(heap)
        place = bisect_left(taken, (start + 1, 0))
        if place and taken[place - 1][1] > start:
            continue
        room = taken[place][0] - start if place < len(taken) else length * count
        if room >= length * count:
            kept[start] = Repeat(start, length, count)
            insort(taken, (start, start + length * count))
        else:
            cut = Repeat(start, length, room // length)
            if cut.saving > 0:
                heapq.heappush(heap, (-cut.saving, start, length, cut.count))
    return [kept[start] for start in sorted(kept)]


def loop_of(program: Sequence[Instruction], repeat: Repeat) -> Loop:
    """The loop that runs the first round of a repeat as often as it stands there."""
    advances: dict[str, int] = {}
    for index in range(repeat.start, repeat.start + repeat.length):
        now, later = program[index], program[index + repeat.length]
        for field, name in advances_of(now).items():
            advances[name] = (getattr(later, field) - getattr(now, field)) % ADDRESSES
    return Loop(repeat.length, repeat.count, **advances)
