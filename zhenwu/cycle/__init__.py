"""Clocked references in plain Python for the control blocks: step by step what the RTL does."""
