"""The memory controller, block by block as in `hdl/hbm`; the device's content; the timing checker.

Every block is a class whose attributes are its registers. `step` is one rising edge: its arguments are what the
block's inputs are just before the edge, and other blocks' registers are read as they were then.
"""
