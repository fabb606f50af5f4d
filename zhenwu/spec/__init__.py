"""Every number and encoding, with its source. Imports nothing but the standard library."""
