"""A counted step inside a chapter: sums of parts that a figure can show, and small trials of the parts themselves."""

from collections.abc import Mapping, Sequence
from itertools import cycle
from math import ceil
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from zhenwu.chapter.figure import BLUE, GREEN, INK, MUTED, RED, SAND, axes
from zhenwu.chapter.tiny_model import Counting
from zhenwu.golden.tile import layout
from zhenwu.qwen.attention import attend, store
from zhenwu.qwen.cache import Cache
from zhenwu.qwen.config import FULL, Config
from zhenwu.qwen.count import Operator, total
from zhenwu.qwen.delta_rule import delta_rule
from zhenwu.qwen.model import Qwen, forward
from zhenwu.qwen.rope import Rope, cos_sin, rotate
from zhenwu.spec.storage import STORED_BITS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PARTS = {  # by how an operator's name begins; the longest that fits counts
    "": "norms and sums", "embed_tokens": "both tables of tokens", "lm_head": "both tables of tokens",
    "self_attn": "attention's weights", "self_attn.scores": "keys and values", "self_attn.softmax": "keys and values",
    "self_attn.values": "keys and values", "linear_attn": "delta rule", "mlp": "feed-forward", "mlp.experts": "experts",
}
COLOURS = dict(zip(("experts", "feed-forward", "attention's weights", "keys and values", "delta rule",
                    "both tables of tokens"), (BLUE, GREEN, RED, SAND, MUTED, INK), strict=True))


def part_of(op: str) -> str:
    """The part of the model that an operator belongs to."""
    return PARTS[max((start for start in PARTS if op.startswith(start)), key=len)]


def by_part(operators: Sequence[Operator], what: str) -> dict[str, float]:
    """Sums over all layers of "parameters", or of a field of Work such as "flops", by part; none left out."""
    found = dict.fromkeys(PARTS.values(), 0.0)
    for operator in operators:
        each = operator.parameters if what == "parameters" else getattr(operator.work, what)
        found[part_of(operator.work.op)] += operator.layers * each
    return found


def largest(operators: Sequence[Operator], most: int) -> list[tuple[str | int | float, ...]]:
    """A row for each of the `most` operators that move most bytes, over all their layers, then the rest and the total:
    name, layers, m, n and k of one product, GFLOP, FLOP/B, MB of weights, MB kept, MB of activations."""
    ordered = sorted(operators, key=lambda each: -total([each]).memory_bytes)
    rows = [(each.work.op, each.layers, each.work.m, each.work.n, each.work.k, *_sums([each]))
            for each in ordered[:most]]
    return [*rows, (f"{len(ordered[most:])} others", *[""] * 4, *_sums(ordered[most:])),
            ("total", *[""] * 4, *_sums(ordered))]


def _sums(operators: Sequence[Operator]) -> tuple[int | float, ...]:
    """Operations and bytes of some operators, as `largest` has them."""
    work = total(operators)
    moved = (round(each / 1e6) for each in (work.weight_bytes, work.kv_bytes, work.activation_bytes))
    return (round(work.flops / 1e9), round(work.flops_per_byte, 1), *moved)


def share_bars(bars: Mapping[str, Mapping[str, float]], whole: str) -> "Figure":
    """A figure with a bar for each name, cut into the shares of its parts; what is left white is none of COLOURS."""
    drawn, place = axes(height=1.2 + 0.4 * len(bars))
    left = [0.0] * len(bars)
    for part, colour in COLOURS.items():
        widths = [sums[part] / sum(sums.values()) for sums in bars.values()]
        place.barh(list(bars), widths, left=left, color=colour, label=part)
        left = [begin + width for begin, width in zip(left, widths, strict=True)]
    place.set(xlim=(0, 1), xlabel=f"share of the {whole}")
    place.invert_yaxis()
    drawn.legend(loc="outside upper center", ncols=3)
    return drawn


def curves(
    place: "Axes", lines: Mapping[str, Sequence[tuple]], how: str = "plot", marks: Sequence[str] = ("o-",)
) -> None:
    """Each line's points in a colour of its own, by the axes' method `how`; marks go round; with a legend above."""
    for (name, points), colour, mark in zip(lines.items(), (BLUE, RED, GREEN, SAND, INK), cycle(marks), strict=False):
        getattr(place, how)(*zip(*points, strict=True), mark, ms=4, color=colour, label=name)
    place.get_figure().legend(loc="outside upper center", ncols=2)


def scores_by_distance(rope: Rope, start: int, distances: Sequence[int], seed: int) -> list[tuple[int, float]]:
    """(distance, score) of one key at `start` and one query so many tokens later, both turned by their positions."""
    query, key = np.random.default_rng(seed).standard_normal((2, 1, 1, 1, rope.head_dim))
    placed = rotate(key, *cos_sin(rope, np.array([[start]])))
    found = []
    for distance in distances:
        asked = rotate(query, *cos_sin(rope, np.array([[start + distance]])))
        found.append((distance, float(np.sum(asked * placed))))
    return found


def written_out(model: Qwen, tokens: NDArray, keep: bool) -> tuple[list[NDArray], list[int]]:
    """Logits after each token and multiplications with weights for it: with a cache, or all anew for each token.

    `forward` scores all the tokens that it is given; the output layer is counted for the last of them, which it takes.
    """
    cache = Cache(model.config, 1, tokens.shape[1])
    logits, multiplied = [], []
    for end in range(1, tokens.shape[1] + 1):
        seen = Counting()
        given = tokens[:, end - 1 : end] if keep else tokens[:, :end]
        logits.append(forward(model, given, cache if keep else None, matmul=seen)[0, -1])
        seen.multiplications["lm_head"] //= given.shape[1]
        multiplied.append(sum(seen.multiplications.values()))
    return logits, multiplied


def experts_visited(model: Qwen, tokens: NDArray) -> float:
    """Experts that the tokens int[b, t] meet together, on average over the layers."""
    seen = Counting()
    forward(model, tokens, matmul=seen)
    visited = [name for name in seen.multiplications if ".experts." in name and name.endswith("down_proj")]
    return len(visited) / model.config.num_hidden_layers


def forgotten(pairs: int, width: int, seed: int) -> float:
    """Write so many pairs of random key and value into one delta-rule state, then ask for each: the error of what it
    answers, as a share of the values (root mean square). Nothing fades, and each value is written as it is."""
    keys, values = _pairs(pairs, 1, width, seed)
    state, rates = np.zeros((1, 1, width, width)), np.zeros((1, pairs, 1))
    delta_rule(keys, keys, values, rates, rates + 1, state)
    answers = delta_rule(keys, keys, values, rates, rates, state) * np.sqrt(width)  # queries come scaled; no writing
    return float(np.sqrt(np.mean((answers - values) ** 2)))


def fitted(pairs: int, width: int, seed: int) -> float:
    """The same pairs and the same error, of the best table that there is: least squares over all pairs at once."""
    keys, values = (each[0, :, 0] for each in _pairs(pairs, 1, width, seed))
    return float(np.sqrt(np.mean((keys @ (np.linalg.pinv(keys) @ values) - values) ** 2)))


def _pairs(pairs: int, heads: int, width: int, seed: int) -> NDArray:
    """Random keys and values, [2, 1, pairs, heads, width]."""
    return np.random.default_rng(seed).standard_normal((2, 1, pairs, heads, width))


def remembered_by_attention(config: Config, pairs: int, seed: int, length: float = 3.0) -> float:
    """The same with full attention and its cache; keys and queries are `length` times as long as a norm of gain 1 makes
    them, which its gain may learn."""
    heads, width = config.num_key_value_heads, config.head_dim
    keys, values = _pairs(pairs, heads, width, seed)
    keys *= length / np.sqrt(np.mean(keys**2, axis=-1, keepdims=True))
    layer, cache = config.layer_types.index(FULL), Cache(config, 1, pairs, np.float64)
    store(cache, layer, keys, values, np.array([pairs]))
    cache.length += pairs - 1  # each query may see all of them
    answers = [attend(cache, layer, keys[:, i, :, None, None] * width**-0.5, 0, pairs) for i in range(pairs)]
    found = np.stack(answers, axis=1)[:, :, :, 0, 0]  # [b, t, kv, d]
    return float(np.sqrt(np.mean((found - values) ** 2)))


def paper_lines(rows: int, n: int, k: int, store: str = "FP32") -> tuple[int, int]:
    """Lines of memory that A[rows,k] times B[n,k] transposed moves on a slice, each once; and how many are B's.

    Results are stored in the format `store`, "MXFP4" with the scales that the next layer will want.
    """
    a, b, _ = layout.plan(rows, n, k)
    inputs, weights = ((each.rows + each.panels) * each.steps for each in (a, b))
    if store == "MXFP4":
        after, _, _ = layout.plan(rows, n, n)
        results = (after.rows + after.panels) * after.steps
    else:
        results = rows * ceil(n * STORED_BITS[store].number() / 8 / layout.LINE_BYTES)
    return inputs + weights + results, weights
