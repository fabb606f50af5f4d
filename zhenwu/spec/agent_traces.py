"""What is known of recorded agent sessions. All are of other vendors' models, none of a Qwen. The recording itself is
read in `zhenwu/agent/traces.py`; its own share of compaction seems to count copies that are left out there.

Where the table of facts has several numbers under one key, each stands here by itself, its name behind the key.
"""

from zhenwu.spec.sourced import Sourced
from zhenwu.spec.sources import AGENT_TRACES, MANUS, TIAN_PAN, TRACELAB, TRACELAB_ATLAS


def _weka(value: float, unit: str, key: str, confidence: str = "high", note: str = "") -> Sourced:
    return Sourced(value, unit, AGENT_TRACES, "derived", key=f"weka.{key}", confidence=confidence, note=note)


def _tracelab(value: float | str, unit: str, key: str, note: str = "") -> Sourced:
    return Sourced(value, unit, TRACELAB, "published", key=f"tracelab.{key}", confidence="high", note=note)


WEKA_SESSIONS = _weka(
    676, "unique sessions of 710 present files (739 published)", "sessions",
    note="Deduplicated on the first 10 (input, output) pairs; the 29 largest of 739 files not included. Apache-2.0.",
)
WEKA_IN_OUT = _weka(270, "input:output tokens", "in_out_ratio", note="44082 requests, deduped.")
WEKA_PREFIX_HIT = _weka(
    0.963, "token-weighted, within session, unlimited cache", "prefix_hit",
    note="README: median 96 percent, mean 93 percent per conversation.",
)
WEKA_MISS_PER_OUTPUT = _weka(10.1, "uncached input tokens per output token", "miss_per_output")
WEKA_COMPACTION = _weka(0.186, "sessions with a drop above 40 percent", "compaction_share", "medium")
WEKA_TOKENS_PER_S = _weka(38, "output tokens/s, median, service time included", "api_tokens_per_s", "medium")

TRACELAB_HIT = _tracelab(
    0.957, "token-weighted prefix hit", "hit", "tool-started steps 0.975, user-started about 0.84."
)
TRACELAB_IDLE = _tracelab(
    "human 92.3 percent of wall-clock, LLM 3.3, tools 4.8; inside a request tools 59.8, generation 41.0", "", "idle"
)
TRACELAB_CACHED = _tracelab(118656, "tokens per step", "medians.cached")
TRACELAB_NEW = _tracelab(875, "tokens per step", "medians.new")
TRACELAB_OUTPUT = _tracelab(214, "tokens per step", "medians.output")
TRACELAB_TOOL_MEAN = _tracelab(16.8, "", "tool_latency.mean_s")
TRACELAB_INPUT = Sourced(
    "54.9B", "", (TRACELAB_ATLAS, TRACELAB), "published", key="tracelab.dataset.input", confidence="high",
    note="In/out 294:1 (derived).",
)
TRACELAB_OUTPUT_ALL = Sourced(
    "186.9M", "", (TRACELAB_ATLAS, TRACELAB), "published", key="tracelab.dataset.output", confidence="high",
    note="In/out 294:1 (derived).",
)


def _counted(printed: Sourced) -> float:
    """54.9B tokens are 54.9e9."""
    return float(printed.value[:-1]) * {"M": 1e6, "B": 1e9}[printed.value[-1]]


TRACELAB_IN_OUT = Sourced(
    round(_counted(TRACELAB_INPUT) / _counted(TRACELAB_OUTPUT_ALL)), "input:output",
    f"{TRACELAB_INPUT.key} / {TRACELAB_OUTPUT_ALL.key}, rounded", "derived", key="tracelab.in_out",
    inputs=(TRACELAB_INPUT, TRACELAB_OUTPUT_ALL),
)
MANUS_RATIO = Sourced(
    100, "input:output", (MANUS, TIAN_PAN), "published", key="manus.ratio", confidence="high",
    note="About 50 tool calls per task; cached 0.30 vs 3.00 USD per M tokens (Claude Sonnet).",
)
