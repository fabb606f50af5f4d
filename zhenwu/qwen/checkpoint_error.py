"""What is said of a checkpoint folder that cannot be used."""


class CheckpointError(ValueError):
    """One sentence that names the file and the field or tensor, and says what was expected."""
