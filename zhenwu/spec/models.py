"""Qwen models that anybody can download, as their configuration says, and what follows from it: parameters, KV, state.

Three kinds of layer meet here. Full attention keeps a key and a value of every token. The gated delta rule keeps a
state of fixed size instead. The feed-forward part is one wide matrix, or many small experts of which a token visits
a few. `kv_bytes` and `state_bytes` are what one session occupies; weights are shared by all.
"""

from dataclasses import dataclass

from zhenwu.spec.sourced import Source, Sourced
from zhenwu.spec.sources import (
    APXML_QWEN3_8B,
    APXML_QWEN3_30B,
    APXML_QWEN3_32B,
    MODEL_CONFIGS,
    ROBOAI_DIGEST,
    SGLANG_COOKBOOK,
    TRANSFORMERS,
)
from zhenwu.spec.storage import BF16_BITS, FLOAT32_BITS

EMBEDDINGS = 2  # one matrix on the way in, another on the way out: none of these models ties them
SWIGLU = 3  # gate, up and down
KEY_AND_VALUE = Sourced(
    2, "1/token", "a key and a value for each token, layer and head", "derived", key="kv.key_and_value",
)


@dataclass(frozen=True)
class Model:
    """One model's configuration; a field that its family lacks is None."""

    key: str
    name: str
    published: Sourced  # parameters, as the maker rounds them
    layers: Sourced
    hidden: Sourced
    heads: Sourced
    kv_heads: Sourced
    head_dim: Sourced
    vocab: Sourced
    window: Sourced  # longest context, in tokens
    rope_theta: Sourced  # base of the rotary positions' frequencies
    ffn: Sourced | None = None  # width of the one feed-forward part
    experts: Sourced | None = None
    top_k: Sourced | None = None  # experts that a token visits
    moe_ffn: Sourced | None = None  # width of one expert
    shared_ffn: Sourced | None = None  # width of the expert that every token visits
    full_layers: Sourced | None = None  # of a hybrid: those with full attention, whose output is gated
    linear_layers: Sourced | None = None  # those with the gated delta rule
    lin_k_heads: Sourced | None = None
    lin_v_heads: Sourced | None = None
    lin_head_dim: Sourced | None = None
    conv: Sourced | None = None  # taps of the short convolution before the delta rule
    partial_rotary: Sourced | None = None  # share of a head that the rotary positions turn; without it, all of it

    def _named(self, value: Sourced, name: str, note: str = "") -> Sourced:
        return value.named(f"model.{self.key}.{name}", note)

    @property
    def attention_layers(self) -> Sourced:
        """Layers that keep keys and values."""
        return self.full_layers or self.layers

    @property
    def attention_parameters(self) -> Sourced:
        """Of one layer with full attention: query, key, value and output projections, and the two norms of heads."""
        queries = self.hidden * self.heads * self.head_dim
        gate = 1 if self.linear_layers is None else 2  # a hybrid's queries come with a gate of the same width
        norms = 2 * self.head_dim
        total = queries * (gate + 1) + 2 * self.hidden * self.kv_heads * self.head_dim + norms
        return self._named(total, "attention_parameters", "Of one layer.")

    @property
    def linear_parameters(self) -> Sourced | None:
        """Of one layer with the gated delta rule: projections, convolution, decay and step of each head, norm."""
        if self.linear_layers is None:
            return None
        keys = 2 * self.lin_k_heads * self.lin_head_dim  # queries and keys
        values = self.lin_v_heads * self.lin_head_dim
        projections = self.hidden * (keys + 3 * values + 2 * self.lin_v_heads)  # values, gate, output; decay, step
        rest = (keys + values) * self.conv + 2 * self.lin_v_heads + self.lin_head_dim
        return self._named(projections + rest, "linear_parameters", "Of one layer.")

    @property
    def expert_parameters(self) -> Sourced | None:
        """Of one expert."""
        if self.experts is None:
            return None
        return self._named(SWIGLU * self.hidden * self.moe_ffn, "expert_parameters", "Of one expert.")

    def _mlp(self, experts: Sourced | None) -> Sourced:
        """The feed-forward part of one layer with so many experts, router and shared expert included."""
        if self.experts is None:
            return SWIGLU * self.hidden * self.ffn
        total = experts * self.expert_parameters + self.hidden * self.experts
        return total if self.shared_ffn is None else total + self.hidden * (SWIGLU * self.shared_ffn + 1)

    def _total(self, experts: Sourced | None) -> Sourced:
        layers = self.layers * (self._mlp(experts) + 2 * self.hidden)
        layers = layers + self.attention_layers * self.attention_parameters
        if self.linear_layers is not None:
            layers = layers + self.linear_layers * self.linear_parameters
        return layers + EMBEDDINGS * self.vocab * self.hidden + self.hidden

    def parameters_met(self, experts: Sourced | None) -> Sourced:
        """Those that are met where so many experts of each layer are visited; a model without experts meets all."""
        return self._total(experts)

    @property
    def vocabulary_parameters(self) -> Sourced:
        """Of one of the two tables of tokens: one is looked up on the way in, the other multiplied on the way out."""
        return self._named(self.vocab * self.hidden, "vocabulary_parameters", "Of one of the two tables of tokens.")

    @property
    def parameters(self) -> Sourced:
        """All of them, without the vision part and the head that predicts several tokens."""
        return self._named(self._total(self.experts), "parameters", "Language model alone.")

    @property
    def active_parameters(self) -> Sourced:
        """Those that one token meets."""
        return self._named(self._total(self.top_k), "active_parameters", "Those that one token meets.")

    @property
    def kv_bytes(self) -> Sourced:
        """Bytes of keys and values for a token of context, in BF16 as the checkpoints keep them."""
        numbers = KEY_AND_VALUE * self.attention_layers * self.kv_heads * self.head_dim
        return self._named((numbers * BF16_BITS).to("B/token"), "kv_bytes", "Keys and values in BF16.")

    @property
    def state_bytes(self) -> Sourced | None:
        """Bytes of a session's recurrent state, in float32; the convolution's few tokens are left out."""
        if self.linear_layers is None:
            return None
        state = self.linear_layers * self.lin_v_heads * self.lin_head_dim * self.lin_head_dim * FLOAT32_BITS
        return self._named(state.to("B"), "state_bytes", "Kept in float32.")


def experts_met(model: Model, tokens: int) -> Sourced | None:
    """Experts of a layer that so many tokens visit together, on average; None for a model without experts.

    One token visits top_k. Of more tokens we assume that each picks alike and by itself: real ones agree more.
    """
    if model.experts is None:
        return None
    if tokens == 1:
        return model.top_k
    share = 1 - (1 - model.top_k.number() / model.experts.number()) ** tokens
    return Sourced(
        model.experts.number() * share, "",
        f"ours: experts * (1 - (1 - top_k / experts)^{tokens}), as if every token chose at random", "assumed",
        key="models.experts_met", inputs=(model.experts, model.top_k),
    )


def _model(
    key: str, name: str, published: Sourced, source: Source | tuple[Source, ...], window: int, *,
    ours: dict[str, str] | None = None, kind: str = "published", confidence: str = "high", **sizes: int | float,
) -> Model:
    """A model of one configuration file; `ours` says why a size that the file's copy lacks is what we take it to be."""

    def field(size: str, value: int | float, unit: str = "") -> Sourced:
        reason = (ours or {}).get(size)
        if reason:
            return Sourced(value, unit, f"ours: {reason}", "assumed", key=f"model.{key}.{size}")
        return Sourced(value, unit, source, kind, key=f"model.{key}.{size}", confidence=confidence)

    fields = {size: field(size, value) for size, value in sizes.items()}
    return Model(key, name, published, window=field("window", window, "token"), **fields)


def _published(key: str, billions: float, source: Source | tuple[Source, ...], kind: str = "published") -> Sourced:
    return Sourced(billions * 1e9, "", source, kind, key=f"model.{key}.published", note="As the maker rounds it.")


QUARTER_TURNED = {"partial_rotary": "as in Qwen3-Next and Qwen3.5-397B; our copy of its sizes does not give it"}

QWEN3_8B = _model(
    "qwen3_8b", "Qwen3-8B", _published("qwen3_8b", 8.2, APXML_QWEN3_8B, "reported"), MODEL_CONFIGS, 40960,
    layers=36, hidden=4096, ffn=12288, heads=32, kv_heads=8, head_dim=128, vocab=151936, rope_theta=1e6,
)
QWEN3_32B = _model(
    "qwen3_32b", "Qwen3-32B", _published("qwen3_32b", 32.8, APXML_QWEN3_32B, "reported"), MODEL_CONFIGS, 40960,
    layers=64, hidden=5120, ffn=25600, heads=64, kv_heads=8, head_dim=128, vocab=151936, rope_theta=1e6,
)
QWEN3_30B_A3B = _model(
    "qwen3_30b_a3b", "Qwen3-30B-A3B", _published("qwen3_30b_a3b", 30.5, APXML_QWEN3_30B, "reported"), MODEL_CONFIGS,
    40960, layers=48, hidden=2048, heads=32, kv_heads=4, head_dim=128, experts=128, top_k=8, moe_ffn=768, vocab=151936,
    rope_theta=1e6,
)
QWEN3_235B_A22B = _model(
    "qwen3_235b_a22b", "Qwen3-235B-A22B", _published("qwen3_235b_a22b", 235, MODEL_CONFIGS), MODEL_CONFIGS, 40960,
    layers=94, hidden=4096, heads=64, kv_heads=4, head_dim=128, experts=128, top_k=8, moe_ffn=1536, vocab=151936,
    rope_theta=1e6,
)
QWEN3_CODER_480B_A35B = _model(
    "qwen3_coder_480b_a35b", "Qwen3-Coder-480B-A35B", _published("qwen3_coder_480b_a35b", 480, MODEL_CONFIGS),
    MODEL_CONFIGS, 262144,
    layers=62, hidden=6144, heads=96, kv_heads=8, head_dim=128, experts=160, top_k=8, moe_ffn=2560, vocab=151936,
    rope_theta=1e7,
)
QWEN3_NEXT_80B_A3B = _model(
    "qwen3_next_80b_a3b", "Qwen3-Next-80B-A3B", _published("qwen3_next_80b_a3b", 80, TRANSFORMERS, "reported"),
    TRANSFORMERS, 262144, kind="reported", confidence="low",
    layers=48, linear_layers=36, full_layers=12, hidden=2048, heads=16, kv_heads=2, head_dim=256, experts=512,
    top_k=10, moe_ffn=512, shared_ffn=512, lin_k_heads=16, lin_v_heads=32, lin_head_dim=128, conv=4, vocab=151936,
    rope_theta=1e7, partial_rotary=0.25,
)
QWEN3_5_27B = _model(
    "qwen3_5_27b", "Qwen3.5-27B", _published("qwen3_5_27b", 27, MODEL_CONFIGS), MODEL_CONFIGS, 262144,
    layers=64, linear_layers=48, full_layers=16, hidden=5120, ffn=17408, heads=24, kv_heads=4, head_dim=256,
    lin_k_heads=16, lin_v_heads=48, lin_head_dim=128, conv=4, vocab=248320,
    rope_theta=1e7, partial_rotary=0.25, ours=QUARTER_TURNED,
)
QWEN3_5_35B_A3B = _model(
    "qwen3_5_35b_a3b", "Qwen3.5-35B-A3B", _published("qwen3_5_35b_a3b", 35, MODEL_CONFIGS),
    (MODEL_CONFIGS, TRANSFORMERS), 262144,
    layers=40, linear_layers=30, full_layers=10, hidden=2048, heads=16, kv_heads=2, head_dim=256, experts=256,
    top_k=8, moe_ffn=512, shared_ffn=512, lin_k_heads=16, lin_v_heads=32, lin_head_dim=128, conv=4, vocab=248320,
    rope_theta=1e7, partial_rotary=0.25, ours=QUARTER_TURNED,
)
QWEN3_5_122B_A10B = _model(
    "qwen3_5_122b_a10b", "Qwen3.5-122B-A10B", _published("qwen3_5_122b_a10b", 122, MODEL_CONFIGS), MODEL_CONFIGS,
    262144,
    layers=48, linear_layers=36, full_layers=12, hidden=3072, heads=32, kv_heads=2, head_dim=256, experts=256,
    top_k=8, moe_ffn=1024, shared_ffn=1024, lin_k_heads=16, lin_v_heads=64, lin_head_dim=128, conv=4, vocab=248320,
    rope_theta=1e7, partial_rotary=0.25, ours=QUARTER_TURNED,
)
QWEN3_5_397B_A17B = _model(
    "qwen3_5_397b_a17b", "Qwen3.5-397B-A17B", _published("qwen3_5_397b_a17b", 397, MODEL_CONFIGS),
    (MODEL_CONFIGS, ROBOAI_DIGEST), 262144,
    layers=60, linear_layers=45, full_layers=15, hidden=4096, heads=32, kv_heads=2, head_dim=256, experts=512,
    top_k=10, moe_ffn=1024, shared_ffn=1024, lin_k_heads=16, lin_v_heads=64, lin_head_dim=128, conv=4, vocab=248320,
    rope_theta=1e7, partial_rotary=0.25,
)
QWEN3_8_2P4T_A95B = _model(
    "qwen3_8_2p4t_a95b", "Qwen3.8-2.4T-A95B", _published("qwen3_8_2p4t_a95b", 2400, SGLANG_COOKBOOK),
    SGLANG_COOKBOOK, 262144,
    layers=92, linear_layers=69, full_layers=23, hidden=8192, heads=64, kv_heads=4, head_dim=256, experts=512,
    top_k=10, moe_ffn=2048, shared_ffn=2048, lin_k_heads=16, lin_v_heads=128, lin_head_dim=128, conv=4, vocab=248320,
    rope_theta=1e7, partial_rotary=0.25,
    ours=QUARTER_TURNED | {
        "shared_ffn": "as wide as the other experts, as in Qwen3.5; the page gives their number alone",
        "conv": "as in Qwen3.5; the page does not give it",
        "rope_theta": "as in Qwen3.5; the page does not give it",
    },
)
MODELS = (QWEN3_8_2P4T_A95B, QWEN3_5_397B_A17B, QWEN3_235B_A22B, QWEN3_32B, QWEN3_30B_A3B)  # that the book compares
PRESETS = (  # all of the fact table, the largest first
    QWEN3_8_2P4T_A95B, QWEN3_CODER_480B_A35B, QWEN3_5_397B_A17B, QWEN3_235B_A22B, QWEN3_5_122B_A10B,
    QWEN3_NEXT_80B_A3B, QWEN3_5_35B_A3B, QWEN3_32B, QWEN3_30B_A3B, QWEN3_5_27B, QWEN3_8B,
)
STAND_IN = QWEN3_8_2P4T_A95B  # for Qwen3.7-Max, which is not published: the nearest open model of its line
