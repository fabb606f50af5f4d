"""Where the debug mode of int locals looks, and how a check gets there. Entry: `hdl.range_check`.

Checked in processes and tasks are

- what an int local is given: by assignment, by `+=` and its like, by `for`;
- inside expressions each shift to the left, sum, difference, product, power and negation. `&`, `|`, `^`, `~`, `>>`, `/`
  and `%` of values in range are in range.

One kind of expression is left out: what a signal, or a slice, is given by operations that are right modulo 2**width
at whatever width, from the outermost one inwards. In `word.next = (high << 16) + low` Verilog computes both at the
width of `word` or with 32 bits, whichever is more, and no lost bit shows; below a `>>`, a comparison or an index one
would.
"""

import ast
from collections.abc import Iterator, Set
from typing import NamedTuple

from hdl.scan_python import PROCESSES, decorated, name_of

HELPER = "_in_range_"  # the name of the check in a rewritten module
GROWING = ast.LShift | ast.Add | ast.Sub | ast.Mult | ast.Pow
RING = ast.LShift | ast.Add | ast.Sub | ast.Mult | ast.BitAnd | ast.BitOr | ast.BitXor
AMOUNT = ast.LShift | ast.RShift | ast.Pow  # what stands to the right of these says nothing of the width


class Place(NamedTuple):
    """What is checked: an int local that is given a value, or an expression and the operands that give it its width."""

    path: str
    line: int
    text: str
    operands: tuple[str, ...]
    local: Set[str]  # the names that are not those of signals

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.text}"


def rewrite(tree: ast.Module, path: str, tasks: Set[str], places: list[Place]) -> ast.Module:
    """The module with a call `_in_range_(value, index)` around each value to check; `places` grows by its place."""
    for function in ast.walk(tree):
        task = isinstance(function, ast.FunctionDef) and function.name in tasks
        if task or decorated(function, PROCESSES):
            Rewriting(path, function, places).generic_visit(ast.Module(function.body, []))
    return ast.fix_missing_locations(tree)


def operands(node: ast.AST) -> Iterator[str]:
    """The names, fields and elements by whose widths Verilog chooses that of an expression."""
    if isinstance(node, ast.Name | ast.Attribute | ast.Subscript):
        yield ast.unparse(node)
    elif isinstance(node, ast.BinOp):
        yield from operands(node.left)
        if not isinstance(node.op, AMOUNT):
            yield from operands(node.right)
    elif isinstance(node, ast.Call):
        for part in [*node.args, *([node.func.value] if isinstance(node.func, ast.Attribute) else [])]:
            yield from operands(part)
    elif isinstance(node, ast.UnaryOp | ast.IfExp):
        for part in [node.operand] if isinstance(node, ast.UnaryOp) else [node.body, node.orelse]:
            yield from operands(part)


def modular(node: ast.expr) -> Iterator[ast.expr]:
    """The parts of an expression that are right modulo 2**width, from the outermost one inwards."""
    yield node
    if isinstance(node, ast.BinOp) and isinstance(node.op, RING):
        yield from modular(node.left)
        if not isinstance(node.op, AMOUNT):
            yield from modular(node.right)
    elif isinstance(node, ast.UnaryOp) and not isinstance(node.op, ast.Not):
        yield from modular(node.operand)
    elif isinstance(node, ast.IfExp):
        yield from (part for way in (node.body, node.orelse) for part in modular(way))
    elif isinstance(node, ast.Call) and name_of(node.func) == "int":
        yield from (part for argument in node.args for part in modular(argument))


class Rewriting(ast.NodeTransformer):
    """Puts the checks into one process or task."""

    def __init__(self, path: str, function: ast.FunctionDef, places: list[Place]):
        inside = ast.walk(ast.Module([function.args, *function.body], []))
        stored = {node.id for node in inside if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
        given = {node.arg for node in ast.walk(function.args) if isinstance(node, ast.arg)}
        self.path, self.places, self.local = path, places, frozenset(stored | given)
        self.left_out: set[ast.expr] = set()

    def checked(self, value: ast.expr, at: ast.AST, text: str, names: tuple[str, ...] = ()) -> ast.Call:
        self.places.append(Place(self.path, at.lineno, text, tuple(dict.fromkeys(names)), self.local))
        index = ast.Constant(len(self.places) - 1)
        return ast.copy_location(ast.Call(ast.Name(HELPER, ast.Load()), [value, index], []), value)

    def held(self, target: ast.Name) -> ast.stmt:
        """A check of what a local holds already."""
        value = ast.copy_location(ast.Name(target.id, ast.Load()), target)
        again = ast.Assign([ast.Name(target.id, ast.Store())], self.checked(value, target, target.id))
        return ast.copy_location(again, target)

    def visit_Assign(self, node: ast.Assign) -> ast.stmt:
        targets = [target for target in node.targets if isinstance(target, ast.Name)]
        if not targets:
            self.left_out.update(modular(node.value))
        self.generic_visit(node)
        for target in targets:
            node.value = self.checked(node.value, target, target.id)
        return node

    def visit_AugAssign(self, node: ast.AugAssign) -> list[ast.stmt]:
        self.generic_visit(node)
        return [node, self.held(node.target)] if isinstance(node.target, ast.Name) else [node]

    def visit_For(self, node: ast.For) -> ast.stmt:
        self.generic_visit(node)
        targets = [part for part in ast.walk(node.target) if isinstance(part, ast.Name)]
        node.body = [*map(self.held, targets), *node.body]
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        return self.grown(node, isinstance(node.op, GROWING))

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        return self.grown(node, isinstance(node.op, ast.USub) and not isinstance(node.operand, ast.Constant))

    def grown(self, node: ast.expr, grows: bool) -> ast.expr:
        text, names = f"({ast.unparse(node)})", tuple(operands(node))
        self.generic_visit(node)
        return self.checked(node, node, text, names) if grows and node not in self.left_out else node
