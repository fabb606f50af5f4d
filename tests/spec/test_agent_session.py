"""A session's calls and its context: at the pace of the reported run, and no longer than the model's window."""

import pytest
import yaml

from zhenwu.spec import qwen_max
from zhenwu.spec.agent_session import (
    FOUR_HOURS,
    GROWTH,
    ONE_HOUR,
    PREFIX,
    REPORTED,
    SESSIONS,
    STRESS,
    SYSTEM_PREFIX,
    TOKENS_PER_CALL,
    TOOLS_PREFIX,
)
from zhenwu.spec.models import QWEN3_8_2P4T_A95B, QWEN3_32B


def test_the_traces_figures_equal_the_table(shared):
    table = {each["key"]: each for each in yaml.safe_load((shared / "facts.yaml").read_text(encoding="utf-8"))["facts"]}
    prefix = table["weka.system_tools_prefix"]["value"]
    assert GROWTH.value == table["weka.growth"]["value"]["mean"]
    assert (TOOLS_PREFIX.value, SYSTEM_PREFIX.value) == (prefix["tool_p50"], prefix["system_p50"])


def test_calls_come_at_the_pace_of_the_reported_run():
    assert (REPORTED.calls, REPORTED.hours) == (qwen_max.TOOL_CALLS, qwen_max.HOURS)
    for session in (ONE_HOUR, FOUR_HOURS):
        exact = session.hours.value * qwen_max.TOOL_CALLS.value / qwen_max.HOURS.value
        assert exact - 1 < session.calls.value <= exact


def test_the_stress_is_a_call_every_ten_seconds():
    assert (STRESS.calls.value, STRESS.calls.kind) == (35 * 3600 / 10, "assumed")


def test_a_context_grows_with_the_calls_up_to_the_window():
    short = ONE_HOUR.context(QWEN3_8_2P4T_A95B)
    assert short.value == PREFIX.value + ONE_HOUR.calls.value * TOKENS_PER_CALL.value
    assert ONE_HOUR.context(QWEN3_32B).value == QWEN3_32B.window.value < short.value
    assert REPORTED.context(QWEN3_8_2P4T_A95B).value == QWEN3_8_2P4T_A95B.window.value


@pytest.mark.parametrize("session", SESSIONS, ids=lambda session: session.key)
def test_a_context_keeps_its_assumptions_in_sight(session):
    context = session.context(QWEN3_8_2P4T_A95B)
    assert context.kind == "assumed" and TOKENS_PER_CALL in context.ancestors()
