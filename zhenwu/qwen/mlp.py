"""The feed-forward layer SwiGLU, Shazeer 2020, arXiv 2002.05202."""

from numpy.typing import NDArray

from zhenwu.qwen.activation import silu
from zhenwu.qwen.projection import Project


def mlp(name: str, x: NDArray, project: Project) -> NDArray:
    """down(silu(gate(x)) * up(x)): x[..., hidden] -> [..., hidden]."""
    hidden = silu(project(f"{name}.gate_proj", x))
    hidden *= project(f"{name}.up_proj", x)
    return project(f"{name}.down_proj", hidden)
