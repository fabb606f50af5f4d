"""What each datapath block must compute: plain numpy, no clock, no hardware."""
