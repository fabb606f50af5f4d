"""The gated delta rule, Yang, Kautz and Hatamizadeh 2024, arXiv 2412.06464: attention with a memory of fixed size.

A head keeps a matrix S[key, value]. A token first lets it fade, then looks up what S answers to its key, and writes
the difference to the value it wants there:

    S <- decay * S
    S <- S + beta * key (value - key^T S)^T
    out = query^T S

This is `torch_recurrent_gated_delta_rule` of transformers 5.24; its chunked form is the same sum, regrouped.
"""

import numpy as np
from numpy.typing import NDArray

EPS = 1e-6  # of the norm of query and key, fixed in transformers


def unit(x: NDArray) -> NDArray:
    """x / sqrt(|x|^2 + EPS) over the last axis."""
    return x / np.sqrt(np.einsum("...d,...d->...", x, x)[..., None] + EPS)


def delta_rule(
    query: NDArray, key: NDArray, value: NDArray, log_decay: NDArray, beta: NDArray, state: NDArray
) -> NDArray:
    """The recurrence: query, key[b, t, h, dk]; value[b, t, h, dv]; log_decay, beta[b, t, h] -> out like value.

    query and key are normalised here, query is also scaled by dk^-1/2. state[b, h, dk, dv] is updated in place.
    A token with log_decay = 0 and beta = 0 leaves the state as it is: that is how padding passes. All are float64;
    a state kept in float32 is widened for the call and rounded at its end.
    """
    out = np.empty_like(value)
    kept, state = state, state.astype(np.float64)
    query = unit(query) * query.shape[-1] ** -0.5
    key = unit(key)
    decay = np.exp(log_decay)
    for t in range(value.shape[1]):
        state *= decay[:, t, :, None, None]
        answer = key[:, t, :, None, :] @ state  # [b, h, 1, dv]
        correction = (value[:, t, :, None, :] - answer) * beta[:, t, :, None, None]
        state += key[:, t, :, :, None] * correction
        out[:, t] = (query[:, t, :, None, :] @ state)[:, :, 0]
    kept[...] = state
    return out
