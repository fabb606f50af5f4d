"""Benches of the memory controller's blocks, one file a block: RTL and cycle model in lockstep."""
