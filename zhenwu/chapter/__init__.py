"""What a chapter's cells use: numbers with a badge, figures with words, questions, checks and small simulations.

Everything works in the built page, in a notebook and in a plain script, where there is nothing to display on. In a
notebook the import also brings the cell magic `%%live`.
"""

from zhenwu.chapter.bits import bits
from zhenwu.chapter.check import check
from zhenwu.chapter.explore import explore
from zhenwu.chapter.figure import BLUE, GREEN, INK, MUTED, RED, SAND, axes, drawing, figure, waves
from zhenwu.chapter.live_block import register
from zhenwu.chapter.numbers import keep
from zhenwu.chapter.questions import ask, predict
from zhenwu.chapter.show import show
from zhenwu.chapter.simulate import changed, record, respond
from zhenwu.chapter.table import table

__all__ = [
    "BLUE", "GREEN", "INK", "MUTED", "RED", "SAND",
    "ask", "axes", "bits", "changed", "check", "drawing", "explore", "figure", "keep", "predict", "record",
    "respond", "show", "table", "waves",
]

register()
