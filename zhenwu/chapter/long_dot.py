"""Dot products over thousands of products, added up in ten ways: for the chapter on exact dot products."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from math import fsum

import numpy as np
from numpy.typing import NDArray

from zhenwu.chapter.figure import BLUE, GREEN, RED
from zhenwu.chapter.simulate import changed
from zhenwu.cosim.agent_layer import AgentLayer
from zhenwu.golden import numerics as golden
from zhenwu.golden.tile.dot_unit import Operation, term
from zhenwu.spec.formats import E2M1, E4M3, E8M0_BIAS
from zhenwu.spec.mma_formats import BF16_MMA, MXFP4_MMA, MXFP8_MMA, MmaFormat
from zhenwu.spec.tensor_cores import AMPERE, BLACKWELL_FP4, HOPPER, HOPPER_FP8, VOLTA, TensorCore

LENGTH = 4096
LENGTHS = tuple(1 << places for places in range(6, 13))  # whole groups in every way
ROWS = 256
DEPTHS = range(8, 33)
IN_ORDER, PAIRWISE = "float32, in order", "float32, pairwise"
OURS = {"BF16": "our tile, BF16", "E4M3": "our tile, MXFP8", "E2M1": "our tile, MXFP4"}
Running = NDArray[np.float32]  # [rows, steps]: the sum after each step, steps evenly long


@dataclass(frozen=True)
class Way:
    """Sums float64[rows, lengths] as one machine has them, and without error, of the same operands."""

    operands: str
    found: NDArray[np.float64]
    exact: NDArray[np.float64]

    def error(self) -> NDArray[np.float64]:
        """For each length: the root of the mean squared error over that of the exact sums."""
        return np.sqrt(np.mean((self.found - self.exact) ** 2, axis=0) / np.mean(self.exact**2, axis=0))


def end_to_end(layer: AgentLayer, seed: int = 1) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Activations and weights float32[256, 4096] of the agent: rows of its first layer, drawn and laid end to end."""
    rng = np.random.default_rng(seed)
    k = layer.prefill.shape[1]
    return tuple(
        source[rng.integers(0, len(source), (ROWS, LENGTH // k))].reshape(ROWS, LENGTH)
        for source in (layer.prefill, layer.q_proj)
    )


def one_and_many(places: Sequence[int]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Operands float32[rows, 4096]: a product of 1, then 4,095 of 2^-places, which is a row's own.

    With one scale E4M3 holds them as far as 32 places.
    """
    a, b = np.ones((2, len(places), LENGTH), np.float32)
    for row, depth in enumerate(places):
        a[row, 1:], b[row, 1:] = 2.0 ** -(depth // 2), 2.0 ** -(depth - depth // 2)
    return a, b


def deepest(places: Sequence[int] = DEPTHS) -> dict[str, int]:
    """For each way the most places under the first product at which half of what the others add up to still counts."""
    found = {}
    for name, way in ways(*one_and_many(places)).items():
        share = (way.found[:, -1] - 1) / (way.exact[:, -1] - 1)
        found[name] = max(depth for depth, counted in zip(places, share, strict=True) if counted > 0.5)
    return found


def ways(a: NDArray[np.float32], b: NDArray[np.float32]) -> Mapping[str, Way]:
    """The dot products of rows float32[rows, 4096], each way with the operands that it takes, by name.

    BF16 rounds to nearest even. E4M3 has one scale for all, a power of two. MXFP4 has its block scales. Volta, which
    has no BF16, gets the same numbers.
    """
    wide = golden.bf16_encode(a), golden.bf16_encode(b)
    products = golden.bf16_decode(wide[0]) * golden.bf16_decode(wide[1])  # exact: 16 bits
    narrow = tuple(golden.element_encode(np.ldexp(x, -one_scale(x)), E4M3) for x in (a, b))
    scale = 2.0 ** (one_scale(a) + one_scale(b))  # of what E4M3 multiplies
    blocks = (*golden.mx_quantise(a), *golden.mx_quantise(b))
    found = {
        ("BF16", VOLTA.name): golden.truncated_dot(*wide, VOLTA),
        ("BF16", AMPERE.name): golden.truncated_dot(*wide, AMPERE),
        ("BF16", HOPPER.name): golden.truncated_dot(*wide, HOPPER),
        ("BF16", OURS["BF16"]): ours(BF16_MMA, *wide),
        ("BF16", IN_ORDER): np.add.accumulate(products, axis=1),
        ("E4M3", HOPPER_FP8.name): golden.truncated_dot(*narrow, HOPPER_FP8) * scale,
        ("E4M3", OURS["E4M3"]): ours(MXFP8_MMA, *narrow) * scale,
        ("E2M1", BLACKWELL_FP4.name): golden.truncated_mx_dot(*blocks, BLACKWELL_FP4),
        ("E2M1", OURS["E2M1"]): ours(MXFP4_MMA, blocks[0], blocks[2], blocks[1], blocks[3]),
    }
    exact = {
        "BF16": exact_sums(golden.bf16_decode(wide[0]), golden.bf16_decode(wide[1])),
        "E4M3": exact_sums(*(golden.element_decode(codes, E4M3) for codes in narrow)) * scale,
        "E2M1": exact_sums(golden.mx_dequantise(*blocks[:2], E2M1), golden.mx_dequantise(*blocks[2:], E2M1)),
    }
    seen = {name: Way(operands, at_lengths(sums), exact[operands]) for (operands, name), sums in found.items()}
    return seen | {PAIRWISE: Way("BF16", pairwise(products), exact["BF16"])}


def if_rounded(a: NDArray[np.float32], b: NDArray[np.float32], core: TensorCore) -> Way:
    """BF16 by the rule of `core`, but for one line of its model: what leaves is rounded to nearest, not cut."""
    model = changed(import_module("zhenwu.golden.numerics.truncated_dot"), "np.trunc(np.ldexp", "np.rint(np.ldexp")
    codes = golden.bf16_encode(a), golden.bf16_encode(b)
    exact = exact_sums(golden.bf16_decode(codes[0]), golden.bf16_decode(codes[1]))
    return Way("BF16", at_lengths(model.truncated_dot(*codes, core)), exact)


def one_scale(x: NDArray[np.float32]) -> int:
    """The exponent of the scale with which the largest magnitude lies from 128 up to 256, where E4M3 ends at 448."""
    return int(np.frexp(np.abs(x).max())[1]) - E4M3.emax


def ours(
    fmt: MmaFormat, a: NDArray, b: NDArray, a_scale: NDArray | None = None, b_scale: NDArray | None = None
) -> Running:
    """Our tile's accumulator after each group of codes uint[rows, k], by its golden model; a scale not given is 1."""
    ones = np.full((len(a), a.shape[1] // fmt.group), E8M0_BIAS, np.uint8)
    groups = [codes.reshape(len(codes), -1, fmt.group) for codes in (a, b)]
    scales = [ones if scale is None else scale for scale in (a_scale, b_scale)]
    return np.add.accumulate(term(Operation(0, 1, *groups, *scales, fmt)).view(np.float32), axis=1)


def at_lengths(sums: Running) -> NDArray[np.float64]:
    """The sums after each of LENGTHS, float64[rows, lengths]."""
    step = LENGTH // sums.shape[1]
    return sums[:, [length // step - 1 for length in LENGTHS]].astype(np.float64)


def exact_sums(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float64]:
    """The sums of products over each of LENGTHS, rounded once, to float64."""
    products = a.astype(np.float64) * b  # exact: no operand has more than 24 bits
    return np.array([[fsum(row[:length]) for length in LENGTHS] for row in products.tolist()])


def pairwise(products: NDArray[np.float32]) -> NDArray[np.float64]:
    """Neighbours are added in float32, then neighbours among the sums, and so on: float64[rows, lengths]."""
    found = []
    for length in LENGTHS:
        sums = products[:, :length]
        while sums.shape[1] > 1:
            sums = sums[:, ::2] + sums[:, 1::2]
        found.append(sums[:, 0].astype(np.float64))
    return np.stack(found, axis=1)


def colour_of(name: str) -> str:
    """Green for our tile, blue for plain float32, red for what is reported of tensor cores."""
    return GREEN if name in OURS.values() else BLUE if name in (IN_ORDER, PAIRWISE) else RED
