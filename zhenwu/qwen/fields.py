"""Reading the fields of a JSON object one by one; what is missing or of the wrong kind is a CheckpointError."""

from collections.abc import Callable, Mapping
from typing import Any

from zhenwu.qwen.checkpoint_error import CheckpointError

REQUIRED = object()


class Fields:
    """A JSON object and what opens a sentence about it, such as "m/config.json: rope_parameters."."""

    def __init__(self, values: Mapping[str, Any], where: str) -> None:
        self.values = values
        self.where = where

    def has(self, name: str) -> bool:
        """Whether the field is there; null counts as absent, as it does in transformers."""
        return self.values.get(name) is not None

    def refuse(self, name: str, expected: str) -> CheckpointError:
        """The error for field `name`: what it is, and what was expected."""
        found = f"is {str(self.values[name])[:60]!r}" if self.has(name) else "is missing"
        return CheckpointError(f"{self.where}{name} {found}; expected {expected}")

    def _read(self, name: str, default: Any, expected: str, fits: Callable[[Any], bool]) -> Any:
        if not self.has(name) and default is not REQUIRED:
            return default
        if not fits(self.values.get(name)):
            raise self.refuse(name, expected)
        return self.values[name]

    def integer(self, name: str, default: Any = REQUIRED, least: int = 1, most: int = 2**31) -> int:
        expected = f"a whole number from {least} to {most}"
        return self._read(name, default, expected, lambda v: type(v) is int and least <= v <= most)

    def positive(self, name: str, default: Any = REQUIRED) -> float:
        """A number that float32 can still be divided by, and divide; no model's own number comes near the ends."""
        expected = "a number from 1e-15 to 1e15"
        value = self._read(name, default, expected, lambda v: type(v) in (int, float) and 1e-15 <= v <= 1e15)
        return value if value is None else float(value)

    def flag(self, name: str, default: Any = REQUIRED) -> bool:
        return self._read(name, default, "true or false", lambda v: type(v) is bool)

    def text(self, name: str, choices: tuple[str, ...], default: Any = REQUIRED) -> str:
        expected = choices[0] if len(choices) == 1 else f"one of {', '.join(choices)}"
        return self._read(name, default, expected, lambda v: v in choices)

    def texts(self, name: str, choices: tuple[str, ...], length: int) -> tuple[str, ...] | None:
        """A list of `length` of the choices; None if it is absent."""
        value = self._read(
            name, None, f"a list of {length}, each {' or '.join(choices)}",
            lambda v: isinstance(v, list) and len(v) == length and all(x in choices for x in v),
        )
        return None if value is None else tuple(value)

    def integers(self, name: str) -> list[int]:
        """A list of whole numbers; empty if it is absent."""
        expected = "a list of whole numbers"
        return self._read(name, [], expected, lambda v: isinstance(v, list) and all(type(x) is int for x in v))

    def table(self, name: str) -> "Fields | None":
        """The fields of an object within this one; None if it is absent or empty."""
        value = self._read(name, None, "an object", lambda v: isinstance(v, dict))
        return Fields(value, f"{self.where}{name}.") if value else None
