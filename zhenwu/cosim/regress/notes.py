"""Which runs are done already: a file that a second call reads, and that counts only while nothing has changed."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from hdl.emit import ROOT
from zhenwu.cosim.files import write_atomically
from zhenwu.cosim.regress.plan import Run
from zhenwu.cosim.regress.run import Result

TWINS = ("hdl", "zhenwu/spec", "zhenwu/golden", "zhenwu/cycle", "zhenwu/cosim")  # what they are made of


def key(verilog: Iterable[Path], runs: Sequence[Run], backend: str) -> str:
    """A hash of all that a result rests on."""
    whole = hashlib.sha256(f"{backend} {list(map(tuple, runs))}".encode())
    for file in [*sorted(verilog), *(file for folder in TWINS for file in sorted((ROOT / folder).rglob("*.py")))]:
        whole.update(file.read_bytes())
    return whole.hexdigest()


class Notes:
    """The file: the results of all runs that ended well, and the speeds of MyHDL beside them."""

    def __init__(self, path: Path, key: str, fresh: bool):
        self.path, self.key = path, key
        self.done: dict[str, Result] = {}
        self.native: dict[str, float] = {}
        try:
            content = {} if fresh else json.loads(path.read_text(encoding="utf-8"))
            if content.get("key") == key:
                self.done = {name: Result(*values) for name, values in content["done"].items()}
                self.native = content["native"]
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            pass  # no file, or none of ours: nothing is done

    def enter(self, run: Run, result: Result) -> None:
        """Note a run that ended well; one that did not is run again by the next call."""
        if result.ok:
            self.done[run.name] = result
        self.save()

    def save(self) -> None:
        """Write the file."""
        content = {"key": self.key, "native": self.native, "done": {name: [*each] for name, each in self.done.items()}}
        write_atomically(self.path, (json.dumps(content, indent=1) + "\n").encode())
