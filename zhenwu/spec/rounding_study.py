"""What rounding costs numbers from a bell curve: the figures of an earlier study, to hold our own against.

Each is the root of the mean squared error over that of the numbers, for numbers with a normal distribution. The study
used numpy 2.4, ml_dtypes 0.6 and torchao 0.18. Chapter: numbers in four bits.
"""

from zhenwu.spec.sourced import Source, Sourced

TORCHAO = Source(
    "pytorch/ao torchao/prototype/mx_formats/config.py (ScaleCalculationMode), version 0.18",
    "https://github.com/pytorch/ao",
)
FORMATS_STUDY = Source("A study of number formats that came before this book, not published on its own")


def _error(value: float, key: str, note: str = "") -> Sourced:
    return Sourced(value, "", FORMATS_STUDY, "measured", key=f"gauss.{key}", note=note)


MXFP4_FLOOR_ERROR = _error(0.1149, "mxfp4_floor", "Relative RMS error of MXFP4 on Gaussian numbers, floor rule.")
MXFP4_EVEN_ERROR = _error(0.1118, "mxfp4_even", "The same with the even rule.")
MXFP4_RCEIL_ERROR = _error(0.1153, "mxfp4_rceil", "The same with the rceil rule.")
NVFP4_ERROR = _error(0.0951, "nvfp4", "The same of NVFP4.")
MXFP8_FLOOR_ERROR = _error(0.0294, "mxfp8_floor", "The same of MXFP8 with E4M3 elements, floor rule.")
MXFP8_EVEN_ERROR = _error(0.0276, "mxfp8_even", "The same with the even rule.")
MXFP8_RCEIL_ERROR = _error(0.0265, "mxfp8_rceil", "The same with the rceil rule.")

GAUSS_ERRORS = {  # by format and scale rule; NVFP4 has a rule of its own
    ("MXFP4", "floor"): MXFP4_FLOOR_ERROR,
    ("MXFP4", "even"): MXFP4_EVEN_ERROR,
    ("MXFP4", "rceil"): MXFP4_RCEIL_ERROR,
    ("NVFP4", ""): NVFP4_ERROR,
    ("MXFP8", "floor"): MXFP8_FLOOR_ERROR,
    ("MXFP8", "even"): MXFP8_EVEN_ERROR,
    ("MXFP8", "rceil"): MXFP8_RCEIL_ERROR,
}
