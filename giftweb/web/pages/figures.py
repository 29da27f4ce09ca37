"""The figures of the desk's first page, for the role of whoever looks."""

from dataclasses import dataclass

from flask import url_for

from giftweb.domain import cards, desk, reports
from giftweb.domain.reports.dashboard import Amounts, Figure
from giftweb.language import count_text, gettext, lazy_gettext, ngettext
from giftweb.money import money_text
from giftweb.web.access import gate
from giftweb.web.text.words import status_label

LABELS = {
    "issued": lazy_gettext("Issued in 7 days"),
    "redeemed": lazy_gettext("Redeemed in 7 days"),
    "bonus_issued": lazy_gettext("Bonus issued in 7 days"),
    "bonus_redeemed": lazy_gettext("Bonus redeemed in 7 days"),
    "given": lazy_gettext("Given in 7 days"),
}
_OF_ROLE = {
    "finance": ("issued", "redeemed"),
    "root": ("issued", "redeemed"),
    "customer_service": ("given", "redeemed"),
    "customer_service_admin": ("given", "redeemed"),
    "marketing": ("bonus_issued", "bonus_redeemed"),
}
_MOST = 2
"""How many currencies stand side by side in a note."""


@dataclass(frozen=True, slots=True)
class Stat:
    """One figure in words, and where it leads."""

    label: str
    value: str
    note: str
    href: str


def for_role(role: str) -> list[Stat]:
    """What this role looks at first; nothing for one that looks at no sums."""
    if role not in _OF_ROLE:
        return []
    found = [_owed()] if gate.may_open("reports.show") else []
    found += [_stat(figure) for figure in reports.dashboard.figures(*_OF_ROLE[role])]
    if gate.may_open("awaited_payments.index"):
        found.append(_awaited())
    if gate.may_open("packing.index"):
        found.append(_to_pack())
    if gate.may_open("gift_cards.index"):
        found.append(_ending())
    return found


def _owed() -> Stat:
    owed = reports.dashboard.owed()
    cards = sum(count for _, count in owed)
    note = ngettext("on {count} card", "on {count} cards", cards)
    place = url_for("reports.show", name="liability")
    return _with_others(gettext("Owed now"), tuple(amount for amount, _ in owed), note, place)


def _stat(figure: Figure) -> Stat:
    note = gettext(
        "{today} today; {before} in the 7 days before",
        today=_text(figure.today),
        before=_text(figure.before),
    )
    href = url_for("reports.show", name="movements") if gate.may_open("reports.show") else ""
    return _with_others(str(LABELS[figure.name]), figure.week, note, href)


def _awaited() -> Stat:
    awaited = reports.dashboard.awaited()
    note = ngettext("{count} payment has not come", "{count} payments have not come", awaited.count)
    place = url_for("awaited_payments.index")
    return _with_others(gettext("Awaited"), awaited.amounts, note, place)


def _to_pack() -> Stat:
    count, is_exact = desk.packing.how_many()
    note = ngettext("order to pack", "orders to pack", count if is_exact else 2)
    return Stat(gettext("Packing"), _at_least(count, is_exact), note, url_for("packing.index"))


def _ending() -> Stat:
    count, is_exact = cards.search.how_many_end_soon()
    note = ngettext("gift card with money on it", "gift cards with money on them", count)
    place = url_for("gift_cards.index", status=cards.search.ENDING, mode="live", sort="expires")
    return Stat(status_label(cards.search.ENDING), _at_least(count, is_exact), note, place)


def _at_least(count: int, is_exact: bool) -> str:
    return count_text(count) + ("" if is_exact else "+")


def _with_others(label: str, amounts: Amounts, note: str, href: str) -> Stat:
    """The first amount is the figure; what there is in other currencies stands in the note."""
    others = _text(amounts[1:])
    if amounts[1:]:
        note = gettext("and {amounts}; {note}", amounts=others, note=note)
    return Stat(label, _text(amounts[:1]), note, href)


def _text(amounts: Amounts) -> str:
    """The amounts side by side; a dash for none, and of many currencies how many more."""
    amounts_text = " · ".join(money_text(amount) for amount in amounts[:_MOST])
    if len(amounts) > _MOST:
        amounts_text += f" · +{count_text(len(amounts) - _MOST)}"
    return amounts_text or "–"
