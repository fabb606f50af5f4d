"""Every exercise of the book tells apart a right answer, a wrong one, one that replays what was shown, and none."""

import math
import re
from collections import Counter
from itertools import groupby

import numpy as np
import pytest

from tests.exercises.answers import RIGHT, WRONG, decoder, package, quantiser, replay, solution
from tests.exercises.answers_sequencer import mover
from tests.exercises.converted import BOOK, cells, labels, live_cells, pages
from zhenwu import exercises
from zhenwu.agent.ledger import MODULUS
from zhenwu.agent.quantiles import COMPACTED
from zhenwu.exercises import given
from zhenwu.exercises.exercise import Exercise, first_difference, hint_of
from zhenwu.exercises.hbm3_from_the_cell_up import LATE
from zhenwu.exercises.judge import OPEN, verdict
from zhenwu.exercises.judge import RIGHT as IS_RIGHT
from zhenwu.exercises.judge import WRONG as IS_WRONG
from zhenwu.exercises.played import AGREES
from zhenwu.exercises.what_an_agent_asks import RUNS, reached, shortest_run
from zhenwu.golden.tile.sequencer import ADDRESSES

ALL = [exercise for stem in exercises.stems() for exercise in exercises.of_chapter(stem)]
every_exercise = pytest.mark.parametrize("exercise", ALL, ids=lambda exercise: exercise.label)
SEEDS = range(4)


def judged(exercise: Exercise, answer: object, seed: int = 0) -> tuple[str, str]:
    return verdict(exercise, {exercise.answer: answer}, seed)


def test_the_book_and_the_records_have_the_same_exercises():
    assert exercises.stems() and sorted(exercises.stems()) == pages()
    for stem in exercises.stems():
        assert sorted(exercise.label for exercise in exercises.of_chapter(stem)) == sorted(labels(stem))


def test_a_label_stands_once_in_the_book():
    found = [exercise.label for exercise in ALL]
    assert len(found) == len(set(found)) and [exercises.find(label) for label in found] == ALL


@pytest.mark.parametrize("stem", exercises.stems())
def test_a_notebook_has_a_place_for_every_answer(stem):
    """A live cell of that name, or a cell that defines it and has it checked."""
    code = "\n".join(cells(stem))
    inside = labels(stem)
    for exercise in exercises.of_chapter(stem):
        if inside[exercise.label]:
            assert inside[exercise.label] == [exercise.answer]
        else:
            assert re.search(rf"^(def {exercise.answer}\(|{exercise.answer} = )", code, re.M)
            assert f'check("{exercise.label}", {exercise.answer})' in code


@pytest.mark.parametrize("stem", exercises.stems())
def test_every_form_of_an_exercise_on_paper_has_a_formula_in_the_notebook(stem):
    """So that no form, which needs the page's script, is left over in a notebook."""
    page = (BOOK / f"{stem}.md").read_text(encoding="utf-8")
    forms = re.findall(r"^```\{code-cell\} ipython3\n((?::.*\n)*)(?:(?!^```).*\n)*?.*\bask\(", page, re.M)
    assert all(options == ":tags: [remove-input, page-only]\n" for options in forms)
    assert page.count("page-only") == len(forms)


@every_exercise
@pytest.mark.parametrize("seed", SEEDS)
def test_a_right_answer_is_right(exercise, seed):
    assert judged(exercise, RIGHT[exercise.label], seed) == (IS_RIGHT, "")


SLIPS = {  # plausible, and right on most cases
    "ex-fourbits": [lambda m, n, k: (RIGHT["ex-fourbits"](m, n, k)[0], 2 * RIGHT["ex-fourbits"](m, n, k)[0])],
    "ex-who": [
        lambda activity, begins, ends: Counter(activity[begins : ends + 1]).most_common(1)[0][0],
        lambda activity, begins, ends: Counter(activity[begins : ends - 1]).most_common(1)[0][0],
        lambda activity, begins, ends: Counter(activity[begins + 1 : ends]).most_common(1)[0][0],
        lambda activity, begins, ends: max(
            (len(list(run)), word) for word, run in groupby(activity[begins:ends]))[1],
    ],
    "ex-alive": [
        lambda once, answer, wait, held: min((held, "memory"), (round(once * (answer + wait) / answer), "bandwidth"),
                                             key=lambda each: (each[0], each[1] != "memory")),
    ],
    "ex-draw": [lambda percents, quantiles, share: int(np.interp(100 * share, percents, quantiles))],
    "ex-run": [lambda share, entries: shortest_run(share, 32 if entries > 8 else entries)],
    "ex-token": [lambda layers, heads, width, bits: 2 * layers * heads * width * int(bits) // 8],
    "ex-scores": [lambda new, context: new * (context - new) + new * (new - 1) // 2],
    "ex-meet": [lambda experts, top_k, share: RIGHT["ex-meet"](experts, top_k, share) + 1,
                lambda experts, top_k, share: max(1, RIGHT["ex-meet"](experts, top_k, share) - 1)],
    "ex-scale": [lambda bits, rule: RIGHT["ex-scale"](bits, rule) if bits >> 23 > 1 else (bits >> 23) + 1,
                 lambda bits, rule: RIGHT["ex-scale"](bits, "even" if rule == "rceil" else rule)],
    "ex-outweigh": [lambda weights, kv, sessions: max(1, round(weights / (kv * sessions)))],
    "ex-cells": [lambda *case: RIGHT["ex-cells"](*case) + 1,
                 lambda cell, each, half, least: round(cell * (half / least - 1) / each)],
    "ex-earliest": [lambda before, op, *place: RIGHT["ex-earliest"](before[-2:], op, *place)],
    "ex-share": [lambda percent, rrds, faw, burst: math.ceil(percent / 100 * rrds / burst),
                 lambda *case: RIGHT["ex-share"](*case) + 1, lambda *case: max(1, RIGHT["ex-share"](*case) - 1)],
    "ex-outstanding": [lambda latency, rate: (latency + 1) // rate, lambda latency, rate: latency // rate + 2],
    "ex-banks": [lambda rows, k_steps, banks: k_steps if rows % banks == 1 else 0,
                 lambda rows, k_steps, banks: k_steps - 1 if rows % 4 == 1 else 0],
}


@pytest.mark.parametrize(("label", "answer"), [(label, each) for label, slips in SLIPS.items() for each in slips])
def test_a_slip_is_wrong_whatever_the_seed(label, answer):
    exercise = exercises.find(label)
    assert all(judged(exercise, answer, seed)[0] == IS_WRONG for seed in range(60 if label != "ex-run" else 8))


@every_exercise
@pytest.mark.parametrize("seed", SEEDS)
def test_a_wrong_answer_is_wrong_with_a_hint(exercise, seed):
    status, hint = judged(exercise, WRONG[exercise.label], seed)
    assert status == IS_WRONG and len(hint.split()) >= 6


@every_exercise
@pytest.mark.parametrize("seed", SEEDS)
def test_an_answer_that_repeats_what_was_shown_is_right_there_and_wrong_on_hidden_cases(exercise, seed):
    answer = replay(exercise)
    assert first_difference(exercise, answer, exercise.shown) is None
    status, hint = judged(exercise, answer, seed)
    assert status == IS_WRONG and len(hint.split()) >= 6


@every_exercise
def test_what_the_notebook_gives_is_no_answer_yet(exercise, monkeypatch):
    stem = next(stem for stem in exercises.stems() if exercise in exercises.of_chapter(stem))
    monkeypatch.setattr(given, "sources", {name: source for name, (_, source) in live_cells(stem).items()})
    code = "\n".join(cells(stem))
    stub = re.search(rf"^def {exercise.answer}\(.*\n    return None.*$", code, re.M)
    names = {}
    exec(stub[0] if stub else "", names)
    assert verdict(exercise, names, 0) == (OPEN, "")


@every_exercise
def test_a_notebook_without_the_answer_is_told_its_name(exercise):
    assert verdict(exercise, {}, 0) == (OPEN, f"the notebook defines no {exercise.answer}")


@every_exercise
def test_no_hint_holds_what_is_right(exercise):
    for seed in range(20):
        for case in exercise.hidden_by(seed):
            right = exercise.right(*case)
            if right in (AGREES, True, False):
                continue
            hint = hint_of(exercise, first_difference(exercise, lambda *_: "something else", [case]))
            for value in right if isinstance(right, tuple | list) else [right]:
                told = re.sub(r"\b[mnk] = \d+", "", hint)  # the shape that was asked for
                assert not re.search(rf"(?<![\w-]){re.escape(str(value))}(?!\w)", told), (case, hint)


@every_exercise
def test_hidden_cases_are_others_for_another_seed_and_the_same_for_the_same(exercise):
    drawn = [repr(exercise.hidden_by(seed)) for seed in range(5)]
    assert drawn[0] == repr(exercise.hidden_by(0)) and len(set(drawn)) > 1


@every_exercise
def test_hidden_cases_differ_from_the_shown_ones_in_what_is_right(exercise):
    """So that no constant answer can be right."""
    rights = {repr(exercise.right(*case)) for case in exercise.hidden_by(0)}
    assert len(rights) > 1 or rights == {repr(AGREES)}


PAGE_SOLUTIONS = {
    "ex-order": lambda text: defined(text, "solved"),
    "ex-lines": lambda text: defined(text, "solved"),
    "ex-cut": lambda text: defined(text, "solved"),
    "ex-decoder": decoder,
    "ex-stores": lambda text: package("hdl/stream/arbiter.py").replace("choice.next = not owner", text.strip()),
    "ex-compacted": lambda text: defined(text, "solved"),
    "ex-alive": lambda text: defined(as_function("at_once, answer_s, wait_s, in_memory", text), "solved"),
    "ex-run": lambda text: defined(as_function("share, read_entries", text), "solved"),
    "ex-scores": lambda text: defined(as_function("new, context", text), "solved"),
    "ex-meet": lambda text: defined(as_function("experts, top_k, share", text), "solved"),
    "ex-outweigh": lambda text: defined(as_function("weight_bytes, kv_bytes, sessions", text), "solved"),
    "ex-draw": lambda text: defined(as_function("percents, quantiles, share", text), "solved"),
    "ex-reuse": lambda text: defined(text, "solved"),
    "ex-judge": lambda text: defined(text, "wrong_totals"),
    "ex-scale": lambda text: defined(text, "scale_byte"),
    "ex-rotate": lambda text: defined(text, "rotate"),
    "ex-quantise": lambda text: quantiser(*text.splitlines()),
    "ex-check": lambda text: defined(text, "checked"),
    "ex-rounds": lambda text: defined(f"ADDRESSES = {ADDRESSES}\n{text}", "addresses"),
    "ex-banks": lambda text: defined(text, "waits"),
    "ex-walk": lambda text: mover(*text.splitlines()),
    "ex-earliest": lambda text: defined(text, "earliest"),
    "ex-share": lambda text: defined(text, "lines_needed"),
    "ex-window": lambda text: live_cells("hbm3_from_the_cell_up")["activate_window_bug"][1].replace(LATE, text.strip()),
}


def as_function(arguments: str, lines: str) -> str:
    """The lines of a solution that end with a return, as a function."""
    return f"def solved({arguments}):\n" + "".join(f"    {line}\n" for line in lines.splitlines())


def defined(text: str, name: str) -> object:
    """What the lines of a solution define under a name."""
    import ml_dtypes

    from zhenwu.golden.tile import layout

    names = {"ml_dtypes": ml_dtypes, "layout": layout, "largest_half": 12, "COMPACTED": COMPACTED}
    names |= {"RUNS": RUNS, "reached": reached, "MODULUS": MODULUS}
    exec(text.partition("check(")[0], names)
    return names[name]


@pytest.mark.parametrize("label", PAGE_SOLUTIONS)
def test_the_page_s_own_solution_is_right(label):
    stem = next(stem for stem in exercises.stems() if label in labels(stem))
    answer = PAGE_SOLUTIONS[label](solution(stem, label))
    assert judged(exercises.find(label), answer) == (IS_RIGHT, "")


@pytest.mark.parametrize("line", ["magnitude = (0, 1, 2, 3, 4, 6, 8, 12)[int(code) & 7]", """\
magnitude = mantissa
if exponent == 1:
    magnitude = 2 + mantissa
elif exponent == 2:
    magnitude = 4 + 2 * mantissa
elif exponent == 3:
    magnitude = 8 + 4 * mantissa"""])
def test_a_decoder_by_table_or_by_cases_is_right_in_the_page_and_wrong_for_the_grader(line):
    exercise = exercises.find("ex-decoder")
    assert first_difference(exercise, decoder(line), exercise.shown) is None
    assert judged(exercise, decoder(line))[0] == IS_WRONG


def test_a_decoder_without_its_constants_hears_which():
    source = decoder("magnitude = 1").replace("MANTISSA_BITS = 1\n", "MANTISSA_BITS = 2 - 1\n")
    solved = source.replace("magnitude = 1\n", "magnitude = mantissa << exponent if exponent < 2 else 4 + mantissa\n")
    status, hint = judged(exercises.find("ex-decoder"), solved)
    assert status == IS_WRONG and hint
