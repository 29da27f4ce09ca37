"""The terms that Root has set; where none are set, the defaults hold."""

from typing import Any

from giftweb.database import transactional
from giftweb.domain import audit, house_settings
from giftweb.domain.audit.log import Actor
from giftweb.domain.limits import defaults
from giftweb.domain.limits.values import API_KEY, BONUS, Terms
from giftweb.errors import Invalid, NotAllowed
from giftweb.language import count_text, gettext
from giftweb.models import ROLES
from giftweb.money import exponent

_SETTING = "limits"
MOST_CODES = 10_000


def of(role: str, currency: str) -> Terms:
    """What holds for a role, for BONUS or API_KEY, in a currency.

    Raises: Invalid (no such currency).
    """
    found = _document()["money"].get(role, {}).get(currency)
    return defaults.of(role, currency) if found is None else Terms(**found)


def codes_of(role: str) -> int | None:
    """How many codes a person of a role may show or send elsewhere in a day; None: any number."""
    return _document()["codes"].get(role, defaults.codes_of(role))


def is_set(role: str, currency: str) -> bool:
    """Whether Root has set these terms."""
    return currency in _document()["money"].get(role, {})


def currencies() -> set[str]:
    """The currencies in which Root has set any terms."""
    return {currency for by_role in _document()["money"].values() for currency in by_role}


@transactional
def put(role: str, *, currency: str, terms: Terms, by: Actor) -> None:
    """Set what a role, BONUS or API_KEY may give in a currency.

    Raises: NotAllowed (only Root), Invalid (role, currency).
    """
    _require_root(by)
    _require_known(role, {*ROLES, BONUS, API_KEY})
    exponent(currency)
    figures = {"single": terms.single, "receiver": terms.receiver, "day": terms.day}
    document = _document()
    document["money"].setdefault(role, {})[currency] = figures
    _keep(document, by, role=role, currency=currency, **figures)


@transactional
def put_codes(role: str, *, count: int | None, by: Actor) -> None:
    """Set how many codes a person of a role may show or send elsewhere in a day; None: any number.

    Raises: NotAllowed (only Root), Invalid (role, count).
    """
    _require_root(by)
    _require_known(role, {*ROLES})
    if count is not None and not 0 <= count <= MOST_CODES:
        raise Invalid(
            gettext("Enter a number from 0 to {most_codes}.", most_codes=count_text(MOST_CODES)),
            field="codes",
        )
    document = _document()
    document["codes"][role] = count
    _keep(document, by, role=role, codes=count)


def _require_root(by: Actor) -> None:
    if by.role != "root":
        raise NotAllowed


def _require_known(role: str, known: set[str]) -> None:
    if role not in known:
        raise Invalid(gettext("Choose a role of the list."), field="role")


def _document() -> dict[str, Any]:
    return {"money": {}, "codes": {}} | (house_settings.get(_SETTING) or {})


def _keep(document: dict[str, Any], by: Actor, **data: Any) -> None:
    house_settings.put(_SETTING, document)
    audit.record(by=by, action="limit.set", subject=_SETTING, data=data)
