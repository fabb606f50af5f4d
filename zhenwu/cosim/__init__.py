"""Where the hardware and the golden model meet: one bench a block, used by `make sim`, tests and chapters."""
