"""The slice against golden and cycle models."""
