"""Which shop has written a file of cards, by its headings; their headings in our words (B8).

A heading is compared without capitals, blanks at the edge, underscores and question marks.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from giftweb.domain.cards import exported
from giftweb.domain.cards.import_terms import AUTO, Terms
from giftweb.domain.csv_sheets import BadCell, refuse
from giftweb.errors import Invalid
from giftweb.language import gettext
from giftweb.models import FUNDING

COLUMNS = (
    *("amount", "balance", "currency", "code", "last4", "id", "status", "is_enabled", "is_expired"),
    *("holder_email", "holder_name", "expires_on", "note", "message", "test", "send_email"),
    *("source", "campaign_id", "bound_to_holder", "tags", "pin", "voucher_tax", *FUNDING),
)
"""All that is read of a file."""

_IGNORED = ""
_UNNAMED = re.compile(r"[\s_?*:]+")


def plain(heading: str) -> str:
    """A heading as headings are compared."""
    return _UNNAMED.sub(" ", heading).strip().lower()


@dataclass(frozen=True, slots=True)
class Format:
    """The file of a shop. ``needed``: the headings by which it is known, one of each group.

    ``is_strict``: a heading that we do not know is a mistake, and nothing to leave out.
    """

    name: str
    title: str
    headings: Mapping[str, str]
    needed: tuple[frozenset[str], ...]
    is_strict: bool = False

    def fits(self, found: Sequence[str]) -> bool:
        """Whether a file with these headings is this shop's."""
        return all(group & set(found) for group in self.needed)


def _any(*names: str) -> frozenset[str]:
    return frozenset(names)


_CODE = dict.fromkeys(
    ("code", "gift card code", "gift card number", "card number", "number"), "code"
)
_HOLDER = {
    "recipient email": "holder_email",
    "recipient e-mail": "holder_email",
    "customer email": "holder_email",
    "email": "holder_email",
    "recipient name": "holder_name",
    "customer name": "holder_name",
}
_END = dict.fromkeys(
    (
        *("expires on", "expires at", "expires"),
        *("expiration date", "expiry date", "expire date"),
    ),
    "expires_on",
)

GIFTWEB = Format(
    "giftweb",
    "giftweb",
    {plain(name): name for name in COLUMNS}
    | {"email": "holder_email", "name": "holder_name"}
    | {plain(name): _IGNORED for name in exported.COLUMNS if name not in COLUMNS},
    (_any("amount", "balance"),),
    is_strict=True,
)
SHOPIFY = Format(
    "shopify",
    "Shopify",
    _CODE
    | _HOLDER
    | _END
    | {
        "last characters": "last4",
        "initial balance": "amount",
        "initial value": "amount",
        "current balance": "balance",
        "balance": "balance",
        "currency": "currency",
        "expired": "is_expired",
        "enabled": "is_enabled",
        "note": "note",
        "message": "message",
    },
    (
        _any("initial balance", "initial value"),
        _any("current balance", "balance"),
        _any("last characters", "expired", "enabled", "disabled at"),
    ),
)
SQUARE = Format(
    "square",
    "Square",
    _CODE
    | _HOLDER
    | _END
    | {
        "gan": "code",
        "gift card account number": "code",
        "gift card gan": "code",
        "account number": "code",
        "balance": "balance",
        "current balance": "balance",
        "remaining balance": "balance",
        "balance amount": "balance",
        "balance money amount": "balance",
        "currency": "currency",
        "balance money currency": "currency",
        "state": "status",
        "status": "status",
        "card status": "status",
    },
    (
        _any(
            "gan", "gift card account number", "gift card gan", "account number", "gift card number"
        ),
        _any(
            "balance",
            "current balance",
            "remaining balance",
            "balance amount",
            "balance money amount",
        ),
    ),
)
WOOCOMMERCE = Format(
    "woocommerce",
    "WooCommerce",
    _CODE
    | _HOLDER
    | _END
    | {
        "recipient": "holder_email",
        "issued value": "amount",
        "amount": "amount",
        "balance": "balance",
        "remaining": "remaining",
        "remaining balance": "remaining",
        "currency": "currency",
        "status": "status",
        "active": "is_enabled",
        "is active": "is_enabled",
        "message": "message",
        "note": "note",
        "notes": "note",
    },
    (
        _any("code", "gift card number", "number"),
        _any("balance", "remaining", "remaining balance", "amount"),
        _any(
            "expiration date",
            "expire date",
            "expires",
            "recipient",
            "recipient email",
            "is active",
            "active",
        ),
    ),
)
FORMATS = {each.name: each for each in (GIFTWEB, SHOPIFY, SQUARE, WOOCOMMERCE)}


def recognised(headings: Sequence[str], *, wanted: str = AUTO) -> Format:
    """The format of a file with these headings: the one that knows most of them.

    Raises: Invalid (no such format).
    """
    if wanted != AUTO:
        if wanted not in FORMATS:
            raise Invalid(
                gettext("Choose one of: {formats}.", formats=", ".join(FORMATS)), field="format"
            )
        return FORMATS[wanted]
    found = [plain(heading) for heading in headings if heading.strip()]
    if all(heading in GIFTWEB.headings for heading in found):
        return GIFTWEB
    fitting = [each for each in FORMATS.values() if each.fits(found) and not each.is_strict]
    known = [sum(heading in each.headings for heading in found) for each in fitting]
    return fitting[known.index(max(known))] if fitting else GIFTWEB


def columns_of(headings: Sequence[str], terms: Terms, *, has_currency: bool) -> list[str]:
    """Our column for each heading of a file; empty where it is left out.

    ``has_currency``: it is known without a column of the file.

    Raises: RowsRefused for a strange, a repeated or a missing one; Invalid (mapping).
    """
    format = recognised(headings, wanted=terms.format)
    chosen = _chosen(terms.mapping, headings)
    is_strict = format.is_strict and not chosen
    bad, columns = list[BadCell](), list[str]()
    for heading in headings:
        name = plain(heading)
        column = chosen.get(name, format.headings.get(name))
        if column is None and is_strict:
            bad.append(
                BadCell(
                    1, heading.strip() or gettext("a column"), gettext("there is no such column")
                )
            )
        columns.append(column or _IGNORED)
    columns = of_what_is_left(columns)
    bad += [
        BadCell(1, column, gettext("the column stands there twice"))
        for column in dict.fromkeys(columns)
        if column and columns.count(column) > 1
    ]
    if not {"amount", "balance"} & set(columns):
        bad.append(BadCell(1, "amount", gettext("the column is missing")))
    if "currency" not in columns and not (has_currency and columns):
        bad.append(BadCell(1, "currency", gettext("the column is missing")))
    refuse(bad)
    return columns


def _chosen(mapping: Mapping[str, str], headings: Sequence[str]) -> dict[str, str]:
    """The columns that somebody has chosen, by heading.

    Raises: Invalid.
    """
    found = {plain(heading) for heading in headings}
    chosen = {}
    for heading, wanted in mapping.items():
        column = GIFTWEB.headings.get(plain(wanted), wanted)
        if plain(heading) not in found:
            raise Invalid(
                gettext("The file has no column {heading}.", heading=heading), field="map"
            )
        if column and column not in COLUMNS:
            raise Invalid(
                gettext("There is no column {column} to map to.", column=wanted), field="map"
            )
        chosen[plain(heading)] = column
    return chosen


def of_what_is_left(columns: list[str]) -> list[str]:
    """Where a file has what is left beside ``balance``, the balance is what was issued."""
    if "remaining" not in columns:
        return columns
    left = {"balance": "amount", "remaining": "balance"}
    if "amount" in columns:
        left["balance"] = _IGNORED
    return [left.get(column, column) for column in columns]
