"""Designs that test designs: traffic, what answers it, and a signature, all convertible, so that a compiled simulator
runs them in a closed loop. Chapter: down to Verilog.
"""
