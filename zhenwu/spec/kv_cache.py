"""How a KV cache lies in memory: pages, spread over the pseudo-channels of a chip. Chapter: what an agent asks."""

from zhenwu.spec.hbm3 import HBM3_GEOMETRY
from zhenwu.spec.models import Model
from zhenwu.spec.sourced import Sourced
from zhenwu.spec.sources import VLLM_CACHE

PAGE = Sourced(
    16, "token", VLLM_CACHE, "published", key="kv.page",
    note="By default vLLM, a widely used server, gives a session's cache so much memory at a time, for each layer.",
)
STACKS = Sourced(
    6, "", "ours: stacks of 24 GB make the 144 GB that the M890 has, and its assumed range of bandwidth counts on them",
    "assumed", key="kv.stacks",
)
PSEUDO_CHANNELS = (STACKS * HBM3_GEOMETRY.channels * HBM3_GEOMETRY.pseudo_channels).named(
    "kv.pseudo_channels", "Of a chip with that many stacks."
)


def page_lines(model: Model) -> Sourced:
    """Lines of a page of one layer that one pseudo-channel holds, if a page's lines go round all of them in turn."""
    each = PAGE * model.kv_bytes / model.attention_layers
    return (each / HBM3_GEOMETRY.line_bytes / PSEUDO_CHANNELS).named("kv.page_lines")
