"""Checkpoint folders as transformers' save_pretrained writes them: sharded, in BF16, with tied embeddings."""

import numpy as np
import pytest
import torch
import transformers
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.oracle.drawn import settings_of
from tests.oracle.twin import FAMILIES, build, twin
from zhenwu.qwen.model import forward, load

TOKENS = np.array([[0, 1, 1, 0, 1]])


@pytest.mark.parametrize("family", FAMILIES)
def test_what_transformers_saves_is_loaded_to_the_bit(family, tmp_path_factory):
    @settings(max_examples=12)
    @given(drawn=settings_of(family), shard=st.sampled_from(["5GB", "20KB", "2KB"]), bf16=st.booleans())
    def compared(drawn, shard, bf16):
        model = build(family, drawn, seed=0, scale=1.0)
        model = model.to(torch.bfloat16) if bf16 else model
        folder = tmp_path_factory.mktemp("checkpoint")
        model.save_pretrained(folder, max_shard_size=shard)
        loaded, memory = load(folder), twin(model.float())
        assert loaded.config == memory.config
        assert loaded.weights.keys() == memory.weights.keys()
        for name, w in memory.weights.items():
            np.testing.assert_array_equal(loaded.weights[name], w, err_msg=name)

    compared()


@pytest.mark.parametrize(("wrapper", "config", "text"), [
    ("Qwen3_5ForConditionalGeneration", "Qwen3_5Config", "Qwen3_5ForCausalLM"),
    ("Qwen3_5MoeForConditionalGeneration", "Qwen3_5MoeConfig", "Qwen3_5MoeForCausalLM"),
])
@pytest.mark.parametrize("tied", [False, True])
def test_the_language_model_of_a_vision_language_checkpoint_is_loaded(wrapper, config, text, tied, tmp_path):
    sizes = {
        "vocab_size": 40, "hidden_size": 32, "num_hidden_layers": 4, "num_attention_heads": 4,
        "num_key_value_heads": 2, "head_dim": 16, "linear_num_key_heads": 2, "linear_num_value_heads": 4,
        "linear_key_head_dim": 8, "linear_value_head_dim": 8, "tie_word_embeddings": tied,
    }
    if "Moe" in wrapper:
        sizes |= {"num_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 16,
                  "shared_expert_intermediate_size": 16}
    vision = {"depth": 1, "hidden_size": 16, "intermediate_size": 16, "num_heads": 2, "out_hidden_size": 32,
              "num_position_embeddings": 16}
    torch.manual_seed(0)
    whole = getattr(transformers, config)(text_config=sizes, vision_config=vision, tie_word_embeddings=tied)
    getattr(transformers, wrapper)(whole).save_pretrained(tmp_path)
    theirs = getattr(transformers, wrapper).from_pretrained(tmp_path, experts_implementation="eager").eval()
    with torch.no_grad():
        expected = theirs(torch.from_numpy(TOKENS)).logits.numpy()
    np.testing.assert_allclose(forward(load(tmp_path), TOKENS), expected, rtol=0, atol=2e-6)


def test_a_folder_that_we_load_is_loaded_by_transformers_with_the_same_logits(tmp_path):
    """The committed agent travels this way; tokens and model are drawn, the folder is written by transformers."""
    model = build("qwen3", {"vocab_size": 64, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4,
                            "num_key_value_heads": 2, "head_dim": 8, "intermediate_size": 64}, seed=2, scale=1.0)
    model.to(torch.bfloat16).save_pretrained(tmp_path)
    theirs = transformers.AutoModelForCausalLM.from_pretrained(tmp_path, dtype=torch.float32).eval()
    with torch.no_grad():
        expected = theirs(torch.from_numpy(TOKENS)).logits.numpy()
    np.testing.assert_allclose(forward(load(tmp_path), TOKENS), expected, rtol=0, atol=2e-5)
