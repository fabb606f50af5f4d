"""What is known of Qwen3.7-Max and of its reported run of 35 hours: one kernel task, run by the vendor."""

from zhenwu.spec.sourced import Sourced
from zhenwu.spec.sources import RAINSNEWS
from zhenwu.spec.sources_company import AGENTIC_BREW, QWEN_MAX_NOTES, TOKENFEED

HOURS = Sourced(
    35, "h", (TOKENFEED, AGENTIC_BREW, QWEN_MAX_NOTES), "reported", key="q37max.hours", confidence="high",
    note="One kernel task, vendor run. The article's sentence on no degradation is a press paraphrase.",
)
TOOL_CALLS = Sourced(
    1158, "", (TOKENFEED, AGENTIC_BREW, QWEN_MAX_NOTES), "reported", key="q37max.tool_calls", confidence="high",
    note="35 h / 1158 = 109 s per call (derived).",
)
KERNEL_EVALS = Sourced(
    432, "", (TOKENFEED, AGENTIC_BREW, QWEN_MAX_NOTES), "reported", key="q37max.kernel_evals", confidence="high",
    note="35 h / 432 = 292 s per evaluation (derived).",
)
SPEEDUP = Sourced(
    10.0, "x geometric mean vs Triton reference", (TOKENFEED, AGENTIC_BREW, QWEN_MAX_NOTES), "reported",
    key="q37max.speedup", confidence="high",
    note="Extend attention kernel in SGLang on ZW-M890; others 7.3, 5.0, 3.3. One blog says it beat the maker's own "
         "kernel: wrong.",
)
CONTEXT = Sourced(
    1000000, "tokens", (AGENTIC_BREW, RAINSNEWS), "reported", key="q37max.context", confidence="high",
    note="Previous flagship 256K. A site claiming 2M tokens and 40 percent energy gain is unsupported.",
)
ARCHITECTURE = Sourced(
    None, "", QWEN_MAX_NOTES, "unknown", key="q37max.architecture",
    note="Not published, API only. Proxies: Qwen3.5-397B-A17B (open, Feb 2026), Qwen3.8-2.4T-A95B (open, July 2026).",
)
