"""The cells of every chapter run as a plain script, and what they compute on paper, in models and in RTL agrees.

The figures are drawn by `make book`; here everything else runs.
"""

import ast
import re
from pathlib import Path
from unittest.mock import MagicMock

import pytest

import zhenwu.chapter
from tests.test_book import cells, text_of
from zhenwu import exercises
from zhenwu.chapter.show import Html
from zhenwu.cosim.catalogue import BLOCKS, block_name


class Shown(list):
    """What a page's cells kept, and how they ended."""

    def __init__(self, page: str, monkeypatch: pytest.MonkeyPatch, folder: Path):
        monkeypatch.chdir(folder)  # a cell that writes a file writes it there
        monkeypatch.setattr(zhenwu.chapter, "axes", self.no_axes)
        for name in ("figure", "explore"):
            monkeypatch.setattr(zhenwu.chapter, name, self.undrawn)
        self.names: dict = {"__name__": "page"}
        for number, code in enumerate(cells(page), 1):
            tree = ast.parse(code)
            last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
            exec(compile(tree, f"cell {number}", "exec"), self.names)
            if last is not None:
                self.append(str(eval(compile(ast.Expression(last.value), f"cell {number}", "eval"), self.names)))

    @staticmethod
    def undrawn(drawn: MagicMock, caption: str, alt: str, *_) -> Html:
        """The words of a figure, which need no Matplotlib."""
        return zhenwu.chapter.drawing("<svg>", caption, alt)

    @staticmethod
    def no_axes(columns: int = 1, **_) -> tuple[MagicMock, object]:
        """Matplotlib belongs to the book's own requirements, so nothing is drawn here."""
        return MagicMock(), [MagicMock()] * columns if columns > 1 else MagicMock()


def test_the_cells_of_exact_dot_product_agree_with_each_other(monkeypatch, tmp_path):
    shown = Shown(text_of("exact_dot_product"), monkeypatch, tmp_path)
    names = shown.names
    assert names["dots"][0] == names["dot"] and names["wrong"] == 0
    assert names["term_rtl"] == names["term"] and names["latency"] == names["unit_rtl"].ADD_DELAY + 1
    assert names["number"](names["accumulator"][-1]) == names["row_golden"] == names["paper_row"]
    assert names["sum_bits"] == len(names["dot_rtl"].ports()["dot"]) and names["narrow"][-1] != names["wide"][-1]
    verdicts = [text for text in shown if re.search(r": (right|not yet)\.", text)]
    # two formulas that only a notebook asks for; the exercises in code as given, then solved
    assert ["not yet" in text for text in verdicts] == [True, True, False, True, True, False]
    width, rounding = (exercises.find(label) for label in ("ex-width", "ex-subnormal"))
    eight_bits = float(names["limits"].max), float(names["limits"].smallest_subnormal), names["BLOCK_SIZE"]
    assert width.right(*eight_bits) == names["exact_bits"](names["wide_range"], names["wide_range"])
    exact = [total for total in range(200) if names["term_is_exact"](total)]
    assert rounding.right(names["dot"]) == exact[0] and len(exact) == exact[-1] - exact[0] + 1
    assert list(tmp_path.iterdir()) == []


def test_the_cells_of_matmul_on_a_slice_agree_with_each_other(monkeypatch, tmp_path):
    """Paper, models and hardware: the bound lies below both, which are equal; the exercises tell right from not yet."""
    shown = Shown(text_of("matmul_on_a_slice"), monkeypatch, tmp_path)
    names = shown.names
    run, forecast = names["run"].figures, names["forecast"]
    assert run == forecast and names["wrong"] == 0 and names["paper_lines"] == names["job"].lines_moved
    assert names["paper_array"] == names["busy"] and forecast.least >= 2 * names["paper_lines"]
    assert names["demand_here"] > names["supply"]["4 x 4"] and run.limit == "HBM"
    assert [each.limit for each in names["arrays"]] == ["compute", "HBM", "HBM"]
    narrow, calm = names["narrow"].figures, names["calm"].figures
    assert narrow.limit == "latency" and narrow.took > 2 * calm.took and names["turns"](names["narrow"]) > 50
    assert names["run"].activity[names["run"].refresh] == "busy" and names["stops"][1] > names["stops"][0]
    assert max(set(names["during"]), key=names["during"].count) == "blocked" and names["sooner"] == run
    verdicts = [text for text in shown if re.search(r": (right|not yet)\.", text)]
    assert ["not yet" in text for text in verdicts] == [True, True, True, False]
    four_bits, who, lines = (exercises.find(label) for label in ("ex-fourbits", "ex-who", "ex-lines"))
    shape = names["job"].shape
    assert four_bits.right(*shape)[0] == names["less"] and lines.right(*shape) == names["paper_lines"]
    begins, ends = names["run"].refresh, names["run"].refresh + int(names["HBM3_6400"].nRFCab)
    assert who.right(names["run"].activity, begins, ends) == "blocked"
    assert list(tmp_path.iterdir()) == []


def test_the_waveform_to_read_shows_what_its_questions_ask(monkeypatch, tmp_path):
    recorded = Shown(text_of("reading_a_waveform"), monkeypatch, tmp_path).names["seen"]
    seen = {name: values for name, (_, values) in recorded.items()}
    wanted = [one | two for one, two in zip(seen["first_valid"], seen["second_valid"], strict=True)]
    through = [one | two for one, two in zip(seen["first_ready"], seen["second_ready"], strict=True)]
    blocked = [cycle for cycle, wants in enumerate(wanted) if wants and not through[cycle]]
    assert len(blocked) == 2 and not any(seen["dst_ready"][cycle] for cycle in blocked)
    assert exercises.find("ex-blame").right(seen["first_valid"], seen["second_valid"], seen["dst_ready"]) == blocked


def test_the_coverage_plan_is_what_make_sim_counts(monkeypatch, tmp_path):
    names = Shown(text_of("coverage_plan"), monkeypatch, tmp_path).names
    assert names["plans"] == {block_name(bench): bench.BINS for bench in BLOCKS}
    assert all(reason.strip() for bins in names["plans"].values() for reason in bins.values())
