"""A short causal convolution over time, one filter per channel: the hybrid's memory of the last few tokens."""

import numpy as np
from numpy.typing import NDArray


def causal_convolution(x: NDArray, filters: NDArray, state: NDArray, count: NDArray) -> NDArray:
    """out[b, t, c] = sum_j filters[c, j] * x[b, t - (k - 1) + j, c], the time before 0 coming from `state`.

    x[b, t, c]; filters[c, k]; state[b, k - 1, c], the last k - 1 inputs of each row, is updated in place.
    Of row b only the first count[b] tokens are real; the others leave no trace in the state.
    """
    width, time = filters.shape[1], x.shape[1]
    whole = np.concatenate([state, x], axis=1)  # [b, k - 1 + t, c]
    out = whole[:, :time] * filters[:, 0]
    for j in range(1, width):
        out += whole[:, j : j + time] * filters[:, j]
    last = count[:, None] + np.arange(width - 1)  # [b, k - 1]: where the newest k - 1 real inputs of a row stand
    state[...] = np.take_along_axis(whole, last[..., None], axis=1)
    return out
