"""`zhenwu regress`: millions of random cycles of controller, tile and slice in compiled Verilog, beside their twins.

    plan ──> runs, on all cores ──> a difference? ──> its cycle, states before it ──> the shortest MyHDL run ──> files
             compiled model, twin

A difference after 10^5 cycles would take MyHDL a minute to come to, and a person longer to look through. So the state
of the compiled model a little before it is loaded into MyHDL, which shows the same difference within seconds.
"""
