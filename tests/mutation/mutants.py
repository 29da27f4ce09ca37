"""Small faults, made of each line of a file: another sign, a bound by one, a call left out."""

import ast
import copy
import difflib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

OPPOSITES: dict[type[ast.AST], type[ast.AST]] = {
    **{ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is},
    **{ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt},
    **{ast.In: ast.NotIn, ast.NotIn: ast.In, ast.And: ast.Or, ast.Or: ast.And},
    **{ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.FloorDiv: ast.Mult},
    **{ast.Div: ast.Mult, ast.Mod: ast.Mult, ast.Pow: ast.Mult, ast.BitAnd: ast.BitOr},
    **{ast.BitOr: ast.BitAnd, ast.BitXor: ast.BitOr, ast.LShift: ast.RShift},
    **{ast.RShift: ast.LShift, ast.Break: ast.Continue, ast.Continue: ast.Break},
}
SQL_WORDS = re.compile(r"\b(SELECT|INSERT|UPDATE|DELETE|WHERE|ORDER BY|FOR UPDATE)\b")
SQL_FAULTS = (
    (" AND ", " OR "),
    (" OR ", " AND "),
    (" + ", " - "),
    (" - ", " + "),
    (" <= ", " < "),
    (" >= ", " > "),
    (" < ", " <= "),
    (" > ", " >= "),
    (" <> ", " = "),
    ("IS NOT NULL", "IS NULL"),
    (" DESC", ""),
    (" FOR UPDATE", ""),
    (" NOT ", " "),
)


@dataclass(frozen=True, slots=True)
class Mutant:
    """A fault: its name (the line before => the line after) and the whole file with it."""

    name: str
    text: str


def of(text: str) -> Iterator[Mutant]:
    """Every mutant of a file, in the order of its lines."""
    parts = [ast.Module([statement], []) for statement in ast.parse(text).body]
    texts = [ast.unparse(part) for part in parts]
    for place, part in enumerate(parts):
        for changed in _changes(part):
            whole = "\n".join([*texts[:place], changed, *texts[place + 1 :]])
            yield Mutant(_difference(texts[place], changed), whole)


def _changes(part: ast.Module) -> Iterator[str]:
    """Every text that one statement of a file has with one fault, once."""
    seen = {ast.unparse(part)}
    for number, count in enumerate(_counts(part)):
        for which in range(count):
            changed = ast.unparse(_changed(part, number, which))
            if changed not in seen:
                seen.add(changed)
                yield changed


def _difference(before: str, after: str) -> str:
    lines = difflib.ndiff(before.splitlines(), after.splitlines())
    changed = [line for line in lines if line[0] in "-+"]
    gone = " / ".join(line[1:].strip() for line in changed if line[0] == "-")
    come = " / ".join(line[1:].strip() for line in changed if line[0] == "+")
    return f"{gone} => {come}"


def _places(tree: ast.AST) -> list[ast.AST]:
    """Every node that may be changed: no types, no docstrings, no slots."""
    left_out: set[int] = set()
    for node in ast.walk(tree):
        for name in ("annotation", "returns"):
            if (hint := getattr(node, name, None)) is not None:
                left_out |= {id(part) for part in ast.walk(hint)}
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            left_out |= {id(node), id(node.value)}
        if isinstance(node, ast.JoinedStr):
            left_out |= {id(part) for part in node.values if isinstance(part, ast.Constant)}
        if isinstance(node, ast.FormattedValue) and node.format_spec is not None:
            left_out |= {id(part) for part in ast.walk(node.format_spec)}
        if isinstance(node, ast.Import | ast.ImportFrom):
            left_out.add(id(node))
    return [node for node in ast.walk(tree) if id(node) not in left_out]


def _counts(tree: ast.AST) -> list[int]:
    return [len(list(_faults(node))) for node in _places(tree)]


def _changed(tree: ast.AST, number: int, which: int) -> ast.AST:
    """The tree with one fault: the ``which``-th of the ``number``-th place."""
    made = copy.deepcopy(tree)
    node = _places(made)[number]
    list(_faults(node))[which]()
    return ast.fix_missing_locations(made)


Fault = Callable[[], None]


def _faults(node: ast.AST) -> Iterator[Fault]:
    """What may be done to one node; each changes it in place."""
    yield from _signs(node)
    yield from _constants(node)
    yield from _conditions(node)
    yield from _statements(node)
    yield from _arguments(node)


def _put(node: ast.AST, name: str, value: object) -> Fault:
    return lambda: setattr(node, name, value)


def _signs(node: ast.AST) -> Iterator[Fault]:
    if isinstance(node, ast.BinOp | ast.AugAssign | ast.BoolOp) and type(node.op) in OPPOSITES:
        yield _put(node, "op", OPPOSITES[type(node.op)]())
    if isinstance(node, ast.Compare):
        for place, sign in enumerate(node.ops):
            signs = list(node.ops)
            signs[place] = OPPOSITES[type(sign)]()
            yield _put(node, "ops", signs)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.Not):
        plain = ast.UAdd() if isinstance(node.op, ast.USub) else None
        if plain is not None:
            yield _put(node, "op", plain)


def _constants(node: ast.AST) -> Iterator[Fault]:
    if not isinstance(node, ast.Constant):
        return
    value = node.value
    if isinstance(value, bool):
        yield _put(node, "value", not value)
    elif isinstance(value, int):
        yield _put(node, "value", value + 1)
    elif value is None:
        yield _put(node, "value", "")
    elif isinstance(value, str) and SQL_WORDS.search(value):
        for old, new in SQL_FAULTS:
            for found in re.finditer(re.escape(old), value):
                yield _put(node, "value", value[: found.start()] + new + value[found.end() :])
    elif isinstance(value, str):
        yield _put(node, "value", f"XX{value}XX")
    elif isinstance(value, bytes):
        yield _put(node, "value", b"XX" + value)


def _conditions(node: ast.AST) -> Iterator[Fault]:
    if isinstance(node, ast.If | ast.IfExp | ast.While):
        yield _put(node, "test", ast.UnaryOp(ast.Not(), node.test))
    if isinstance(node, ast.comprehension):
        for place, condition in enumerate(node.ifs):
            conditions = list(node.ifs)
            conditions[place] = ast.UnaryOp(ast.Not(), condition)
            yield _put(node, "ifs", conditions)


def _statements(node: ast.AST) -> Iterator[Fault]:
    """A call or an error left out, an assignment of nothing, a decorator forgotten."""
    for name in ("body", "orelse", "finalbody"):
        block = getattr(node, name, None)
        if not isinstance(block, list):
            continue
        for place, line in enumerate(block):
            if _can_be_left_out(line):
                yield _put(node, name, [*block[:place], ast.Pass(), *block[place + 1 :]])
    is_bound = isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None
    if is_bound and not isinstance(node.value, ast.Constant):
        yield _put(node, "value", ast.Constant(None))
    if isinstance(node, ast.FunctionDef):
        for place in range(len(node.decorator_list)):
            kept = [*node.decorator_list[:place], *node.decorator_list[place + 1 :]]
            yield _put(node, "decorator_list", kept)


def _can_be_left_out(line: ast.stmt) -> bool:
    is_call = isinstance(line, ast.Expr) and isinstance(line.value, ast.Call)
    return is_call or isinstance(line, ast.Raise)


def _arguments(node: ast.AST) -> Iterator[Fault]:
    """A keyword forgotten, two neighbours swapped."""
    if not isinstance(node, ast.Call):
        return
    for place in range(len(node.keywords)):
        yield _put(node, "keywords", [*node.keywords[:place], *node.keywords[place + 1 :]])
    for place in range(len(node.args) - 1):
        swapped = list(node.args)
        swapped[place], swapped[place + 1] = swapped[place + 1], swapped[place]
        yield _put(node, "args", swapped)
