"""Units as text: "GB/s" is a dictionary of exponents, and conversion multiplies exact fractions.

A unit is a product of symbols, written with `*` and one `/`: "bit", "GB/s", "1/s", "GB*s/TB". A symbol that
`SCALES` does not know ("compute units", "x") is kept as it stands: it cancels and compares, but converts
to nothing else. Prefixes are exact: GB is 1e9 bytes, GiB is 2**30 bytes.
"""

from collections import Counter
from fractions import Fraction

Exponents = Counter[str]

# symbol -> (what it is in bits, seconds and operations, the factor to that)
SCALES: dict[str, tuple[str, Fraction]] = {
    "bit": ("bit", Fraction(1)),
    "b": ("bit", Fraction(1)),
    "B": ("bit", Fraction(8)),
    "s": ("s", Fraction(1)),
    "Hz": ("1/s", Fraction(1)),
    "FLOPS": ("FLOP/s", Fraction(1)),
}
SCALES |= {
    prefix + symbol: (base, factor * 1000 ** (power + 1))
    for power, prefix in enumerate("kMGTP")
    for symbol, (base, factor) in SCALES.items()
    if symbol != "s"
}
SCALES |= {f"{prefix}iB": ("bit", Fraction(8 * 1024 ** (power + 1))) for power, prefix in enumerate("KMGT")}
SCALES |= {f"{prefix}s": ("s", Fraction(1, 1000 ** (power + 1))) for power, prefix in enumerate("munp")}


def parse(unit: str) -> Exponents:
    """The exponents of a unit: "GB/s" -> {"GB": 1, "s": -1}; a pure number is {}."""
    numerator, _, denominator = unit.partition("/")
    exponents: Exponents = Counter()
    for text, sign in ((numerator, 1), (denominator, -1)):
        for symbol in text.split("*"):
            if symbol.strip() not in ("", "1"):
                exponents[symbol.strip()] += sign
    return _reduced(exponents)


def text(exponents: Exponents) -> str:
    """The unit of some exponents, symbols in order: {"GB": 1, "s": -1} -> "GB/s"."""
    above = [symbol for symbol in sorted(exponents) for _ in range(exponents[symbol])]
    below = [symbol for symbol in sorted(exponents) for _ in range(-exponents[symbol])]
    return ("*".join(above) or ("1" if below else "")) + ("/" + "*".join(below) if below else "")


def multiply(left: str, right: str, sign: int = 1) -> str:
    """The unit of left * right, or of left / right for `sign` = -1; equal symbols cancel."""
    exponents = parse(left)
    for symbol, exponent in parse(right).items():
        exponents[symbol] += sign * exponent
    return text(_reduced(exponents))


def conversion(unit: str, target: str) -> Fraction:
    """What a number in `unit` is multiplied by to be in `target`; ValueError if they measure different things."""
    base, factor = _to_base(unit)
    target_base, target_factor = _to_base(target)
    if base != target_base:
        raise ValueError(f'cannot convert "{unit}" to "{target}": expected two units of the same quantity')
    return factor / target_factor


def _to_base(unit: str) -> tuple[Exponents, Fraction]:
    base: Exponents = Counter()
    factor = Fraction(1)
    for symbol, exponent in parse(unit).items():
        base_unit, scale = SCALES.get(symbol, (symbol, Fraction(1)))
        for base_symbol, base_exponent in parse(base_unit).items():
            base[base_symbol] += exponent * base_exponent
        factor *= scale**exponent
    return _reduced(base), factor


def _reduced(exponents: Exponents) -> Exponents:
    return Counter({symbol: exponent for symbol, exponent in exponents.items() if exponent})
