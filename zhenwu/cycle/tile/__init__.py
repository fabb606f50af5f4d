"""The tile's control cycle by cycle. What is computed comes from `zhenwu.golden.tile`; here is when."""
