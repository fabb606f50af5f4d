"""A copy of a few files of `zhenwu/perf` in which a piece of text is another: what a test must be seen to fail on."""

import sys
from collections.abc import Sequence
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType


def broken(files: Sequence[ModuleType], module: ModuleType, right: str, wrong: str) -> ModuleType:
    """The last of `files`, which import each other in this order, all read afresh; one of them, `module`, has `wrong`
    in place of `right`, a text that stands in it once.
    """
    source = Path(module.__file__).read_text(encoding="utf-8")
    assert source.count(right) == 1, right
    kept = {each.__name__: each for each in files}
    try:
        for name, each in kept.items():
            text = source.replace(right, wrong) if each is module else Path(each.__file__).read_text(encoding="utf-8")
            fresh = sys.modules[name] = module_from_spec(spec_from_loader(name, None))
            exec(compile(text, name, "exec"), fresh.__dict__)
        return fresh
    finally:
        sys.modules.update(kept)
