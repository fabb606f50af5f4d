"""The hardware, in MyHDL. It needs MyHDL and the standard library only."""
