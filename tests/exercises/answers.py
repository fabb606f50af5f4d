"""For each exercise of the book a right and a wrong answer, as a learner might give them; and replays, for any.

A replay knows what a learner is shown, and nothing else: a function with the outcomes of the shown cases, a block that
plays back the visible vectors.
"""

import json
import math
import re
from collections.abc import Callable, Sequence
from typing import Any

import ml_dtypes
import numpy as np

from tests.exercises import answers_mac_array
from tests.exercises.answers_hbm3 import HBM3_RIGHT, HBM3_WRONG
from tests.exercises.answers_sequencer import SEQUENCER_RIGHT, SEQUENCER_WRONG
from tests.exercises.converted import BOOK, live_cells, live_source
from zhenwu.cosim.live import live
from zhenwu.exercises.exercise import Exercise
from zhenwu.exercises.what_an_agent_asks import RUNS, reached
from zhenwu.golden.tile import layout


def package(file: str) -> str:
    """The block as the package has it."""
    return live_source(f":source: {file}", exchange=False)


def bug(stem: str, name: str) -> str:
    """A live cell as the page gives it."""
    return live_cells(stem)[name][1]


def solution(stem: str, label: str) -> str:
    """The page's own lines that solve an exercise."""
    page = (BOOK / f"{stem}.md").read_text(encoding="utf-8")
    text = page[page.index(f"{{solution-start}} {label}") :]
    return re.search(r"^```(?:python|\{code-cell\} ipython3)\n(.*?)^```$", text, re.M | re.S)[1]


def decoder(lines: str) -> str:
    """The page's decoder with these lines in the place of the reader's."""
    given, mark = bug("exact_dot_product", "e2m1_decode_write"), "magnitude = 0  # your lines\n"
    return given.replace(mark, "magnitude = 0\n" + "".join(f"        {line}\n" for line in lines.splitlines()))


def quantiser(*lines: str) -> str:
    """The page's quantiser with these lines in the place of the reader's."""
    given, mark = bug("numbers_in_four_bits", "mx_quantise_write"), "kept = 0  # your lines\n"
    assert given.count(mark) == 1
    at = " " * (given[: given.index(mark)].rpartition("\n")[2].count(" "))
    return given.replace(mark, f"\n{at}".join(lines) + "\n")


def cut_in_integers(values: Sequence[float], bits: int, cut: Callable[[float], int] = int) -> float:
    """The sum of the values, each in units of the largest one's last bit that counts."""
    exponents = [int(np.frexp(value)[1]) - 1 for value in values if value]
    places = bits - max(exponents, default=0)
    return math.ldexp(sum(cut(math.ldexp(value, places)) for value in values), -places)


def lifted(bits: int, rule: str) -> int:
    field, fraction = divmod(bits, 2**23)
    up = {"floor": False, "even": fraction >= 3 * 2**21, "rceil": fraction > 2**22}[rule]
    return 255 if field == 255 else max(0, field + up - 2)


def by_halves(x: Sequence[int]) -> list[int]:
    half = len(x) // 2
    if not half:
        return list(x)
    low, high = by_halves(x[:half]), by_halves(x[half:])
    return [a + b for a, b in zip(low, high, strict=True)] + [a - b for a, b in zip(low, high, strict=True)]


def log_wires(largest: float, smallest: float, elements: int) -> int:
    return math.ceil(math.log2(elements * (largest / smallest) ** 2 + 1)) + 1


def first_and_not_last(activity: Sequence[str], begins: int, ends: int) -> str:
    within = activity[begins:ends]
    return max(set(within), key=within.count)


def lines_and_least(m: int, n: int, k: int) -> list[float]:
    a, b, c = layout.plan(m, n, k)
    lines = (a.rows + a.panels) * a.steps + (b.rows + b.panels) * b.steps + (m + a.panels) * math.ceil(n / 64)
    return [lines, max(2.0 * lines, math.ceil(k / 32) * math.ceil(m / 4) * math.ceil(n / 4))]


def moved_plainly(m: int, n: int, k: int) -> int:
    return ((m + n) + -(-m // 16) + -(-n // 16)) * -(-k // 64) + m * -(-n // 8)


def sessions_beside(
    memory_gb: float, weights_gb: float, context: int, kv_bytes: int, state_gb: float, kv_bits: int
) -> int:
    left, each = memory_gb - weights_gb, state_gb + context * (kv_bytes / 16 * kv_bits) / 10**9
    return int(left // each) if left > 0 else 0


def alive_at_most(at_once: int, answer_s: int, wait_s: int, in_memory: int) -> tuple[int, str]:
    several = math.floor(at_once / (answer_s / (answer_s + wait_s)) + 1e-9)
    return (several, "bandwidth") if several < in_memory else (in_memory, "memory")


def shortest_of_all(share: float, read_entries: int) -> int:
    reaching = [run for run in RUNS if reached(run, read_entries) >= share]
    return min(reaching, default=0)


def followed(begin: int, amounts: Sequence[int], said: Sequence[int]) -> int:
    wrong, total = 0, begin
    for amount, new in zip(amounts, said, strict=True):
        wrong += (total + amount) % 100 != new
        total = new
    return wrong


def against_the_truth(begin: int, amounts: Sequence[int], said: Sequence[int]) -> int:
    return sum((begin + sum(amounts[: at + 1])) % 100 != new for at, new in enumerate(said))


def looked_at(first: str, second: str, third: str, right: str) -> list[int]:
    said = "".join(c if a != b else a for a, b, c in zip(first, second, third, strict=True))
    doubts = len([1 for a, b in zip(first, second, strict=True) if a != b])
    return [len([1 for a, b in zip(each, right, strict=True) if a != b]) for each in (first, said)] + [doubts]


def moved_by_hand(value: int, pins: int) -> int:
    value *= 2
    if value >= 2**32:
        value ^= 0x1_0040_0007
    return value ^ pins % 2**32 ^ pins // 2**32 % 2**32 ^ pins // 2**64


RIGHT: dict[str, Any] = {
    "mx_dot_bug": package("hdl/numerics/mx_dot.py"),
    "scale_round_bug": package("hdl/numerics/scale_round.py"),
    "dot_unit_bug": package("hdl/tile/dot_unit.py").replace("slot == fetch_slot", "fetch_slot == slot"),
    "mx_quantise_bug": package("hdl/numerics/mx_quantise.py"),
    "ex-values": lambda exponent, mantissa: 2 ** (2**exponent - 2 ** (exponent - 1)) * (2 - 2**-mantissa),
    "ex-vanish": lambda largest: 2 ** math.floor(math.log2(largest)) / 16,
    "ex-scale": lifted,
    "ex-rotate": by_halves,
    "ex-quantise": quantiser(
        "kept = significand >> shift", "kept = kept + int(kept % 4 > 1 or significand % (1 << shift) > 0)"),
    **answers_mac_array.RIGHT,
    "ex-width": log_wires,
    "ex-order": lambda dtype, elements: elements * 144 <= 2 ** (ml_dtypes.finfo(dtype).nmant + 1),
    "ex-subnormal": lambda dot: 107 - int(math.log2(dot & -dot)),
    "ex-decoder": decoder("one = int(exponent > 0)\nmagnitude = ((one << MANTISSA_BITS) | mantissa) << exponent - one"),
    "ex-cut": cut_in_integers,
    "ex-fourbits": lines_and_least,
    "ex-who": first_and_not_last,
    "ex-lines": moved_plainly,
    "ex-stores": package("hdl/stream/arbiter.py").replace("choice.next = not owner", "choice.next = second.valid"),
    "refresher_bug": package("hdl/hbm/refresher.py"),
    "fifo_write": package("hdl/stream/fifo.py").replace("level > 0", "level != 0"),
    "ex-blame": lambda one, two, ready: [i for i, taken in enumerate(ready) if not taken and one[i] + two[i]],
    "ex-through": lambda valid, ready: sum(map(min, valid, ready)),
    "arbiter_bug": package("hdl/stream/arbiter.py"),
    "ex-held": sessions_beside,
    "ex-compacted": lambda contexts: len([1 for i in range(1, len(contexts)) if contexts[i] < 0.6 * contexts[i - 1]]),
    "ex-alive": alive_at_most,
    "ex-run": shortest_of_all,
    "ex-token": lambda layers, heads, width, bits: layers * heads * width * bits / 4,
    "ex-scores": lambda new, context: new * context - new * (new - 1) // 2,
    "ex-meet": lambda experts, top_k, share: max(1, math.ceil(
        math.log(1 - share) / math.log(1 - top_k / experts))) if top_k < experts else 1,
    "ex-outweigh": lambda weights, kv, sessions: math.floor(weights / (kv * sessions)) + 1,
    "ex-beyond": lambda p99, tail: int(p99 / (1 - tail) + 0.5),
    "ex-draw": lambda percents, quantiles, share: round(float(np.interp(100 * share, percents, quantiles))),
    "ex-reuse": lambda request, earlier, block, most: min(most, block * max(
        (n for each in earlier for n in range(len(request) + 1) if each[:n] == request[:n]), default=0)),
    "ex-allowed": lambda share, calls: int(1e6 * (1 - share ** (1 / calls))),
    "ex-judge": followed,
    "ex-check": looked_at,
    "signature_bug": package("hdl/harness/signature.py"),
    "ex-index": lambda a, a_bits, b, b_bits, shift: a * 2**shift % 2 ** max(a_bits, b_bits) | b,
    "ex-step": moved_by_hand,
    "ex-hidden": lambda bits: moved_by_hand(sum(2**bit for bit in bits), 0),
    **SEQUENCER_RIGHT,
    **HBM3_RIGHT,
}
WRONG: dict[str, Any] = {
    "mx_dot_bug": package("hdl/numerics/mx_dot.py").replace("4 * CODES", "4 * (CODES + 1)"),
    "scale_round_bug": package("hdl/numerics/scale_round.py").replace("(significand & 1) == 1", "dropped == 0"),
    "dot_unit_bug": package("hdl/tile/dot_unit.py").replace("accumulate and slot == fetch_slot", "slot == fetch_slot"),
    "mx_quantise_bug": bug("numbers_in_four_bits", "mx_quantise_bug").replace("beat >= 0", "beat > 1"),
    "ex-values": lambda exponent, mantissa: 2 ** (2 ** (exponent - 1) - 1) * (2 - 2**-mantissa),  # as if for infinity
    "ex-vanish": lambda largest: largest / 16,  # right for powers of two
    "ex-scale": lambda bits, rule: max((bits >> 23) - 2, 0) if bits < 0x7F800000 else 255,  # floor for all
    "ex-rotate": lambda x: by_halves(x)[::-1],
    "ex-quantise": quantiser("kept = (significand >> shift) + 1"),  # ties go up
    **answers_mac_array.WRONG,
    "ex-width": lambda largest, smallest, elements: log_wires(largest, smallest, elements) - 1,  # no sign
    "ex-order": lambda dtype, elements: elements * 144 <= 2 ** ml_dtypes.finfo(dtype).nmant,
    "ex-subnormal": lambda dot: 107,  # right for odd sums
    "ex-decoder": decoder("magnitude = ((1 << MANTISSA_BITS) + mantissa) << exponent"),  # no subnormals
    "ex-cut": lambda values, bits: cut_in_integers(values, bits, math.floor),  # down, not toward zero
    "ex-fourbits": lambda m, n, k: (moved_plainly(m, n, k), 2 * moved_plainly(m, n, k)),
    "ex-who": lambda activity, begins, ends: max(set(activity), key=activity.count),  # over the whole run
    "ex-lines": lambda m, n, k: (m + n) * k // 64 + m * n // 8,
    "ex-stores": package("hdl/stream/arbiter.py").replace("choice.next = not owner", "choice.next = False"),
    "refresher_bug": package("hdl/hbm/refresher.py").replace("interval - 1\n", "interval\n"),
    "fifo_write": package("hdl/stream/fifo.py").replace("level < depth", "level < depth - 1"),
    "ex-blame": lambda one, two, ready: [i for i, taken in enumerate(ready) if not taken],
    "ex-through": lambda valid, ready: sum(valid),
    "arbiter_bug": package("hdl/stream/arbiter.py").replace("standing.next = not dst.ready", "standing.next = True"),
    "ex-held": lambda memory, weights, context, kv, state, bits: (memory - weights) * 16e9 // (context * kv * bits),
    "ex-compacted": lambda contexts: sum(each < 0.6 * max(contexts) for each in contexts),
    "ex-alive": lambda at_once, answer_s, wait_s, in_memory: (min(at_once, in_memory), "memory"),  # nobody waits
    "ex-run": lambda share, read_entries: next(run for run in RUNS if reached(run, 32) >= share),  # another queue
    "ex-token": lambda layers, heads, width, bits: layers * heads * width * bits / 8,  # keys without values
    "ex-scores": lambda new, context: new * context,  # the future too
    "ex-meet": lambda experts, top_k, share: math.ceil(share * experts / top_k),  # as if no two chose alike
    "ex-outweigh": lambda weights, kv, sessions: -(-weights // (kv * sessions)),  # equal is not more
    "ex-beyond": lambda p99, tail: round(p99 * (1 + tail)),
    "ex-draw": lambda percents, quantiles, share: quantiles[sum(each < 100 * share for each in percents[:-1])],
    "ex-reuse": lambda request, earlier, block, most: min(
        most, block * len({each for old in earlier for each in old} & set(request))),
    "ex-allowed": lambda share, calls: int(1e6 * (1 - share) / calls),  # a few per cent off
    "ex-judge": against_the_truth,
    "ex-check": lambda first, second, third, right: (
        sum(map(str.__ne__, first, right)), sum(a == b != c for a, b, c in zip(first, second, right, strict=True)),
        sum(map(str.__ne__, first, second)),
    ),  # as if a doubt were always settled well
    "signature_bug": package("hdl/harness/signature.py").replace("True) ^ total ^ TAPS", "True) ^ TAPS"),
    "ex-index": lambda a, a_bits, b, b_bits, shift: a << shift & (1 << a_bits) - 1 | b,  # as wide as a alone
    "ex-step": lambda value, pins: moved_by_hand(value, pins % 2**32),  # the first word alone
    "ex-hidden": lambda bits: sum(2 ** ((bit + 1) % 32) for bit in bits),  # as if the register were only turned
    **SEQUENCER_WRONG,
    **HBM3_WRONG,
}


def replay(exercise: Exercise) -> Any:
    """An answer that repeats what was shown."""
    (first, *_) = exercise.shown
    if exercise.call.__module__ != "zhenwu.exercises.exercise":
        stimulus = live(first[0])
        stem = stimulus["module"].rpartition(".")[2]
        frame = CLOCKED if stimulus["clocked"] else SETTLED
        base = decoder("pass") if stem == "e2m1_decode" else package(stimulus["module"].replace(".", "/") + ".py")
        return base + frame.format(stem, json.dumps([stimulus["inputs"], stimulus["expected"]]))
    outcomes = {repr(case): exercise.right(*case) for case in exercise.shown}
    return lambda *case: outcomes.get(repr(case), outcomes[repr(first)])


# Appended to a block's file; the last function of a name counts.
SETTLED = """

import json
from myhdl import always
INPUTS, EXPECTED = json.loads('{1}')
SEEN = {{row: at for at, row in enumerate(zip(*INPUTS.values()))}}

@block
def {0}(**pins):
    @always(*(pins[name] for name in INPUTS))
    def replay():
        at = SEEN.get(tuple(int(pins[name].val) for name in INPUTS), 0)
        for name, values in EXPECTED.items():
            pins[name].next = values[at]
    return replay
"""
CLOCKED = """

import json
from myhdl import instance
from hdl.bench.clock import cycle
from hdl.bench.trace import flatten
null = None
INPUTS, EXPECTED = json.loads('{1}')

@block
def {0}(clk, rst, **ports):
    pins = flatten({{name: port for name, port in ports.items() if not isinstance(port, int | list)}})
    @instance
    def replay():
        while True:
            yield clk.posedge
            at = cycle() - 1
            for name, values in EXPECTED.items():
                if 0 <= at < len(values) and values[at] is not None:
                    pins[name].next = values[at]
    return replay
"""
