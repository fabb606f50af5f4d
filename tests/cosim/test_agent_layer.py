"""The real layer that the tile multiplies: the numbers of the agent that ships, and a session as it reads them."""

import json
from importlib.resources import files

import numpy as np
import pytest

from zhenwu.agent.ledger import BUSY, EXPIRED, READ, TICKET
from zhenwu.agent.session import HARNESSES, Harness, Session
from zhenwu.agent.symbols import IDS, decode, encode
from zhenwu.cosim.agent_layer import PREFILL_TOKENS, SESSION, agent, agent_layer, exchanges, session_text
from zhenwu.qwen.model import forward


@pytest.fixture
def tensor():
    """A tensor of the file that ships, read here by hand: a BF16 is the upper half of a float32."""
    raw = files("zhenwu.data").joinpath("agent_plain", "model.safetensors").read_bytes()
    size = int.from_bytes(raw[:8], "little")
    header = json.loads(raw[8 : 8 + size])

    def read(name):
        begin, end = header[name]["data_offsets"]
        assert header[name]["dtype"] == "BF16"
        bits = np.frombuffer(raw[8 + size + begin : 8 + size + end], "<u2").astype(np.uint32)
        return (bits << 16).view(np.float32).reshape(header[name]["shape"])

    return read


def test_the_numbers_are_those_of_the_agent_s_file(tensor):
    layer = agent_layer()
    np.testing.assert_array_equal(layer.q_proj, tensor("model.layers.0.self_attn.q_proj.weight"))
    hidden = tensor("model.embed_tokens.weight")[encode(layer.text)].astype(float)
    hidden /= np.sqrt((hidden**2).mean(axis=1, keepdims=True) + agent().config.rms_norm_eps)
    hidden *= tensor("model.layers.0.input_layernorm.weight")
    np.testing.assert_allclose(np.vstack([layer.prefill, layer.decode]), hidden, rtol=1e-6)
    assert {each.dtype for each in (layer.prefill, layer.decode, layer.q_proj)} == {np.dtype(np.float32)}


def test_the_shapes_are_64_tokens_and_one_through_whole_blocks():
    layer = agent_layer()
    width = agent().config.hidden_size
    assert (layer.prefill.shape, layer.decode.shape) == ((PREFILL_TOKENS, width), (1, width))
    assert layer.q_proj.shape == (width, width) and width % 32 == 0
    assert len(layer.text) == PREFILL_TOKENS + 1


@pytest.mark.parametrize("kind", HARNESSES)
def test_the_text_is_how_a_session_begins_in_which_nothing_goes_wrong(kind):
    """Played by the harness, whose next symbol is always the right one."""
    session = Session(SESSION, Harness(kind))
    while len(session.context) <= PREFILL_TOKENS:
        session.next_token()
        if not session.queue:
            session.say(IDS[session.right_symbol()])
    assert decode(np.array(session.context)) == session_text()
    assert session.errors == 0


@pytest.fixture
def whole_turns():
    """The session up to the end of the turn or answer that the text cuts short, and where the agent's symbols stand."""
    text, own = "", []
    for index, each in enumerate(exchanges()):
        own += range(len(text), len(text) + len(each)) if index % 2 else []  # page, turn, answer, turn, answer ...
        text += each
        if len(text) > PREFILL_TOKENS:
            break
    return text, own


def test_the_session_has_a_busy_answer_and_an_expired_ticket_before_the_agent_s_own_symbol(whole_turns):
    text, own = whole_turns
    answers = [text[place] for place in range(PREFILL_TOKENS) if place not in own]
    assert BUSY in answers and EXPIRED in answers and PREFILL_TOKENS in own
    assert {READ, TICKET} <= {text[place] for place in own}


def test_the_agent_says_each_symbol_of_its_turns_itself(whole_turns):
    """In float32, reading its own right turns: the layer's input is what the agent really meets."""
    text, own = whole_turns
    best = decode(forward(agent(), encode(text)[None])[0].argmax(axis=-1))
    assert [best[place - 1] for place in own] == [text[place] for place in own]
