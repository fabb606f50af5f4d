"""Two command streams share one memory port. Chapter: the sequencer and the tile mover."""

from myhdl import ResetSignal, Signal, always_comb, always_seq, block

from hdl.bundle import command_stream, wire


def ports() -> dict:
    """Fresh ports."""
    return {
        "clk": Signal(bool(0)),
        "rst": ResetSignal(0, active=1, isasync=False),
        "first": command_stream(),
        "second": command_stream(),
        "dst": command_stream(),
    }


@block
def arbiter(clk, rst, first, second, dst):
    """Pass on the commands of two streams, in turn where both wait.

    first, second : command streams
    dst           : command stream; the offered command stays until it is taken, whoever comes meanwhile

    Latency 0, throughput one command a cycle. Neither side waits for more than one command of the other.
    """
    owner = wire(1)  # whose command stands, or stood last
    standing = wire(1)  # an offered command has not been taken yet
    choice = wire(1)

    @always_comb
    def choose():
        if standing:
            choice.next = owner
        elif first.valid and second.valid:
            choice.next = not owner
        else:
            choice.next = second.valid

    @always_comb
    def forward():
        dst.valid.next = first.valid or second.valid
        first.ready.next = dst.ready and not choice
        second.ready.next = dst.ready and choice
        if choice:
            dst.write.next = second.write
            dst.line_address.next = second.line_address
            dst.id.next = second.id
        else:
            dst.write.next = first.write
            dst.line_address.next = first.line_address
            dst.id.next = first.id

    @always_seq(clk.posedge, rst)
    def remember():
        if first.valid or second.valid:
            owner.next = choice
            standing.next = not dst.ready

    return choose, forward, remember
