"""Products at which one wait or another decides: found by hand, or by a constant that was wrong on purpose."""

from zhenwu.cosim.tile.sweep import Shape

CORNERS = [
    Shape(64, 64, 512, "mxfp4", 4, 4),
    Shape(17, 33, 200, "bf16", 8, 8, latency=4, cycles_per_line=2),
    Shape(9, 5, 60, "mxfp8", 8, 8, latency=4, memory_latency=2),  # pauses
    Shape(1, 40, 200, "mxfp8", 4, 4, memory_latency=20),  # every line waits for its bank
    Shape(48, 48, 16, "bf16", 8, 8, cycles_per_line=3),  # reads and writes meet
    Shape(48, 48, 32, "mxfp4", 8, 8, memory_latency=3),
    Shape(20, 40, 70, "w4a8", 2, 8, program_depth=12, cycles_per_line=30),  # memory works on behind `done`
    Shape(20, 40, 70, "w4a8", 2, 8, program_depth=6, cycles_per_line=17),
    Shape(5, 7, 1100, "mxfp8", 4, 4, outstanding=4, memory_latency=60),  # reads wait for lines; k longer than a half
    Shape(3, 150, 60, "mxfp4", 4, 4, half_steps=1, queue_depth=1),
    Shape(13, 3, 528, "bf16", 4, 8, half_steps=4, latency=4, memory_latency=60, cycles_per_line=2),  # equal groups
    Shape(27, 17, 72, "mxfp4", 4, 4, cycles_per_line=2),  # an mma waits for accumulators
    Shape(33, 29, 211, "mxfp4", 2, 8, latency=4, memory_latency=2, cycles_per_line=3, program_depth=64),
    Shape(1, 44, 451, "mxfp8", 8, 8, half_steps=4, latency=4, program_depth=64),  # reads and writes take turns
    Shape(42, 6, 10, "mxfp4", 8, 8, latency=4, memory_latency=60, residual=True),  # a residual waits for its half
    Shape(15, 108, 15, "mxfp8", 8, 8, half_steps=16, memory_latency=2, cycles_per_line=20, store="mxfp4"),
    Shape(17, 108, 3, "mxfp8", 8, 8, half_steps=4, latency=4, memory_latency=2, cycles_per_line=3, store="mxfp8",
          residual=True),  # rows of a block wait for memory
    Shape(20, 124, 61, "mxfp4", 8, 8, half_steps=4, memory_latency=30, store="mxfp4"),  # rows wait to be overwritten
    Shape(25, 5, 7, "bf16", 4, 4, half_steps=4, latency=4, memory_latency=60, program_depth=24),
    Shape(2, 19, 441, "w4a8", 8, 8, half_steps=4, memory_latency=2, cycles_per_line=3, program_depth=64, store="mxfp4"),
]
