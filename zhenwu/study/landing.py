"""What the landing page says of endurance: `python -m zhenwu.study.landing` fills `survival` in results.json anew.

For each number format of the page the plain weights computed in it, with nothing that helps; and of the cells that ran
long enough, the one with the most sessions. Where none did, nothing is said. It is our small agent and not the model
that the page is about, and each source says so.
"""

import json
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from zhenwu.spec.agent_session import SESSIONS
from zhenwu.study.found import Cell, all_of, cells, spoken, survivors

COMPUTED = {"MXFP4": "mxfp4 floor", "FP8": "mxfp8 floor", "BF16": "bf16"}  # the page's formats, as the study names them
FIELDS = {"weights": "plain", "check": None, "harness": "carry", "context": 256, "kv": "fp32"}
COMMAND = "zhenwu agent study"
FILE = Path(__file__).resolve().parents[1] / "data" / "results.json"


def survival(among: Sequence[Cell]) -> dict[str, dict[str, dict[str, Any] | None]]:
    """The part `survival` of results.json."""
    return {
        form: {session.key: _result(list(among), form, session.calls.value) for session in SESSIONS}
        for form in COMPUTED
    }


def _result(among: list[Cell], form: str, calls: int) -> dict[str, Any] | None:
    ran = [share for each in all_of(among, format=COMPUTED[form], **FIELDS)
           for at, share in survivors(each) if at == calls]
    if not ran:
        return None
    share = max(ran, key=lambda each: each.n)
    return {
        "value": round(share.value, 4), "low": round(share.low, 4), "high": round(share.high, 4), "kind": "measured",
        "source": f"{share.k:,} of {share.n:,} sessions of {calls:,} calls of our own small agent in its own task, "
                  f"computed as {spoken(COMPUTED[form])}; this says nothing of Qwen3.7-Max or of the model chosen here",
        "command": COMMAND, "version": version("zhenwu"),
    }


def filled(text: str, among: Sequence[Cell]) -> str:
    """The results file with its survival made from these cells, all else as it is."""
    found = json.loads(text)
    return json.dumps(found | {"survival": survival(among)}, indent=2) + "\n"


def main() -> None:
    """Write the results file."""
    text = filled(FILE.read_text(encoding="utf-8"), cells())
    part = FILE.with_suffix(".part")
    part.write_text(text, encoding="utf-8")
    part.replace(FILE)
    print(f"{FILE.name}: survival from {len(cells())} cells")


if __name__ == "__main__":
    main()
