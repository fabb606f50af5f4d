"""`zhenwu count`: a step of a model as a table of operators with their sums, or the models there are."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.table import Table

    from zhenwu.qwen.count import Operator, Step
    from zhenwu.spec.models import Model
    from zhenwu.spec.work import Work

PREFIXES = ((1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))
MOST = 10**9  # of sessions and of tokens
OPERATORS = ("operator", "layers", "m x n x k", "parameters", "FLOP", "weights B", "kept B", "activations B", "FLOP/B")
ALL_MODELS = ("model", "name", "parameters", "a token meets", "KV B/token in BF16", "state B")


def count(
    call: typer.Context,
    model: Annotated[str | None, typer.Argument(help="Such as qwen3_8b; without one, the models are listed.")] = None,
    batch: Annotated[int, typer.Option(min=1, max=MOST, help="Sessions that take the step together.")] = 1,
    new: Annotated[int, typer.Option(min=1, max=MOST, help="New tokens of each: 1 in decode, more in prefill.")] = 1,
    context: Annotated[
        int | None, typer.Option(min=1, max=MOST, help="Tokens that attention looks at, the new ones included.",
                                 show_default="the new ones")
    ] = None,
    weights: Annotated[str, typer.Option(help="Format of all weights.", metavar="FORMAT")] = "BF16",
    activations: Annotated[str, typer.Option(help="Format of all activations.", metavar="FORMAT")] = "BF16",
    kv: Annotated[str, typer.Option(help="Format of keys and values.", metavar="FORMAT")] = "BF16",
) -> None:
    """Print one step of a model, operator by operator: parameters, operations, bytes, and operations for each byte.

    Operations and bytes are those of all layers; m x n x k is the shape of one product. Kept are keys, values and
    recurrent state. The formats are FP32, BF16, MXFP8, FP8 and MXFP4.
    """
    from zhenwu.bad_input import BadInput

    given = [name for name in call.params if call.get_parameter_source(name).name == "COMMANDLINE"]
    if model is None and given:
        raise BadInput(f"--{given[0]}: there is no step to count; expected a model as well, such as qwen3_8b")
    try:
        print_count(model, batch, new, context, (weights, activations, kv))
    except ValueError as error:
        raise BadInput(str(error)) from None


def print_count(name: str | None, batch: int, new: int, context: int | None, formats: tuple[str, str, str]) -> None:
    """The step's table, or without a name the list of models; ValueError, one sentence, for what cannot be counted."""
    from zhenwu.console import console
    from zhenwu.qwen.count import Formats, Step

    output = console()
    if name is None:
        output.print(_table(ALL_MODELS, 2, list_of_models(), output.is_terminal))
        return
    kinds = Formats(*(each.upper() for each in formats))
    step = Step(model_of(name), batch, new, new if context is None else context, kinds)
    for sentence in sentences(step):
        output.print(sentence, highlight=False, markup=False, soft_wrap=True)
    output.print(_table(OPERATORS, 1, rows(step.operators()), output.is_terminal))


def model_of(name: str) -> "Model":
    """The model of that key or name, in any case; ValueError, one sentence, if there is none."""
    from zhenwu.spec.models import PRESETS

    for model in PRESETS:
        if name.lower() in (model.key, model.name.lower()):
            return model
    raise ValueError(f"{name}: there is no such model; expected one of {', '.join(model.key for model in PRESETS)}")


def short(number: float) -> str:
    """Three digits and a prefix, as in 4.72M."""
    for factor, prefix in PREFIXES:
        if number >= 0.9995 * factor:
            shown = number / factor
            return f"{shown:.{2 if shown < 9.995 else 1 if shown < 99.95 else 0}f}{prefix}"
    return f"{number:.3g}"


def list_of_models() -> list[tuple[str, ...]]:
    """A row for each model, the largest first."""
    from zhenwu.spec.models import PRESETS

    found = []
    for model in PRESETS:
        state = 0 if model.state_bytes is None else model.state_bytes.value
        sizes = short(model.parameters.value), short(model.active_parameters.value)
        found.append((model.key, model.name, *sizes, f"{model.kv_bytes.value:,}", short(state)))
    return found


def rows(operators: "list[Operator]") -> list[tuple[str, ...]]:
    """A row for each operator, over all layers that have it, and one for the sum."""
    from zhenwu.qwen.count import parameters, total

    found = []
    for operator in operators:
        work, layers, each = operator
        shape = " x ".join(f"{size:,}" for size in (work.m, work.n, work.k) if size)
        found.append(_row(work.op, str(layers), shape, layers * each, total([operator])))
    return [*found, _row("total", "", "", parameters(operators), total(operators))]


def sentences(step: "Step") -> list[str]:
    """What was counted, and what is behind the sums."""
    from zhenwu.spec.models import experts_met

    model, formats = step.model, step.formats
    said = [
        f"{model.name}: {model.parameters.value:,} parameters, {short(model.published.value)} {model.published.kind}, "
        f"of which a token meets {model.active_parameters.value:,}.",
        f"Counted: new tokens of each session {step.new:,}, sessions {step.batch:,}, context {step.context:,}; weights "
        f"in {formats.weights}, activations in {formats.activations}, keys and values in {formats.kv}.",
    ]
    if model.experts is not None:
        met = experts_met(model, step.tokens).number()
        said.append(f"Of {model.experts.value} experts of a layer these tokens meet {met:,.1f} together, if each token "
                    "chooses at random.")
    return said


def _row(name: str, layers: str, shape: str, counted: int, work: "Work") -> tuple[str, ...]:
    sums = (work.flops, work.weight_bytes, work.kv_bytes, work.activation_bytes)
    ratio = f"{work.flops_per_byte:.3g}" if work.memory_bytes else ""
    return name, layers, shape, short(counted), *map(short, sums), ratio


def _table(head: tuple[str, ...], names: int, rows: list[tuple[str, ...]], terminal: bool) -> "Table":
    from rich import box
    from rich.table import Column, Table

    columns = [*head[:names], *(Column(name, justify="right") for name in head[names:])]
    table = Table(*columns, box=box.SIMPLE_HEAD if terminal else box.MARKDOWN)
    for row in rows:
        table.add_row(*row)
    return table
