"""A shop's statement of settlement in words: on a page, on paper, as a file."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from flask import Response

from giftweb import clock, days
from giftweb.domain import campaigns, json_values
from giftweb.domain.reports import statements
from giftweb.domain.reports.statements import Section, Statement
from giftweb.language import gettext
from giftweb.money import Money, money_text
from giftweb.web.pages import downloads, paper

if TYPE_CHECKING:
    from giftweb.web.present.statement_paper import Document

HEADER = (
    *("at", "issued_by", "taken_by", "kind", "card", "order_reference", "amount", "currency"),
    "transaction_id",
)


def names() -> dict[str | None, str]:
    """Who settles, by id; None: whoever issued cards of no campaign. As the subject of a sentence
    "No campaign" would say that nobody owes."""
    named: dict[str | None, str] = {each.id: each.name for each in campaigns.find_all()}
    return named | {None: gettext("Head office (no campaign)")}


def title_of(section: Section, named: dict[str | None, str]) -> str:
    """Whose cards, and who took them."""
    return gettext(
        "Gift cards of {issuer}, taken by {acceptor}",
        issuer=named[section.issuer_id],
        acceptor=named[section.acceptor_id],
    )


def balance_text(shop: str, other: str, amount: Money) -> str:
    """Who owes whom, in a sentence."""
    if not amount:
        return gettext("{shop} and {other} are even.", shop=shop, other=other)
    debtor, creditor = (other, shop) if amount.minor > 0 else (shop, other)
    owed = money_text(max(amount, -amount))
    return gettext(
        "{debtor} owes {creditor} {amount}.", debtor=debtor, creditor=creditor, amount=owed
    )


def balances(statement: Statement, named: dict[str | None, str]) -> list[str]:
    """Each balance in a sentence."""
    shop = named[statement.shop_id]
    return [balance_text(shop, named[each.other_id], each.amount) for each in statement.balances]


def rows(statement: Statement) -> Iterator[tuple[object, ...]]:
    """Every transfer of it, for a file."""
    named = names()
    for entry in statements.entries(statement.shop_id, statement.wanted):
        yield (
            json_values.instant(entry.at),
            named[entry.issuer_id],
            named[entry.acceptor_id],
            entry.kind,
            entry.last4,
            entry.order_reference,
            entry.amount,
            entry.amount.currency,
            entry.transaction_id,
        )


def file_name(statement: Statement, suffix: str) -> str:
    """The name of a file of it."""
    wanted = statement.wanted
    return f"settlement-{statement.shop_id}-{wanted.first_on}-to-{wanted.last_on}.{suffix}"


def answer(statement: Statement) -> Response:
    """The statement as a PDF that a browser shows or saves."""
    # The library that draws it is imported when one is drawn.
    from giftweb.web.present import statement_paper

    document = _document(statement, names())
    return Response(
        statement_paper.draw(document, paper=paper.chosen()),
        mimetype="application/pdf",
        headers=downloads.saved_as(file_name(statement, "pdf"), disposition="inline"),
    )


def _document(statement: Statement, named: dict[str | None, str]) -> "Document":
    from giftweb.web.present.statement_paper import Document, Table

    wanted, shop = statement.wanted, named[statement.shop_id]
    first, last = days.day_text(wanted.first_on), days.day_text(wanted.last_on)
    heads = (gettext("Day"), gettext("Redeemed"), gettext("Refunded"), gettext("Owed"))
    tables = []
    for section in statement.sections:
        lines = [
            (days.day_text(line.on), *map(money_text, (line.redeemed, line.refunded, line.owed)))
            for line in section.lines
        ]
        total = section.total
        sums = (gettext("Sum"), *map(money_text, (total.redeemed, total.refunded, total.owed)))
        tables.append(Table(title_of(section, named), heads, lines, sums))
    drawn_on = days.day_text(days.day_of(clock.now(), wanted.zone))
    return Document(
        title=gettext("Statement of settlement"),
        lines=[
            shop,
            gettext("{first} to {last}", first=first, last=last) + f" ({wanted.zone})",
            gettext("Drawn up on {day}", day=drawn_on),
        ],
        results=balances(statement, named) or [gettext("Nothing to settle in these days.")],
        tables=tables,
        foot=f"{shop} · {first} – {last}",
    )
