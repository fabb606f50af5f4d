"""How many agents a group of chips serves: as many as its bandwidth keeps decoding, as many as its memory holds.

    chips * bandwidth * share >= tokens per second * bytes of a step of b sessions      decoding at once
    chips * memory * usable   >= all weights + sessions * (context * KV bytes + state)  alive, waiting ones included

Arithmetic is counted for reading alone, by `read_in_time`; links between chips are not counted.
"""

import math

from zhenwu.perf.capacity import session_bytes, usable_bytes, weights_bytes
from zhenwu.perf.demand import asked, check_tokens, decode_step, read_flop
from zhenwu.spec.chips import GROUP, Chip
from zhenwu.spec.models import Model
from zhenwu.spec.sourced import Sourced

WHOLE = Sourced(1, "", "the peak, nothing lost", "derived", key="supply.whole")


def bandwidth_ends(chip: Chip, chips: Sourced = GROUP, share: Sourced = WHOLE) -> tuple[Sourced, Sourced]:
    """The least and the most TB/s of so many chips that reach this share of their peak; a single figure is both ends.

    ValueError for a chip whose bandwidth nobody gives, a share outside 0 .. 1, or less than one chip.
    """
    if chip.bandwidth.kind == "unknown":
        raise ValueError(f"{chip.name}: no source gives its bandwidth; expected a chip with a figure or a range")
    if not 0 < share.number() <= 1:
        raise ValueError(f"share = {share.value}: expected more than 0 and at most 1")
    if chips.number() < 1:
        raise ValueError(f"{chips.label()} chips: expected 1 or more")
    one = chip.bandwidth
    ends = (one.pick(0), one.pick(-1)) if isinstance(one.value, tuple) else (one, one)
    low, high = ((chips * end.to("TB/s") * share).named("supply.bandwidth") for end in ends)
    return low, high


def decoding_at_once(
    model: Model, weight_format: str, context: Sourced, per_s: Sourced, bandwidth: Sourced
) -> Sourced:
    """The most sessions that can decode together at `per_s` tokens a second each within `bandwidth`; 0 where none can.

    `context` is 1 token or more, of each of them.
    """
    check_tokens(1, context=context)
    if not per_s.number() > 0:
        raise ValueError(f"per_s = {per_s.value}: expected more than 0 tokens a second")

    def fits(sessions: int) -> bool:
        step = decode_step(model, weight_format, context, sessions)
        return asked(step.total, per_s).number() <= bandwidth.to("TB/s").number()

    most = 1
    while fits(most):
        most *= 2
    least = most // 2  # fits, or is 0
    while most - least > 1:
        middle = (least + most) // 2
        least, most = (middle, most) if fits(middle) else (least, middle)
    step = decode_step(model, weight_format, context, max(1, least))
    return _count(least, "the most sessions whose steps fit the bandwidth", "decoding", step.total, per_s, bandwidth)


def held_in_memory(
    model: Model, weight_format: str, context: Sourced, chip: Chip, chips: Sourced = GROUP
) -> Sourced:
    """The most sessions with this context whose caches fit beside the weights; 0 where the weights do not fit."""
    check_tokens(context=context)
    memory, weights = usable_bytes(chip, chips), weights_bytes(model, weight_format)
    each = session_bytes(model, context)
    if not each.number():
        raise ValueError("context = 0 tokens: expected more, for a model whose session then occupies no memory")
    count = max(0, math.floor((memory - weights).number() / each.number()))
    return _count(count, "floor((memory - weights) / session), and at least 0", "held", memory, weights, each)


def read_in_time(
    model: Model, context: Sourced, new: Sourced, period: Sourced, peak: Sourced, chips: Sourced = GROUP, *,
    reuse: bool = True,
) -> Sourced:
    """Sessions, not rounded, whose input the chips can read at their peak, if a turn comes every `period` seconds.

    `new` of the `context` tokens are read, or all of them without `reuse`. `peak` is that of one chip.
    """
    check_tokens(1, context=context, new=new)
    fresh = new if reuse else context
    each = read_flop(model, context - fresh, fresh) / (chips * peak.to("FLOP/s"))
    return (period / each).named("supply.read_in_time")


def _count(value: int, formula: str, name: str, *inputs: Sourced) -> Sourced:
    kind = "assumed" if any(entry.kind == "assumed" for entry in inputs) else "derived"
    return Sourced(value, "", formula, kind, key=f"supply.{name}", inputs=inputs)
