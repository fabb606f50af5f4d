"""What is said of a checkpoint folder that cannot be used."""

from zhenwu.bad_input import one_line


class CheckpointError(ValueError):
    """One sentence, on one line, that names the file and the field or tensor, and says what was expected."""

    def __init__(self, sentence: str) -> None:
        super().__init__(one_line(sentence))
