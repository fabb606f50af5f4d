"""An AI chip from a 35-hour agent session down to its gates, every rung executable."""
