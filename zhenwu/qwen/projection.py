"""A linear layer of the checkpoint, by name: y = x W^T + b, the product done by the model's `matmul`."""

from collections.abc import Callable, Mapping

from numpy.typing import NDArray

from zhenwu.qwen.linear import Matmul

Project = Callable[[str, NDArray], NDArray]  # ("model.layers.0.mlp.up_proj", x[..., k]) -> y[..., n]


def projector(weights: Mapping[str, NDArray], matmul: Matmul) -> Project:
    """The function that applies the linear layer `name` of `weights`, with its bias where it has one."""

    def project(name: str, x: NDArray) -> NDArray:
        y = matmul(name, x, weights[f"{name}.weight"])
        bias = weights.get(f"{name}.bias")
        return y if bias is None else y + bias

    return project
