"""Parts that every cycle model of streams uses."""
