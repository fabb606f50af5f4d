"""What the compute tile must do, instruction by instruction: matrices, programs, and a twin of each block."""
