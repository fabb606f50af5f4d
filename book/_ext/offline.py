"""Opening a page asks no other host for anything: what the stock build would fetch, or load unused, is left out."""

from sphinx.application import Sphinx


def without_thebe(app: Sphinx) -> None:
    """jupyter-book always loads sphinx-thebe; its hooks add scripts that name a host, though nothing here uses it."""
    for listeners in app.events.listeners.values():
        listeners[:] = [entry for entry in listeners if not entry.handler.__module__.startswith("sphinx_thebe")]
    app.registry.css_files[:] = [entry for entry in app.registry.css_files if entry[0] != "sphinx-thebe.css"]


def setup(app: Sphinx) -> dict[str, bool]:
    without_thebe(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
