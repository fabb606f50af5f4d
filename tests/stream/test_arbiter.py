"""The arbiter: nobody loses a command, nobody waits for more than one of the other's."""

from zhenwu.cosim.stream import arbiter as cosim


def test_hdl_passes_both_sides_on_in_turn_under_stalls_and_reset():
    evidence = cosim.run(seed=1, quick=True)
    assert evidence.ok, f"{evidence.first_mismatch} {evidence.violations}"
    assert evidence.unhit == {}
    assert evidence.achieved == 1.0, "without stalls a command passes every cycle"
