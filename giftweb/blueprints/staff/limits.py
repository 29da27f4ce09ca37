"""Above which amounts another person has to look, by role and currency. Only Root."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass

from flask import Blueprint, Response, request, url_for

from giftweb import money
from giftweb.domain import campaigns, desk, limits
from giftweb.errors import Invalid, NotFound
from giftweb.language import gettext, lazy_gettext
from giftweb.money import Money
from giftweb.web import forms, pages
from giftweb.web.access import actors
from giftweb.web.access.confirmation import confirmed
from giftweb.web.forms.currencies import CurrencyForm
from giftweb.web.forms.limits import LimitForm
from giftweb.web.http import htmx
from giftweb.web.text.words import status_label

blueprint = Blueprint("limits", __name__, url_prefix="/staff/approvals/limits")

ROLES = ("cashier", "customer_service", "customer_service_admin", "finance", "root")
"""Who gives anything; finance does by recording receipts."""

OTHERS = {
    limits.API_KEY: lazy_gettext("A live API key made here"),
    limits.BONUS: lazy_gettext("Bonus cards of a campaign"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """What one role may give in a currency; None: no limit."""

    role: str
    name: str
    single: Money | None
    receiver: Money | None
    day: Money | None
    codes: int | None
    is_set: bool


@blueprint.get("")
def index() -> Response:
    """All limits in the currencies of the campaigns, in those with limits, and in one more."""
    found = {campaign.currency for campaign in campaigns.find_all()} | limits.terms.currencies()
    if request.args.get("currency"):
        found.add(forms.fields.known_currency(request.args["currency"]))
    rows = (*ROLES, *OTHERS)
    tables = {each: [_row(role, each) for role in rows] for each in sorted(found or {"USD"})}
    form = CurrencyForm(request.args, meta={"csrf": False})
    return htmx.render("limits/list.html", "limits/_limits.html", tables=tables, form=form)


@blueprint.route("/<role>/<currency>", methods=["GET", "POST"])
@confirmed
def edit(role: str, currency: str) -> Response:
    """The limits of one role in a currency."""
    _require_known(role, currency)
    row, terms = _row(role, currency), limits.terms.of(role, currency)
    before = (*astuple(terms), row.codes)
    form = LimitForm.of(role, currency, terms, row.codes)

    def work() -> Response:
        codes = form.codes.data if form.codes else None
        desk.house_limits.put(
            role, currency=currency, terms=form.terms, codes=codes, by=actors.current()
        )
        message = _what_changed(row.name, currency, before, (*astuple(form.terms), codes))
        return htmx.redirect_to(url_for("limits.index", currency=currency), message=message)

    return pages.action.run(form, work, lambda status: _panel(row, currency, form, status))


def _what_changed(
    name: str, currency: str, before: Sequence[int | None], after: Sequence[int | None]
) -> str:
    if all(limit is None for limit in after):
        return gettext(
            "{name}: there is no limit in {currency} any more.", name=name, currency=currency
        )
    if any(old is not None and new is None for old, new in zip(before, after, strict=True)):
        return gettext(
            "{name}: the limits in {currency} are changed. What you left empty has no limit.",
            name=name,
            currency=currency,
        )
    return gettext("{name}: the limits in {currency} are set.", name=name, currency=currency)


def _panel(row: Row, currency: str, form: LimitForm, status: int) -> Response:
    page, partial = "limits/edit.html", "limits/_edit.html"
    return htmx.render(page, partial, status=status, row=row, currency=currency, form=form)


def _require_known(role: str, currency: str) -> None:
    if role not in (*ROLES, *OTHERS):
        raise NotFound
    try:
        money.exponent(currency)
    except Invalid as error:
        raise NotFound from error


def _row(role: str, currency: str) -> Row:
    def money_of(minor: int | None) -> Money | None:
        return None if minor is None else Money(minor, currency)

    terms = limits.terms.of(role, currency)
    return Row(
        role=role,
        name=str(OTHERS.get(role) or status_label(role)),
        single=money_of(terms.single),
        receiver=money_of(terms.receiver),
        day=money_of(terms.day),
        codes=None if role in OTHERS else limits.terms.codes_of(role),
        is_set=limits.terms.is_set(role, currency),
    )
