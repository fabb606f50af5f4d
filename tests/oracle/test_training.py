"""A training run of a few steps: the same file for the same seed, a whole folder or none, weights on their grid."""

import json
from functools import partial

import numpy as np
import pytest
import torch
from transformers import Qwen3ForCausalLM

from tests.oracle.quantised import prefill_and_decode
from tests.oracle.twin import compare
from zhenwu.agent.symbols import VOCABULARY
from zhenwu.bad_input import BadInput
from zhenwu.golden.numerics import SCALE_RULES, mx_round
from zhenwu.qwen.model import load
from zhenwu.study.trained import train_and_print
from zhenwu.study.trainings import trainings
from zhenwu.training import made, measure
from zhenwu.training.fake_quantise import E2M1, E4M3, QuantisedLinear, fake_quantised
from zhenwu.training.train import CURVE, SIZES, Size, fresh

STEPS = 4
TINY = Size(hidden=32, heads=2, kv_heads=1, steps=STEPS, layers=2)
WHOLE = {"config.json", "model.safetensors", "curve.json"}
PARAMETERS = {name: fresh(size, seed=1).num_parameters() for name, size in SIZES.items()}


@pytest.fixture(scope="module", autouse=True)
def few_tokens():
    """A tiny agent, measured on few lessons."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(SIZES, "small", TINY)
        patch.setattr(measure, "CHUNK_TOKENS", 2048)
        patch.setattr(made, "wrong_turns", partial(measure.wrong_turns, chunks=1))
        yield


def run(out, seed=3, size="small", begin=None, qat=None, rule="even", progress=lambda *_: None, steps=STEPS):
    return made.make(out, size, seed, steps, begin, qat, rule, progress)


@pytest.fixture(scope="module")
def trained(tmp_path_factory, few_tokens):
    """An agent after a few steps, and its curve."""
    out = tmp_path_factory.mktemp("trained") / "agent"
    return out, run(out)


def test_the_same_seed_gives_the_same_file_and_the_same_curve(trained, tmp_path):
    out, points = trained
    again, other = tmp_path / "again", tmp_path / "other"
    repeated = run(again)
    run(other, seed=4)
    weights = [(folder / "model.safetensors").read_bytes() for folder in (out, again, other)]
    assert weights[0] == weights[1] != weights[2]
    assert [(p.share, p.steps, p.wrong) for p in points] == [(p.share, p.steps, p.wrong) for p in repeated]


def test_the_folder_and_its_curve_are_whole(trained):
    out, points = trained
    assert {path.name for path in out.iterdir()} == WHOLE and list(out.parent.iterdir()) == [out]
    curve = json.loads((out / "curve.json").read_text(encoding="utf-8"))
    assert {name: curve[name] for name in ("size", "seed", "qat")} == {"size": "small", "seed": 3, "qat": None}
    assert curve["device"] == "cpu" and curve["torch"] == torch.__version__
    assert curve["parameters"] == sum(weight.size for weight in load(out).weights.values())
    assert [point["share"] for point in curve["points"]] == list(CURVE)
    assert [point["steps"] for point in curve["points"]] == [round(share * STEPS) for share in CURVE]
    for point, kept in zip(curve["points"], points, strict=True):
        assert {int(length): tuple(pair) for length, pair in point["wrong"].items()} == kept.wrong
        assert all(0 <= wrong <= turns and turns > 0 for wrong, turns in point["wrong"].values())
    times = [point["cpu_s"] for point in curve["points"]]
    assert times == sorted(times) and times[-1] > 0


def test_the_trainings_that_the_book_tells_of_are_of_these_sizes():
    assert {size: {run["parameters"] for run in runs} for size, runs in trainings().items()} == {
        size: {count} for size, count in PARAMETERS.items()}


def test_a_gpu_that_is_not_there_is_a_sentence_and_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(BadInput, match="--device cuda: torch finds no such GPU here; expected --device cpu"):
        train_and_print(tmp_path / "agent", "small", 1, STEPS, None, None, "even", "cuda")
    assert list(tmp_path.iterdir()) == []


def test_training_tells_its_progress_and_lowers_its_loss(tmp_path):
    seen = []
    run(tmp_path / "agent", progress=lambda step, total, loss: seen.append((step, total, loss)), steps=30)
    assert [step for step, _, _ in seen] == list(range(1, 31)) and {total for _, total, _ in seen} == {30}
    losses = [loss for *_, loss in seen]
    assert 0.5 < losses[0] / np.log(VOCABULARY) < 1.5 and losses[-1] < 0.9 * losses[0]


def test_a_folder_that_is_there_is_not_touched(trained):
    out, _ = trained
    before = {path: path.read_bytes() for path in out.iterdir()}
    with pytest.raises(FileExistsError):
        run(out)
    assert {path: path.read_bytes() for path in out.iterdir()} == before


def test_a_run_that_is_stopped_leaves_nothing(tmp_path):
    def stop(step, total, loss):
        if step == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "agent", progress=stop)
    assert list(tmp_path.iterdir()) == []


def test_transformers_loads_the_folder_and_its_logits_are_ours(trained):
    model = Qwen3ForCausalLM.from_pretrained(trained[0], dtype=torch.float32).eval()
    errors = compare(model, prefill_and_decode(np.random.default_rng(0).integers(0, VOCABULARY, (2, 30)), 5))
    assert errors.ours <= errors.bar and errors.ours_double <= errors.bar


def layers_of(weights):
    return {name: w for name, w in weights.items() if ".layers." in name and w.ndim == 2}


@pytest.mark.parametrize("rule", ["even", "floor"])
@pytest.mark.parametrize("qat", ["w4a4", "w4a8"])
def test_training_through_four_bits_goes_on_from_an_agent_and_ends_on_the_grid(qat, rule, trained, tmp_path):
    run(tmp_path / "agent", size="large", begin=trained[0], qat=qat, rule=rule)
    curve = json.loads((tmp_path / "agent" / "curve.json").read_text())
    assert (curve["size"], curve["qat"]) == ("small", qat)  # the size is that of the agent it went on from
    after, before = layers_of(load(tmp_path / "agent").weights), layers_of(load(trained[0]).weights)
    assert len(after) == 7 * TINY.layers and after.keys() == before.keys()
    for name, w in after.items():
        assert (w != before[name]).any() and len(np.unique(abs(w))) < 8 * len(w)
        for again in ("even", "floor"):
            np.testing.assert_array_equal(mx_round(w, rule=again), w, err_msg=f"{name}, {again}")
    others = load(tmp_path / "agent").weights
    assert (mx_round(others["lm_head.weight"]) != others["lm_head.weight"]).any()


@pytest.mark.parametrize("rule", SCALE_RULES)
@pytest.mark.parametrize("activations", [E2M1, E4M3], ids=["w4a4", "w4a8"])
def test_settled_weights_are_their_own_quantised_selves_also_in_bf16(rule, activations):
    model = fresh(TINY, seed=1)
    before = layers_of(dict(model.named_parameters()))
    wanted = {name: mx_round(w.detach().numpy(), rule=rule) for name, w in before.items()}
    made.settle(fake_quantised(model, activations, rule))
    assert not any(isinstance(module, QuantisedLinear) for module in model.modules())
    for name, w in layers_of(dict(model.to(torch.bfloat16).named_parameters())).items():
        np.testing.assert_array_equal(settled := w.detach().float().numpy(), wanted[name])
        np.testing.assert_array_equal(mx_round(settled, rule=rule), settled)


def test_a_plain_model_is_settled_as_it_is():
    model = fresh(TINY, seed=1)
    before = {name: w.detach().clone() for name, w in model.named_parameters()}
    made.settle(model)
    assert all(torch.equal(w, before[name]) for name, w in model.named_parameters())
    assert all((mx_round(w.numpy()) != w.numpy()).any() for w in layers_of(before).values())
