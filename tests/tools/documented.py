"""Every command that a document, the Makefile or a help text tells people to type."""

import re
from collections.abc import Iterator
from pathlib import Path

import click

ROOT = Path(__file__).parent.parent.parent
DOCUMENTS = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *sorted((ROOT / "docs").glob("**/*.md")),
]
CODE = sorted(
    path
    for pattern in ("*.py", "giftweb/**/*.py", "tools/**/*.py", "tests/**/*.py", "bench/*.py")
    for path in ROOT.glob(pattern)
)
START = re.compile(r"(?:[A-Z_]+=\S+ +)*(?:make|flask|python3?|\.venv/bin/\w+)(?= |$)|echo .*\| ")
FENCED = re.compile(r"^ *```\w*\n(.*?)^ *```", re.DOTALL | re.MULTILINE)
REMARK = re.compile(r"\s{3,}\S.*$| \[[^]]*\]$")
"""What stands behind a command to explain it, or for what may be added to it."""

Written = Iterator[tuple[str, str]]


def commands() -> dict[str, str]:
    """Each command, with the first place where it stands."""
    found: dict[str, str] = {}
    for where, text in (*_in_documents(), *_in_code(), *_in_makefile()):
        command = REMARK.sub("", " ".join(text.split()) if "\n" in text else text).strip()
        if START.match(command):
            found.setdefault(command, where)
    return found


def _in_documents() -> Written:
    for path in DOCUMENTS:
        text, where = path.read_text(), str(path.relative_to(ROOT))
        for block in re.findall(FENCED, text):
            yield from ((where, line) for line in block.replace("\\\n", " ").splitlines())
        prose = re.sub(FENCED, "", text)
        yield from ((where, quoted) for quoted in re.findall(r"`([^`]+)`", prose))


def _in_code() -> Written:
    for path in CODE:
        where = str(path.relative_to(ROOT))
        for quoted, typed in re.findall(r"``([^`]+)``|^ {4}(\.venv/.+)$", path.read_text(), re.M):
            yield where, quoted or typed


def _in_makefile() -> Written:
    """Every target alone, and with what its help says that it takes."""
    text = (ROOT / "Makefile").read_text()
    for target, about in re.findall(r"^([a-z-]+):.*?## (.*)$", text, re.MULTILINE):
        yield "Makefile", f"make {target}"
        for variable in re.findall(r"\(([A-Z]+=.+)\)", about):
            yield "Makefile", f"make {target} {variable}"


def helps(command: click.Command, context: click.Context) -> Written:
    """The help of a command and of all below it, by the command's name."""
    yield context.command_path, command.get_help(context)
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None, name
            yield from helps(below, click.Context(below, info_name=name, parent=context))
