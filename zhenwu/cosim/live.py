"""What the book's live cells are held against: a stimulus for each, with the answers of its golden or cycle model.

Nothing of this is committed: the book's build writes it beside the pages. The vectors are those of the block's own
bench, which plans its corners by name, behind a few that a reader can check by hand. `tests/cosim/test_live.py` sends
them variants that are wrong but plausible, and each must be found. With another seed or size than the pages have, the
same functions make the grader's hidden vectors.
"""

from collections.abc import Callable, Iterable, Mapping
from random import Random

import numpy as np

from hdl.bundle import ADDRESS_BITS, ID_BITS
from hdl.harness.signature import SIGNATURE_BITS
from zhenwu.cosim import live_array, live_dot_unit, live_hbm, live_tile
from zhenwu.cosim.harness.signature import next_signature
from zhenwu.cosim.numerics import mx_dot as mx_dot_bench
from zhenwu.cosim.numerics import mx_quantise as mx_quantise_bench
from zhenwu.cosim.numerics import scale_round as scale_round_bench
from zhenwu.cosim.numerics.quantiser_blocks import Block, blocks
from zhenwu.cycle.hbm.refresher import Refresher
from zhenwu.cycle.stream.arbiter import Arbiter
from zhenwu.cycle.stream.fifo import Fifo
from zhenwu.golden import numerics as golden
from zhenwu.spec.formats import BLOCK_SIZE, E2M1, E8M0_BIAS, FloatFormat
from zhenwu.spec.hbm3 import ACT, NOP, REFAB
from zhenwu.spec.mma_formats import ALL_FORMATS

SEED = 5
CYCLES = 400
DEPTH = 4  # of the queue
INTERVAL, START = 12, 5  # of the refreshes, in CK


def live(name: str, **other: int) -> dict:
    """The stimulus of a live cell as `hdl/bench/play.py` takes it: only dicts, lists, strings and ints.

    `other` takes the place of what the pages have: a seed, or a size by its name.
    """
    if name not in LIVE:
        raise ValueError(f"live vectors {name!r}: expected one of {', '.join(LIVE)}")
    return LIVE[name](**other)


def e2m1_decode(exponent_bits: int = E2M1.exponent_bits, mantissa_bits: int = E2M1.mantissa_bits) -> dict:
    """All codes of E2M1, or of a wider float without NaN and infinity; values are counted in the smallest one."""
    bias = (1 << (exponent_bits - 1)) - 1
    wider = FloatFormat(exponent_bits, mantissa_bits, bias, has_infinity=False, nan_codes=())
    smallest, codes = wider.value(1), range(1 << wider.bits)
    counted = [int(wider.value(code) / smallest) for code in codes]
    return _settled("hdl.numerics.e2m1_decode", {"code": codes}, {"halves": counted})


def e8m0_decode() -> dict:
    """All bytes."""
    codes = np.arange(256, dtype=np.uint8)
    return _settled("hdl.numerics.e8m0_decode", {"code": codes}, {"value": golden.e8m0_decode(codes).view(np.uint32)})


def mx_dot(seed: int = SEED) -> dict:
    """Ones, one lane alone, the ends of the range; then every product in every lane, and sums of all sizes."""
    one, six, minus_six, half = 2, 7, 15, 1
    alone = np.eye(1, BLOCK_SIZE, dtype=int)[0]
    first_a = [np.full(BLOCK_SIZE, code) for code in (one, six, six)] + [half * alone, np.arange(BLOCK_SIZE) % 16]
    first_b = [np.full(BLOCK_SIZE, code) for code in (one, six, minus_six)] + [half * alone, np.full(BLOCK_SIZE, one)]
    a, b = mx_dot_bench.stimulus(np.random.default_rng(seed), 150)
    a, b = (np.concatenate([first, rest]).astype(np.uint8) for first, rest in ((first_a, a), (first_b, b)))
    inputs = {"a": mx_dot_bench.words(a), "b": mx_dot_bench.words(b)}
    return _settled("hdl.numerics.mx_dot", inputs, {"dot": golden.mx_dot(a, b)})


def scale_round(seed: int = SEED) -> dict:
    """Plain scales, then every corner of rounding, underflow, overflow and NaN, then random ones."""
    first = np.array([(4, E8M0_BIAS, E8M0_BIAS), (-4, E8M0_BIAS, E8M0_BIAS), (1, E8M0_BIAS + 1, E8M0_BIAS + 1)])
    rest = scale_round_bench.stimulus(np.random.default_rng(seed), 600)
    types = (np.int32, np.uint8, np.uint8)
    dot, a, b = (np.concatenate([first[:, i], rest[i]]).astype(types[i]) for i in range(3))
    inputs = {"dot": dot, "scale_a": a, "scale_b": b}
    return _settled("hdl.numerics.scale_round", inputs, {"value": golden.scale_round(dot, a, b)})


def mx_quantise(seed: int = SEED, rounds: int = 2) -> dict:
    """A ramp in MXFP4 by each rule, one that comes lower, one in MXFP8; then the bench's blocks, under stalls.

    The sink stops the source at the last beat of a block and nowhere else: a block that is wrong takes a beat twice
    there, and would raise after the fourth of one block instead of showing what is wrong.
    """
    random, rng = Random(seed), np.random.default_rng(seed)
    ramp = (np.arange(BLOCK_SIZE) / 4).astype(np.float32)  # ends above seven
    plan = [(ramp, 0, 0), (ramp, 0, 1), (ramp, 0, 2), (ramp / 64, 0, 0), (ramp, 1, 0)]
    chosen = [Block(each.view(np.uint32), BLOCK_SIZE, fmt, rule) for each, fmt, rule in plan] + blocks(rng, rounds)
    beats = [(beat, block) for block in chosen for beat in mx_quantise_bench.beats(rng, block)]
    by_hand = len(plan) * BLOCK_SIZE // mx_quantise_bench.BEAT_WORDS  # beats, without a stall
    columns: dict[str, list] = {}
    full, held, shown, offering, at = False, None, None, False, 0
    while beats or full or shown:
        often, taking = _habits(at)
        offering = bool(beats) and (offering or at < by_hand or random.random() < often)
        inside = bool(full and shown and beats) and not beats[0][0]["last"]
        ready = at <= by_hand + 1 or inside or random.random() < taking
        moves, accepts = full and (ready or not shown), ready or not shown or not full
        payload = beats[0][0] if offering else {"data": at, "count": 1 + at % 8, "last": 1, "fmt": at % 2, "rule": 1}
        row = {"src_valid": offering} | {f"src_{name}": value for name, value in payload.items()}
        row |= {"dst_ready": ready, "expected src_ready": accepts, "expected dst_valid": shown is not None}
        row |= {f"expected dst_{name}": value for name, value in (shown or {"scale": None, "codes": None}).items()}
        _append(columns, {name: value if value is None else int(value) for name, value in row.items()})
        shown = held if moves else None if ready else shown
        full = full and not moves
        if offering and accepts:
            beat, block = beats.pop(0)
            full, offering = bool(beat["last"]), False
            if full:
                codes, scale = mx_quantise_bench.encode(block)
                held = {"scale": scale, "codes": mx_quantise_bench.pack(codes, block.element)}
        at += 1
    return _clocked("hdl.numerics.mx_quantise", columns)


def dot_unit(seed: int = SEED) -> dict:
    """A few dot products by hand in every format, then those of the unit's bench, back to back."""
    columns: dict[str, list] = {}
    for row in live_dot_unit.rows(seed):
        _append(columns, row)
    sizes = {"slots": live_dot_unit.SLOTS}
    parameters = sizes | {"formats": list(ALL_FORMATS), "latency": live_dot_unit.LATENCY}
    return _clocked("hdl.tile.dot_unit", columns) | {"ports": sizes, "parameters": parameters}


class StoresFirst(Arbiter):
    """The exercise's arbiter: the second side goes first where no command stands."""

    def choice(self, first: bool, second: bool) -> bool:
        """Whether the second side has the port."""
        return self.owner if self.standing else second


def arbiter(seed: int = SEED) -> dict:
    """Two streams and a port of random habits, as `hdl/stream/arbiter.py` shall join them."""
    return _arbitrated(Arbiter(), seed)


def arbiter_stores_first(seed: int = SEED) -> dict:
    """The same, with the second side first."""
    return _arbitrated(StoresFirst(), seed)


def _arbitrated(model: Arbiter, seed: int) -> dict:
    random = Random(seed)
    sides = ("first", "second")
    offers: dict[str, dict | None] = dict.fromkeys(sides)
    columns: dict[str, list] = {}
    for at in range(CYCLES):
        offering, taking = _habits(at)
        for side in sides:
            if offers[side] is None and random.random() < offering:
                address, tag = random.getrandbits(ADDRESS_BITS), random.getrandbits(ID_BITS)
                offers[side] = {"write": random.getrandbits(1), "line_address": address, "id": tag}
        valid = {side: offers[side] is not None for side in sides}
        ready = random.random() < taking
        side = sides[model.choice(*valid.values())]
        # Between offers the wires carry junk, so that a block that looks without `valid` is found out.
        junk = {"write": at % 2, "line_address": at, "id": at % 16}
        row = {"dst_ready": int(ready), "expected dst_valid": int(any(valid.values()))}
        for each in sides:
            payload = offers[each] or junk
            row |= {f"{each}_valid": int(valid[each])} | {f"{each}_{field}": payload[field] for field in payload}
            row[f"expected {each}_ready"] = int(ready and each == side) if valid[each] else None
        row |= {f"expected dst_{field}": (offers[side] or {}).get(field) for field in junk}
        _append(columns, row)
        model.step(*valid.values(), ready)
        if ready and any(valid.values()):
            offers[side] = None
    return _clocked("hdl.stream.arbiter", columns)


def fifo(seed: int = SEED, depth: int = DEPTH) -> dict:
    """A queue that fills, stays full while it is read, runs dry and lets payloads straight through."""
    random, model = Random(seed), Fifo(depth)
    columns: dict[str, list] = {}
    offer = None
    for at in range(CYCLES):
        offering, taking = _habits(at)
        if offer is None and random.random() < offering:
            offer = random.getrandbits(8)
        ready = random.random() < taking
        row = {"src_valid": int(offer is not None), "src_data": at % 256 if offer is None else offer}
        row |= {"dst_ready": int(ready), "expected src_ready": int(model.ready)}
        row |= {"expected dst_valid": int(model.valid), "expected dst_data": model.head}
        _append(columns, row)
        taken = model.ready and offer is not None
        model.step(offer, ready)
        offer = None if taken else offer
    return _clocked("hdl.stream.fifo", columns) | {"ports": {"data": 8}, "parameters": {"depth": depth}}


def refresher(interval: int = INTERVAL, start: int = START) -> dict:
    """Refreshes that come soon, late, and in the very cycle in which the next falls due."""
    model = Refresher(interval, start, True)
    columns: dict[str, list] = {}
    for delay in (0, 2, 5, 1, interval - 1, *range(interval - 2)) * 3:
        while not model.due:
            _append(columns, {"rise_op": ACT if len(columns.get("rise_op", ())) % 5 == 3 else NOP, "expected due": 0})
            model.step(columns["rise_op"][-1])
        for wait in range(delay + 1):
            other = ACT if wait % 2 else NOP  # a call stands whatever else is on the pins
            _append(columns, {"rise_op": REFAB if wait == delay else other, "expected due": int(model.due)})
            model.step(columns["rise_op"][-1])
    parameters = {"interval": interval, "start": start, "enable": 1}
    return _clocked("hdl.hbm.refresher", columns) | {"parameters": parameters}


def signature(seed: int = SEED, words: int = 3) -> dict:
    """One bit and then silence, a bit that stands for long, then pins that come and go."""
    random, value = Random(seed), 0
    width = SIGNATURE_BITS * words
    columns: dict[str, list] = {}
    for at in range(CYCLES):
        if at < 80:
            pins = 1 << SIGNATURE_BITS if at == 4 else 0
        elif at < 180:
            pins = 1 << width - 1
        else:
            pins = random.getrandbits(width) if random.random() < 0.7 else 0
        _append(columns, {"pins": pins, "expected value": value})
        value = next_signature(value, pins)
    sizes = {"words": words}
    return _clocked("hdl.harness.signature", columns) | {"ports": sizes, "parameters": sizes}


def trap_check(seed: int = SEED) -> dict:
    """Words that just fit a tile of two formats, that just do not, and any words."""
    words = live_tile.words(Random(seed))
    stimulus = _settled("hdl.tile.trap_check", {"word": words}, {"legal": map(live_tile.legal, words)})
    return stimulus | {"parameters": {"half_steps": live_tile.HALF_STEPS, "formats": list(live_tile.FORMATS)}}


def mover(seed: int = SEED, loads: int = 6) -> dict:
    """Loads of all formats, some at the end of memory, from a memory that stalls and marks lines."""
    columns: dict[str, list] = {}
    for row in live_tile.movements(Random(seed), loads):
        _append(columns, row)
    return _clocked("hdl.tile.mover", columns) | {"parameters": {"outstanding": live_tile.OUTSTANDING}}


def mma_issue(seed: int = SEED, latency: int = live_array.LATENCY, results: int = 16) -> dict:
    """One row of results, a whole panel, the bench's corners, then random mmas in all formats, on 4 x 8 dot units."""
    columns: dict[str, list] = {}
    for row in live_array.issued(Random(seed), latency, results):
        _append(columns, row)
    sizes = {"rows": live_array.ROWS, "cols": live_array.COLS, "half_steps": live_array.HALF_STEPS}
    return _clocked("hdl.tile.mma_issue", columns) | {"ports": sizes, "parameters": sizes | {"latency": latency}}


def _habits(at: int) -> tuple[float, float]:
    """How often a side offers and the sink takes, by turns: both often, both half, one of them seldom."""
    return ((0.9, 0.95), (0.5, 0.5), (0.95, 0.25), (0.25, 0.95))[at // 40 % 4]


def _append(columns: dict[str, list], row: Mapping[str, int | None]) -> None:
    for name, value in row.items():
        columns.setdefault(name, []).append(value)


def _clocked(module: str, columns: Mapping[str, list]) -> dict:
    inputs = {name: values for name, values in columns.items() if " " not in name}
    expected = {name.split()[1]: values for name, values in columns.items() if " " in name}
    return {"module": module, "clocked": True, "inputs": inputs, "expected": expected}


def _settled(module: str, inputs: Mapping[str, Iterable[int]], expected: Mapping[str, Iterable[int]]) -> dict:
    def plain(pins: Mapping[str, Iterable[int]]) -> dict[str, list[int]]:
        return {pin: [int(value) for value in values] for pin, values in pins.items()}

    return {"module": module, "clocked": False, "inputs": plain(inputs), "expected": plain(expected)}


LIVE: dict[str, Callable[..., dict]] = {
    each.__name__: each
    for each in (
        e2m1_decode, e8m0_decode, mx_dot, mx_quantise, scale_round, dot_unit, arbiter, arbiter_stores_first, fifo,
        refresher, signature, trap_check, mover, mma_issue, live_array.starved_tile, live_hbm.activate_window,
    )
}
