"""Reads or writes: which queue is served. Chapter: the controller and its limits."""

from myhdl import ResetSignal, Signal, always_comb, always_seq, block

from hdl.bundle import wire
from hdl.hbm.request_queue import count_wire


def ports(*, read_entries: int, write_entries: int, now_bits: int) -> dict:
    """Fresh ports."""
    return {
        "clk": Signal(bool(0)),
        "rst": ResetSignal(0, active=1, isasync=False),
        "now": wire(now_bits),
        "reads": count_wire(read_entries),
        "writes": count_wire(write_entries),
        "read_stamp": wire(now_bits),
        "write_stamp": wire(now_bits),
        "writing": wire(1),
        "overdue": wire(1),
    }


@block
def direction(clk, rst, now, reads, writes, read_stamp, write_stamp, writing, overdue, *, high, low, max_age):
    """Turn DQ round by watermarks, and by age where somebody has waited too long.

    now                     : the CK, a counter that runs round; no request may wait for half a round
    reads, writes           : requests that can be served
    read_stamp, write_stamp : the CK in which the oldest of each became ready
    writing                 : 1 bit out: this CK is for writes
    overdue                 : 1 bit out: age decided it
    high, low               : to writes when `high` of them wait, or when no read does; back when `low` are left
    max_age                 : CK; while a request has waited longer, the oldest such decides

    Latency 0.
    """
    last_ck = (1 << len(now)) - 1
    assert 2 * max_age <= last_ck, f"max_age = {max_age}: expected less than half of 2**{len(now)} CK"
    was_writing = wire(1)

    @always_comb
    def choose():
        read_late = False
        write_late = False
        read_age = 0
        write_age = 0
        to_write = False
        read_age = (int(now) - int(read_stamp)) & last_ck
        write_age = (int(now) - int(write_stamp)) & last_ck
        read_late = reads > 0 and read_age > max_age
        write_late = writes > 0 and write_age > max_age
        if read_late or write_late:
            to_write = write_late and (not read_late or write_age > read_age)
        elif was_writing:
            to_write = not (writes <= low and reads > 0)
        else:
            to_write = writes >= high or (reads == 0 and writes > 0)
        writing.next = to_write
        overdue.next = read_late or write_late

    @always_seq(clk.posedge, rst)
    def remember():
        if writing != was_writing:
            was_writing.next = writing

    return choose, remember
