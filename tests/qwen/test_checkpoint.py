"""Checkpoint folders: every way to store one gives the same tensors; whatever is broken is named in one sentence."""

import json
import re

import numpy as np
import pytest

from tests.qwen.checkpoints import CONFIGS, published, random_weights, safetensors, write
from zhenwu.qwen.checkpoint_error import CheckpointError
from zhenwu.qwen.model import load

FAMILIES = sorted(CONFIGS)
MOE = CONFIGS["qwen3_moe"]


def same(found, expected):
    assert found.keys() == expected.keys()
    for name in expected:
        np.testing.assert_array_equal(found[name], expected[name], err_msg=name)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("shards", [0, 3])
@pytest.mark.parametrize("form", [dict, published])
def test_one_file_shards_stacked_and_single_experts_give_the_same_tensors(tmp_path, family, shards, form):
    weights = random_weights(CONFIGS[family])
    same(load(write(tmp_path, CONFIGS[family], form(weights), shards=shards)).weights, weights)


@pytest.mark.parametrize("element", ["BF16", "F16", "F32", "F64"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_every_element_type_is_read_exactly_in_both_types(tmp_path, element, dtype):
    weights = {name: np.round(w * 64) / 64 for name, w in random_weights(CONFIGS["qwen3"]).items()}
    short = {n: (w.view(np.uint32) & 0xFFFF0000).view(np.float32) for n, w in weights.items()}
    found = load(write(tmp_path, CONFIGS["qwen3"], short, element), dtype).weights
    assert {w.dtype for w in found.values()} == {np.dtype(dtype)}
    same(found, short)


def test_tied_embeddings_are_stored_once_and_used_twice(tmp_path):
    values = CONFIGS["qwen3"] | {"tie_word_embeddings": True}
    weights = random_weights(values)
    found = load(write(tmp_path, values, weights)).weights
    assert found["lm_head.weight"] is found["model.embed_tokens.weight"]
    renamed = {name.replace("model.embed_tokens", "lm_head"): w for name, w in weights.items()}
    again = load(write(tmp_path, values, renamed)).weights
    same(again, found)
    both = weights | {"lm_head.weight": weights["model.embed_tokens.weight"] + 1}
    apart = load(write(tmp_path, values, both)).weights  # a head stored all the same is used, as transformers does
    np.testing.assert_array_equal(apart["lm_head.weight"], both["lm_head.weight"])


def test_a_vision_language_checkpoint_gives_its_language_model(tmp_path):
    text = CONFIGS["qwen3_5_text"]
    weights = random_weights(text)
    wrapped = {name.replace("model.", "model.language_model."): w for name, w in weights.items()}
    wrapped |= {"model.visual.blocks.0.norm1.weight": np.ones(3), "mtp.norm.weight": np.ones(3)}
    outer = {"model_type": "qwen3_5", "architectures": ["Qwen3_5ForConditionalGeneration"], "text_config": text}
    same(load(write(tmp_path, outer, wrapped)).weights, weights)


def test_a_draft_head_beside_a_hybrid_is_passed_over(tmp_path):
    weights = random_weights(CONFIGS["qwen3_next"])
    same(load(write(tmp_path, CONFIGS["qwen3_next"], weights | {"mtp.norm.weight": np.ones(3)})).weights, weights)


def test_a_tensor_stored_under_both_names_is_refused(tmp_path):
    values = CONFIGS["qwen3_5_text"]
    both = random_weights(values) | {"model.language_model.norm.weight": np.ones(24)}
    said = "has tensors model.norm.weight and model.language_model.norm.weight; expected one of the two"
    assert said in refused(write(tmp_path, values, both))


def refused(folder) -> str:
    with pytest.raises(CheckpointError) as caught:
        load(folder)
    sentence = str(caught.value)
    assert "; expected" in sentence and "\n" not in sentence
    return sentence


@pytest.mark.parametrize("family", FAMILIES)
def test_each_missing_tensor_is_named_with_its_shape(tmp_path, family):
    weights = random_weights(CONFIGS[family])
    for lost, tensor in weights.items():
        kept = {name: w for name, w in weights.items() if name != lost}
        sentence = refused(write(tmp_path, CONFIGS[family], kept))
        if "experts." in lost:  # it might have been stored expert by expert
            assert re.search(rf"tensor {lost.rsplit('.', 1)[0]}\.0\.\w+\.weight is missing", sentence)
        else:
            assert f"tensor {lost} is missing; expected it with shape {list(tensor.shape)}" in sentence


@pytest.mark.parametrize("family", FAMILIES)
def test_each_misshapen_tensor_is_named_with_both_shapes(tmp_path, family):
    weights = random_weights(CONFIGS[family])
    for name, tensor in weights.items():
        wrong = weights | {name: np.concatenate([tensor, tensor])}
        shape = [2 * tensor.shape[0], *tensor.shape[1:]]
        expected = f"tensor {name} has shape {shape}; expected {list(tensor.shape)} by config.json"
        assert expected in refused(write(tmp_path, CONFIGS[family], wrong))


@pytest.mark.parametrize(
    ("name", "of"),
    [("model.layers.3.mlp.up_proj.weight", "a layer too many"), ("model.layers.0.mlp.up_proj.bias", "a bias"),
     ("model.layers.0.mlp.experts.5.up_proj.weight", "an expert too many"), ("lm_head.bias", "a bias of the head"),
     ("model.layers.0.self_attn.q_proj.weight_scale_inv", "the scale of an FP8 checkpoint"),
     ("mtp.norm.weight", "a draft head"), ("model.visual.norm.weight", "a vision tower"),
     ("model.language_model.norm.weight", "the norm of a wrapped model")],
)
def test_a_tensor_that_the_config_does_not_know_is_refused(tmp_path, name, of):
    folder = write(tmp_path, MOE, published(random_weights(MOE)) | {name: np.ones(3)})
    assert f"tensor {name} is unexpected; expected only the tensors of a qwen3_moe with 3 layers" in refused(folder)


def test_one_missing_expert_is_named(tmp_path):
    weights = published(random_weights(MOE))
    del weights["model.layers.2.mlp.experts.4.up_proj.weight"]
    assert "model.layers.2.mlp.experts.4.up_proj.weight is missing" in refused(write(tmp_path, MOE, weights))


@pytest.mark.parametrize("element", ["F8_E4M3", "I8", "BOOL", "U8"])
def test_a_dtype_that_holds_no_plain_number_is_refused(tmp_path, element):
    sentence = refused(write(tmp_path, MOE, random_weights(MOE), element))
    assert f"tensor model.embed_tokens.weight has dtype {element}; expected one of F64, F32, F16, BF16" in sentence


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("element", ["BF16", "F16", "F32", "F64"])
def test_a_weight_that_is_not_finite_is_refused(tmp_path, value, element):
    weights = random_weights(MOE)
    weights["model.norm.weight"][3] = value
    sentence = refused(write(tmp_path, MOE, weights, element))
    assert "tensor model.norm.weight holds NaN or infinity as float32; expected finite numbers" in sentence


def test_a_weight_beyond_float32_needs_float64(tmp_path):
    weights = random_weights(MOE)
    weights["model.norm.weight"] = np.full(24, 1e200)
    folder = write(tmp_path, MOE, weights, "F64")
    assert "holds NaN or infinity as float32" in refused(folder)
    np.testing.assert_array_equal(load(folder, np.float64).weights["model.norm.weight"], 1e200)


def test_a_file_cut_anywhere_is_refused(tmp_path):
    folder = write(tmp_path, MOE, random_weights(MOE))
    file = folder / "model.safetensors"
    whole = file.read_bytes()
    for length in [0, 1, 7, 8, 9, 100, 2000, len(whole) // 2, len(whole) - 1]:
        file.write_bytes(whole[:length])
        assert str(file) in refused(folder)
    file.write_bytes(whole[:-1])
    assert "is truncated, tensor " in refused(folder)


def test_a_header_that_lies_is_refused(tmp_path):
    folder = write(tmp_path, MOE, random_weights(MOE))
    file = folder / "model.safetensors"
    for text, said in [
        (b"[" * 100_000, "is not JSON"),
        (b"{", "is not JSON"), (b"[]", "no JSON object"), (b"\xff", "is not JSON"), (b'{"a": 3}', "tensor a is ill"),
        (b'{"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 4]}}', "tensor a spans 4 bytes; expected 8"),
        (b'{"a": {"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]}}', "tensor a is ill-described"),
        (b'{"a": {"dtype": "F32", "shape": [%d, %d], "data_offsets": [0, 8]}}' % (10**3999, 10**3999), "tensor a is "),
        (b'{"a": {"dtype": "F32", "shape": [%s1], "data_offsets": [0, 8]}}' % (b"9999999, " * 999), "tensor a is ill"),
        (b'{"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, %d]}}' % 10**3999, "tensor a is ill-described"),
        (b'{"a": {"dtype": "F32", "shape": [1], "data_offsets": [4, 0]}}', "tensor a spans -4 bytes"),
    ]:
        file.write_bytes(len(text).to_bytes(8, "little") + text + bytes(8))
        assert said in refused(folder)
    file.write_bytes(b"\xff" * 64)
    assert "too few for its header" in refused(folder)


@pytest.mark.parametrize(
    ("second", "size", "said"),
    [([0, 4], 4, "tensor b begins at byte 0 of the data; expected 4, where the one before it ends"),
     ([8, 12], 12, "tensor b begins at byte 8 of the data; expected 4"),
     ([4, 8], 12, "has 4 bytes beyond its last tensor; expected none")],
)
def test_tensors_that_do_not_tile_the_data_are_refused(tmp_path, second, size, said):
    entries = {"a": [0, 4], "b": second}
    header = {name: {"dtype": "F32", "shape": [1], "data_offsets": at} for name, at in entries.items()}
    text = json.dumps(header).encode()
    folder = write(tmp_path, MOE, {})
    (folder / "model.safetensors").write_bytes(len(text).to_bytes(8, "little") + text + bytes(size))
    assert said in refused(folder)


def test_names_with_line_breaks_are_told_on_one_line(tmp_path):
    weights = random_weights(MOE)
    assert r"tensor a\nb is unexpected" in refused(write(tmp_path / "plain", MOE, weights | {"a\nb": np.ones(3)}))
    assert r"c\u2028d: is no folder" in refused(tmp_path / "c\u2028d")
    folder = write(tmp_path / "sharded", MOE, weights, shards=2)
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": {"a": "e\nf"}}))
    assert r"e\nf: is missing; expected the shard" in refused(folder)


def test_missing_files_are_named(tmp_path):
    assert "is no folder" in refused(tmp_path / "nowhere")
    assert "is no folder" in refused(tmp_path / ("x" * 300))
    assert "config.json: no such file" in refused(tmp_path)
    folder = write(tmp_path, MOE, random_weights(MOE), shards=3)
    (folder / "model-00002-of-00003.safetensors").unlink()
    assert "model-00002-of-00003.safetensors: is missing; expected the shard" in refused(folder)
    (folder / "model-00002-of-00003.safetensors").write_bytes(safetensors({"a": np.ones(2)}))
    assert "is missing; expected it there by model.safetensors.index.json" in refused(folder)
    (folder / "model.safetensors.index.json").unlink()
    assert "model.safetensors: no such file" in refused(folder)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", "[" * 100_000, '{"weight_map": 3}', '{"weight_map": {"a": 3}}',
                                  '{"weight_map": {"a": "../a.safetensors"}}', '{"weight_map": {"a": null}}'])
def test_a_broken_index_is_refused(tmp_path, text):
    folder = write(tmp_path, MOE, random_weights(MOE), shards=2)
    (folder / "model.safetensors.index.json").write_text(text)
    assert "is no index; expected an object weight_map" in refused(folder)


def test_a_shard_whose_name_is_too_long_is_missing(tmp_path):
    folder = write(tmp_path, MOE, random_weights(MOE), shards=2)
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": {"a": "x" * 300}}))
    assert f"{'x' * 300}: is missing; expected the shard" in refused(folder)


def test_a_config_that_says_otherwise_than_the_tensors_is_refused(tmp_path):
    for name in ("hidden_size", "num_attention_heads", "vocab_size", "moe_intermediate_size"):
        folder = write(tmp_path, MOE | {name: 2 * MOE[name]}, random_weights(MOE))
        assert re.search(r"tensor \S+ has shape .* by config.json", refused(folder))
    sentence = refused(write(tmp_path, MOE | {"head_dim": 2**31}, random_weights(MOE)))  # at once: nothing is made
    assert f"q_proj.weight has shape [32, 24]; expected [{4 * 2**31}, 24]" in sentence
    (folder / "config.json").write_text(json.dumps(MOE)[:-5])
    assert "config.json: is not JSON" in refused(folder)
