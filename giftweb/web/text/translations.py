"""Texts in templates: ``{{ _("{amount} is left.", amount=card.balance) }}``.

In HTML a message is HTML that we wrote, and the values that fill it are escaped. So a message is
always written out in the template, never a variable; tests/test_house.py looks at every one.
"""

from collections.abc import Iterable
from typing import Any

from flask import Flask
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup

from giftweb import language


@pass_eval_context
def gettext(context: EvalContext, message: str, /, **values: Any) -> str:
    """The message in the reader's language."""
    if not context.autoescape:
        return language.gettext(message, **values)
    return _filled(language.gettext(message), values)


@pass_eval_context
def ngettext(context: EvalContext, one: str, many: str, number: int, /, **values: Any) -> str:
    """The message for so many; ``{count}`` is the number."""
    if not context.autoescape:
        return language.ngettext(one, many, number, **values)
    return _filled(
        language.plural(one, many, number), values | {"count": language.count_text(number)}
    )


@pass_eval_context
def pgettext(context: EvalContext, meaning: str, message: str, /, **values: Any) -> str:
    """The message where its words mean different things."""
    if not context.autoescape:
        return language.pgettext(meaning, message, **values)
    return _filled(language.pgettext(meaning, message), values)


def _filled(text: str, values: dict[str, Any]) -> Markup:
    html = Markup(text)  # noqa: S704 - a message of ours
    return html.format(**values) if values else html


def listed(parts: Iterable[str]) -> str:
    """The parts as one says them: ``$5.00, €3.00 and $1.00``; HTML when they are."""
    found = list(parts)
    text = language.list_text(found)
    is_html = all(isinstance(part, Markup) for part in found)
    return Markup(text) if is_html else text  # noqa: S704 - put together from what is HTML already


def install(app: Flask) -> None:
    """Give the app's templates the texts of the language now."""
    app.jinja_env.filters["listed"] = listed
    app.jinja_env.globals.update(
        _=gettext,
        ngettext=ngettext,
        pgettext=pgettext,
        count_text=language.count_text,
        language_now=language.current,
    )
