"""The list of packages in docs/architecture.md: by floor, each with the first sentence of what its
own ``__init__`` says."""

import ast
import re

from tools.docs import code

_SOURCE = re.compile(r" \((?:[SBDI]\d|docs/)[^)]*\)")
"""Where a docstring names its source, which this list leaves out."""

FILE = code.ROOT / "docs" / "architecture.md"


def draw() -> str:
    """The document with its lists as they should be."""
    text = FILE.read_text()
    for name, floors in (("house", code.house_floors()), ("domain", code.domain_floors())):
        start, end = f"<!-- {name}: begin -->\n", f"<!-- {name}: end -->"
        before, _, rest = text.partition(start)
        _, _, after = rest.partition(end)
        text = f"{before}{start}{_table(floors)}{end}{after}"
    return text


def _table(floors: code.Floors) -> str:
    lines = ["| floor | package | what it is for |", "|---|---|---|"]
    highest = len(floors.floors)
    for below, floor in enumerate(floors.floors):
        for place, name in enumerate(floor):
            number = "" if place else str(highest - below)
            lines.append(f"| {number} | {_link(name)} | {purpose(name)} |")
    return "\n".join(lines) + "\n"


def _link(name: str) -> str:
    path = code.modules()[name]
    is_package = path.name == "__init__.py"
    target = (path.parent if is_package else path).relative_to(code.ROOT)
    return f"[{label(name)}](../{target}{'/' if is_package else ''})"


def label(name: str) -> str:
    """The name below the domain, or below the product."""
    return name.removeprefix(f"{code.DOMAIN}.").removeprefix(f"{code.PRODUCT}.")


def purpose(name: str) -> str:
    """The first sentence of a package's docstring."""
    said = " ".join((ast.get_docstring(code.tree_of(code.modules()[name])) or "").split())
    sentence = re.match(r".*?[.?!](?= [A-Z`]|$)", _SOURCE.sub("", said))
    return sentence[0].replace("``", "`") if sentence else said
