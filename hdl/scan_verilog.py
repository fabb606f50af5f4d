"""The traps that show in the Verilog that MyHDL wrote, line by line. Entry: `hdl.scan`."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from hdl.keywords import KEYWORDS
from hdl.verilog_widths import (
    INTEGER_WIDTH,
    LOCAL_BITS,
    RING,
    Declared,
    Node,
    Parser,
    Unreadable,
    differences,
    is_constant,
    maybe_negative,
    value_of,
    zero_extended,
)

MEMORY_WORDS = 32  # a longer list of words, not of flags, that is reset as a whole was meant to be a memory
DECLARATION = re.compile(
    r"\s*(?:input|output|inout|reg|wire|integer|localparam)\b\s*(signed\b)?\s*(?:\[([^]]+)\])?\s*([\w\\\[\]]+)\s*"
    r"(?:\[0:(\d+)-1\])?(?:\s*=.*)?;$"
)
LABEL = re.compile(r"\bbegin: (\w+)|^(?:module|task|function(?: integer| \[[^]]*\])?)\s+(\w+)")
CASE_ITEM = re.compile(r"\s*(?:default|\d*'?[hb]?\w+):\s*")
ASSIGNMENT = re.compile(r"\s*(?:assign )?([^=<]+(?:\[.*\])?) (<?=) (.*);$")
CONDITION = re.compile(r"\s*(?:else )?(?:if|case|while) \((.*)\)(?: begin)?$")
CONNECTION = re.compile(r"\.\w+\((\w+)\[")  # an element of a list at a module's pin
PROCESS = re.compile(r"(?:always|initial|task|function)\b")
OUTSIDE = re.compile(r"(?:assign|endmodule|endtask|endfunction|input|output|reg|wire|localparam)\b")


class Statement(NamedTuple):
    """One line with an expression: the target is None for a condition."""

    line: int
    target: Node | None
    source: Node


class Scope:
    """The declarations that a process, a task or the module sees, and its statements."""

    def __init__(self, kind: str, outer: dict[str, Declared]):
        self.kind = kind
        self.declared = dict(outer)
        self.local: set[str] = set()
        self.statements: list[Statement] = []


def findings(text: str) -> Iterator[tuple[int, str, str]]:
    """(line, trap, message) for each trap in a file."""
    module = Scope("module", {})
    scope, scopes = module, [module]
    for count, raw in enumerate(text.splitlines(), 1):
        line = raw.split("//")[0].rstrip()
        if (process := PROCESS.match(line)) is not None:
            scope = Scope(process[0], module.declared)
            scopes.append(scope)
        elif OUTSIDE.match(line):
            scope = module
        yield from forbidden(count, line, scope.kind == "task")
        if (declaration := DECLARATION.fullmatch(line)) is not None:
            declare(scope, declaration)
            continue
        try:
            statement = read(count, line, scope.declared)
        except Unreadable as error:
            yield count, "unreadable", f"the scan cannot read this line ({error})"
            continue
        if statement is not None:
            scope.statements.append(statement)
    yield from undriven(scopes, set(CONNECTION.findall(text)))
    for scope in scopes:
        yield from hidden(scope, module)
        yield from values(scope)
        yield from memory_resets(scope)


def declare(scope: Scope, declaration: re.Match) -> None:
    """Enter a declaration; `integer` is 32 bits and signed."""
    signed, limits, name, words = declaration.groups()
    if "integer" in declaration[0].split():
        scope.declared[name] = Declared(INTEGER_WIDTH, True)
    else:
        high = limits.split(":")[0] if limits else "0"
        width = sum(int(part) for part in high.replace("-", " -").split()) + 1
        previous = scope.declared.get(name)
        scope.declared[name] = Declared(width, bool(signed or (previous and previous.signed)), int(words or 0))
    scope.local.add(name)


def forbidden(count: int, line: str, in_task: bool) -> Iterator[tuple[int, str, str]]:
    """Words that may not stand in a line at all."""
    for word, cause in (("$finish", "a raise in a process"), ("disable", "return, break or continue in a process")):
        if re.search(rf"(?<![\w$]){re.escape(word)}\b", line):
            yield count, word.strip("$"), f"{word} comes from {cause}; Yosys refuses it"
    if in_task and re.match(r"\s*\w+(\[.*\])? <= ", line):
        yield count, "task_output", "a task assigns a signal: its caller sees the old value; let it write an intbv"
    declaration = DECLARATION.fullmatch(line)
    names = [declaration[3]] if declaration else [name for pair in LABEL.findall(line) for name in pair if name]
    for name in names:
        if name in KEYWORDS:
            yield count, "keyword", f"{name} is a word of Verilog or SystemVerilog: choose another name"


def read(count: int, line: str, declared: dict[str, Declared]) -> Statement | None:
    """The statement of a line that holds an expression."""
    if (condition := CONDITION.fullmatch(line)) is not None:
        return Statement(count, None, Parser(condition[1], declared).whole())
    item = CASE_ITEM.match(line)
    body = line[item.end():] if item else line
    if (assignment := ASSIGNMENT.fullmatch(body)) is None or body.lstrip().startswith(("for ", "$")):
        return None
    target = Parser(assignment[1], declared).whole()
    return Statement(count, target, Parser(assignment[3], declared).whole())


def undriven(scopes: list[Scope], connected: set[str]) -> Iterator[tuple[int, str, str]]:
    """Lists of signals that an expression indexes, that begin as zeros and that nothing writes.

    What is `connected` a module inside may write.
    """
    driven = {
        each.target.text for scope in scopes for each in scope.statements
        if each.target and each.target.op == "index" and (scope.kind != "initial" or value_of(each.source) != 0)
    }
    lists = {name for name, kind in scopes[0].declared.items() if kind.words} - driven - connected
    for scope in scopes:
        for line, _, source in scope.statements:
            for name in sorted(lists & indexed(source)):
                yield line, "constant_zero", f"nothing drives {name}: slices in an indexed list convert to constants"


def indexed(node: Node) -> set[str]:
    """Names that an expression indexes."""
    own = {node.text} if node.op == "index" else set()
    return own.union(*map(indexed, node.parts))


def hidden(scope: Scope, module: Scope) -> Iterator[tuple[int, str, str]]:
    """A local that should have taken a signal's value, and has the signal's name."""
    for line, target, source in scope.statements:
        if target and target.text == source.text in module.declared and target.text in scope.local:
            yield line, "hidden", f"{target.text} takes its own value: it hides the signal of its name"


def memory_resets(scope: Scope) -> Iterator[tuple[int, str, str]]:
    """Memories that a clocked process sets word by word."""
    first = {}
    for line, target, _ in scope.statements:
        if scope.kind == "always" and target and target.op == "index" and is_constant(target.parts[0]):
            first.setdefault(target.text, line)
    for name, line in first.items():
        declared = scope.declared[name]
        if (words := declared.words) > MEMORY_WORDS and declared.width > 1:
            yield line, "memory_reset", f"all {words} words of {name} are reset: write memories in a plain @always"


def negatives_of(scope: Scope) -> set[str]:
    """Signed names that can be negative: signals, and int locals that any statement may make so."""
    signed = {name for name, kind in scope.declared.items() if kind.signed}
    found = {name for name in signed if name not in scope.local or scope.declared[name].width != INTEGER_WIDTH}
    while True:
        more = {
            statement.target.text
            for statement in scope.statements
            if statement.target and statement.target.signed and maybe_negative(statement.source, found)
        }
        if more <= found:
            return found
        found |= more


def values(scope: Scope) -> Iterator[tuple[int, str, str]]:
    """Expressions of a scope whose value can differ from Python's."""
    negatives = negatives_of(scope)
    for line, target, source in scope.statements:
        width = target.width if target else source.width
        found = [*differences(source, width, negatives, bounded=bool(target) and not target.signed)]
        if target:
            found += differences(target, target.width, negatives)
        elif source.op in RING and source.bits > source.width:
            found.append(("lost_bits", f"{source.op!r} needs {source.bits} bits but is computed with {source.width}"))
        for trap, message in found:
            yield line, trap, message
        if not all(map(is_constant, [*bounds(source), *(bounds(target) if target else ())])):
            yield line, "part_select", "a part-select with variable bounds is no Verilog: shift and mask"
        if width > INTEGER_WIDTH and zero_extended(source, negatives):
            yield line, "mixed_sign", "a local first assigned a constant is extended as if it were never negative"
        if target and target.signed and width == INTEGER_WIDTH and source.bits > LOCAL_BITS:
            yield line, "wide_int", f"{target.text} holds 31 bits and takes {source.bits}: mask or shift them first"


def bounds(node: Node) -> Iterator[Node]:
    """The bounds of every part-select in an expression that must be constant."""
    if node.op in ("slice", "part"):
        yield from node.parts[node.op == "part":]
    for part in node.parts:
        yield from bounds(part)
