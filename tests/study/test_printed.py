"""`zhenwu agent run` with what its options name: the rule for the cache, and checkpoints that are no agent."""

import numpy as np
import pytest

from tests.qwen.checkpoints import CONFIGS, random_weights, write
from zhenwu.agent.mind import Format, Mind
from zhenwu.agent.session import Harness
from zhenwu.bad_input import BadInput
from zhenwu.study.cell import agent
from zhenwu.study.printed import run_and_print

ONE_CALL = Harness(calls=1)


def test_the_rule_of_block_scales_is_that_of_the_cache_too():
    x = np.random.default_rng(1).normal(size=(64, 32)).astype(np.float32)
    rounded = [Mind(agent("plain"), Format(rule=rule, kv="mxfp4"), 1, 8).quantise(x) for rule in ("floor", "rceil")]
    assert not np.array_equal(*rounded)
    assert str(Format(kv="mxfp4")) == "fp32, kv mxfp4" and str(Format(rule="even", kv="mxfp4")) == "fp32, kv mxfp4 even"


def test_a_checkpoint_with_too_few_tokens_is_no_agent(tmp_path):
    values = CONFIGS["qwen3"]
    folder = write(tmp_path / "other", values, random_weights(values))
    with pytest.raises(BadInput, match=r"^--weights .*other: knows 37 tokens; expected the \d+ of the agent's task"):
        run_and_print(Format(), str(folder), False, ONE_CALL, 1, 1, 0)


def test_layers_that_a_format_cannot_take_are_told_in_a_sentence(tmp_path):
    values = CONFIGS["qwen3"] | {"vocab_size": 64}
    folder = write(tmp_path / "narrow", values, random_weights(values))
    with pytest.raises(BadInput, match="^--weights .*narrow: .*32"):
        run_and_print(Format("mxfp4", hadamard=True), str(folder), False, ONE_CALL, 1, 1, 0)


def test_a_folder_is_named_as_it_is(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    values = CONFIGS["qwen3"] | {"vocab_size": 64}
    write(tmp_path / "a[bold]b", values, random_weights(values))
    run_and_print(Format(), "a[bold]b", False, ONE_CALL, 1, 1, 0)
    assert "weights a[bold]b, carry" in capsys.readouterr().out
