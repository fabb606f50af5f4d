"""`zhenwu qwen ...`: a checkpoint folder shown and run, thin. Bad input ends with one sentence and exit status 2."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

qwen = typer.Typer(help="Read a Qwen checkpoint and run it in numpy.", rich_markup_mode=None)
FOLDER = typer.Argument(help="A Hugging Face checkpoint folder: config.json and safetensors.")


@contextmanager
def refusals() -> Iterator[None]:
    """Turns what the package refuses into the command line's one sentence."""
    from zhenwu.bad_input import BadInput

    try:
        yield
    except ValueError as error:  # CheckpointError is one
        raise BadInput(str(error)) from None
    except MemoryError:
        raise BadInput("the checkpoint does not fit into memory; expected a smaller one") from None


@qwen.command()
def show(folder: Annotated[Path, FOLDER]) -> None:
    """Print what a checkpoint holds: its sizes, its layers, and every tensor with its shape."""
    from math import prod

    from rich import box
    from rich.table import Table

    from zhenwu.console import console
    from zhenwu.qwen.checkpoint import read_checkpoint
    from zhenwu.qwen.parameters import parameters

    with refusals():
        config, _ = read_checkpoint(folder, "float32")
    shapes = parameters(config)
    output = console()
    style = box.SIMPLE_HEAD if output.is_terminal else box.MARKDOWN
    layers = Table("layer", "attention", "feed-forward", box=style)
    for index, (kind, sparse) in enumerate(zip(config.layer_types, config.sparse_layers, strict=True)):
        layers.add_row(str(index), kind, f"{config.num_experts_per_tok} of {config.num_experts} experts" if sparse
                       else f"{config.intermediate_size} wide")
    tensors = Table("tensor", "shape", box=style)
    for name, shape in shapes.items():
        tensors.add_row(name, " x ".join(map(str, shape)))
    total = sum(map(prod, shapes.values()))
    heads = f"{config.num_attention_heads} query and {config.num_key_value_heads} key-value heads"
    output.print(
        f"{config.model_type}: {total:,} parameters, {config.num_hidden_layers} layers of {config.hidden_size}, "
        f"{heads} of {config.head_dim}, {config.vocab_size:,} symbols", highlight=False, soft_wrap=True,
    )
    output.print(layers, tensors)


@qwen.command()
def run(
    folder: Annotated[Path, FOLDER],
    tokens: Annotated[str, typer.Option(help="The prompt, token numbers with commas.", metavar="1,2,3")],
    new: Annotated[int, typer.Option(min=1, max=1_000_000, help="How many tokens to write.", metavar="N")] = 16,
    temperature: Annotated[float, typer.Option(help="0 takes the best token each time.")] = 0.0,
    top_k: Annotated[int, typer.Option(help="Draw among this many of the best; 0 keeps all.")] = 0,
    top_p: Annotated[float, typer.Option(help="Draw among the best that hold this share together.")] = 1.0,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the draws.", metavar="N")] = 1,
    fmt: Annotated[str, typer.Option("--format", help="Number format of the linear layers.")] = "fp32",
    rule: Annotated[str, typer.Option(help="Scale rule of the MX formats.")] = "floor",
    kv: Annotated[str, typer.Option(help="Number format of the KV cache.")] = "fp32",
) -> None:
    """Write on after a prompt and print each token with its log probability."""
    from zhenwu.qwen.generate import generate
    from zhenwu.qwen.kv_format import kv_quantiser
    from zhenwu.qwen.linear import quantised_matmul
    from zhenwu.qwen.model import load
    from zhenwu.qwen.sample import Sampling

    with refusals():
        prompt = _prompt(tokens)
        sampling = Sampling(temperature, top_k, top_p)
        matmul, quantiser = quantised_matmul(fmt, rule), kv_quantiser(kv, rule)
        chosen, scores = generate(load(folder), [prompt], new, sampling, seed, matmul, quantiser)
    for token, score in zip(chosen[0], scores[0], strict=True):
        print(f"{token} {score:.4f}")


def _prompt(tokens: str) -> list[int]:
    try:
        return [int(token) for token in tokens.split(",")]
    except ValueError:
        raise ValueError(f"--tokens {tokens}: expected whole numbers with commas, such as 1,2,3") from None
