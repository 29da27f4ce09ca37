"""The journal of a month as a file for the accountant, and what was exported when (B30)."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from giftweb import clock, days, ids, money
from giftweb.database import records, transactional
from giftweb.domain import audit, csv_sheets, reports, time_zones
from giftweb.domain.audit.log import Actor
from giftweb.domain.books import accounts, closing, datev, entries
from giftweb.domain.books.accounts import Accounts
from giftweb.domain.books.entries import Entry
from giftweb.domain.reports import Wanted
from giftweb.errors import Invalid
from giftweb.language import gettext
from giftweb.models import BookExport
from giftweb.money import Money

JOURNAL, DATEV, LEDGER = "journal", "datev", "ledger"
FORMS = (JOURNAL, DATEV, LEDGER)
"""Our own CSV, a DATEV Buchungsstapel, and the CSV that general ledgers such as QuickBooks and Xero
import."""

LISTED = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """A file that was taken."""

    id: str
    at: datetime
    by: str
    form: str
    first_on: date
    last_on: date
    entries: int
    digest: str
    grouped_by: str | None = None


@dataclass(frozen=True, slots=True)
class File:
    """What is downloaded."""

    name: str
    content: bytes


def export(
    month: str, form: str, *, grouped_by: str, currency: str | None = None, by: Actor
) -> File:
    """The journal of a month in one of FORMS, by day or by transfer; that it was taken is kept.

    Raises: Invalid when accounts have no number yet, or there are several currencies and DATEV
    wants one.
    """
    wanted = _days_of(month)
    found = entries.find(wanted, by=grouped_by)
    if currency:
        found = [entry for entry in found if entry.amount.currency == currency]
    content = _WRITERS[form](found, accounts.find(), wanted)
    name = f"{'EXTF_Buchungsstapel' if form == DATEV else form}-{month}.csv"
    _keep(form, wanted, found, content, grouped_by=grouped_by, by=by)
    return File(name, content)


def newest() -> list[Export]:
    """The files that were taken last, newest first."""
    found = records.select(Export, BookExport).order_by(BookExport.id.desc())
    return list(found.limit(LISTED))


def currencies() -> list[str]:
    """The currencies that the books have, of which a file for DATEV has one."""
    moved = reports.books.Books(time_zones.of_house()).sums("currency")
    return sorted(currency for (currency,) in moved)


def _days_of(month: str) -> Wanted:
    """The days of a month: of a closed one in the zone in which it was closed."""
    zone = {each.month: each.time_zone for each in closing.closed()}.get(month)
    first_on = closing.first_day(month)
    last_on = days.later(closing.first_day(days.later(first_on, 31).isoformat()[:7]), -1)
    return reports.values.Wanted(
        as_of=last_on, first_on=first_on, last_on=last_on, zone=zone or time_zones.of_house()
    )


@transactional
def _keep(
    form: str,
    wanted: Wanted,
    found: Sequence[Entry],
    content: bytes,
    *,
    grouped_by: str,
    by: Actor,
) -> None:
    kept = Export(
        id=ids.new("bex"),
        at=clock.now(),
        by=by.id,
        form=form,
        first_on=wanted.first_on,
        last_on=wanted.last_on,
        entries=len(found),
        digest=hashlib.sha256(content).hexdigest(),
        grouped_by=grouped_by,
    )
    data = {"form": form, "month": wanted.first_on.isoformat()[:7], "entries": len(found)}
    audit.record(by=by, action="books.exported", subject=kept.id, data=data)
    audit.seals.insert(BookExport, kept)


# The files


def _journal(found: Sequence[Entry], named: Accounts, wanted: Wanted) -> bytes:
    header = ("number", "date", "debit", "credit", "amount", "currency", "order")
    rows = (
        (
            entry.number,
            entry.on,
            named.theirs(entry.debit),
            named.theirs(entry.credit),
            entry.amount,
            entry.amount.currency,
            entry.reference,
        )
        for entry in found
    )
    return "".join(csv_sheets.written(header, rows)).encode()


def _ledger(found: Sequence[Entry], named: Accounts, wanted: Wanted) -> bytes:
    """Two rows an entry: what general ledgers import as a journal."""
    header = (
        *("*JournalNo", "*JournalDate", "*AccountName", "*Debits", "*Credits"),
        *("Description", "Name", "Currency"),
    )

    def rows() -> Iterator[tuple[object, ...]]:
        for entry in found:
            amount, end = entry.amount, (entry.text, "", entry.amount.currency)
            sides: tuple[tuple[str, Money | None, Money | None], ...] = (
                (named.theirs(entry.debit), amount, None),
                (named.theirs(entry.credit), None, amount),
            )
            for account, debit, credit in sides:
                yield (entry.number, entry.on, account, debit, credit, *end)

    return "".join(csv_sheets.written(header, rows())).encode()


def _datev(found: Sequence[Entry], named: Accounts, wanted: Wanted) -> bytes:
    used = {account for entry in found for account in (entry.debit, entry.credit)}
    digits = accounts.require_numbers(named, used)
    money_of = sorted({entry.amount.currency for entry in found})
    if len(money_of) > 1:
        raise Invalid(gettext("Choose a currency: a file for DATEV has one."), field="currency")
    if any(money.exponent(currency) > datev.DECIMALS for currency in money_of):
        raise Invalid(gettext("A file for DATEV has two decimals; this currency has more."))
    month = wanted.first_on.isoformat()[:7]
    return datev.written(
        found,
        named,
        first_on=wanted.first_on,
        last_on=wanted.last_on,
        digits=digits,
        currency=money_of[0] if money_of else "EUR",
        is_closed=any(each.month == month for each in closing.closed()),
        at=days.local(clock.now(), wanted.zone),
    )


_WRITERS: dict[str, Callable[[Sequence[Entry], Accounts, Wanted], bytes]] = {
    JOURNAL: _journal,
    DATEV: _datev,
    LEDGER: _ledger,
}
