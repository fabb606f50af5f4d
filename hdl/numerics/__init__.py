"""Number formats in gates: every block is combinational except the quantiser."""
