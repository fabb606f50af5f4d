"""The compute tile: sequencer, mover, scratchpad, array and store path."""
