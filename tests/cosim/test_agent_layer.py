"""The real layer that the tile multiplies: the same numbers as in the trained agent, and a sane input."""

import json
import struct

import numpy as np

from zhenwu.cosim.agent_layer import SYMBOLS, agent_layer, from_bf16, rms_norm


def test_it_is_the_fifth_transcript_and_65_tokens_of_it():
    layer = agent_layer()
    assert layer.text.startswith("#69:jt,ov,lk,")
    assert (layer.prefill.shape, layer.decode.shape, layer.q_proj.shape) == ((64, 128), (1, 128), (128, 128))
    assert len(layer.text) == 65


def test_the_numbers_are_those_of_the_trained_agent(shared):
    raw = (shared / "agent" / "agent_bf16.safetensors").read_bytes()
    (size,) = struct.unpack("<Q", raw[:8])
    header = json.loads(raw[8 : 8 + size])

    def tensor(name):
        begin, end = header[name]["data_offsets"]
        bits = np.frombuffer(raw[8 + size + begin : 8 + size + end], "<u2")
        return from_bf16(bits.reshape(header[name]["shape"]))

    layer = agent_layer()
    np.testing.assert_array_equal(layer.q_proj, tensor("model.layers.0.self_attn.q_proj.weight"))
    line = (shared / "agent" / "transcripts.txt").read_text().splitlines()[4]
    assert layer.text == line[:65]
    hidden = tensor("model.embed_tokens.weight")[[SYMBOLS.index(symbol) for symbol in layer.text]]
    expected = hidden.astype(float)
    expected /= np.sqrt((expected**2).mean(axis=1, keepdims=True) + 1e-6)
    expected *= tensor("model.layers.0.input_layernorm.weight")
    np.testing.assert_allclose(np.vstack([layer.prefill, layer.decode]), expected, rtol=1e-6)


def test_bf16_is_the_upper_half_of_a_float32():
    assert from_bf16(np.array([0x3F80, 0xC000, 0x0001], np.uint16)).tolist() == [1.0, -2.0, 2.0**-133]


def test_rms_norm_has_unit_mean_square():
    x = np.random.default_rng(0).standard_normal((5, 128), np.float32) * 7
    normed = rms_norm(x, np.ones(128, np.float32))
    np.testing.assert_allclose(np.square(normed).mean(axis=1), 1, rtol=1e-5)
