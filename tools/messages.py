"""The catalogues of the languages: ``make messages`` brings them up to date with the texts.

A text that is new is added to each catalogue, not translated yet; one that is gone is removed. They
are sorted and name no lines of code, so that two people who add texts seldom meet.
``--check`` names what is missing, unused, or has other placeholders or tags than the English.
"""

import argparse
import ast
import io
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from giftweb import errors, language

ROOT = Path(__file__).parent.parent
TRANSLATIONS = ROOT / "giftweb" / "translations"
KEYWORDS = {
    "_": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "plural": (1, 2),
    "pgettext": ((1, "c"), 2),
}
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2"), ("templates/**.txt", "jinja2")]
WIDTH = 100

_CHANGING = re.compile(r'^"(?!Language:|Plural-Forms:|MIME|Content-)[A-Z][A-Za-z-]+: .*\n', re.M)
"""The header's lines that say when and by whom, which the history knows better."""

_TAG = re.compile(r"</?[a-z][^>]*>")

Text = str | tuple[str, ...] | list[str] | None


def language_names() -> list[str]:
    """The languages that have a catalogue."""
    return [name for name in language.LANGUAGES if name != language.ENGLISH]


def path_of(name: str) -> Path:
    """Where the catalogue of a language is."""
    return TRANSLATIONS / name / "LC_MESSAGES" / "messages.po"


def extracted() -> Catalog:
    """Every text of the program."""
    catalog = Catalog(charset="utf-8")
    options = {"jinja2": {"trimmed": "true", "silent": "false"}}
    found = extract_from_dir(
        ROOT / "giftweb", METHODS, options, keywords=KEYWORDS, directory_filter=_is_ours
    )
    for _, _, message, _, context in found:
        catalog.add(message, context=context)
    for sentence in _sentences_of_errors():
        catalog.add(sentence)
    return catalog


def _is_ours(folder: str | os.PathLike[str]) -> bool:
    """Every folder: Babel leaves out what begins with an underscore, where the macros are."""
    return not Path(folder).name.startswith(("__", "."))


def _sentences_of_errors() -> Iterator[str]:
    """The docstrings of the errors, wherever they are defined."""
    families = {errors.DomainError.__name__}
    trees = [ast.parse(path.read_text()) for path in sorted((ROOT / "giftweb").glob("**/*.py"))]
    classes = [n for tree in trees for n in ast.walk(tree) if isinstance(n, ast.ClassDef)]
    while True:
        new = [
            node
            for node in classes
            if node.name not in families
            and any(isinstance(base, ast.Name) and base.id in families for base in node.bases)
        ]
        if not new:
            return
        families |= {node.name for node in new}
        yield from (" ".join((ast.get_docstring(node) or "").split()) for node in new)


def update() -> None:
    """Bring every catalogue up to date."""
    template = extracted()
    for name in language_names():
        catalog = _read(name)
        catalog.update(template, no_fuzzy_matching=True)
        catalog.obsolete.clear()
        path_of(name).parent.mkdir(parents=True, exist_ok=True)
        path_of(name).write_text(_written(catalog))
        open_count = sum(1 for message in catalog if message.id and not _is_whole(message))
        print(f"{name}: {len(catalog)} texts, {open_count} not translated")


def _read(name: str) -> Catalog:
    path = path_of(name)
    if not path.exists():
        return Catalog(locale=name, charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=name, charset="utf-8")


def _written(catalog: Catalog) -> str:
    catalog.header_comment, catalog.fuzzy = f"# giftweb in {catalog.locale.english_name}.", False
    written = io.BytesIO()
    write_po(written, catalog, width=WIDTH, no_location=True, sort_output=True)
    header, texts = written.getvalue().decode().split("\n\n", 1)
    return f"{_CHANGING.sub('', header + chr(10))}\n{texts}"


def faults() -> Iterator[str]:
    """What is wrong in a catalogue, a line each."""
    template = extracted()
    wanted = {(message.context, message.id): message for message in template if message.id}
    for name in language_names():
        kept = {(message.context, message.id): message for message in _read(name) if message.id}
        yield from (f"{name}: missing: {key[1]!r}" for key in wanted.keys() - kept.keys())
        yield from (f"{name}: unused: {key[1]!r}" for key in kept.keys() - wanted.keys())
        for key in kept.keys() & wanted.keys():
            message = kept[key]
            if not _is_whole(message):
                yield f"{name}: not translated: {message.id!r}"
            elif problem := _difference(message):
                yield f"{name}: {problem}: {message.id!r}"


def _is_whole(message: Message) -> bool:
    found = _strings(message.string)
    return bool(found) and all(found)


def _strings(text: Text) -> list[str]:
    return [text] if isinstance(text, str) else list(text or ())


def _difference(message: Message) -> str:
    """What a translation has that its English has not, or the other way round."""
    many = _strings(message.id)[-1]
    for text in _strings(message.string):
        if _fields(text) != _fields(many) and _fields(text) | {"count"} != _fields(many):
            return "other placeholders"
        if sorted(_TAG.findall(text)) != sorted(_TAG.findall(many)):
            return "other tags"
    return ""


def _fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def reader() -> argparse.ArgumentParser:
    """What the command takes."""
    parser = argparse.ArgumentParser(prog="python -m tools.messages")
    parser.add_argument(
        "--check", action="store_true", help="write nothing; 1 when one is not whole"
    )
    return parser


def main() -> None:
    """Update, or with ``--check`` print the faults and fail if there are any."""
    if not reader().parse_args().check:
        update()
    elif found := sorted(faults()):
        sys.exit("\n".join([*found, "Run `make messages` and translate what is missing."]))


if __name__ == "__main__":
    main()
