"""Benches of the tile and its blocks."""
