"""The cell magic `%%live`: a block's source in a notebook, played as in the book's page, and kept for the grader.

    %%live mx_dot_bug hdl/numerics/mx_dot.py mx_dot a b dot

The first line has the cell's name, the file that it stands for, the vectors it is held against
(`zhenwu/cosim/live.py`), and the pins to draw, all without them; the rest of the cell is the source. Importing
`zhenwu.chapter` inside IPython makes the magic known.
"""

import re
import sys
from html import unescape

from hdl.bench.attempt import attempt
from hdl.bench.played import report
from zhenwu.chapter.show import Html
from zhenwu.cosim.live import live
from zhenwu.exercises import given

# Jupyter has none of the book's style sheet, so that the little that is needed comes along; colours suit both themes.
STYLE = """<style>
.live-cell { border-left: 4px solid #b98a2e; padding: .4em 1em }
.live-cell.live-right { border-left-color: #0b8a62 }
.live-cell.live-wrong, .live-cell.live-error { border-left-color: #c8502f }
.live-cell > p { font-weight: 600; margin: 0 0 .5em }
.live-cell .wide { overflow-x: auto }
.live-cell svg { display: block; max-width: none }
.live-cell table { border-collapse: collapse; margin: .5em 0; font-size: .9em }
.live-cell caption { caption-side: bottom; text-align: left; opacity: .75 }
.live-cell th, .live-cell td { padding: .15em .6em; text-align: right }
.live-cell td { font-family: ui-monospace, Menlo, Consolas, monospace; white-space: nowrap }
.live-cell td.wrong { color: #c8502f }
</style>"""


def live_block(line: str, source: str) -> Html | None:
    """Play `source` and show verdict, waveform and values; ValueError if the magic's line names what there is not."""
    name, file, vectors, *pins = line.split() + [""] * (3 - len(line.split()))
    if not vectors:
        raise ValueError(f"%%live {line}: expected name, file and vectors, as in %%live queue hdl/stream/fifo.py fifo")
    stimulus = live(vectors)
    block_file = stimulus["module"].replace(".", "/") + ".py"
    if file != block_file:
        raise ValueError(f"%%live {name} {file}: the vectors {vectors} are for {block_file}")
    unknown = [pin for pin in pins if pin not in stimulus["inputs"] | stimulus["expected"]]
    if unknown:
        known = ", ".join(stimulus["inputs"] | stimulus["expected"])
        raise ValueError(f"%%live {name}: no pin {unknown[0]} to draw; expected some of {known}")
    given.sources[name] = source
    if given.graded:  # the grader plays it itself, with a limit of time
        return None
    shown = report(attempt(stimulus, source), pins)
    verdict = shown["verdict"]
    parts = f'<div class="wide">{shown["wave"]}</div>{shown["summary"]}' if shown["wave"] else ""
    table = f'<div class="wide"><table>{shown["table"]}</table></div>' if shown["table"] else ""
    html = f'<div class="live-cell live-{shown["outcome"]}"><p>{verdict}</p>{shown["output"]}{parts}{table}</div>'
    return Html(STYLE + html, f"{name}: {unescape(re.sub('<.*?>', ' ', verdict))}")


def register() -> None:
    """Make the magic known, if this is IPython; elsewhere nothing happens."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    if shell is None:
        return
    from IPython.core.error import UsageError

    def in_cell(line: str, cell: str) -> Html | None:
        try:
            return live_block(line, cell)
        except ValueError as error:
            raise UsageError(str(error)) from None

    shell.register_magic_function(in_cell, "cell", "live")
