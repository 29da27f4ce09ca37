"""Pages, mails and refusals say one word for one thing: the style guide's table is kept."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tools.styleguide.words import WORDS, Word

pytestmark = [pytest.mark.no_database, pytest.mark.proves("E29", "E36")]

ROOT = Path(__file__).parent.parent / "giftweb"
SPOKEN = ("web", "blueprints", "domain", "gateways")
NOT_SAID = {"api", "import_formats.py"}
"""What programs read, and the columns of other systems."""
COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
CODE = re.compile(r"<(script|pre|code)\b.*?</\1>", re.DOTALL)


@cache
def texts() -> tuple[tuple[str, str], ...]:
    """(place, text) of all that people read."""
    return (*templates(), *sentences())


def templates() -> Iterator[tuple[str, str]]:
    """(name, text) of each template, without what is not read."""
    for path in sorted(ROOT.glob("templates/**/*.*")):
        if path.suffix in (".html", ".txt") and "api" not in path.parts:
            text = CODE.sub("", COMMENT.sub("", path.read_text()))
            yield str(path.relative_to(ROOT)), text


def sentences() -> Iterator[tuple[str, str]]:
    """(place, text) of each string of the code that has words in it, docstrings left out."""
    for folder in SPOKEN:
        for path in sorted((ROOT / folder).glob("**/*.py")):
            if NOT_SAID.isdisjoint(path.parts):
                yield from _strings_of(path)


def _strings_of(path: Path) -> Iterator[tuple[str, str]]:
    tree = ast.parse(path.read_text())
    silent = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
        if is_text and id(node) not in silent and " " in node.value.strip():
            yield f"{path.relative_to(ROOT)}:{node.lineno}", node.value


@pytest.mark.parametrize("word", WORDS, ids=lambda word: word.say)
def test_nothing_says_it_in_another_word(word: Word):
    found = [
        f"{place}: {found[0]!r}, say {word.say!r}"
        for place, text in texts()
        if (found := word.never.search(text))
    ]
    assert not found


@pytest.mark.parametrize("word", WORDS, ids=lambda word: word.say)
def test_the_table_finds_what_it_forbids_and_lets_pass_what_it_asks_for(word: Word):
    assert word.never.search(word.example)
    assert not word.never.search(word.say)
