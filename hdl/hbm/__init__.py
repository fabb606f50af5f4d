"""The memory controller of one HBM3 pseudo-channel. Each block's cycle model: the same file in zhenwu/cycle/hbm."""
