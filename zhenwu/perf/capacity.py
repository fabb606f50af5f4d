"""How many agent sessions fit beside a model's weights: the arithmetic of memory alone, no time in it.

    chips * memory * usable share = weights + sessions * (context * KV bytes + state)

Every weight is stored in the one format, keys and values in BF16, the recurrent state in float32. Nothing is shared
between sessions. Whether the chips are fast enough, or multiply in that format at all, is another question.
"""

import math
from dataclasses import dataclass

from zhenwu.spec.agent_session import Session
from zhenwu.spec.chips import GROUP, USABLE_SHARE, Chip
from zhenwu.spec.models import Model
from zhenwu.spec.sourced import Sourced
from zhenwu.spec.storage import WEIGHT_BITS


@dataclass(frozen=True)
class Fit:
    """Sessions of one kind beside one model on a group of equal chips. `left` is negative where the weights do not fit;
    then `shortfall` says by how much, and there are no sessions."""

    memory: Sourced  # GB of the group that may be used
    weights: Sourced  # GB
    session: Sourced  # GB of one session
    left: Sourced  # GB beside the weights
    sessions: Sourced  # on the whole group
    per_chip: Sourced
    least_chips: Sourced  # that hold the weights at all

    @property
    def shortfall(self) -> Sourced | None:
        """GB that the weights need beyond what there is, or None where they fit."""
        return None if self.left.value >= 0 else (-self.left).named("capacity.shortfall")


def weights_bytes(model: Model, weight_format: str) -> Sourced:
    """Bytes of all weights; a format that is no key of WEIGHT_BITS raises ValueError."""
    if weight_format not in WEIGHT_BITS:
        raise ValueError(f'weight format "{weight_format}": expected one of {", ".join(WEIGHT_BITS)}')
    return (model.parameters * WEIGHT_BITS[weight_format]).to("B").named("capacity.weights")


def session_bytes(model: Model, context: Sourced) -> Sourced:
    """Bytes that a session with a context of so many tokens occupies."""
    total = context * model.kv_bytes
    if model.state_bytes is not None:
        total = total + model.state_bytes
    return total.named("capacity.session")


def usable_bytes(chip: Chip, chips: Sourced) -> Sourced:
    """Bytes of memory that weights and sessions may fill on so many chips."""
    return (chips * chip.memory.to("B") * USABLE_SHARE).named("capacity.memory")


def least_chips(model: Model, weight_format: str, chip: Chip) -> Sourced:
    """The smallest power of two of chips whose usable memory holds the weights: tensors are split in halves."""
    weights = weights_bytes(model, weight_format)
    one = usable_bytes(chip, Sourced(1, "", "one chip", "derived"))
    value = 1
    while value * one.value < weights.value:
        value *= 2
    return _result(value, "the smallest power of two of chips that holds the weights", "least_chips", weights, one)


def fit(model: Model, weight_format: str, session: Session, chip: Chip, chips: Sourced = GROUP) -> Fit:
    """How many such sessions fit on `chips` chips that hold the model once; fewer than one chip raises ValueError."""
    if chips.number() < 1:
        raise ValueError(f"{chips.label()} chips: expected 1 or more")
    memory, weights = usable_bytes(chip, chips), weights_bytes(model, weight_format)
    each = session_bytes(model, session.context(model))
    left = (memory - weights).named("capacity.left")
    count = max(0, math.floor(left.value / each.value))
    sessions = _result(count, "floor(capacity.left / capacity.session), and at least 0", "sessions", left, each)
    return Fit(
        *(part.to("GB").named(part.key) for part in (memory, weights, each, left)), sessions,
        per_chip=(sessions / chips).named("capacity.sessions_per_chip"),
        least_chips=least_chips(model, weight_format, chip),
    )


def _result(value: int, formula: str, name: str, *inputs: Sourced) -> Sourced:
    kind = "assumed" if any(entry.kind == "assumed" for entry in inputs) else "derived"
    return Sourced(value, "", formula, kind, key=f"capacity.{name}", inputs=inputs)
