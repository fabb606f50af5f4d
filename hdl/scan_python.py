"""The traps that show in the Python source of a block. Entry: `hdl.scan`.

MyHDL converts *processes* (functions under @always_comb, @always, @always_seq or @instance inside a @block) and
*tasks* (functions that a process calls). The rest of a block is elaboration: any Python may stand there.
"""

import ast
from collections.abc import Iterator

PROCESSES = {"always_comb", "always", "always_seq", "instance"}
CONVERTED_CALLS = {"bool", "concat", "downrange", "int", "intbv", "len", "modbv", "print", "range", "signed"}
JUMPS = {ast.Return: "return", ast.Break: "break", ast.Continue: "continue", ast.Raise: "raise"}

Finding = tuple[int, str, str]


def decorated(function: ast.AST, names: set[str]) -> bool:
    """Whether a function definition carries one of these decorators, called or not."""
    decorators = function.decorator_list if isinstance(function, ast.FunctionDef) else []
    return any(name_of(item.func if isinstance(item, ast.Call) else item) in names for item in decorators)


def name_of(node: ast.AST) -> str:
    """The last part of a name or attribute, else an empty string."""
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def called_names(source: str) -> set[str]:
    """Names of the functions that processes of this source call."""
    processes = [node for node in ast.walk(ast.parse(source)) if decorated(node, PROCESSES)]
    calls = {name_of(call.func) for process in processes for call in calls_in(process.body)}
    return calls - CONVERTED_CALLS - {""}


def calls_in(body: list[ast.stmt]) -> Iterator[ast.Call]:
    """Every call below these statements."""
    return (node for statement in body for node in ast.walk(statement) if isinstance(node, ast.Call))


def findings(source: str, tasks: set[str]) -> Iterator[Finding]:
    """(line, trap, message) for each trap in a source; `tasks` names the functions that are converted too."""
    for function in ast.walk(ast.parse(source)):
        if decorated(function, {"block"}):
            yield from elaboration(function)
        elif decorated(function, PROCESSES):
            yield from converted(function)
        elif isinstance(function, ast.FunctionDef) and function.name in tasks:
            yield from converted(function)
            yield from in_task(function)


def elaboration(block: ast.FunctionDef) -> Iterator[Finding]:
    """Traps in a block outside its processes."""
    arguments = block.args.args + block.args.kwonlyargs + block.args.posonlyargs
    from_ports = {argument.arg for argument in arguments}
    absent = set()
    for statement in block.body:
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            name, value = statement.targets[0].id, statement.value
            if isinstance(value, ast.Attribute) and root(value) in from_ports:
                from_ports.add(name)
            if isinstance(value, ast.Constant) and value.value is None:
                absent.add(name)
        if decorated(statement, PROCESSES):
            for node in ast.walk(statement):
                if isinstance(node, ast.Attribute) and name_of(node.value) in absent:
                    yield (node.lineno, "outer_none", f"{name_of(node.value)} is None in the block: MyHDL looks its "
                           f"attribute up although the branch is never taken; leave the process out instead")
            continue
        for call in calls_in([statement]):
            field = call.func
            bounds = bool(call.args) and not any(isinstance(entry, ast.Constant) and isinstance(entry.value, str)
                                                 for entry in call.args)  # names are no bounds: a method of a record
            if isinstance(field, ast.Attribute) and root(field) in from_ports and bounds:
                yield (call.lineno, "shadow_slice", f"a slice of {ast.unparse(field)} becomes a constant 0 where the "
                       f"bundle is a port: copy the field to a signal with always_comb and slice that")


def root(node: ast.AST) -> str:
    """`port` of `port.rdata.data`, else an empty string."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return name_of(node)


def in_task(function: ast.FunctionDef) -> Iterator[Finding]:
    """Traps in a function that a process calls."""
    for call in calls_in(function.body):
        if name_of(call.func) not in CONVERTED_CALLS:
            yield call.lineno, "nested_task", f"{function.name} calls another converted function: MyHDL breaks off"
    for node in ast.walk(function):
        if isinstance(node, ast.Attribute) and node.attr == "next":
            yield (node.lineno, "task_signal", f"{function.name} assigns a signal: in Verilog its caller sees the old "
                   f"value; let it write an intbv with [:]")


def converted(function: ast.FunctionDef) -> Iterator[Finding]:
    """Traps in a process or task."""
    body = ast.Module(function.body, [])
    inside = [node for node in ast.walk(body)]
    local = {node.id for node in inside if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    for node in inside:
        if (word := JUMPS.get(type(node))) is not None:
            verilog = "$finish" if word == "raise" else "disable"
            yield node.lineno, f"{word}_in_process", f"{word} becomes {verilog}, which Yosys refuses: use if and else"
        elif isinstance(node, ast.AnnAssign):
            yield node.lineno, "annotated_assignment", "MyHDL takes the annotation for a signal: drop it"
        elif isinstance(node, ast.JoinedStr):
            yield node.lineno, "f_string", "MyHDL converts no f-string: leave prints to the bench"
        elif isinstance(node, ast.IfExp):
            yield from ternary(node, inside)
        elif isinstance(node, ast.For | ast.While):
            for call in calls_in(node.body):
                if name_of(call.func) in ("intbv", "modbv", "concat"):
                    yield call.lineno, "intbv_in_loop", f"{name_of(call.func)} in a loop is slow: use int locals"
        elif isinstance(node, ast.Subscript):
            yield from subscript(node, local)


def ternary(node: ast.IfExp, inside: list[ast.AST]) -> Iterator[Finding]:
    """MyHDL prints a ternary without parentheses and infers no type for it: it may only be assigned to a signal."""
    for parent in inside:
        if isinstance(parent, ast.Assign) and parent.value is node and isinstance(parent.targets[0], ast.Attribute):
            return
    yield node.lineno, "ternary", "a conditional expression converts only as the whole of `signal.next = ...`: use if"


def subscript(node: ast.Subscript, local: set[str]) -> Iterator[Finding]:
    """Traps in an index or slice; `local` names the int locals of the process."""
    index = node.slice
    if not isinstance(index, ast.Slice):
        for part in ast.walk(index):
            if isinstance(part, ast.BinOp) and isinstance(part.op, ast.LShift) and not wide(part.left, local):
                yield (part.lineno, "shift_in_index", f"in an index Verilog computes {ast.unparse(part)} at the width "
                       f"of its operands and loses the high bits: multiply, or read into an int local first")
        return
    varying = [bound for bound in (index.lower, index.upper) if bound is not None and mentions(bound, local)]
    if varying and not indexed_part(index):
        yield (node.lineno, "variable_slice", f"{ast.unparse(node)} has variable bounds and converts to illegal "
               f"Verilog: shift and mask")


def mentions(node: ast.AST, names: set[str]) -> bool:
    """Whether one of these names stands in an expression."""
    return any(isinstance(part, ast.Name) and part.id in names for part in ast.walk(node))


def wide(node: ast.AST, local: set[str]) -> bool:
    """Whether Verilog computes this expression with 32 bits: an int local or a literal takes part."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.LShift | ast.RShift):
        return wide(node.left, local)
    if isinstance(node, ast.BinOp):
        return wide(node.left, local) or wide(node.right, local)
    return isinstance(node, ast.Constant) or (isinstance(node, ast.Name) and node.id in local)


def indexed_part(index: ast.Slice) -> bool:
    """`x[i + 8:i]` with a bare name: MyHDL prints `x[i +: 8]`, which is legal."""
    high, low = index.lower, index.upper
    return (
        isinstance(high, ast.BinOp) and isinstance(high.op, ast.Add) and isinstance(low, ast.Name)
        and isinstance(high.left, ast.Name) and high.left.id == low.id and isinstance(high.right, ast.Constant)
    )
