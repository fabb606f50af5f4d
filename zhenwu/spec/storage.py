"""Bits that a stored number takes, its part of a block scale included."""

from zhenwu.spec.formats import BF16, E4M3, FLOAT32, MXFP4, MXFP8
from zhenwu.spec.sourced import Source, Sourced
from zhenwu.spec.sources import IEEE_754, OCP_MX

MXFP4_BITS = Sourced(
    MXFP4.bits_per_element, "bit", OCP_MX, "derived", key="mxfp4.stored_bits",
    note="Four bits, and a byte of scale for every 32 elements.",
)
MXFP8_BITS = Sourced(
    MXFP8.bits_per_element, "bit", OCP_MX, "derived", key="mxfp8.stored_bits",
    note="E4M3, and a byte of scale for every 32 elements.",
)
FP8_BITS = Sourced(E4M3.bits, "bit", OCP_MX, "published", key="fp8.stored_bits", note="E4M3, no block scale.")
BF16_BITS = Sourced(
    BF16.bits, "bit", Source("bfloat16: the upper half of IEEE 754 binary32"), "published", key="bf16.stored_bits",
)
FLOAT32_BITS = Sourced(FLOAT32.bits, "bit", IEEE_754, "published", key="float32.stored_bits", note="binary32")

WEIGHT_BITS = {"MXFP4": MXFP4_BITS, "FP8": FP8_BITS, "BF16": BF16_BITS}  # the formats that the book compares
STORED_BITS = {"FP32": FLOAT32_BITS, "BF16": BF16_BITS, "MXFP8": MXFP8_BITS, "FP8": FP8_BITS, "MXFP4": MXFP4_BITS}
