"""What the paper on VMXDOTP says of its cluster of vector units, which multiplies in the same formats as our array.

Chapter: the array and its utilisation.
"""

from zhenwu.spec.sourced import Sourced
from zhenwu.spec.sources import VMXDOTP

UTILISATION = Sourced(
    97, "%", VMXDOTP, "published", key="vmxdotp.utilisation", note="Of a matrix product in MX formats; up to."
)
EFFICIENCY = Sourced(
    1632, "GFLOPS/W", VMXDOTP, "published", key="vmxdotp.efficiency",
    note="In MXFP4; up to. In a process of 12 nm, at 1 GHz and 0.8 V.",
)
