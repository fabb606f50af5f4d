"""What the compute tile reaches, a sentence each: how busy its array is, what a longer k costs, how well we predict it.

All of it on RTL without dot units, which takes the same cycles; what one row of a decode step gets comes from
`zhenwu/perf/tile.py`, which the last sentence holds to the RTL. Behind `zhenwu bench`.
"""

from collections.abc import Callable, Iterator

from zhenwu.cosim.tile.sweep import sentence, sweep
from zhenwu.cosim.tile.throughput import throughput
from zhenwu.perf.tile import matmul_cycles
from zhenwu.spec.balance import M890_BALANCE_HIGH, M890_BALANCE_LOW, slice_balance
from zhenwu.spec.mma_formats import MMA_FORMATS
from zhenwu.spec.tile import TILE
from zhenwu.spec.vmxdotp import UTILISATION

SHAPE = (64, 64, 512)  # m, n, k
PUBLISHED_FORMAT = "mxfp4"
SIDE = 4  # rows and columns of the array
MARGINAL = (32, 16, 256)  # m, n and the k that is doubled; for a shorter one the drain would show
ONE_ROW = (1, 1024, 1024)
PRODUCTS = 200


def figures(seed: int, products: int = PRODUCTS, progress: Callable[[int], None] = lambda done: None) -> Iterator[str]:
    """The sentences, each as soon as it is known; `progress` is told how many random products are done."""
    for fmt in MMA_FORMATS.values():
        found = throughput(*SHAPE, fmt, rows=SIDE, cols=SIDE)
        shape, published = " x ".join(map(str, SHAPE)), ""
        if fmt.name == PUBLISHED_FORMAT:
            published = f", published for VMXDOTP up to {UTILISATION.value} {UTILISATION.unit}"
        yield f"{shape} {fmt.name}, operands loaded before: array {found.utilisation:.1%} busy{published}"
    m, n, k = MARGINAL
    more = []
    for fmt in MMA_FORMATS.values():
        once, twice = (throughput(m, n, depth, fmt, rows=SIDE, cols=SIDE).window for depth in (k, 2 * k))
        more.append(twice - once)
    yield f"twice the k of {m} x {n} x {k} costs {' : '.join(map(str, more))} cycles in {', '.join(MMA_FORMATS)}"
    for name in MMA_FORMATS:
        times = [
            matmul_cycles(
                *ONE_ROW, name, SIDE, SIDE, half_steps=int(TILE.half_steps), latency=int(TILE.adder_latency),
                cycles_per_line=rate,
            ) for rate in (1, 2)
        ]
        shares = " or ".join(f"{time.utilisation:.3f}" for time in times)
        yield (
            f"one row of {ONE_ROW[1]} x {ONE_ROW[2]} {name}, a line a cycle or in two: {shares} of the array's "
            f"multiply-adds, {times[0].bytes_per_multiply_add:.3f} bytes for each"
        )
    ours, low, high = map(float, (slice_balance(SIDE, SIDE), M890_BALANCE_LOW, M890_BALANCE_HIGH))
    yield (
        f"for each of its multiply-adds in mxfp4 one pseudo-channel brings {ours:.4f} bytes; "
        f"of the M890 {low:.4f} to {high:.4f}, ends that are assumed"
    )
    yield sentence(sweep(seed, products, progress))
