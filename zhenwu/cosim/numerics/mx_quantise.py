"""Cosimulation of the quantiser: blocks of both elements, every rule, size and kind, back to back and under stalls.

`quantiser_blocks` makes them and `quantiser_bins` counts what they are. The beats before a block's last one name any
element and rule: only the last one's count.
"""

import numpy as np
from numpy.typing import NDArray

from hdl.bench.coverage import Coverage, watch
from hdl.bench.monitor import Transfer, monitor
from hdl.numerics.mx_quantise import mx_quantise, ports
from zhenwu.cosim.evidence import Evidence
from zhenwu.cosim.numerics.block_scale import ELEMENTS, scale_value
from zhenwu.cosim.numerics.quantiser_bins import BEAT_WORDS, OF_BLOCKS, OF_ELEMENTS, covered
from zhenwu.cosim.numerics.quantiser_blocks import Block, blocks
from zhenwu.cosim.stream_bench import Bench, check_streams
from zhenwu.golden import numerics as golden
from zhenwu.spec.formats import E2M1, E4M3, SCALE_RULES, FloatFormat

ORACLE = "golden mx_quantise, held to frexp and ml_dtypes"
NOT_CHECKED = (
    "most of the values; sources that send a gap in a block, a fifth beat or rule 3, which the block rules out"
)
BINS = OF_BLOCKS | OF_ELEMENTS | {
    "cp_early_beat_differs": "a beat before the last one names another element or rule, which must not count",
    "cp_source_waits": "back-pressure reaches the source",
    "cp_output_waits": "a finished block waits, and must hold still",
    "cp_gap_in_block": "the source pauses inside a block",
    "cp_gather_and_encode": "the first beat of a block comes in the cycle in which the last one is encoded",
    "cp_output_replaced": "a block is offered in the cycle after the last one left",
}


def run(seed: int, quick: bool = False) -> Evidence:
    """The same blocks under every stall profile."""
    rng = np.random.default_rng(seed)
    coverage = Coverage(BINS)
    made = blocks(rng, 3 if quick else 12)
    encoded = [encode(block) for block in made]
    played = [beats(rng, block) for block in made]
    items = [beat for transfers in played for beat in transfers]
    expected = [
        {"codes": pack(codes, block.element), "scale": byte}
        for block, (codes, byte) in zip(made, encoded, strict=True)
    ]
    offered = covered(made, encoded)  # the bins of one pass over all blocks
    kinds = [{(beat["fmt"], beat["rule"]) for beat in transfers} for transfers in played]
    offered["cp_early_beat_differs"] += sum(len(kind) > 1 for kind in kinds)

    def bench(stalls) -> Bench:
        for name, times in offered.items():
            coverage.hit(name, times)
        pins = ports()
        clk, rst, src, dst = pins.values()
        last_beat, last_block = [], []

        def took(beat: Transfer) -> None:
            coverage.hit("cp_gather_and_encode", last_beat == [beat.cycle - 1])
            last_beat[:] = [beat.cycle] if beat.payload["last"] else []

        def gave(block: Transfer) -> None:
            coverage.hit("cp_output_replaced", last_block == [block.cycle - 1])
            last_block[:] = [block.cycle]

        waits = {
            "cp_source_waits": lambda: src.valid and not src.ready,
            "cp_output_waits": lambda: dst.valid and not dst.ready,
            "cp_gap_in_block": lambda: not src.valid and src.ready and not last_beat,
        }
        extra = [monitor(clk, rst, src, took), monitor(clk, rst, dst, gave), watch(clk, rst, coverage, waits)]
        return Bench(mx_quantise(**pins), pins, {"src": items}, {"dst": expected}, extra)

    return check_streams(
        "mx_quantise", bench, seed=seed, coverage=coverage, budget_cycles=20_000, oracle=ORACLE,
        not_checked=NOT_CHECKED, numbers={"codes": elements, "scale": scale_value},
        notes=("achieved, bound: beats a cycle",), achieved=lambda outcome: outcome.boards["src"].rate, bound=1.0,
    )


def encode(block: Block) -> tuple[NDArray[np.uint8], int]:
    """The 32 codes and the scale byte of a block, by the golden model."""
    x = block.words[: block.size].view(np.float32)
    codes, scale = golden.mx_quantise(x, block.element, SCALE_RULES[block.rule])
    return codes, int(scale[0])


def pack(codes: NDArray[np.uint8], element: FloatFormat) -> int:
    """Codes side by side in one word, the first one lowest."""
    return sum(code << element.bits * i for i, code in enumerate(codes.tolist()))


def beats(rng: np.random.Generator, block: Block) -> list[dict[str, int]]:
    """The transfers of one block."""
    transfers = [
        {
            "data": int.from_bytes(block.words[start : start + BEAT_WORDS].tobytes(), "little"),
            "count": min(BEAT_WORDS, block.size - start),
            "last": block.size <= start + BEAT_WORDS,
            "fmt": int(rng.integers(len(ELEMENTS))),
            "rule": int(rng.integers(len(SCALE_RULES))),
        }
        for start in range(0, block.size, BEAT_WORDS)
    ]
    transfers[-1] |= {"fmt": block.fmt, "rule": block.rule}
    return transfers


def elements(word: int) -> str:
    """The values of a block's codes; a word does not say which element it holds, but E2M1 fills only its lower half."""
    read = {
        name: " ".join(f"{element.value(word >> element.bits * i & (1 << element.bits) - 1):g}" for i in range(32))
        for name, element in (("E2M1", E2M1), ("E4M3", E4M3))
    }
    return f"E4M3 {read['E4M3']}" if word >> 128 else f"E2M1 {read['E2M1']}, or E4M3 {read['E4M3']}"
