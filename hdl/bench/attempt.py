"""Play what a reader wrote: whatever it does wrong becomes part of the record, with the reader's own line."""

import contextlib
import io
import traceback
from collections.abc import Iterator, Mapping

from hdl.bench.play import FOLDER, BadStimulus, play

OUTPUT = 4_000  # characters of what the text prints that are kept
FRAMES = 4  # lines of a traceback that are shown: the innermost


class _Bounded(io.StringIO):
    """Keeps the beginning of what is written to it: a `print` in a loop must not fill the memory."""

    def write(self, text: str) -> int:
        return super().write(text[: max(0, OUTPUT - self.tell())])


def attempt(stimulus: Mapping, source: str) -> dict:
    """`play(stimulus, source)`, with `output`, what the text printed, and `error`, None if nothing was raised.

    An error has `kind` (syntax, exception, bench), `message`, `line` (of the text, or None), `text` (that line) and
    `trace`, the lines of the text that led there.
    """
    printed, record, error = _Bounded(), {}, None
    with contextlib.redirect_stdout(printed):
        try:
            record = play(stimulus, source)
        except SyntaxError as raised:
            error = _error("syntax", raised.msg, raised.lineno, source)
        except BadStimulus as raised:
            error = _error("bench", str(raised), None, source)
        except (Exception, SystemExit) as raised:  # whatever a reader's text raises is an answer to show
            frames = list(_own_frames(raised, stimulus["module"]))
            error = _error("exception", _message(raised), frames[-1].lineno if frames else None, source)
            error["trace"] = [f"line {frame.lineno}, in {frame.name}: {frame.line}" for frame in frames[-FRAMES:]]
    return record | {"output": printed.getvalue(), "error": error}


def _own_frames(raised: BaseException, module: str) -> Iterator[traceback.FrameSummary]:
    """The frames in the reader's text, outermost first."""
    end = module.replace(".", "/") + ".py"
    for frame in traceback.extract_tb(raised.__traceback__):
        if FOLDER in frame.filename and frame.filename.endswith(end):
            yield frame


def _message(raised: BaseException) -> str:
    return f"{type(raised).__name__}: {raised}" if str(raised) else type(raised).__name__


def _error(kind: str, message: str, line: int | None, source: str) -> dict:
    lines = source.splitlines()
    text = lines[line - 1].strip() if line and line <= len(lines) else ""
    return {"kind": kind, "message": message, "line": line, "text": text, "trace": []}
