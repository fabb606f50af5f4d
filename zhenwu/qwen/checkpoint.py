"""A Hugging Face checkpoint folder -> the model's tensors: config.json, one safetensors file or shards with an index.

Published mixtures store each expert's matrices apart ("experts.3.up_proj.weight"); transformers stacks them in memory.
Both are read, and stacked. Vision-language checkpoints wrap the language model; its prefix is taken off and the
vision tower is passed over, and so is the draft head ("mtp") of the hybrids, as transformers does.
"""

import json
import re
from os.path import exists, isdir
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from zhenwu.qwen.checkpoint_error import CheckpointError
from zhenwu.qwen.config import HYBRIDS, Config
from zhenwu.qwen.config_json import read_config
from zhenwu.qwen.parameters import parameters
from zhenwu.qwen.safetensors_file import SafetensorsFile

SINGLE, INDEX = "model.safetensors", "model.safetensors.index.json"
EMBEDDING, HEAD = "model.embed_tokens.weight", "lm_head.weight"
WRAPPED = ("qwen3_5_text", "qwen3_5_moe_text")  # the families that come with a vision tower


def read_checkpoint(folder: Path, dtype: np.dtype) -> tuple[Config, dict[str, NDArray]]:
    """Config and tensors of `folder`, the tensors in `dtype`, exactly those of `parameters`, and "lm_head.weight".

    CheckpointError, one sentence that names the file or tensor, if anything is missing, misshapen or unexpected.
    """
    if not isdir(folder):  # which is false for a name that is too long, where Path.is_dir raises
        raise CheckpointError(f"{folder}: is no folder; expected one with config.json and {SINGLE}")
    config = read_config(folder / "config.json")
    stored = _stored(folder, config.model_type)
    expected = parameters(config)
    if EMBEDDING not in stored and HEAD in stored and config.tie_word_embeddings:
        stored[EMBEDDING] = stored[HEAD]  # tied, but saved under the other name
    weights = {}
    for name, shape in expected.items():
        pieces = _pieces(name, shape)
        if name in stored or not pieces:
            weights[name] = _read(folder, stored, name, shape, dtype)
        else:
            weights[name] = np.empty(shape, dtype)
            for part, (piece, rows, piece_shape) in pieces.items():
                weights[name][piece][rows] = _read(folder, stored, part, piece_shape, dtype)
                stored.pop(part)
        stored.pop(name, None)
    head = stored.pop(HEAD, None)
    if config.tie_word_embeddings:  # a head stored all the same is used as it is
        shape = expected[EMBEDDING]
        weights[HEAD] = weights[EMBEDDING] if head is None else _read(folder, {HEAD: head}, HEAD, shape, dtype)
    for name in stored:
        raise CheckpointError(
            f"{stored[name][0].path}: tensor {name} is unexpected; expected only the tensors of a {config.model_type} "
            f"with {config.num_hidden_layers} layers as config.json describes it"
        )
    return config, weights


def _stored(folder: Path, model_type: str) -> dict[str, tuple[SafetensorsFile, str]]:
    """Our name of each tensor in the folder -> its file and its name there."""
    index = folder / INDEX
    if (folder / SINGLE).exists() or not index.exists():
        file = SafetensorsFile(folder / SINGLE)
        place = dict.fromkeys(file.tensors, file)
    else:
        place = _sharded(folder, index)
    passed_over = r".*\.rotary_emb\.inv_freq$"
    if model_type in HYBRIDS:
        passed_over += r"|mtp\."
    if model_type in WRAPPED:
        passed_over += r"|(model\.)?visual\."
    stored = {}
    for name, file in place.items():
        ours = re.sub(r"^model\.language_model\.", "model.", name) if model_type in WRAPPED else name
        if re.match(passed_over, ours):
            continue
        if ours in stored:
            raise CheckpointError(f"{file.path}: has tensors {stored[ours][1]} and {name}; expected one of the two")
        stored[ours] = file, name
    return stored


def _sharded(folder: Path, index: Path) -> dict[str, SafetensorsFile]:
    try:
        weight_map = json.loads(index.read_text(encoding="utf-8"))["weight_map"]
        shards = sorted(set(weight_map.values()))
        assert all(Path(shard).name == shard for shard in shards)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, AssertionError, RecursionError):
        raise CheckpointError(f"{index}: is no index; expected an object weight_map from tensors to files") from None
    files = {}
    for shard in shards:
        if not exists(folder / shard):
            raise CheckpointError(f"{folder / shard}: is missing; expected the shard that {INDEX} names")
        files[shard] = SafetensorsFile(folder / shard)
    for name, shard in weight_map.items():
        if name not in files[shard].tensors:
            raise CheckpointError(f"{folder / shard}: tensor {name} is missing; expected it there by {INDEX}")
    return {name: files[shard] for name, shard in weight_map.items()}


def _pieces(name: str, shape: tuple[int, ...]) -> dict[str, tuple[int, slice, tuple[int, ...]]]:
    """The tensors that a stacked one may be stored as: name -> expert, rows of it, shape; none if it is no stack."""
    if not re.search(r"\.experts\.(gate_up_proj|down_proj)$", name):
        return {}
    base, what = name.rsplit(".", 1)
    count, rows, columns = shape
    parts = {"down_proj": slice(0, rows)}
    if what == "gate_up_proj":
        parts = {"gate_proj": slice(0, rows // 2), "up_proj": slice(rows // 2, rows)}
    return {
        f"{base}.{expert}.{part}.weight": (expert, span, (span.stop - span.start, columns))
        for expert in range(count)
        for part, span in parts.items()
    }


def _read(folder: Path, stored: dict, name: str, shape: tuple[int, ...], dtype: np.dtype) -> NDArray:
    if name not in stored:
        raise CheckpointError(f"{folder}: tensor {name} is missing; expected it with shape {list(shape)}")
    file, there = stored[name]
    if file.shape(there) != shape:
        raise CheckpointError(
            f"{file.path}: tensor {there} has shape {list(file.shape(there))}; expected {list(shape)} by config.json"
        )
    return file.read(there, dtype)
