"""The number formats and the exact arithmetic of a dot product, each function bit for bit what its block computes."""

from zhenwu.golden.numerics.e2m1_decode import e2m1_decode
from zhenwu.golden.numerics.e8m0_decode import e8m0_decode
from zhenwu.golden.numerics.fp32_add import fp32_add
from zhenwu.golden.numerics.mx_dot import mx_dot
from zhenwu.golden.numerics.mx_quantise import mx_dequantise, mx_quantise
from zhenwu.golden.numerics.scale_round import scale_round

__all__ = ["e2m1_decode", "e8m0_decode", "fp32_add", "mx_dequantise", "mx_dot", "mx_quantise", "scale_round"]
