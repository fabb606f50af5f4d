"""Something to look at: HTML for a page or a notebook, a line of text for a terminal."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Html:
    """Ends a cell, or is shown by `show`."""

    html: str
    text: str

    def _repr_html_(self) -> str:
        return self.html

    def __repr__(self) -> str:
        return self.text


def show(shown: Html) -> None:
    """Display in the middle of a cell. A plain script has no display."""
    try:
        from IPython import get_ipython
        from IPython.display import display
    except ImportError:
        return
    if get_ipython() is not None:
        display({"text/html": shown.html, "text/plain": shown.text}, raw=True)


def written(value: int | float | str, form: str = "") -> str:
    """A number as a page shows it: thousands separated, a real minus sign. `form` is a format specification."""
    if isinstance(value, str):
        return value
    if not form and isinstance(value, int):
        form = ","
    return format(value, form).replace("-", "\N{MINUS SIGN}")
