"""Where a Verilog expression that MyHDL wrote can differ from the Python one: lost bits and wrong signs.

Python's integers grow as needed. Verilog computes `a + b` at the width of its context: in an assignment the
target's, but in a comparison, an index, a shift amount or a concatenation only the widest operand's, so a carry
vanishes there. And one unsigned operand makes a comparison, `>>>`, `/` or `%` unsigned, so a negative int local
becomes a huge number. Both are decidable from the declarations; this module parses the subset of expressions
that MyHDL prints (every binary operation in its own parentheses) and decides them.
"""

import re
from collections.abc import Iterator, Set
from typing import NamedTuple

INTEGER_WIDTH = 32
LOWEST = -(1 << 31)
LOCAL_BITS = 31  # magnitude of an int local, by the house rule that a debug run asserts
RING = {"+", "-", "*", "&", "|", "^", "<<"}  # right modulo 2**width, whatever the width
RELATIONAL = {"<", "<=", ">", ">="}
COMPARISONS = RELATIONAL | {"==", "!=", "===", "!=="}
LOGICAL = {"&&", "||"}
TOKEN = re.compile(
    r"\s*(\d*'s?[hdbo]\w+|\d+|\\\S+|[$`]?[A-Za-z_]\w*|\"[^\"]*\""
    r"|>>>|<<|===|!==|==|!=|<=|>=|&&|\|\||\*\*|\+:|[-+*/%&|^~!<>?:(){}\[\],])"
)


class Declared(NamedTuple):
    """A declaration: bits, sign, and the words of a memory (0 for a plain signal)."""

    width: int
    signed: bool
    words: int = 0


class Node(NamedTuple):
    """An expression: `op` is an operator or number, name, signed, concat, index, slice, ternary, call.

    `width` and `signed` are Verilog's own (self-determined), `bits` what the magnitude of the exact value needs.
    """

    op: str
    parts: tuple["Node", ...]
    width: int
    signed: bool
    bits: int
    text: str = ""


class Unreadable(Exception):
    """The text is not of the subset that MyHDL prints."""


class Parser:
    """Recursive descent over one expression; names are looked up in `declared`."""

    def __init__(self, text: str, declared: dict[str, Declared]):
        self.tokens = TOKEN.findall(text)
        if "".join(self.tokens) != re.sub(r"\s", "", text):
            raise Unreadable(text)
        self.declared = declared
        self.place = 0

    def peek(self) -> str:
        return self.tokens[self.place] if self.place < len(self.tokens) else ""

    def take(self, expected: str = "") -> str:
        token = self.peek()
        if not token or (expected and token != expected):
            raise Unreadable(f"{token!r} in place of {expected!r}")
        self.place += 1
        return token

    def whole(self) -> Node:
        node = self.ternary()
        if self.peek():
            raise Unreadable(self.peek())
        return node

    def ternary(self) -> Node:
        node = self.unary()
        while self.peek() in RING | COMPARISONS | LOGICAL | {">>>", "/", "%", "**"}:
            node = binary(self.take(), node, self.unary())
        if self.peek() == "?":
            self.take()
            yes = self.ternary()
            self.take(":")
            no = self.ternary()
            width, bits = max(yes.width, no.width), max(yes.bits, no.bits)
            node = Node("ternary", (node, yes, no), width, yes.signed and no.signed, bits)
        return node

    def unary(self) -> Node:
        if self.peek() not in ("!", "~", "-", "+"):
            return self.primary()
        op = self.take()
        inner = self.unary()
        if op == "!":
            return Node("!", (inner,), 1, False, 1)
        return Node("negate" if op == "-" else "invert", (inner,), inner.width, inner.signed, inner.bits)

    def primary(self) -> Node:
        token = self.take()
        if token == "(":
            node = self.ternary()
            self.take(")")
            return node
        if token == "{":
            parts = self.several("}")
            width = sum(part.width for part in parts)
            return Node("concat", parts, width, False, width if parts[0].text != "1'b0" else width - 1)
        if token in ("$signed", "$unsigned"):
            self.take("(")
            inner = self.several(")")[0]
            return Node("signed", (inner,), inner.width, token == "$signed", inner.bits)
        if token[0].isdigit() or token[0] == "'":
            return number(token)
        if self.peek() == "(":
            self.take()
            return Node("call", self.several(")"), INTEGER_WIDTH, True, LOCAL_BITS, token)
        return self.selected(token)

    def selected(self, name: str) -> Node:
        if name not in self.declared:
            raise Unreadable(f"{name} is not declared")
        width, signed, words = self.declared[name]
        node = Node("name", (), width, signed, width - signed, name)
        while self.peek() == "[":
            self.take()
            index = self.ternary()
            if self.peek() in (":", "+:"):
                kind = self.take()
                low = self.ternary()
                self.take("]")
                taken = constant(low) if kind == "+:" else constant(index) - constant(low) + 1
                node = Node("slice" if kind == ":" else "part", (index, low), taken, False, taken, name)
            else:
                self.take("]")
                signed = signed and bool(words)  # a word of a memory, or one bit
                width = width if words else 1
                node = Node("index", (index,), width, signed, width - signed, name)
                words = 0
        return node

    def several(self, closing: str) -> tuple[Node, ...]:
        parts = [self.ternary()]
        while self.peek() == ",":
            self.take()
            parts.append(self.ternary())
        self.take(closing)
        return tuple(parts)


def clipped(width: int, signed: bool, bits: int) -> int:
    """Bits of a value, given that int locals and what is computed from them alone stay within 31."""
    return min(bits, LOCAL_BITS) if signed and width >= INTEGER_WIDTH else bits


def number(token: str) -> Node:
    """A literal; unsized decimal ones are signed and 32 bits wide, sized and based ones unsigned."""
    size, quote, digits = token.partition("'")
    if not quote:
        return Node("number", (), INTEGER_WIDTH, True, max(1, int(token).bit_length()), token)
    base = {"h": 16, "d": 10, "b": 2, "o": 8}[digits[0]]
    value = int(digits[1:], base)
    return Node("number", (), int(size or INTEGER_WIDTH), False, max(1, value.bit_length()), token)


def value_of(node: Node) -> int | None:
    """The value of a number without base, else None."""
    return int(node.text) if node.op == "number" and node.text.isdigit() else None


def constant(node: Node) -> int:
    """The value of a constant expression, 1 where it is not constant (`part_selects` reports those)."""
    if node.op in ("+", "-", "*"):
        left, right = constant(node.parts[0]), constant(node.parts[1])
        return {"+": left + right, "-": left - right, "*": left * right}[node.op]
    known = value_of(node)
    return 1 if known is None else known


def is_constant(node: Node) -> bool:
    """Whether an expression holds numbers only."""
    return node.op == "number" or (node.op in RING and all(is_constant(part) for part in node.parts))


def binary(op: str, left: Node, right: Node) -> Node:
    """The node of a binary operation with its Verilog width and sign and the bits of its exact value."""
    width, signed = max(left.width, right.width), left.signed and right.signed
    known = value_of(right)
    if op in COMPARISONS or op in LOGICAL:
        return Node(op, (left, right), 1, False, 1)
    if op in ("<<", ">>>"):
        width, signed = left.width, left.signed
        shift = known if known is not None else (0 if op == ">>>" else (1 << min(right.bits, 5)) - 1)
        bits = max(1, left.bits - shift) if op == ">>>" else left.bits + shift
    elif op in ("*", "**"):
        bits = left.bits + right.bits
    elif op == "&":
        bits = min(left.bits, right.bits)
    elif op == "/":
        bits = left.bits
    elif op == "%":
        bits = min(left.bits, max(1, (known - 1).bit_length())) if known else right.bits
    else:
        unsigned_difference = op == "-" and left.op == right.op == "signed"
        bits = max(left.bits, right.bits) + (op in "+-" and not unsigned_difference)
    from_locals = width == INTEGER_WIDTH and any(part.signed and part.op != "number" for part in (left, right))
    return Node(op, (left, right), width, signed, clipped(width, signed or from_locals, bits))


def lower_bound(node: Node, negatives: Set[str]) -> int:
    """A value that the exact value of the expression is never below."""
    op, parts = node.op, node.parts
    if op == "number":
        return value_of(node) or 0
    if op in ("name", "index"):
        return LOWEST if node.text in negatives else 0
    if op == "+":
        return sum(lower_bound(part, negatives) for part in parts)
    if op == "-":
        return lower_bound(parts[0], negatives) - (value_of(parts[1]) or (1 << parts[1].bits) - 1)
    if op == "negate":
        return -((1 << parts[0].bits) - 1)
    if op == "invert":
        return LOWEST
    if op == "&":
        return max(min(lower_bound(part, negatives), 0) for part in parts)
    if op in ("|", "^", "*", "ternary"):
        return min(min(lower_bound(part, negatives), 0) * (1 << 31) for part in parts[op == "ternary":])
    if op in (">>>", "<<", "%", "/", "signed"):
        return min(lower_bound(parts[0], negatives), 0) * (1 << 31)
    return 0


def maybe_negative(node: Node, negatives: Set[str]) -> bool:
    """Whether the exact value can be below zero; `negatives` names the locals and signals that can."""
    return lower_bound(node, negatives) < 0


def contexts(node: Node, context: int) -> Iterator[tuple[Node, int, bool]]:
    """Each part, the bits that Verilog computes it with, and whether bits beyond those would change the result."""
    op, parts, width = node.op, node.parts, max(context, node.width)
    if op in COMPARISONS:
        yield from ((part, max(each.width for each in parts), True) for part in parts)
    elif op == "<<":
        yield from ((parts[0], width, False), (parts[1], parts[1].width, True))
    elif op == ">>>":
        yield from ((parts[0], width, True), (parts[1], parts[1].width, True))
    elif op == "ternary":
        yield from ((parts[0], parts[0].width, True), (parts[1], width, False), (parts[2], width, False))
    elif op in RING or op in ("/", "%", "negate", "invert"):
        yield from ((part, width, op in ("/", "%")) for part in parts)
    else:
        yield from ((part, part.width, True) for part in parts)


def differences(node: Node, context: int, negatives: Set[str], bounded: bool = False) -> Iterator[tuple[str, str]]:
    """(trap, what) wherever the value of `node`, computed with `context` bits, can differ from Python's.

    `bounded` says that MyHDL itself stops the simulation if this value is negative.
    """
    op = node.op
    for part, width, exact in contexts(node, context):
        yield from differences(part, width, negatives, bounded and op == "signed")
        if exact and part.op in RING and part.bits > width - part.signed:
            yield "lost_bits", f"{part.op!r} needs {part.bits} bits but is computed with {width - part.signed}"
        if exact and zero_extended(part, negatives):
            yield "mixed_sign", "a local first assigned a constant is extended as if it were never negative"
    signs = node.parts[:1] if op == ">>>" else node.parts
    if op in RELATIONAL | {"/", "%", ">>>"} and any(maybe_negative(part, negatives) for part in signs):
        if not all(part.signed for part in signs) and not (bounded and op in ("/", ">>>")):
            yield "mixed_sign", f"{op!r} is unsigned here although an operand may be negative"
        elif op in ("/", "%") and not (bounded and op == "/"):
            yield "negative_division", f"{op!r} of a value that may be negative: Verilog truncates, Python floors"


def zero_extended(node: Node, negatives: Set[str]) -> bool:
    """Whether a value that may be negative enters as {1'b0, value}: harmless modulo 2**32, not beyond."""
    if node.op == "signed" and node.parts[0].op == "concat":
        return any(maybe_negative(part, negatives) for part in node.parts[0].parts)
    return node.op in RING | {"ternary"} and any(zero_extended(part, negatives) for part in node.parts)
