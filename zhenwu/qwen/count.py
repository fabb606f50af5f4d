"""A step of a Qwen-style transformer as a list of operators, with the parameters, operations and bytes of each.

    prefill   `new` tokens of a session go through the model together, behind those that the cache has already
    decode    one token of each session does

A step's context is the tokens that attention looks at when it ends, the new ones included. All weights have one
format, all activations one, keys and values one; the recurrent state stays in float32. What is counted as it is:

- Attention is causal: a new token is multiplied with the keys before it and its own. Scores never leave the chip.
- Keys, values and states of the past are read once a step, those of the new tokens written once.
- Weights are read once a step. Of the experts, the number that so many tokens meet together on average, as if each
  token chose at random (`zhenwu.spec.models.experts_met`); of the embedding, a row for each token.
- Only the last token of each session goes through the output layer: it alone says how the text goes on.
- The delta rule is counted in its recurrent form, token by token; a kernel that works in chunks multiplies more.
- A token's few single numbers, such as the root of a norm, are left out.

Names are those of the checkpoint, where there are weights. Chapter: a Qwen-style transformer, counted.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import ceil
from typing import NamedTuple

from zhenwu.spec.models import Model, experts_met
from zhenwu.spec.storage import STORED_BITS
from zhenwu.spec.work import Work

# Operations on one number, where no matrix is multiplied: + - * / exp log and roots are one each, comparing is free.
MULTIPLY_ADD = 2
NORM = 4  # square, add, times the reciprocal root, times the weight
ROTARY = 3  # two products and a sum
SOFTMAX = 4  # less the largest, exp, add, divide
SIGMOID = 3  # exp, add, divide
SILU = SIGMOID + 1
DECAY = 6  # exp(-exp(A) * log(1 + exp(a + bias))), the outer exponent of A being a constant
UNIT_LENGTH = 3  # square, add, times the reciprocal root
STATE_MOVES = 2  # read and written


class Formats(NamedTuple):
    """Names out of `zhenwu.spec.storage.STORED_BITS`."""

    weights: str = "BF16"
    activations: str = "BF16"
    kv: str = "BF16"


STATE_FORMAT = "FP32"


class Operator(NamedTuple):
    """An operator's work in one layer, how many layers have it, and its parameters in one layer."""

    work: Work
    layers: int
    parameters: int


@dataclass(frozen=True)
class Step:
    """`new` tokens of each of `batch` sessions, each with a context of so many tokens, the new ones included.

    ValueError, one sentence, for a size below 1, a context shorter than what is new, or an unknown format.
    """

    model: Model
    batch: int = 1
    new: int = 1
    context: int = 1
    formats: Formats = Formats()

    def __post_init__(self):
        for name in ("batch", "new", "context"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise ValueError(f"{name} = {value!r}: expected a whole number of 1 or more")
        if self.context < self.new:
            raise ValueError(f"context = {self.context}: expected at least the new tokens, which are {self.new}")
        for name, value in self.formats._asdict().items():
            if value not in STORED_BITS:
                raise ValueError(f'format of {name} "{value}": expected one of {", ".join(STORED_BITS)}')

    @property
    def tokens(self) -> int:
        """Tokens that go through the model."""
        return self.batch * self.new

    @property
    def pairs(self) -> int:
        """Pairs of a new token and one that it looks at, itself included."""
        return self.batch * (self.new * (self.context - self.new) + self.new * (self.new + 1) // 2)

    def size(self, name: str) -> int:
        """A size of the model by its name."""
        return int(getattr(self.model, name))

    def linear(
        self, op: str, layers: int, n: int, k: int, *, tokens: int | None = None, copies: int = 1, read: float = 1
    ) -> Operator:
        """A product with weights [n,k] in each of `copies`, of which `read` are read, by so many tokens in all."""
        tokens = self.tokens if tokens is None else tokens
        work = Work(
            op, ceil(tokens / read), n, k, (self.formats.activations, self.formats.weights),
            MULTIPLY_ADD * tokens * n * k, self.stored(read * n * k, self.formats.weights), 0,
            self.stored(tokens * (n + k), self.formats.activations), 0,
        )
        return Operator(work, layers, copies * n * k)

    def elementwise(
        self, op: str, layers: int, n: int, flops: int, *, parameters: int = 0, moved: int = 2,
        tokens: int | None = None,
    ) -> Operator:
        """`flops` operations on each of n numbers of a token, which come in and go out: `moved` times n numbers."""
        tokens = self.tokens if tokens is None else tokens
        work = Work(
            op, tokens, n, 0, (self.formats.activations, self.formats.weights), tokens * n * flops,
            self.stored(parameters, self.formats.weights), 0,
            self.stored(tokens * n * moved, self.formats.activations), 0,
        )
        return Operator(work, layers, parameters)

    @staticmethod
    def stored(numbers: float, name: str) -> float:
        """Bytes of so many numbers in a format."""
        return numbers * STORED_BITS[name].value / 8

    def operators(self) -> list[Operator]:
        """All of the step, in the order in which a token meets them; layers of a kind stand together."""
        layers, hidden, vocab = (self.size(name) for name in ("layers", "hidden", "vocab"))
        rows = min(self.tokens, vocab) * hidden
        lookup = self.elementwise("embed_tokens", 1, hidden, 0, moved=1, parameters=vocab * hidden)
        read = self.stored(rows, self.formats.weights)
        found = [lookup._replace(work=replace(lookup.work, weight_bytes=read))]
        found.append(self.elementwise("input_layernorm", layers, hidden, NORM, parameters=hidden))
        found += self.attention(self.size("attention_layers"))
        if self.model.linear_layers is not None:
            found += self.delta_rule(self.size("linear_layers"))
        found.append(self.elementwise("post_attention_layernorm", layers, hidden, NORM, parameters=hidden))
        found += self.feed_forward(layers) if self.model.experts is None else self.experts(layers)
        found.append(self.elementwise("residual", layers, 2 * hidden, 1, moved=3))  # two sums of two numbers each
        found.append(self.elementwise("norm", 1, hidden, NORM, parameters=hidden, tokens=self.batch))
        return [*found, self.linear("lm_head", 1, vocab, hidden, tokens=self.batch)]

    def attention(self, layers: int) -> Iterator[Operator]:
        """Full attention with grouped queries: a key and a value serve several heads of queries."""
        hidden, heads, kv_heads, width = (self.size(name) for name in ("hidden", "heads", "kv_heads", "head_dim"))
        gated = self.model.linear_layers is not None
        yield self.linear("self_attn.q_proj", layers, heads * width, hidden)
        if gated:  # in the checkpoint these are rows of q_proj
            yield self.linear("self_attn.q_proj, gate", layers, heads * width, hidden)
        yield self.linear("self_attn.k_proj", layers, kv_heads * width, hidden)
        yield self.linear("self_attn.v_proj", layers, kv_heads * width, hidden)
        yield self.elementwise("self_attn.q_norm, k_norm", layers, (heads + kv_heads) * width, NORM,
                               parameters=2 * width)
        share = 1 if self.model.partial_rotary is None else self.model.partial_rotary.number()
        yield self.elementwise("self_attn.rotary", layers, (heads + kv_heads) * int(width * share), ROTARY)
        rows = self.new * heads // kv_heads  # of queries that share a key
        formats = (self.formats.activations, self.formats.kv)
        kept = self.stored(self.batch * self.context * kv_heads * width, self.formats.kv)  # old read, new written
        queries = self.stored(self.tokens * heads * width, self.formats.activations)
        scores = self.pairs * heads
        product = MULTIPLY_ADD * scores * width
        for work in (  # each score is also divided by a root
            Work("self_attn.scores", rows, self.context, width, formats, product + scores, 0, kept, queries, 0),
            Work("self_attn.softmax", rows, self.context, 0, formats, SOFTMAX * scores, 0, 0, 0, 0),
            Work("self_attn.values", rows, width, self.context, formats, product, 0, kept, queries, 0),
        ):
            yield Operator(work, layers, 0)
        if gated:
            yield self.elementwise("self_attn.gate", layers, heads * width, SIGMOID + 1, moved=3)
        yield self.linear("self_attn.o_proj", layers, hidden, heads * width)

    def delta_rule(self, layers: int) -> Iterator[Operator]:
        """The gated delta rule: a state of fixed size for each value head, instead of keys and values."""
        hidden, width, v_heads = (self.size(name) for name in ("hidden", "lin_head_dim", "lin_v_heads"))
        keys, values, taps = 2 * self.size("lin_k_heads") * width, v_heads * width, self.size("conv")
        yield self.linear("linear_attn.in_proj_qkv", layers, keys + values, hidden)
        yield self.linear("linear_attn.in_proj_z", layers, values, hidden)
        yield self.linear("linear_attn.in_proj_ba", layers, 2 * v_heads, hidden)
        convolved = self.linear("linear_attn.conv1d", layers, keys + values, taps).work
        activated = self.tokens * (keys + values) * SILU
        past = self.stored(STATE_MOVES * self.batch * (taps - 1) * (keys + values), self.formats.activations)
        inout = self.stored(2 * self.tokens * (keys + values), self.formats.activations)
        yield Operator(
            replace(convolved, flops=convolved.flops + activated, kv_bytes=past, activation_bytes=inout), layers,
            taps * (keys + values))
        state = v_heads * width * width
        # decay the state; what it recalls of the key; how wrong that is, by the step; add that; ask with the query
        recurrence = state * (1 + 2 + 2 + 2) + v_heads * (2 * width + DECAY + SIGMOID)
        prepared = keys * UNIT_LENGTH + keys // 2  # queries and keys to unit length, and queries scaled
        moved = self.stored(STATE_MOVES * self.batch * state, STATE_FORMAT)
        inout = self.stored(self.tokens * (keys + 2 * values + 2 * v_heads), self.formats.activations)
        rates = self.stored(2 * v_heads, self.formats.weights)  # decay and bias of each head
        work = Work("linear_attn.delta_rule", 1, width, width, (self.formats.activations, STATE_FORMAT),
                    self.tokens * (recurrence + prepared), rates, moved, inout, 0)
        yield Operator(work, layers, 2 * v_heads)
        yield self.elementwise("linear_attn.norm", layers, values, NORM + SILU + 1, parameters=width, moved=3)
        yield self.linear("linear_attn.out_proj", layers, hidden, values)

    def feed_forward(self, layers: int, name: str = "mlp", size: str = "ffn", **experts: float) -> Iterator[Operator]:
        """SwiGLU: a gate and a value for each of the inner numbers, and back; or that of the experts."""
        hidden, width = self.size("hidden"), self.size(size)
        yield self.linear(f"{name}.gate_proj", layers, width, hidden, **experts)
        yield self.linear(f"{name}.up_proj", layers, width, hidden, **experts)
        yield self.elementwise(f"{name}.swiglu", layers, width, SILU + 1, moved=3, tokens=experts.get("tokens"))
        yield self.linear(f"{name}.down_proj", layers, hidden, width, **experts)

    def experts(self, layers: int) -> Iterator[Operator]:
        """Router, the experts that each token visits, and the one that all visit, where there is one."""
        hidden, experts, top_k = (self.size(name) for name in ("hidden", "experts", "top_k"))
        yield self.linear("mlp.gate", layers, experts, hidden)
        yield self.elementwise("mlp.top_k", layers, experts, SOFTMAX)
        met = experts_met(self.model, self.tokens).number()
        visits = self.tokens * top_k
        yield from self.feed_forward(layers, "mlp.experts", "moe_ffn", tokens=visits, copies=experts, read=met)
        yield self.elementwise("mlp.experts.sum", layers, hidden, MULTIPLY_ADD, tokens=visits)
        if self.model.shared_ffn is not None:
            yield from self.feed_forward(layers, "mlp.shared_expert", "shared_ffn")
            yield self.linear("mlp.shared_expert_gate", layers, 1, hidden)
            yield self.elementwise("mlp.shared_expert.sum", layers, hidden, MULTIPLY_ADD, moved=3)


def total(operators: list[Operator]) -> Work:
    """The sum over all operators and layers; it has no shape and no formats of its own."""
    names = ("flops", "weight_bytes", "kv_bytes", "activation_bytes", "link_bytes")
    sums = {name: sum(layers * getattr(work, name) for work, layers, _ in operators) for name in names}
    return Work("total", 0, 0, 0, ("", ""), **sums)


def parameters(operators: list[Operator]) -> int:
    """The parameters of the model, over all operators and layers."""
    return sum(layers * count for _, layers, count in operators)
