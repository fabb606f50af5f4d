"""Sessions beside weights: figures that others report, laws, and what does not fit."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhenwu.perf.capacity import fit, least_chips, session_bytes, usable_bytes, weights_bytes
from zhenwu.spec.agent_session import ONE_HOUR, REPORTED, SESSIONS
from zhenwu.spec.chips import A100, CHIPS, GROUP, M890, USABLE_SHARE
from zhenwu.spec.models import MODELS, QWEN3_8_2P4T_A95B, QWEN3_30B_A3B, QWEN3_32B
from zhenwu.spec.sourced import Sourced
from zhenwu.spec.storage import WEIGHT_BITS


def count(value: float) -> Sourced:
    return Sourced(value, "", "a test's choice", "assumed")


@pytest.mark.parametrize(
    ("weight_format", "terabytes", "off"), [("BF16", 4.8, 0.01), ("FP8", 2.4, 0.01), ("MXFP4", 1.2, 0.08)]
)
def test_weights_of_the_largest_model_are_what_its_page_prints(weight_format, terabytes, off):
    """The page's "about 1.2 TB" in FP4 leaves the scales out, and rounds."""
    assert weights_bytes(QWEN3_8_2P4T_A95B, weight_format).to("TB").value == pytest.approx(terabytes, rel=off)


@pytest.mark.parametrize(("weight_format", "chips"), [("MXFP4", 2 * 8), ("FP8", 4 * 8)])
def test_the_largest_model_takes_as_many_m890s_as_its_maker_tests_it_on(weight_format, chips):
    """q38.m890_serving: two nodes of eight in MXFP4 (with FP8 beside it), four nodes of eight in FP8."""
    assert least_chips(QWEN3_8_2P4T_A95B, weight_format, M890).value == chips


def test_a_case_worked_out_by_hand():
    """Qwen3-32B in BF16 for an hour on 64 M890s: 40,960 tokens at 262,144 bytes are 10.74 GB a session."""
    found = fit(QWEN3_32B, "BF16", ONE_HOUR, M890)
    assert found.session.value == pytest.approx(40960 * 262144 / 1e9)
    assert found.memory.value == pytest.approx(64 * 144 * 0.9)
    assert found.left.value == pytest.approx(64 * 144 * 0.9 - 2 * 32.762123264)
    assert (found.sessions.value, found.per_chip.value) == (766, 766 / 64)


def test_weights_that_do_not_fit_say_by_how_much():
    found = fit(QWEN3_8_2P4T_A95B, "BF16", ONE_HOUR, A100)
    assert found.sessions.value == 0 and found.left.value < 0
    assert found.shortfall.value == pytest.approx(found.weights.value - found.memory.value)
    assert found.shortfall.unit == "GB"
    assert fit(QWEN3_8_2P4T_A95B, "BF16", ONE_HOUR, A100, found.least_chips).shortfall is None


def test_the_share_and_the_pace_stay_in_sight():
    trail = fit(QWEN3_32B, "FP8", REPORTED, M890).per_chip.ancestors()
    assumed = {entry.key for entry in trail if entry.kind == "assumed"}
    assert {"chips.usable_share", "session.tokens_per_call"} <= assumed


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.key)
@pytest.mark.parametrize("weight_format", WEIGHT_BITS)
def test_the_fewest_chips_hold_the_weights_and_half_of_them_do_not(model, weight_format):
    for chip in CHIPS:
        chips = least_chips(model, weight_format, chip).value
        weights = weights_bytes(model, weight_format).value
        assert chips & (chips - 1) == 0
        assert usable_bytes(chip, count(chips)).value >= weights
        assert chips == 1 or usable_bytes(chip, count(chips // 2)).value < weights


@given(st.sampled_from(MODELS), st.sampled_from(sorted(WEIGHT_BITS)), st.sampled_from(SESSIONS), st.sampled_from(CHIPS),
       st.integers(1, 512))
def test_what_fits_fits_and_one_more_does_not(model, weight_format, session, chip, chips):
    found = fit(model, weight_format, session, chip, count(chips))
    used = found.weights.value + found.sessions.value * found.session.value
    if found.shortfall is None:
        assert used <= found.memory.value * (1 + 1e-12) < used + found.session.value
    else:
        assert found.sessions.value == 0 and found.weights.value > found.memory.value


@given(st.sampled_from(MODELS), st.sampled_from(CHIPS))
def test_narrower_weights_and_shorter_sessions_leave_no_fewer_sessions(model, chip):
    by_format = [fit(model, form, REPORTED, chip).sessions.value for form in ("BF16", "FP8", "MXFP4")]
    by_length = [fit(model, "FP8", session, chip).sessions.value for session in reversed(SESSIONS)]
    assert by_format == sorted(by_format) and by_length == sorted(by_length)


def test_gb_and_gib_are_not_mixed():
    """The same figure read as GiB holds more."""
    larger = replace(M890, memory=replace(M890.memory, unit="GiB"))
    ratio = usable_bytes(larger, GROUP).value / usable_bytes(M890, GROUP).value
    assert ratio == pytest.approx(2**30 / 1e9)
    assert usable_bytes(M890, GROUP).value == pytest.approx(64 * 144e9 * USABLE_SHARE.value)


def test_state_belongs_to_a_session_and_not_to_its_length():
    """Doubling the context of a hybrid does not double its bytes."""
    one, two = (session_bytes(QWEN3_8_2P4T_A95B, Sourced(n, "token", "x", "derived")).value for n in (1000, 2000))
    assert 2 * one - two == QWEN3_8_2P4T_A95B.state_bytes.value
    assert session_bytes(QWEN3_30B_A3B, Sourced(1, "token", "x", "derived")).value == QWEN3_30B_A3B.kv_bytes.value


def test_an_unknown_format_is_one_sentence():
    with pytest.raises(ValueError, match='weight format "FP6": expected one of MXFP4, FP8, BF16'):
        weights_bytes(QWEN3_32B, "FP6")


def test_no_chips_are_refused():
    with pytest.raises(ValueError, match="0 chips: expected 1 or more"):
        fit(QWEN3_32B, "FP8", REPORTED, M890, count(0))
