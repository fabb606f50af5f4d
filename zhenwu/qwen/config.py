"""The shape of a model: what `config.json` of a checkpoint says, checked and frozen."""

from dataclasses import dataclass

from zhenwu.qwen.rope import Rope

FULL, SLIDING, LINEAR = "full_attention", "sliding_attention", "linear_attention"
HYBRIDS = ("qwen3_next", "qwen3_5_text", "qwen3_5_moe_text")
MODEL_TYPES = ("qwen3", "qwen3_moe", *HYBRIDS)


@dataclass(frozen=True)
class Config:
    """One model of the family; the names are those of transformers. Fields that a family lacks stay 0."""

    model_type: str  # one of MODEL_TYPES
    vocab_size: int
    hidden_size: int
    num_attention_heads: int
    num_key_value_heads: int
    head_dim: int
    rms_norm_eps: float
    rope: Rope
    layer_types: tuple[str, ...]  # FULL, SLIDING or LINEAR, layer by layer
    sparse_layers: tuple[bool, ...]  # which layers hold a mixture of experts
    intermediate_size: int = 0  # of the layers without experts
    attention_bias: bool = False
    tie_word_embeddings: bool = False
    sliding_window: int = 0  # a token sees itself and this many less one before it, in SLIDING layers
    num_experts: int = 0
    num_experts_per_tok: int = 0
    moe_intermediate_size: int = 0
    shared_expert_intermediate_size: int = 0
    norm_topk_prob: bool = False
    linear_num_key_heads: int = 0
    linear_num_value_heads: int = 0
    linear_key_head_dim: int = 0
    linear_value_head_dim: int = 0
    linear_conv_kernel_dim: int = 0

    @property
    def num_hidden_layers(self) -> int:
        return len(self.layer_types)

    @property
    def hybrid(self) -> bool:
        """Whether attention has an output gate and every norm keeps its gain less 1, as the hybrids do."""
        return self.model_type in HYBRIDS

    @property
    def linear_key_dim(self) -> int:
        return self.linear_num_key_heads * self.linear_key_head_dim

    @property
    def linear_value_dim(self) -> int:
        return self.linear_num_value_heads * self.linear_value_head_dim

    @property
    def convolution_dim(self) -> int:
        """Channels of the short convolution: queries, keys and values of a LINEAR layer side by side."""
        return 2 * self.linear_key_dim + self.linear_value_dim
