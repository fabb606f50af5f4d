"""Golden models of the memory controller's datapath, and the limits that no controller can pass."""
