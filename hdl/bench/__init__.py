"""Verification parts for streams: they know no block and no golden model, and are never converted."""
