"""Every pin of a controller that its model predicts is a bit of the signature; payloads that do not count are none."""

from hdl.bench.run import forgotten_signals, simulate
from hdl.bench.trace import flatten
from hdl.bundle import wire
from hdl.harness.controller_pins import controller_pins, ports
from zhenwu.cosim.harness.signature import folded
from zhenwu.spec.hbm3 import ACT, PREAB, PREPB, RD, REFAB

NEVER = {"bus_fall_row", "dq_write_ecc", "dq_read_ecc", "dq_read"}  # the model does not say, or they are inputs
COUNTING = {"port_cmd_valid": 1, "port_wdata_valid": 1, "port_rdata_valid": 1, "dq_drive": 1, "bus_rise_op": ACT,
            "bus_fall_op": PREPB, "bus_column_op": RD}
IDLE = dict.fromkeys(COUNTING, 0) | {"bus_rise_op": REFAB, "bus_fall_op": PREAB}
ALWAYS = {"port_cmd_ready", "port_wdata_ready", "port_rdata_ready"}


def changes(setting: dict[str, int]) -> list[tuple[str, int]]:
    """(pin, how the word of all pins changes) for each bit of each pin, turned over alone under `setting`."""
    found = []
    with forgotten_signals():
        pins, clk = ports(), wire(1)
        whole = pins["pins"]
        signals = {name: signal for name, signal in flatten(pins).items() if signal is not whole}

        def turn_over():
            for name, value in setting.items():
                signals[name].next = value
            yield clk.posedge
            before = folded(int(whole.val))
            for name, signal in signals.items():
                value = int(signal.val)
                for bit in range(len(signal)):
                    signal.next = value ^ 1 << bit
                    yield clk.posedge
                    found.append((name, before ^ folded(int(whole.val))))
                signal.next = value

        bits = sum(len(signal) for signal in signals.values())
        simulate([controller_pins(**pins), turn_over()], clk=clk, rst=wire(1), budget_cycles=bits + 2, reset_cycles=0)
    assert len(found) == bits
    return found


def test_every_pin_that_counts_changes_one_bit():
    for name, change in changes(COUNTING):
        if name in NEVER:
            assert change == 0, name
        elif name not in COUNTING:
            assert change.bit_count() == 1, name
        else:
            assert change, name


def test_payloads_that_do_not_count_change_nothing():
    for name, change in changes(IDLE):
        if name in ALWAYS:
            assert change.bit_count() == 1, name
        else:
            assert bool(change) == (name in COUNTING), name


def test_the_words_of_a_line_fall_on_different_bits():
    found = [(name, change) for name, change in changes(COUNTING) if name == "port_rdata_data"]
    first_bits = [change for _, change in found[::32]]
    assert len(set(first_bits)) == len(first_bits) == 8
