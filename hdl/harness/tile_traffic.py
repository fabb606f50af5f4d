"""What every harness of a tile has: draws, a reset now and then, and the host. Chapter: down to Verilog."""

from myhdl import always_comb, always_seq, block

from hdl.bundle import wire
from hdl.harness.lfsr import DRAW_BITS, lfsr
from hdl.harness.tile_host import tile_host

SALTS = (0x1B873593, 0x2545F491, 0x3C6EF372, 0x4CF5AD43, 0x5BD1E995)  # host, elements, strides, scales, surroundings
REST = 0x2A5  # restless: a reset begins where the upper bits of a draw are these
REST_CYCLES = 2


@block
def tile_traffic(clk, rst, seed, restless, draw, reset, code, start, length, done, *, half_steps,
                 rest_bits):
    """Drive a tile's `code`, `start` and `length`.

    seed, restless            : 31 bits and 1 bit in, as in `tile_harness`
    draw                      : 31 bits out, new every cycle, for what surrounds the tile
    reset                     : 1 bit out, the reset of the tile and of all round it: high with `rst`, and, where
                                restless, for 2 cycles now and then
    code, start, length, done : to and from the tile

    half_steps : of the tile
    rest_bits  : restless, a reset begins in one cycle of 2**rest_bits
    """
    host_draw, element_draw, stride_draw, scale_draw = (wire(DRAW_BITS) for _ in range(4))
    draws = (host_draw, element_draw, stride_draw, scale_draw, draw)
    registers = [lfsr(clk, rst, seed, draws[index], salt=SALTS[index]) for index in range(len(SALTS))]
    resting = wire(2)

    @always_comb
    def choose():
        reset.next = rst or resting != 0

    @always_seq(clk.posedge, rst)
    def rest():
        if resting != 0:
            resting.next = resting - 1
        elif restless and (int(host_draw) >> (DRAW_BITS - rest_bits)) == REST:
            resting.next = REST_CYCLES

    host = tile_host(
        clk, reset, host_draw, element_draw, stride_draw, scale_draw, code, start, length, done, half_steps=half_steps
    )
    return registers, choose, rest, host
