"""What agents ask of memory, from the bytes of a turn to terabytes a second: closed formulas, no time measured.

    a step of b sessions    weights met by b tokens + b * (context * KV bytes + state, read and written)
    a turn                  prefill of the new tokens, then a step for each output token
    asked                   bytes of a step * steps a second

These are least bytes: every weight that is met crosses the pins once a step or prefill, and the cache once. Activations
and what chips tell each other are left out. A context is the tokens that attention looks at, the newest included.
"""

from dataclasses import dataclass

from zhenwu.perf.capacity import WEIGHT_BITS
from zhenwu.spec.models import EMBEDDINGS, KEY_AND_VALUE, Model, experts_met
from zhenwu.spec.sourced import Sourced

STATE_MOVES = Sourced(2, "", "a step reads the recurrent state and writes it back", "derived", key="demand.state_moves")
FLOP_PER_WEIGHT = Sourced(2, "FLOP", "a multiplication and an addition", "derived", key="demand.flop_per_weight")
TOKEN = Sourced(1, "token", "by definition", "derived", key="demand.token")
NO_BYTES = Sourced(0, "B", "this model has no recurrent state", "derived", key="demand.no_state")


def weights_read(model: Model, weight_format: str, tokens: int = 1) -> Sourced:
    """Bytes of the weights that so many tokens meet together, each read once.

    Of the table on the way in they read a row each. ValueError for less than a token or an unknown format.
    """
    if isinstance(tokens, bool) or not isinstance(tokens, int) or tokens < 1:
        raise ValueError(f"tokens = {tokens!r}: expected a whole number of 1 or more")
    if weight_format not in WEIGHT_BITS:
        raise ValueError(f'weight format "{weight_format}": expected one of {", ".join(WEIGHT_BITS)}')
    rows = min(tokens, model.vocab.number()) * model.hidden
    met = model.parameters_met(experts_met(model, tokens)) - model.vocabulary_parameters + rows
    return (met * WEIGHT_BITS[weight_format]).to("B").named("demand.weights")


def state_moved(model: Model) -> Sourced:
    """Bytes of one session's recurrent state that a step moves."""
    return NO_BYTES if model.state_bytes is None else (STATE_MOVES * model.state_bytes).named("demand.state")


@dataclass(frozen=True)
class Step:
    """One decode step of `sessions` sessions with equal contexts, a token each."""

    sessions: int
    weights: Sourced  # B, of all together
    kv: Sourced  # B, of one session: the newest token's part is written, the rest is read
    state: Sourced  # B, of one session

    @property
    def total(self) -> Sourced:
        """B of all together."""
        return (self.weights + self.sessions * (self.kv + self.state)).named("demand.step")

    @property
    def each(self) -> Sourced:
        """B for each session."""
        return (self.total / self.sessions).named("demand.step_each")


def decode_step(model: Model, weight_format: str, context: Sourced, sessions: int = 1) -> Step:
    """The bytes of one decode step; `context` in tokens of each session, 0 or more."""
    check_tokens(context=context)
    kv = (context * model.kv_bytes).named("demand.kv")
    return Step(sessions, weights_read(model, weight_format, sessions), kv, state_moved(model))


@dataclass(frozen=True)
class Prefill:
    """Reading `new` tokens behind those that the cache has already, in one pass."""

    new: Sourced  # token
    weights: Sourced  # B
    kv: Sourced  # B: the cache is read once, and written for each new token
    state: Sourced  # B
    flop: Sourced  # of the weights and of attention; the delta rule's own few are left out

    @property
    def bytes(self) -> Sourced:
        """B of all."""
        return (self.weights + self.kv + self.state).named("demand.prefill")


def prefill(model: Model, weight_format: str, before: Sourced, new: Sourced) -> Prefill:
    """The bytes and operations of reading `new` tokens, 1 or more, behind `before` cached ones."""
    check_tokens(before=before)
    check_tokens(1, new=new)
    return Prefill(
        new, weights_read(model, weight_format, max(1, round(new.number()))),
        ((before + new) * model.kv_bytes).named("demand.kv"), state_moved(model), read_flop(model, before, new),
    )


def read_flop(model: Model, before: Sourced, new: Sourced) -> Sourced:
    """Operations of reading `new` tokens behind `before` cached ones: each weight of the layers once for each new one,
    the table on the way out for the last one alone, and attention of each over all tokens up to itself.
    """
    layers = model.active_parameters - EMBEDDINGS * model.vocabulary_parameters
    linear = layers * (new / TOKEN) + model.vocabulary_parameters
    pairs = (new / TOKEN) * (before / TOKEN) + (new / TOKEN) * ((new + TOKEN) / TOKEN) / 2
    attention = KEY_AND_VALUE * TOKEN * model.attention_layers * model.heads * model.head_dim * pairs
    return (FLOP_PER_WEIGHT * (linear + attention)).named("demand.flop")


@dataclass(frozen=True)
class Turn:
    """One turn: what it reads at first, and the bytes of the decode steps behind that."""

    prefill: Prefill
    decode: Sourced  # B, this session's share
    output: Sourced  # token

    @property
    def bytes(self) -> Sourced:
        """B of all."""
        return (self.prefill.bytes + self.decode).named("demand.turn")

    @property
    def per_output(self) -> Sourced:
        """B for each output token."""
        return (self.bytes / self.output).named("demand.per_output")


def turn(
    model: Model, weight_format: str, context: Sourced, new: Sourced, output: Sourced, *, sessions: int = 1,
    reuse: bool = True,
) -> Turn:
    """A turn whose input is `context` tokens, of which `new` are not in the cache, or all of them without `reuse`.

    A step for each of the `output` tokens, 1 or more, shared by `sessions` alike; the context grows with each.
    """
    check_tokens(1, context=context, new=new, output=output)
    if new.number() > context.number():
        raise ValueError(f"new = {new.value} tokens: expected at most the context, which is {context.value}")
    step = decode_step(model, weight_format, context, sessions)
    grown = output * (output + TOKEN) / (2 * TOKEN)  # 1 + 2 + ... tokens on top of the context, over all steps
    decode = (output / TOKEN) * step.each + grown * model.kv_bytes
    fresh = new if reuse else context
    return Turn(prefill(model, weight_format, context - fresh, fresh), decode.named("demand.decode"), output)


def asked(moved: Sourced, per_s: Sourced) -> Sourced:
    """TB/s that it takes to move so many bytes so often in a second."""
    return (moved * per_s).to("TB/s").named("demand.asked")


def check_tokens(least: int = 0, **tokens: Sourced) -> None:
    """ValueError, one sentence, unless each is a number of tokens of `least` or more."""
    for name, count in tokens.items():
        if count.unit != "token" or not count.number() >= least:
            raise ValueError(f'{name} = {count.value} {count.unit}: expected a number of tokens, at least {least}')
