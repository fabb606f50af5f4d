"""What a user gave and cannot be used: shared by all commands of `zhenwu`."""

import re


class BadInput(Exception):
    """What the user gave cannot be used: one sentence, on one line, that names it and says what was expected."""

    def __init__(self, sentence: str) -> None:
        super().__init__(one_line(sentence))


def one_line(text: str) -> str:
    """`text` with what cannot be printed, such as a line break within a name, as Python's repr has it."""
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)


def seed_of(text: str) -> int:
    """The whole number that --seed gives; BadInput for anything else."""
    if not re.fullmatch(r"\d{1,18}", text, re.ASCII):
        raise BadInput(f"--seed {text}: expected a whole number of 0 or more, such as 1")
    return int(text)
