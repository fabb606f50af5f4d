"""What is said of a checkpoint folder that cannot be used."""


class CheckpointError(ValueError):
    """One sentence, on one line, that names the file and the field or tensor, and says what was expected."""

    def __init__(self, sentence: str) -> None:
        super().__init__(one_line(sentence))


def one_line(text: str) -> str:
    """`text` with what cannot be printed, such as a line break within a tensor's name, as Python's repr has it."""
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)
