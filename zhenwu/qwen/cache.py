"""What a model remembers of each row of a batch: keys and values, or the fixed memory of the delta rule."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from zhenwu.qwen.config import LINEAR, Config


def identity(x: NDArray) -> NDArray:
    return x


class Cache:
    """Room for `capacity` tokens in each of `batch` rows; `length` int64[batch] says how many each holds.

    Per attention layer keys and values[batch, kv_heads, capacity, head_dim], stored as `kv` returns them: it takes
    [..., head_dim] and gives the same shape, on the grid of a number format. Per layer of the delta rule
    recurrent[batch, heads, dk, dv] and the last inputs of its convolution[batch, k - 1, channels], always plain.
    """

    def __init__(
        self, config: Config, batch: int, capacity: int, dtype: type = np.float32,
        kv: Callable[[NDArray], NDArray] = identity,
    ) -> None:
        self.capacity = capacity
        self.dtype = np.dtype(dtype)
        self.kv = kv
        self.length = np.zeros(batch, np.int64)
        shared = (batch, config.num_key_value_heads, capacity, config.head_dim)
        recurrent = (
            batch, config.linear_num_value_heads, config.linear_key_head_dim, config.linear_value_head_dim
        )
        convolution = (batch, max(config.linear_conv_kernel_dim - 1, 0), config.convolution_dim)
        linear = [index for index, kind in enumerate(config.layer_types) if kind == LINEAR]
        full = [index for index, kind in enumerate(config.layer_types) if kind != LINEAR]
        self.keys = {index: np.zeros(shared, dtype) for index in full}
        self.values = {index: np.zeros(shared, dtype) for index in full}
        self.recurrent = {index: np.zeros(recurrent, dtype) for index in linear}
        self.convolution = {index: np.zeros(convolution, dtype) for index in linear}

    def reset(self, rows: ArrayLike) -> None:
        """Forget all that the rows (indices or a mask) hold."""
        self.length[rows] = 0
        for layers in (self.keys, self.values, self.recurrent, self.convolution):
            for array in layers.values():
                array[rows] = 0
