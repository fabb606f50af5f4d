"""What recorded agent sessions ask of a server. The recordings themselves are read in a later chapter."""

from zhenwu.spec.sourced import Sourced
from zhenwu.spec.sources import AGENT_TRACES, MANUS, TIAN_PAN, TRACELAB

WEKA_SESSIONS = Sourced(
    676, "unique sessions of 710 present files (739 published)", AGENT_TRACES, "derived", key="weka.sessions",
    confidence="high",
    note="Deduplicated on the first 10 (input, output) pairs; the 29 largest of 739 files not included. Apache-2.0.",
)
WEKA_IN_OUT = Sourced(
    270, "input:output tokens", AGENT_TRACES, "derived", key="weka.in_out_ratio", confidence="high",
    note="44082 requests, deduped.",
)
WEKA_PREFIX_HIT = Sourced(
    0.963, "token-weighted, within session, unlimited cache", AGENT_TRACES, "derived", key="weka.prefix_hit",
    confidence="high",
    note="README: median 96 percent, mean 93 percent per conversation.",
)
WEKA_MISS_PER_OUTPUT = Sourced(
    10.1, "uncached input tokens per output token", AGENT_TRACES, "derived", key="weka.miss_per_output",
    confidence="high",
)
WEKA_COMPACTION = Sourced(
    0.186, "sessions with a drop above 40 percent", AGENT_TRACES, "derived", key="weka.compaction_share",
    confidence="medium",
)
TRACELAB_HIT = Sourced(
    0.957, "token-weighted prefix hit", TRACELAB, "published", key="tracelab.hit", confidence="high",
    note="tool-started steps 0.975, user-started about 0.84.",
)
TRACELAB_IDLE = Sourced(
    "human 92.3 percent of wall-clock, LLM 3.3, tools 4.8; inside a request tools 59.8, generation 41.0",
    "", TRACELAB, "published",
    key="tracelab.idle", confidence="high",
)
MANUS_RATIO = Sourced(
    100, "input:output", (MANUS, TIAN_PAN), "published", key="manus.ratio", confidence="high",
    note="About 50 tool calls per task; cached 0.30 vs 3.00 USD per M tokens (Claude Sonnet).",
)
