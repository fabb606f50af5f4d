"""How NVIDIA's tensor cores add up a dot product. NVIDIA does not say: two studies found it out by experiment.

A step takes a group of products and the accumulator c. All of them are aligned to the largest exponent among them, the
rest of each beyond `aligned_bits` is cut off toward zero, the sum is exact, and what leaves as the new c is cut again:

    c = cut(cut(c) + cut(p_1) + ... + cut(p_group))        inside: aligned_bits      outside: kept_bits

Both studies compared their models with the chips bit for bit, and agree on every size here that both have. We ran no
such chip. `zhenwu/golden/numerics/truncated_dot.py` is the model. Chapter: a dot product that is exact.
"""

from dataclasses import dataclass

from zhenwu.spec.formats import BF16, E2M1, E4M3, FLOAT32, FloatFormat
from zhenwu.spec.sourced import Source, Sourced
from zhenwu.spec.sources import MMA_SIM

MMA_SIM_CODE = Source(
    "microsoft/MMA-Sim mmasim/simulator/nv.py, commit 16a01880", "https://github.com/microsoft/MMA-Sim"
)
TENSOR_CORE_MODELS = Source(
    "Khattak, Mikaitis: Accurate Models of NVIDIA Tensor Cores, arXiv:2512.07004",
    "https://arxiv.org/abs/2512.07004",
    "2025-12-07",
)
TENSOR_CORE_MODELS_CODE = Source(
    "north-numerical-computing/MATLAB-tensor-core models/, commit 109e412d",
    "https://github.com/north-numerical-computing/MATLAB-tensor-core",
)
BOTH = (MMA_SIM, TENSOR_CORE_MODELS, MMA_SIM_CODE, TENSOR_CORE_MODELS_CODE)
ONE = (MMA_SIM, MMA_SIM_CODE)


@dataclass(frozen=True)
class TensorCore:
    """One rule: the chips that follow it, with which elements, and its sizes.

    Bits are counted behind the leading one of the largest exponent. `exact` neighbours are multiplied and summed
    without loss before they are aligned, with their scales; that is one product, but in FP4.
    """

    name: str
    element: FloatFormat
    group: Sourced
    aligned_bits: Sourced
    kept_bits: Sourced
    exact: int = 1


def _size(
    value: int, unit: str, key: str, source: tuple[Source, ...] = BOTH, note: str = "", confidence: str = "high"
) -> Sourced:
    return Sourced(value, unit, source, "reported", key=f"tensor_core.{key}", note=note, confidence=confidence)


FLOAT32_KEPT = _size(
    FLOAT32.mantissa_bits, "bit", "kept", note="A whole float32 leaves; it is cut, where IEEE 754 would round."
)
VOLTA = TensorCore(
    "Volta", BF16,  # stands in: the chip multiplies FP16, which has the same exponents where both have a number
    _size(4, "products", "volta.group"),
    _size(23, "bit", "volta.aligned_bits", note="FP16 in, float32 out; Volta has no BF16."),
    FLOAT32_KEPT,
)
AMPERE = TensorCore(
    "Ampere, Ada", BF16,
    _size(8, "products", "ampere.group"),
    _size(24, "bit", "ampere.aligned_bits", note="FP16 and BF16, of Ampere and of Ada."),
    FLOAT32_KEPT,
)
HOPPER = TensorCore(
    "Hopper, Blackwell", BF16,
    _size(16, "products", "hopper.group"),
    _size(25, "bit", "hopper.aligned_bits", note="FP16 and BF16, of Hopper and of Blackwell."),
    FLOAT32_KEPT,
)
HOPPER_FP8 = TensorCore(
    "Hopper, FP8", E4M3,
    _size(32, "products", "hopper_fp8.group"),
    _size(13, "bit", "hopper_fp8.aligned_bits", note="E4M3 and E5M2; Blackwell aligns them at 25."),
    _size(13, "bit", "hopper_fp8.kept_bits", ONE, "The accumulator is a float32 whose last ten bits stay empty."),
)
BLACKWELL_FP4 = TensorCore(
    "Blackwell, FP4", E2M1,
    _size(64, "products", "blackwell_fp4.group", ONE, "In four parts of 16, each summed exactly."),
    _size(35, "bit", "blackwell_fp4.aligned_bits", ONE, "Below the largest exponent of the scales.", "medium"),
    FLOAT32_KEPT,
    exact=16,
)
TENSOR_CORES = (VOLTA, AMPERE, HOPPER, HOPPER_FP8, BLACKWELL_FP4)
