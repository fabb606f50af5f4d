"""Qwen in numpy: Qwen3 dense, Qwen3-MoE and the hybrids Qwen3-Next and Qwen3.5, one concept a file.

Start with `model.py`, which is the whole network in thirty lines, and follow its imports.
"""
