"""What `zhenwu traces` prints: a table of quantities, whose sessions they are, and sentences about the sums."""

from rich import box
from rich.markup import escape
from rich.table import Column, Table

from zhenwu.agent.committed import committed, of_file
from zhenwu.agent.printed import HEAD, sentences, spreads
from zhenwu.console import console


def print_traces(path: str | None) -> None:
    """Of the trace at `path`, or of the tables that ship; ValueError, one sentence, for what is no trace."""
    with console(stderr=True).status(f"reading {escape(path or 'the tables that ship')}"):
        found = committed() if path is None else of_file(path)
    output = console()
    for name, text in found.about.items():
        output.print(f"{name}: {text}", highlight=False, markup=False, soft_wrap=True)
    columns = [*HEAD[:2], *(Column(name, justify="right") for name in HEAD[2:])]
    table = Table(*columns, box=box.SIMPLE_HEAD if output.is_terminal else box.MARKDOWN)
    for row in spreads(found):
        table.add_row(*row)
    output.print(table)
    for sentence in sentences(found):
        output.print(sentence, highlight=False, soft_wrap=True)
