"""The hardware, in MyHDL. It needs MyHDL and the standard library only."""

import os

if os.environ.get("ZHENWU_RANGES", "0") not in ("", "0"):
    from hdl.range_check import install

    install()
