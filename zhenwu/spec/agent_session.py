"""An agent session as arithmetic: so many tool calls in so many hours, and the context that they leave behind. What a
call adds comes from recorded sessions of other vendors' models.

Calls come at the pace of the one long run that was reported; that each adds as much as in those recordings is an
assumption. A context grows until it fills the model's window; then the agent compacts it, and from there on a longer
session needs no more memory.
"""

import math
from dataclasses import dataclass

from zhenwu.spec.models import Model
from zhenwu.spec.qwen_max import CONTEXT, HOURS, TOOL_CALLS
from zhenwu.spec.sourced import Sourced
from zhenwu.spec.sources import AGENT_TRACES

GROWTH = Sourced(
    1848, "token", AGENT_TRACES, "derived", key="weka.growth_mean", confidence="high",
    note="Tokens added per step, the mean; the median is 659. Recorded with other vendors' models.",
)
TOOLS_PREFIX = Sourced(
    12262, "token", AGENT_TRACES, "derived", key="weka.tools_prefix", confidence="high",
    note="Descriptions of the tools, the median. Recorded with other vendors' models.",
)
SYSTEM_PREFIX = Sourced(
    2773, "token", AGENT_TRACES, "derived", key="weka.system_prefix", confidence="high",
    note="The system's instructions, the median. Recorded with other vendors' models.",
)
PREFIX = (TOOLS_PREFIX + SYSTEM_PREFIX).named("session.prefix", "What a context begins with.")
TOKENS_PER_CALL = Sourced(
    GROWTH.value, "token", "ours: a call adds what a step added in real traces of other vendors' models, on average",
    "assumed", key="session.tokens_per_call", inputs=(GROWTH,),
)
CALLS_PER_HOUR = (TOOL_CALLS / HOURS).named("session.calls_per_hour", "The pace of the reported run.")
STRESS_PERIOD = Sourced(
    10, "s", "ours: about the median wait for a tool in the real traces", "assumed", key="session.stress_period",
)
COMPACTED = Sourced(
    0.6, "", "ours: a turn with less than this share of the context before it has compacted it; the count of the real "
    "traces, weka.compaction_share, takes the same drop", "assumed", key="session.compacted",
)
WAIT_CAP = Sourced(
    60, "s", "ours: a longer wait for a tool may be one for a person, who was asked for permission", "assumed",
    key="session.wait_cap",
)
SECONDS_PER_HOUR = Sourced(3600, "s/h", "by definition", "derived", key="session.seconds_per_hour")
STRESS_CALLS = (HOURS * SECONDS_PER_HOUR / STRESS_PERIOD).named("session.stress_calls", "A call every period.")

REPORTED_WINDOW = Sourced(
    CONTEXT.value, "token", f"{CONTEXT.key}, as a window", CONTEXT.kind, key="session.reported_window",
    inputs=(CONTEXT,),
)


@dataclass(frozen=True)
class Session:
    """How long an agent works, and how often it calls a tool meanwhile."""

    key: str
    name: str
    hours: Sourced
    calls: Sourced

    @property
    def tokens(self) -> Sourced:
        """What its context would hold in the end if nothing were ever dropped."""
        return (PREFIX + self.calls * TOKENS_PER_CALL).named(f"session.{self.key}.tokens", "If nothing were dropped.")

    def context(self, model: Model) -> Sourced:
        """The longest context that it reaches: all its tokens, or the model's window."""
        tokens, window = self.tokens, model.window
        kept = min(tokens, window, key=float)
        kind = "assumed" if "assumed" in (tokens.kind, window.kind) else "derived"
        return Sourced(
            kept.value, "token", f"the smaller of {tokens.key} and {window.key}", kind, inputs=(tokens, window),
        )


def _hours(value: int, why: str) -> Session:
    key = f"{value}h"
    hours = Sourced(value, "h", f"ours: {why}", "assumed", key=f"session.{key}.hours")
    calls = hours * CALLS_PER_HOUR
    whole = Sourced(
        math.floor(calls.value), "", f"floor({calls.source[0].title})", calls.kind, key=f"session.{key}.calls",
        inputs=(calls,),
    )
    unit = "hour" if value == 1 else "hours"
    return Session(key, f"{value} {unit}", hours, whole)


ONE_HOUR = _hours(1, "half of the sessions in the real traces end within an hour")
FOUR_HOURS = _hours(4, "nine of ten sessions in the real traces end within five hours")
REPORTED = Session("35h", "35 hours", HOURS, TOOL_CALLS)
STRESS = Session("35h_stress", "35 hours, a call every 10 seconds", HOURS, STRESS_CALLS)
SESSIONS = (ONE_HOUR, FOUR_HOURS, REPORTED, STRESS)
