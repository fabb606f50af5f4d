"""Benches of the numeric blocks."""
