"""The number formats and the exact arithmetic of a dot product, each function bit for bit what its block computes."""

from zhenwu.golden.numerics.bf16 import bf16_decode, bf16_encode
from zhenwu.golden.numerics.bf16_matmul import bf16_matmul
from zhenwu.golden.numerics.bf16_rows import Bf16Rows, bf16_rows, bf16_rows_matmul
from zhenwu.golden.numerics.block_scale import SCALE_RULES, block_scale
from zhenwu.golden.numerics.e2m1_decode import e2m1_decode
from zhenwu.golden.numerics.e8m0_decode import e8m0_decode
from zhenwu.golden.numerics.element import element_decode, element_encode
from zhenwu.golden.numerics.fp32_add import fp32_add
from zhenwu.golden.numerics.grid import Grid, element_round, mx_code_grid, mx_grid, mx_round
from zhenwu.golden.numerics.grid_matmul import grid_matmul
from zhenwu.golden.numerics.hadamard import hadamard
from zhenwu.golden.numerics.lane_dot import LaneDot, lane_dot
from zhenwu.golden.numerics.mx_dot import mx_dot
from zhenwu.golden.numerics.mx_exact import mx_exact
from zhenwu.golden.numerics.mx_quantise import mx_dequantise, mx_quantise
from zhenwu.golden.numerics.nvfp4 import nvfp4_dequantise, nvfp4_exact, nvfp4_quantise, nvfp4_tensor_scale
from zhenwu.golden.numerics.nvfp4_grid import Nvfp4Grid, nvfp4_grid, nvfp4_matmul
from zhenwu.golden.numerics.scale_round import scale_round
from zhenwu.golden.numerics.term_round import term_round
from zhenwu.golden.numerics.truncated_dot import truncated_dot, truncated_mx_dot

__all__ = [
    "SCALE_RULES", "Bf16Rows", "Grid", "LaneDot", "Nvfp4Grid", "bf16_decode", "bf16_encode", "bf16_matmul",
    "bf16_rows", "bf16_rows_matmul", "block_scale", "e2m1_decode", "e8m0_decode", "element_decode", "element_encode",
    "element_round", "fp32_add", "grid_matmul", "hadamard", "lane_dot", "mx_code_grid", "mx_dequantise", "mx_dot",
    "mx_exact", "mx_grid", "mx_quantise", "mx_round", "nvfp4_dequantise", "nvfp4_exact", "nvfp4_grid", "nvfp4_matmul",
    "nvfp4_quantise", "nvfp4_tensor_scale", "scale_round", "term_round", "truncated_dot", "truncated_mx_dot",
]
