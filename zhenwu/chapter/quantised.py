"""Rows sent through the quantiser as it is in hardware: what it gave, and what its pins showed on the way."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hdl.bench.play import play
from hdl.numerics.block_scale import ELEMENTS
from zhenwu.spec.formats import BLOCK_SIZE, E2M1, SCALE_RULES, FloatFormat

BEAT = 8  # elements
BEATS = BLOCK_SIZE // BEAT
AFTER = 4  # cycles that the last block may take to come out


class Quantised(NamedTuple):
    """codes uint8[rows, k], scale uint8[rows, k / 32]; `pins` as `waves` takes them, a cycle each from the first beat.

    Of `dst_codes` the pins have what the element fills. `wait` is the cycles from a block's last beat to the cycle in
    which it is offered, the same for every block.
    """

    codes: NDArray[np.uint8]
    scale: NDArray[np.uint8]
    pins: dict[str, tuple[int, list[int]]]
    wait: int


def quantised(x: NDArray[np.float32], element: FloatFormat = E2M1, rule: str = SCALE_RULES[0]) -> Quantised:
    """The blocks of x float32[rows, k], k a whole number of blocks, back to back and with nobody in the way.

    ValueError if the blocks that come out are not as many as went in, not evenly late, or wider than the element fills.
    """
    beats = np.ascontiguousarray(x, np.float32).reshape(-1, BEAT)
    cycles, idle = len(beats) + AFTER, [0] * AFTER
    inputs = {
        "src_valid": [1] * len(beats) + idle,
        "src_data": [int.from_bytes(beat.tobytes(), "little") for beat in beats] + idle,
        "src_count": [BEAT] * cycles,
        "src_last": [int(at % BEATS == BEATS - 1) for at in range(len(beats))] + idle,
        "src_fmt": [ELEMENTS.index(element)] * cycles,
        "src_rule": [SCALE_RULES.index(rule)] * cycles,
        "dst_ready": [1] * cycles,
    }
    watched = {f"dst_{pin}": [None] * cycles for pin in ("valid", "scale", "codes")}
    record = play({"module": "hdl.numerics.mx_quantise", "clocked": True, "inputs": inputs, "expected": watched})
    pins = {column["name"]: (column["width"], column["values"]) for column in record["columns"]}

    closed, given = (np.flatnonzero(pins[pin][1]) for pin in ("src_last", "dst_valid"))
    if len(given) != len(closed) or np.ptp(given - closed):
        raise ValueError(f"blocks ended in cycles {closed} and came in {given}: expected all of them, evenly late")
    width = element.bits * BLOCK_SIZE
    pins["dst_codes"] = width, pins["dst_codes"][1]
    words, scale = ([pins[pin][1][cycle] for cycle in given] for pin in ("dst_codes", "dst_scale"))
    if max(words) >> width:
        raise ValueError(f"codes {max(words):#x} of {BLOCK_SIZE} elements: expected {width} bits at most")
    codes = [[word >> element.bits * i & (1 << element.bits) - 1 for i in range(BLOCK_SIZE)] for word in words]
    by_row = x.shape[0], x.shape[1] // BLOCK_SIZE
    return Quantised(
        np.array(codes, np.uint8).reshape(x.shape), np.array(scale, np.uint8).reshape(by_row), pins,
        int(given[0] - closed[0]),
    )
