"""Cosimulation of the array: whole mmas on random banks, then every accumulator is read."""

from collections import deque
from collections.abc import Iterator

import numpy as np

from hdl.bench.clock import cycle
from hdl.bench.coverage import Coverage
from hdl.bench.monitor import Transfer
from hdl.bench.scoreboard import Scoreboard
from hdl.bench.script import script
from hdl.bench.stalls import Stalls
from hdl.tile.mac_array import mac_array, ports
from zhenwu.cosim.evidence import Evidence, merge, until_one_fails
from zhenwu.cosim.numbers import float32
from zhenwu.cosim.profiles import NONE, RANDOM, RESET
from zhenwu.cosim.stream_bench import Bench, check_streams
from zhenwu.golden.tile import mac_array as golden
from zhenwu.golden.tile.mma_issue import Step, mma_issue
from zhenwu.golden.tile.operand_banks import Banks, empty_banks
from zhenwu.spec.isa import STEP_ROWS, Mma
from zhenwu.spec.mma_formats import ALL_FORMATS, MMA_CODES, MMA_FORMATS
from zhenwu.spec.tile import SLICE_FORMATS

ORACLE = "golden mac_array: one golden dot unit per place"
NOT_CHECKED = "8 x 8 units alone (the tile's tests run them); results nobody has room for (mma_issue prevents them)"
BINS = {
    "cp_whole_step": "16 x 16: every sub-tile in turn",
    "cp_one_sub_tile": "the same accumulator every cycle",
    "cp_ragged": "sub-tiles partly outside the result",
    "cp_gap": "cycles without a step change nothing",
    "cp_both_buffers": "one result gathers while the other stands",
    "cp_continued": "an mma that goes on where the last one stopped",
    "cp_gap_in_group": "a cycle without a step between the two passes over a group",
    **{f"cp_{name}": f"a step in {name}" for name in ALL_FORMATS},
}
HALF_STEPS = 2
RESULT_DELAY = 3  # and the addition: cycles from a result's last step to the result


def run(seed: int, quick: bool = False) -> Evidence:
    """2 x 2 and 4 x 4 units, with the adder in one cycle and in more, with all formats and with MXFP4 alone."""
    sizes = ((4, ALL_FORMATS, 1), (2, ALL_FORMATS, 4), (4, SLICE_FORMATS, 2))
    return merge("mac_array", *until_one_fails(check_size(*size, seed, 2 if quick else 4) for size in sizes))


def random_banks(rng: np.random.Generator, banks: int) -> Banks:
    """Banks full of random bits, which are codes in any format, and moderate scales."""
    elements, scales = empty_banks(banks, HALF_STEPS)
    return rng.integers(0, 256, elements.shape, np.uint8), rng.integers(120, 135, scales.shape, np.uint8)


def random_round(rng: np.random.Generator, index: int, formats: tuple[str, ...]) -> list[Mma]:
    """Three mmas: a result in one format, and another one in two parts in the next."""
    sizes = [(int(m), int(n)) for m, n in rng.integers(1, STEP_ROWS + 1, (2, 2))]
    if index == 0:
        sizes[0] = (STEP_ROWS, STEP_ROWS)
        sizes[1] = (1, 1)
    one, other = (MMA_FORMATS[formats[(2 * index + place) % len(formats)]] for place in range(2))
    parts = [(sizes[0], 1, 1, one), (sizes[1], 1, 0, other), (sizes[1], 0, 1, other)]
    mmas = []
    for (m, n), first, last, fmt in parts:
        a_half, b_half, a_step, b_step = (int(value) for value in rng.integers(0, 2, 4))
        k_groups = int(rng.integers(1, 2 // fmt.a_words + 1))
        mmas.append(Mma(a_half, b_half, first, last, 0, 0, m, n, k_groups, a_step, b_step, fmt.code))
    return mmas


def check_size(size: int, formats: tuple[str, ...], latency: int, seed: int, rounds: int) -> Evidence:
    """Rounds of three mmas; after each, all accumulators of both buffers that the round used are read."""
    rng = np.random.default_rng(seed)
    coverage = Coverage(BINS)
    a_banks, b_banks = random_banks(rng, size), random_banks(rng, size)
    plan = []
    for index in range(rounds):
        steps, results = [], []
        for mma in random_round(rng, index, formats):
            buffer = len(results)
            for step in mma_issue(mma, buffer, size, size, HALF_STEPS):
                steps.append({**vars(step), "buffer": buffer, "m": mma.m, "n": mma.n})
            if mma.last:
                results.append({"buffer": buffer, "m": mma.m, "n": mma.n})
        subtiles = (STEP_ROWS // size) ** 2
        zeros = np.zeros((2 * subtiles, size, size), np.uint32)
        sums = golden.mac_array([as_step(step) for step in steps], a_banks, b_banks, zeros)
        slots = sorted({step["slot"] for step in steps})
        plan.append((steps, results, slots, sums))

    def bench(stalls) -> Bench:
        pins = ports(rows=size, cols=size, half_steps=HALF_STEPS)
        board = Scoreboard([
            {"value": int(sums[slot, row, column])}
            for _, _, slots, sums in plan for slot in slots for row in range(size) for column in range(size)
        ])
        late = RESULT_DELAY + latency
        results = Scoreboard([{**result, "cycles": late} for _, results, _, _ in plan for result in results])
        finished = [False]
        gaps = stalls("step")

        def steps() -> Iterator[None]:
            return drive(pins, plan, (a_banks, b_banks), gaps, (board, results), finished, coverage, latency)

        return Bench(
            mac_array(**pins, rows=size, cols=size, formats=formats, latency=latency), pins,
            extra=[script(pins["clk"], pins["rst"], steps, [pins["step"]])],
            done=lambda: finished[0], after=lambda: {"accumulators": board, "result": results},
        )

    return check_streams(
        "mac_array", bench, seed=seed, coverage=coverage, budget_cycles=20_000, oracle=ORACLE,
        not_checked=NOT_CHECKED, numbers={"value": float32}, profiles=(NONE, RANDOM, RESET),
    )


def as_step(step: dict) -> Step:
    """The golden record of a step's payload."""
    return Step(**{name: value for name, value in step.items() if name not in ("buffer", "m", "n")})


def word(elements) -> int:
    """Bytes as a bus, byte 0 lowest."""
    return int.from_bytes(np.ascontiguousarray(elements).tobytes(), "little")


def drive(
    pins, plan, banks, gaps: Stalls, boards, finished: list[bool], coverage: Coverage, latency: int
) -> Iterator[None]:
    """Offer the steps, answer each like the scratchpad one cycle after it moved, and read what came of it.

    A sub-tile comes again no sooner than `latency` cycles after it closed: `mma_issue` sees to that.
    """
    (a_elements, a_scales), (b_elements, b_scales) = banks
    step, result = pins["step"], pins["result"]
    board, results = boards
    board.restart()
    results.restart()
    result.ready.next = True
    size = len(a_elements)
    for steps, _, slots, _ in plan:
        pending, offered, idle = list(steps), None, 0
        closed: dict[int, int] = {}  # slot: the cycle in which its last group closed
        ends: deque[int] = deque()  # the cycles of the last steps whose results are to come
        while idle < 5 + latency:  # the pipeline has run dry
            if result.valid and result.ready:
                payload = {name: int(signal.val) for name, signal in result.payload().items()}
                results.receive(Transfer(cycle(), {**payload, "cycles": cycle() - ends.popleft()}))
            moved = offered if step.ready else None
            if moved is not None:
                pins["a_words"].next = word(a_elements[:, moved["a_address"]])
                pins["b_words"].next = word(b_elements[:, moved["b_address"]])
                pins["a_scales"].next = word(a_scales[moved["a_scale_address"]])
                pins["b_scales"].next = word(b_scales[moved["b_scale_address"]])
                count_bins(moved, size, coverage)
                if moved["closes"]:
                    closed[moved["slot"]] = cycle()
                if moved["last"]:
                    ends.append(cycle())
            else:
                pins["a_scales"].next = pins["b_scales"].next = (1 << 128) - 1
            if moved is not None or offered is None:
                early = pending and pending[0]["closes"] and cycle() + 1 < closed.get(pending[0]["slot"], -9) + latency
                offered = pending.pop(0) if pending and not next(gaps) and not early else None
                for name, value in (offered or {}).items():
                    getattr(step, name).next = value
                step.valid.next = offered is not None
                coverage.hit("cp_gap", bool(pending) and offered is None)
                coverage.hit("cp_gap_in_group", bool(pending) and offered is None and pending[0]["upper"])
            idle = 0 if pending or offered else idle + 1
            yield
        for slot in slots:
            pins["drain_read"].next = True
            pins["drain_slot"].next = slot
            yield
            pins["drain_read"].next = False
            for row in range(size):
                pins["drain_row"].next = row
                yield
                yield
                values = int(pins["drain_values"].val)
                for column in range(size):
                    board.receive(Transfer(cycle(), {"value": (values >> 32 * column) & 0xFFFFFFFF}))
    finished[0] = True


def count_bins(step: dict, size: int, coverage: Coverage) -> None:
    """The situations of one step."""
    m, n = step["m"], step["n"]
    coverage.hit("cp_whole_step", m == n == STEP_ROWS)
    coverage.hit("cp_one_sub_tile", m <= size and n <= size)
    coverage.hit("cp_ragged", m % size > 0 or n % size > 0)
    coverage.hit("cp_both_buffers", step["buffer"])
    coverage.hit("cp_continued", step["buffer"] and not step["first"])
    coverage.hit(f"cp_{MMA_CODES[step['fmt']].name}")
