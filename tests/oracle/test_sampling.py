"""Temperature, top-k and top-p against transformers' own logits processors."""

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers.generation import TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper

from zhenwu.qwen.sample import Sampling, probabilities


@given(st.integers(0, 2**32 - 1), st.integers(2, 60), st.floats(0.05, 20), st.integers(0, 60), st.floats(0.01, 1))
def test_the_probabilities_are_theirs(seed, vocab, temperature, top_k, top_p):
    logits = np.random.default_rng(seed).standard_normal((3, vocab)) * 3
    scores = TemperatureLogitsWarper(temperature)(None, torch.from_numpy(logits))
    if top_k:
        scores = TopKLogitsWarper(min(top_k, vocab))(None, scores)
    if top_p < 1:
        scores = TopPLogitsWarper(top_p)(None, scores)
    expected = torch.softmax(scores, dim=-1).numpy()
    np.testing.assert_allclose(probabilities(logits, Sampling(temperature, top_k, top_p)), expected, atol=1e-12)
