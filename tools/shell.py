"""A Python shell inside the program: ``make shell``.

At hand are the application, its tables by their names (``GiftCard``), the packages of the domain
(``cards``, ``orders``), ``clock``, ``database``, ``models`` and ``Money``. What comes through a
pipe is run as a script: ``echo 'print(GiftCard.select().count())' | make shell``.
"""

import code
import importlib
import pkgutil
import sys
from contextlib import suppress
from typing import Any

from flask import Flask

from app import create_app
from giftweb import clock, database, domain, installation, models
from giftweb.errors import DomainError
from giftweb.money import Money

BANNER = """\
giftweb on {engine}. At hand: app, models and their tables, clock, database, Money,
{packages}.
Verbs want to know who acts: by=audit.SYSTEM. Ctrl-D leaves."""


def packages() -> dict[str, Any]:
    """The packages of the domain by their names."""
    names = (module.name for module in pkgutil.iter_modules(domain.__path__))
    return {name: importlib.import_module(f"{domain.__name__}.{name}") for name in names}


def names(app: Flask) -> dict[str, Any]:
    """What is at hand in the shell."""
    tables = {table.__name__: table for table in models.TABLES}
    known = {"app": app, "clock": clock, "database": database, "models": models, "Money": Money}
    return {**packages(), **tables, **known}


def main() -> int:
    """Talk to whoever types, or run what comes through a pipe."""
    try:
        app = create_app()
        installation.check(app.config["GIFTWEB"])
    except (RuntimeError, ValueError, DomainError) as problem:
        print(problem, file=sys.stderr)
        return 1
    with app.app_context():
        if sys.stdin.isatty():
            with suppress(ImportError):
                importlib.import_module("readline")  # The arrow keys find what was typed before.
            engine = "PostgreSQL" if database.is_postgres() else "SQLite"
            banner = BANNER.format(engine=engine, packages=", ".join(packages()))
            code.interact(banner, local=names(app), exitmsg="")
        else:
            exec(compile(sys.stdin.read(), "<stdin>", "exec"), names(app))
    database.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
