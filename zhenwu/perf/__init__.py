"""Closed formulas from the numbers of spec to what a chip or a group of chips can do."""
