"""Number formats inside torch: values go to the format's grid and back, gradients pass as if nothing had happened.

This is the twin of `zhenwu/golden/numerics`, written apart from it: a test holds every value equal. What differs is
only the sum of products, which torch takes in float32 in an order of its own.
"""

import torch
from torch import Tensor, nn
from torch.nn.functional import linear
from transformers import Qwen3ForCausalLM

BLOCK = 32
E2M1, E4M3 = (2, 1, 6.0), (8, 3, 448.0)  # exponent and mantissa bits of the largest value, and that value
SMALLEST = {E2M1: 0, E4M3: -6}  # exponent of the smallest normal value


def quantise(x: Tensor, element: tuple[int, int, float], rule: str) -> Tensor:
    """x[..., k] on the grid of an MX format, blocks of 32 along k; `rule` is floor, even or rceil."""
    emax, mantissa, largest = element
    blocks = x.reshape(*x.shape[:-1], -1, BLOCK)
    amax = blocks.abs().amax(dim=-1, keepdim=True)
    exponent = torch.frexp(amax).exponent - 1
    if rule == "even":  # the largest magnitude is rounded to the element's mantissa before its exponent is taken
        steps = torch.ldexp(amax, mantissa - exponent)
        exponent = torch.frexp(torch.ldexp(torch.round(steps), exponent - mantissa)).exponent - 1
    if rule == "rceil":
        part = torch.frexp(amax / largest)
        scale = part.exponent - (part.mantissa == 0.5).int()
    else:
        scale = exponent - emax
    scale = torch.where(amax > 0, scale, -127).clamp(min=-127)
    y = torch.ldexp(blocks, -scale)
    step = torch.frexp(y).exponent - 1
    step = step.clamp(min=SMALLEST[element]) - mantissa
    y = torch.ldexp(torch.round(torch.ldexp(y, -step)), step).clamp(-largest, largest)
    return torch.ldexp(y, scale).reshape(x.shape)


def through(x: Tensor, element: tuple[int, int, float], rule: str) -> Tensor:
    """`quantise`, with the gradient of the identity (the straight-through estimator, arXiv 1308.3432)."""
    return x + (quantise(x, element, rule) - x).detach()


class QuantisedLinear(nn.Linear):
    """A linear layer of E2M1 weights; `activations` is the element that its input is quantised to."""

    activations = E2M1
    rule = "even"

    def forward(self, x: Tensor) -> Tensor:
        return linear(through(x, self.activations, self.rule), through(self.weight, E2M1, self.rule))


def fake_quantised(model: Qwen3ForCausalLM, activations: tuple[int, int, float], rule: str) -> Qwen3ForCausalLM:
    """The same model, in place, whose layers' matrices multiply as the tile would; the output layer stays as it is."""
    kind = type("Layer", (QuantisedLinear,), {"activations": activations, "rule": rule})
    for module in model.model.layers.modules():
        if type(module) is nn.Linear:
            module.__class__ = kind
    return model
