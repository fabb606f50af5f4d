"""Four simulators of the same hardware, one signature: `run(design, trace, folder) -> Trace`.

`trace` holds the inputs of a design in each cycle (it may hold outputs too), the result its outputs, as they stood just
before each rising edge. `native` is MyHDL itself; `icarus`, `verilator` and `cxxrtl` read the Verilog in `folder`.
"""
