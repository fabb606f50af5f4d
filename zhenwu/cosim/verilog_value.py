"""What Verilog's rules make of a small combinational module: widths, signs and truncation as IEEE 1364-2005 has them.

No simulator: an interpreter of the straight-line Verilog that MyHDL writes (no `if`, no `case`), so that a page can
show where Verilog's value is not Python's. `tests/cosim/test_verilog_value.py` holds it against Icarus.
"""

from collections.abc import Mapping

from hdl.scan_verilog import DECLARATION, Scope, declare, read
from hdl.verilog_widths import COMPARISONS, LOGICAL, Node

Values = dict[str, int]  # by name, as unsigned bits


def verilog_value(text: str, inputs: Mapping[str, int]) -> Values:
    """All names of a module after its statements ran once, in their order, for these inputs."""
    scope, values = Scope("module", {}), dict(inputs)
    for count, raw in enumerate(text.splitlines(), 1):
        line = raw.split("//")[0].rstrip()
        if (declaration := DECLARATION.fullmatch(line)) is not None:
            declare(scope, declaration)
            continue
        statement = read(count, line, scope.declared)
        if statement is not None and statement.target is not None:
            width = max(statement.target.width, statement.source.width)
            value = bits(statement.source, width, statement.source.signed, values)
            values[statement.target.text] = value & mask(statement.target.width)
    return values


def mask(width: int) -> int:
    """A word of ones."""
    return (1 << width) - 1


def signed(value: int, width: int) -> int:
    """The number that bits stand for in two's complement."""
    return value - (value >> width - 1 << width)


def extended(value: int, own: int, width: int, sign: bool) -> int:
    """Bits of an operand, in the width of its context; `sign`: the whole expression is signed."""
    return (signed(value, own) if sign else value) & mask(width)


def alone(node: Node, values: Values) -> int:
    """The bits of a self-determined expression."""
    return bits(node, node.width, node.signed, values)


def bits(node: Node, width: int, sign: bool, values: Values) -> int:
    """The bits of an expression, computed with `width` and, if `sign`, as signed numbers: those of its context."""
    op, parts = node.op, node.parts
    if op in COMPARISONS or op in LOGICAL or op == "!":
        return int(truth(node, values))
    if op == "number":
        return int(node.text.split("'")[-1].lstrip("dhbo") or "0", base(node.text)) & mask(width)
    if op == "name":
        return extended(values[node.text], node.width, width, sign)
    if op == "concat":
        total = 0
        for part in parts:
            total = total << part.width | alone(part, values)
        return total
    if op == "signed":
        return extended(alone(parts[0], values), parts[0].width, width, sign)
    left = bits(parts[0], width, sign, values)
    if op == "negate":
        return -left & mask(width)
    if op == "<<":
        return left << alone(parts[1], values) & mask(width)
    if op == ">>>":
        return (signed(left, width) if sign else left) >> alone(parts[1], values) & mask(width)
    return arithmetic(op, left, bits(parts[1], width, sign, values), width, sign) & mask(width)


def base(text: str) -> int:
    """The base of a literal."""
    return {"h": 16, "b": 2, "o": 8}.get(text.partition("'")[2][:1], 10)


def arithmetic(op: str, left: int, right: int, width: int, sign: bool) -> int:
    """A binary operation whose operands have the width of the context; division goes towards zero."""
    if sign:
        left, right = signed(left, width), signed(right, width)
    match op:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "&":
            return left & right
        case "|":
            return left | right
        case "^":
            return left ^ right
    quotient = abs(left) // abs(right) * (1 if (left < 0) == (right < 0) else -1)
    return quotient if op == "/" else left - quotient * right


def truth(node: Node, values: Values) -> bool:
    """A comparison at the width of its wider operand, signed if both are; or a logical operation."""
    if node.op == "!":
        return not alone(node.parts[0], values)
    if node.op in LOGICAL:
        one, other = (bool(alone(part, values)) for part in node.parts)
        return one and other if node.op == "&&" else one or other
    width, sign = max(part.width for part in node.parts), all(part.signed for part in node.parts)
    one, other = (bits(part, width, sign, values) for part in node.parts)
    if sign:
        one, other = signed(one, width), signed(other, width)
    return {"<": one < other, "<=": one <= other, ">": one > other, ">=": one >= other}.get(
        node.op, (one == other) == (node.op in ("==", "===")))
