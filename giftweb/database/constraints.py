"""What a broken constraint means: its name, and the error that a person reads.

Where two at once may both have looked before either wrote, no check holds: the constraint refuses
the second, and the transaction raises what the module of that table has declared here.
"""

import re
from typing import Any

import peewee

from giftweb.errors import DomainError

_errors: dict[str, tuple[type[DomainError], tuple, dict[str, Any]]] = {}


def declare(constraint: str, error: type[DomainError], *args: Any, **details: Any) -> None:
    """Raise this error, with these arguments, whenever the constraint is broken."""
    _errors[constraint] = (error, args, details)


def error_of(problem: peewee.IntegrityError) -> DomainError | None:
    """The error that was declared for the broken constraint."""
    found = _errors.get(name_of(problem))
    if found is None:
        return None
    error, args, details = found
    return error(*args, **details)


def name_of(problem: peewee.IntegrityError) -> str:
    """The name of the broken constraint.

    SQLite names the columns of a unique index instead; the name is then the one that peewee gives
    such an index. A foreign key has no name there.
    """
    cause = problem.__cause__ or problem.__context__
    name = getattr(getattr(cause, "diag", None), "constraint_name", None)
    return name or _index_name(str(problem).rpartition("failed: ")[2])


_COLUMNS = re.compile(r"\w+\.\w+(, \w+\.\w+)*")


def _index_name(columns: str) -> str:
    if not _COLUMNS.fullmatch(columns):
        return columns
    tables, names = zip(*(column.split(".") for column in columns.split(", ")), strict=True)
    return "_".join((tables[0], *names))
