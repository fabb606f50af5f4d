"""The rule table equals a transcription made apart from it, row by row."""

from collections import Counter

import pytest

from zhenwu.spec.hbm3 import HBM3_6400
from zhenwu.spec.hbm3_rules import SCOPES, TIMING_RULES, TimingRule

# The project page's table, typed anew in its own order: scope | from -> to: gap. `WRb` is CWL + BL + WR, RD* is RD
# and RDA, WR* is WR and WRA, PRE is PREpb and PREab, REF is all four refreshes. `!` marks what is ours.
TRANSCRIPTION = """
pseudo_channel | RD* -> RD*: BL ; WR* -> WR*: BL ; RD* -> WR*: RTW ; WR* -> RD*: CWL+BL+WTRS
stack_id | RD* -> RD*: CCDS ; WR* -> WR*: CCDS
stack_id other | RD* -> RD*: CCDR
bank_group | RD* -> RD*: CCDL ; WR* -> WR*: CCDL ; WR* -> RD*: CWL+BL+WTRL ; ACT -> ACT: RRDL
pseudo_channel | ACT -> ACT: RRDS ; ACT -> PREab: RAS ; RD -> PREab: RTP ; WR -> PREab: WRb ; PREab -> ACT: RP
pseudo_channel | PRE -> PRE: PPD
pseudo_channel 4 | ACT -> ACT: FAW
pseudo_channel | ACT -> REFab: RC ; PRE -> REFab: RP ; RDA -> REFab: RTP+RP ; WRA -> REFab: WRb+RP
pseudo_channel | REFab -> ACT: RFCab ; REFab -> PREab: RFCab
pseudo_channel ! | REFab -> REF: RFCab
pseudo_channel | ACT -> RFMab: RC ; PRE -> RFMab: RP ; RDA -> RFMab: RTP+RP ; WRA -> RFMab: WRb+RP
pseudo_channel | RFMab -> ACT: RFMab ; RFMab -> PREab: RFMab
pseudo_channel ! | RFMab -> REF: RFMab
pseudo_channel | REFpb -> REFpb: RREFD ; REFpb -> ACT: RREFD ; ACT -> REFpb: RRDS
pseudo_channel | RFMpb -> RFMpb: RREFD ; RFMpb -> ACT: RREFD ; ACT -> RFMpb: RRDS
bank | ACT -> ACT: RC ; ACT -> RD*: RCDRD ; ACT -> WR*: RCDWR ; ACT -> PREpb: RAS ; PREpb -> ACT: RP
bank | RD -> PREpb: RTP ; WR -> PREpb: WRb ; RDA -> ACT: RTP+RP ; WRA -> ACT: WRb+RP
bank | ACT -> REFpb: RC ; PREpb -> REFpb: RP ; REFpb -> ACT: RFCpb
bank | ACT -> RFMpb: RC ; PREpb -> RFMpb: RP ; RFMpb -> ACT: RFMpb
bank ! | RDA -> REFpb: RTP+RP ; WRA -> REFpb: WRb+RP ; REFpb -> REFpb: RFCpb
bank ! | RDA -> RFMpb: RTP+RP ; WRA -> RFMpb: WRb+RP ; REFpb -> RFMpb: RFCpb
bank ! | RFMpb -> REFpb: RFMpb ; RFMpb -> RFMpb: RFMpb
pseudo_channel 4 ! | ACT|REFpb -> ACT: FAW ; ACT|REFpb -> REFpb: FAW
"""
SETS = {
    "RD*": ["RD", "RDA"], "WR*": ["WR", "WRA"], "PRE": ["PREpb", "PREab"], "REF": ["REFab", "REFpb", "RFMab", "RFMpb"]
}


def transcribed() -> list[tuple]:
    rows = []
    for text in TRANSCRIPTION.strip().splitlines():
        place, _, pairs = text.partition(" | ")
        scope, *marks = place.split()
        for pair in pairs.split(" ; "):
            ops, _, gap = pair.partition(": ")
            first, _, second = ops.partition(" -> ")
            names = tuple(f"n{name}" for name in gap.replace("WRb", "CWL+BL+WR").split("+"))
            for before in SETS.get(first, [first]):
                for after in SETS.get(second, [second]):
                    window = 4 if "4" in marks else 1
                    kind = "assumed" if "!" in marks else "reported"
                    rows.append((scope, before, after, names, window, "other" in marks, kind))
    return rows


def as_tuple(rule: TimingRule) -> tuple:
    return rule.scope, rule.preceding, rule.following, rule.gap, rule.window, rule.sibling, rule.kind


def test_the_rows_equal_the_transcription():
    assert Counter(map(as_tuple, TIMING_RULES)) == Counter(transcribed())


def test_no_row_stands_twice():
    assert len(set(TIMING_RULES)) == len(TIMING_RULES) > 100


def test_every_scope_and_every_command_has_rules():
    assert {rule.scope for rule in TIMING_RULES} == set(SCOPES)
    named = {op for rule in TIMING_RULES for op in (*rule.precedents, rule.following)}
    assert named == {"ACT", "PREpb", "PREab", "RD", "RDA", "WR", "WRA", "REFab", "REFpb", "RFMab", "RFMpb"}


def test_gaps_are_sums_of_named_cycles():
    by_pair = {(rule.scope, rule.preceding, rule.following): rule.cycles(HBM3_6400) for rule in TIMING_RULES}
    assert by_pair["pseudo_channel", "WR", "RD"] == 10 + 2 + 7
    assert by_pair["bank_group", "WR", "RD"] == 10 + 2 + 10
    assert by_pair["bank", "WR", "PREpb"] == 10 + 2 + 33
    assert by_pair["bank", "RFMpb", "ACT"] == 320 and by_pair["pseudo_channel", "RFMab", "ACT"] == 416


def test_a_rule_reads_as_a_sentence():
    assert str(TimingRule("bank", "ACT", "RD", ("nRCDRD",))) == "bank: ACT -> RD: nRCDRD"
    faw = TimingRule("pseudo_channel", "ACT", "ACT", ("nFAW",), window=4)
    assert str(faw) == "pseudo_channel: ACT -> ACT (every 5th): nFAW"
    assert str(TimingRule("stack_id", "RD", "RD", ("nCCDR",), sibling=True)).startswith("another stack_id")


@pytest.mark.parametrize("wrong", [("rank", "ACT", "RD"), ("bank", "ACTIVATE", "RD"), ("bank", "ACT", "NOP")])
def test_an_unknown_scope_or_command_is_refused(wrong):
    with pytest.raises(ValueError, match="expected a scope of pseudo_channel, .* and two commands of the table"):
        TimingRule(*wrong, ("nRC",))
