"""docs/requirements.md: each requirement with the sentences of the tests that prove it.

The titles stand in docs/requirements.toml, the proofs in the tests: ``pytest.mark.proves("S42")``.
"""

import ast
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tools.docs.code import ROOT

TITLES = ROOT / "docs" / "requirements.toml"
PAGE = ROOT / "docs" / "requirements.md"
MARK = "pytest.mark.proves"


@dataclass(frozen=True, order=True)
class Proof:
    """A test that proves something: its name as a sentence, and the file it stands in."""

    file: str
    sentence: str


@cache
def chapters() -> dict[str, dict]:
    """Each letter with its ``title``, its ``about``, and a title for each of its numbers."""
    return tomllib.loads(TITLES.read_text())


def names() -> list[str]:
    """Every requirement there is, in the order of the page."""
    return [f"{letter}{number}" for letter in chapters() for number in _numbers(letter)]


def _numbers(letter: str) -> list[str]:
    return sorted(chapters()[letter]["titles"], key=int)


def proofs() -> dict[str, list[Proof]]:
    """The tests by what they prove."""
    found: dict[str, set[Proof]] = defaultdict(set)
    for path in sorted((ROOT / "tests").glob("**/test_*.py")):
        for name, proof in _proofs_in(path):
            found[name].add(proof)
    return {name: sorted(each) for name, each in found.items()}


def _proofs_in(path: Path) -> Iterator[tuple[str, Proof]]:
    tree = ast.parse(path.read_text(), filename=str(path))
    everywhere = [name for node in tree.body if _is_file_mark(node) for name in _marked(node)]
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            proof = Proof(str(path.relative_to(ROOT)), _sentence(node.name))
            own = (name for decorator in node.decorator_list for name in _marked(decorator))
            for name in (*everywhere, *own):
                yield name, proof


def _is_file_mark(node: ast.stmt) -> bool:
    return isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "pytestmark"


def _marked(node: ast.AST) -> Iterator[str]:
    """What the marks in a decorator, or in a list of them, name."""
    for part in ast.walk(node):
        if isinstance(part, ast.Call) and ast.unparse(part.func) == MARK:
            yield from (str(ast.literal_eval(argument)) for argument in part.args)


def _sentence(name: str) -> str:
    words = re.sub(r"\b[sbdiex]\d+\b", lambda found: found[0].upper(), name[5:].replace("_", " "))
    return words[:1].upper() + words[1:]


def draw() -> str:
    """The page."""
    found = proofs()
    parts = [_head(found)]
    for letter, chapter in chapters().items():
        parts.append(f"## {chapter['title']}\n\n{chapter['about'].strip()}")
        parts += [
            _section(f"{letter}{number}", chapter["titles"][number], found)
            for number in _numbers(letter)
        ]
    return "\n\n".join(parts) + "\n"


def _head(found: dict[str, list[Proof]]) -> str:
    known = names()
    tests = {proof for name in known for proof in found.get(name, ())}
    lines = [
        "# What giftweb must do, and the tests that prove it",
        "",
        "Made by `make docs` from the marks of the tests (`@pytest.mark.proves`) and the titles in",
        "[requirements.toml](requirements.toml); do not edit it by hand. A line is a test's name.",
        "A test runs on SQLite and on PostgreSQL, unless it needs no database or is marked for one",
        "of the two; those in tests/browser run on SQLite, for what a browser draws knows no",
        "database ([contributing](contributing.md#tests)).",
        "",
        "| | | with tests | without |",
        "|---|---|---|---|",
    ]
    for letter, chapter in chapters().items():
        numbers = _numbers(letter)
        missing = [int(number) for number in numbers if f"{letter}{number}" not in found]
        link = f"[{chapter['title']}](#{_anchor(chapter['title'])})"
        count = f"{len(numbers) - len(missing)} of {len(numbers)}"
        lines.append(f"| {letter} | {link} | {count} | {_ranges(letter, missing)} |")
    count = f"{sum(name in found for name in known)} of {len(known)}"
    lines.append(f"| | together, by {len(tests):,} tests | {count} | |")
    return "\n".join(lines)


def _ranges(letter: str, numbers: list[int]) -> str:
    """``B12, B13, B21 to B31``"""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    parts = []
    for run in runs:
        ends = [run[0], run[-1]] if len(run) > 1 else run
        named = [f"[{letter}{number}](#{letter.lower()}{number})" for number in ends]
        parts.append((" to " if len(run) > 2 else ", ").join(named))
    return ", ".join(parts)


def _anchor(title: str) -> str:
    return re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")


def _section(name: str, title: str, found: dict[str, list[Proof]]) -> str:
    lines = [f'### <a id="{name.lower()}"></a>{name} · {title}', ""]
    proved = found.get(name, [])
    lines += [f"- {each.sentence} ([{_short(each.file)}](../{each.file}))" for each in proved]
    if not proved:
        lines.append("No test is marked with it yet.")
    return "\n".join(lines)


def _short(file: str) -> str:
    return file.removeprefix("tests/").removesuffix(".py")
