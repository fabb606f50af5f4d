"""What a bench may write for one payload: a dict by field, a tuple in field order, or an int for a single field."""

from collections.abc import Iterable, Mapping, Sequence

Payload = Mapping[str, int] | Sequence[int] | int


def as_dicts(fields: Sequence[str], items: Iterable[Payload]) -> list[dict[str, int]]:
    """`items` as dicts of plain ints. A dict may leave fields out; a field that is not there is refused."""
    return [_as_dict(fields, index, item) for index, item in enumerate(items)]


def _as_dict(fields: Sequence[str], index: int, item: Payload) -> dict[str, int]:
    if isinstance(item, Mapping):
        unknown = [name for name in item if name not in fields]
        if unknown:
            raise ValueError(f"item {index}: field {unknown[0]!r} is not one of {', '.join(fields)}")
        return {name: int(value) for name, value in item.items()}
    values = tuple(item) if isinstance(item, Sequence) else (item,)
    if len(values) != len(fields):
        raise ValueError(f"item {index}: {len(values)} values, expected {len(fields)} ({', '.join(fields)})")
    return dict(zip(fields, map(int, values), strict=True))
