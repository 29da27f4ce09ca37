"""Closed months and accounts in words."""

from giftweb import days
from giftweb.domain import books, time_zones
from giftweb.domain.books.closing import Closed
from giftweb.language import gettext, lazy_gettext

ABOUT = {
    "gift_cards": lazy_gettext("What is owed on gift cards"),
    "sales": lazy_gettext("Cards and recharges that were sold"),
    "goodwill": lazy_gettext("Cards and recharges that were given"),
    "promotions": lazy_gettext("Bonuses, and what was given to promote sales"),
    "imports": lazy_gettext("What was owed by another system before"),
    "adjustments": lazy_gettext("Corrections"),
    "redemptions": lazy_gettext("What orders took from gift cards"),
    "breakage": lazy_gettext("What has expired"),
    "cash_out": lazy_gettext("Rests that were paid out"),
    "replacements": lazy_gettext("From a card to the one that replaces it"),
    "single_purpose_cards": lazy_gettext("What is owed on single-purpose vouchers"),
    "tax_paid_ahead": lazy_gettext("VAT of single-purpose vouchers that are not redeemed yet"),
    "tax_due": lazy_gettext("VAT that is due for single-purpose vouchers"),
}
"""What each account of ours is for."""

FORMS = {
    "journal": lazy_gettext("Journal (CSV)"),
    "datev": lazy_gettext("DATEV Buchungsstapel"),
    "ledger": lazy_gettext("General ledger (CSV)"),
}


def closed_text(closed: Closed) -> str:
    """That a month was closed."""
    return gettext("{month} is closed.", month=days.month_text(closed.month))


def saved_text() -> str:
    """That the accounts were named."""
    return gettext("Saved. Files from now on have these names.")


def open_months() -> list[str]:
    """This month and the two before, unless they are closed: their journal can be exported."""
    first = days.today(time_zones.of_house()).replace(day=1)
    found = []
    for _ in range(3):
        found.append(first.isoformat()[:7])
        first = days.later(first, -1).replace(day=1)
    done = {each.month for each in books.closing.closed()}
    return [month for month in found if month not in done]
