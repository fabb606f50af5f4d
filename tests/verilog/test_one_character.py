"""One wrong character in the Verilog of any design shows in a replay."""

import re
import shutil
from random import Random

import pytest

from hdl.bench.trace import Trace
from hdl.designs import DESIGNS, design
from zhenwu.cosim.backends import icarus as simulator
from zhenwu.cosim.backends.compiled import BuildError
from zhenwu.cosim.backends.pins import sources
from zhenwu.cosim.compared import replay
from zhenwu.cosim.pin_recording import recorders

TRIES = 60  # changes at most; some change nothing that can happen, such as a gap that no command has
TIME_LIMIT_S = 30  # for one that never ends
OTHER = str.maketrans("0123456789+-<>=!", "1234567890-+><! ")
CODE = re.compile(r"^(?:always|assign)\b", re.MULTILINE)
# Digits that stand for themselves, and operators
PLACE = re.compile(r"(?<=[ (='bh])\d(?=[);:])|\d(?=;)|(?<= )[-+<>](?= )|(?<= )=(?== )|!(?=[\w(])")


@pytest.fixture(scope="module")
def recordings(emitted):
    found = {}
    for record in recorders(emitted, seed=3).values():
        for name, columns in record().items():
            found.setdefault(name, Trace(columns))
    return found


def wrong_by_one(text: str, seed: str) -> list[str]:
    """Copies of a file with one character of its code replaced."""
    start = CODE.search(text).start()
    places = [found.start() for found in PLACE.finditer(text, start)]
    chosen = Random(seed).sample(places, min(TRIES, len(places)))
    return [text[:place] + text[place].translate(OTHER) + text[place + 1 :] for place in chosen]


@pytest.mark.parametrize("name", [entry.name for entry in DESIGNS if not entry.module.startswith("hdl.harness.")])
def test_a_wrong_character_is_found(name, emitted, recordings, tmp_path, monkeypatch, icarus):
    monkeypatch.setattr(simulator, "TIME_LIMIT_S", TIME_LIMIT_S)
    for source in sources(emitted / f"{name}.v"):
        shutil.copy(source, tmp_path)
    assert replay(simulator, design(name), recordings[name], tmp_path).mismatches == 0
    found = tried = 0
    for text in wrong_by_one((emitted / f"{name}.v").read_text(), name):
        (tmp_path / f"{name}.v").write_text(text)
        tried += 1
        try:
            found += replay(simulator, design(name), recordings[name], tmp_path).mismatches > 0
        except (BuildError, IndexError):  # refused, or without an end
            continue
        if found == 2:
            break
    assert found == 2, f"{found} of {tried} changes show"
