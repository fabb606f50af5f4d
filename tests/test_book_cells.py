"""The cells of every chapter run as a plain script, and what they compute on paper, in models and in RTL agrees.

The figures are drawn by `make book`; here everything else runs.
"""

import ast
import re
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from pathlib import Path
from unittest.mock import MagicMock

import pytest

import zhenwu.chapter
from tests.test_book import cells, text_of
from zhenwu import exercises
from zhenwu.agent.committed import committed
from zhenwu.agent.traces import COLUMNS
from zhenwu.chapter import counted, kv_reads
from zhenwu.chapter.show import Html
from zhenwu.cosim.catalogue import BLOCKS, block_name
from zhenwu.perf.capacity import usable_bytes, weights_bytes
from zhenwu.spec.chips import GROUP, M890
from zhenwu.spec.models import STAND_IN
from zhenwu.spec.qwen_max import TOOL_CALLS

READS = {name: getattr(kv_reads, name) for name in ("on_model", "on_hardware")}
READ: dict = {}
REAL = (zhenwu.chapter.figure, zhenwu.chapter.explore)


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


@pytest.mark.usefixtures("read_once")
def test_the_cells_of_what_an_agent_asks_agree_with_each_other(monkeypatch, tmp_path):
    """The recording's limits change sides, no read passes its bound, and hardware and model count the same CK."""
    forms = []
    monkeypatch.setattr(zhenwu.chapter, "ask", lambda *words, answer: forms.append((*words, answer)))
    shown = Shown(text_of("what_an_agent_asks"), monkeypatch, tmp_path)
    names = shown.names
    least, most = (each.value for each in names["once"])
    assert least < most < names["held"].value < names["alive"][0].value  # without waits bandwidth, with them memory
    assert names["rtl"] == names["plan"]
    assert all(each.achieved <= bound for each, bound in zip(names["rtl"], names["bound"], strict=True))
    assert all(low <= high for low, high in zip(names["model"], names["paper"], strict=True))
    assert names["long"].busy[1] < names["totals"].busy[0] and names["long"].sessions == 2
    with_reuse, without = names["room"].values()
    assert without[1].value < names["held"].value < with_reuse[1].value
    verdicts = [text for text in shown if re.search(r": (right|not yet)\.", text)]
    assert ["not yet" in text for text in verdicts] == [True, True, False, True, True]
    ((_, question, _, answer),) = forms
    printed = (float(text.replace(",", "")) for text in re.findall(r"\d[\d,.]*", question))
    memory, weights, length, kv_bytes, state = printed
    each = length * kv_bytes / 2 / 1e9 + state
    assert answer == int((memory - weights) / each) and names["held"].value < answer < 2 * names["held"].value
    sizes = usable_bytes(M890, GROUP), weights_bytes(STAND_IN, "MXFP4"), STAND_IN.state_bytes
    whole, beside, kept = (size.value / 1e9 for size in sizes)  # not rounded as printed
    assert answer == exercises.find("ex-held").right(whole, beside, names["usual"].value, int(kv_bytes), kept, 8)
    assert exercises.find("ex-run").right(0.9, 32) > 0 == exercises.find("ex-run").right(0.9, 8)  # as the page says
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("read_once")
def test_the_cells_of_sessions_made_up_agree_with_each_other(monkeypatch, tmp_path):
    """What is promised holds with the page's seed, what is broken on purpose shows, and hardware and model agree."""
    forms = []
    monkeypatch.setattr(zhenwu.chapter, "ask", lambda *words, answer: forms.append((*words, answer)))
    shown = Shown(text_of("sessions_made_up"), monkeypatch, tmp_path)
    names = shown.names
    assert names["worst"].off < 0.1 and len(names["chosen"]) == 2
    assert names["own"] < names["other"] < names["halves"] + 10
    inside, among = (names[each] for each in ("inside", "among"))
    before = [names["ties"][each]["growth and growth before"] for each in ("as made", inside, among)]
    assert before[0] > before[1] + 0.1 > before[2] + 0.2 and abs(before[2]) < 0.08
    judged = names["judged"]
    assert max(judged[inside].values()) < 10 and round(judged[among]["growth"]) == round(judged["as made"]["growth"])
    assert max(judged[among].values()) == judged[among]["session_hours"] > 20
    off = names["off"]
    assert off["largest_context"][0] < -10 and off["largest_context"][4] < 0
    assert off["user_wait_s"][0] > 10 and off["user_wait_s"][4] < -10 and off["compactions"][-1] < -10
    assert names["models"] == names["rtl"] and all(names["paper"][name] <= took for name, took in names["rtl"].items())
    assert all(0 <= names["paper"][name] - took < 10 for name, took in names["in_turn"].items())
    assert 0.8 < names["rtl"]["made up"] / names["rtl"]["recorded"] < 0.9
    assert [row["prefix_hit_tokens"] for row in names["requests"]] == [0, 1024, 2000]
    assert names["groups"]["small"][0] > 3 * names["groups"]["large"][2]
    verdicts = [text for text in shown if re.search(r": (right|not yet)\.", text)]
    assert ["not yet" in text for text in verdicts] == [True, True, True, False]
    ((_, question, _, answer),) = forms
    last, tail = (float(text.replace(",", "").rstrip(".")) for text in re.findall(r"\d[\d,.]*", question))
    assert answer == round(last / (1 - tail))
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def read_once(monkeypatch):
    """No cache is read twice: what memory delivers does not depend on whose sessions are recorded."""
    for name, real in READS.items():
        monkeypatch.setattr(kv_reads, name, partial(remembered, real))


def remembered(real: Callable, manner: kv_reads.Manner) -> kv_reads.KvRead:
    key = real, repr(manner)
    if key not in READ:
        READ[key] = real(manner)
    return READ[key]


LITTLE = {
    "one request": ["a,10,5,0,5000,50,0,0,2,tool_use,X"],
    "one session, unsorted": ["a,,,9,7000,50,5000,7,2,,", "a,,,0,5000,50,0,,4,tool_use,"],
    "two sessions": ["a,10,5,0,5000,50,0,0,2,,X", "b,10,5,0,90000,5,0,0,2,,X", "b,10,5,200000,9000,5,100,9,2,,X"],
}


@pytest.mark.usefixtures("read_once")
@pytest.mark.filterwarnings("ignore:Attempting to set identical low and high xlims")  # a quantity with one value
@pytest.mark.parametrize("rows", LITTLE.values(), ids=LITTLE)
def test_the_cells_of_what_an_agent_asks_run_on_a_trace_of_the_reader_s(rows, monkeypatch, tmp_path):
    """Figures are drawn this time, since an empty one can fail, where Matplotlib is there."""
    pytest.importorskip("matplotlib")
    path = tmp_path / "mine.csv"
    path.write_text("\n".join((",".join(COLUMNS), *rows)) + "\n")
    monkeypatch.setattr(Shown, "no_axes", staticmethod(zhenwu.chapter.axes))
    monkeypatch.setattr(Shown, "undrawn", lambda self, drawn, *words: REAL[len(words) > 2](drawn, *words))
    page = text_of("what_an_agent_asks").replace("mine = None", f"mine = {str(path)!r}")
    names = Shown(page, monkeypatch, tmp_path).names
    assert names["totals"].requests == len(rows) and names["said"] == "your trace"


@pytest.mark.usefixtures("read_once")
def test_the_cells_of_what_an_agent_asks_say_the_same_of_the_trace_as_of_its_tables(monkeypatch, tmp_path, shared):
    page = text_of("what_an_agent_asks").replace("mine = None", f"mine = {str(shared / 'traces')!r}")
    names = Shown(page, monkeypatch, tmp_path).names
    tables = committed()
    assert (names["totals"], names["spread"]) == (tables.totals, tables.distributions)


def test_the_cells_of_transformer_counted_agree_with_each_other(monkeypatch, tmp_path):
    """Paper counts what numpy multiplies, hardware moves the lines of paper, experts spoil what dense models share."""
    monkeypatch.setattr(counted, "axes", Shown.no_axes)
    forms = []
    monkeypatch.setattr(zhenwu.chapter, "ask", lambda *words, answer: forms.append(answer))
    shown = Shown(text_of("transformer_counted"), monkeypatch, tmp_path)
    names = shown.names
    assert names["of_tensors"] == names["TINY"].parameters.value
    assert names["on_paper"] + names["not_last"] == names["in_numpy"]
    assert names["apart"] < 1e-3 and names["turned_apart"] < 1e-3
    assert 0 < names["more"] < 0.01 * names["before"] / 1e9
    lost = names["lost"]
    assert all(error < 1e-3 for _, error in lost["attention, long keys"]) and lost["state of width 32"][-1][1] > 1
    assert names["best"][32] < 1e-9 < 0.5 < names["best"][64] and names["plain"][32] > 0.1
    for tokens, run in names["runs"].items():
        assert run.figures == names["forecast"][tokens] and run.figures.counted.lines == names["lines"][tokens]
        assert names["ck"][tokens] >= 2 * names["lines"][tokens]
    dense, stand_in = (names["fewer"](each) for each in (names["models"].QWEN3_32B, STAND_IN))
    assert stand_in < 3 < 15 < dense < int(names["many"]) and names["fewer"](STAND_IN, "kv_bytes") > 15
    assert all(after < before for line in names["each_token"].values() for (_, before), (_, after) in pairwise(line))
    assert 1 < names["quiet"] < names["busy"] < names["held"] and 0.3 < names["of_weights"][names["busy"]] < 0.5
    assert names["stored"]["the tiny model", "FP32"][3] < 10 < 15 < names["stored"]["Qwen3-32B", "FP32"][3]
    assert names["sixteen"] < names["prefill"].flops_per_byte < names["balanced"][0]  # the peak's format decides
    verdicts = [text for text in shown if re.search(r": (right|not yet)\.", text)]
    assert ["not yet" in text for text in verdicts] == [True, True, True, True]
    assert forms == [exercises.find("ex-token").right(*names["sizes"])]
    assert list(tmp_path.iterdir()) == []


def test_the_cells_of_a_small_agent_agree_with_each_other(monkeypatch, tmp_path):
    """What is said follows from the study's file, whatever stands in it; the hardware agrees; the agent really ran."""
    forms, kept = [], {}
    monkeypatch.setattr(zhenwu.chapter, "ask", lambda *words, answer: forms.append(answer))
    monkeypatch.setattr(zhenwu.chapter, "keep", lambda name, value, *words, **form: kept.update({name: value}))
    shown = Shown(text_of("a_small_agent"), monkeypatch, tmp_path)
    names = shown.names
    assert names["paper"] == names["model"] == names["rtl"] and kept["agreeing"] == len(names["rtl"])
    assert sum(names["good"].values()) > 0 and all(len(found) == kept["tried"] for found in names["live"].values())
    assert (1 - kept["needed"] / 1e6) ** int(TOOL_CALLS.value) == pytest.approx(0.9)
    assert kept["parameters"] == sum(each.size for each in names["weights"].values()) < 10**6
    calls, left = names["calls"], names["ended"]
    assert kept["floor_left"] == 100 * left.k / left.n and kept["floor_calls"] == calls
    assert calls == names["floor"]["survival"][-1]["calls"] <= names["floor"]["calls"]
    assert (names["kin"]["check"], names["both"]["check"], names["stress"]["check"]) == ("kin", "others", "others")
    assert [each.wanted for each in names["recorded"]] == list(names["WANTED"])
    assert sum(each.count(": ") > 1 for each in shown if each.startswith("Recorded session")) == 1
    verdicts = [text for text in shown if re.search(r": (right|not yet)\.", text)]
    assert ["not yet" in text for text in verdicts] == [True, True, True]
    assert forms == [exercises.find("ex-allowed").right(0.5, int(TOOL_CALLS.value))]
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


def test_the_cells_of_down_to_verilog_agree_with_each_other(monkeypatch, tmp_path):
    """What converts wrongly is wrong and refused, hardware and twin agree, the flip and the stale stamp are found."""
    forms, kept = [], {}
    monkeypatch.setattr(zhenwu.chapter, "ask", lambda *words, answer: forms.append(answer))
    monkeypatch.setattr(zhenwu.chapter, "keep", lambda name, value, *words, **form: kept.update({name: value}))
    shown = Shown(text_of("down_to_verilog"), monkeypatch, tmp_path)
    names = shown.names
    assert kept["same_bytes"] == "the same" and kept["upper_line"] == "assign y = 0;"
    assert kept["lost_pairs"] == sum(a + b > 15 for a in range(16) for b in range(16))
    assert all(names["in_python"](name, **pins) != names["in_verilog"](name, names["trap"](name).verilog, **pins)
               for name, pins in names["cases"].items()) and kept["refused"] == len(names["cases"]) + 1
    assert names["parts"]["4 x 4"] < names["whole"]["2 x 2"] < names["whole"]["4 x 4"] / 3
    assert all(unset > 10 * set_ for set_, unset in (names["counts"][each] for each in ("controller", "tile")))
    assert kept["mismatches"] == 0 and kept["loop_differs"] == 0 and kept["flip_seen"] == 1
    assert kept["after_flip"] == len(names["broken"].hardware) - names["flip"]
    assert kept["pair"] == "is the same" and kept["in_quick"] == 0
    assert kept["from_state"] < 400 and kept["half_range"] < kept["from_reset"] < kept["half_range"] + 1000
    assert kept["wait"] > 10 and 0 < kept["met"] < 0.5
    verdicts = [text for text in shown if re.search(r": (right|not yet)\.", text)]
    assert ["not yet" in text for text in verdicts] == [True, True, False, True, False]
    assert forms == [exercises.find("ex-index").right(3, 2, 5, 4, 4)]
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
