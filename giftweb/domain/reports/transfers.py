"""The transfers behind a figure of a report, newest first."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from giftweb import clock, database, days
from giftweb.domain.reports.movements import MOVEMENTS
from giftweb.domain.time_zones import of_campaign
from giftweb.models import FUNDED, FUNDING
from giftweb.money import Money

_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")

HOUSE, ANY = "none", "any"
"""In place of a campaign's id: cards of the house itself; of the acceptor's: whichever it was."""

_GROUPS = {HOUSE: "IS NULL", ANY: "IS NOT NULL"}

SOURCES = FUNDING
"""What of a transfer can be asked for."""

PAGE = 50

_KINDS = MOVEMENTS | {
    "came": ("issue", "top_up", "adjust"),
    "onto": ("issue", "top_up", "adjust", "replace", "cancel", "claw_back"),
    "sold": ("issue", "top_up", "cancel", "claw_back"),
    "withdrawn": ("cancel", "claw_back"),
    "spent": ("capture", "refund", "cash_out"),
    "cost": ("capture", "refund", "cash_out"),
    "ended": ("capture", "expire", "cash_out", "adjust"),
}
"""Movement -> the kinds of its transfers."""

_FOLLOWED = (
    "g.id IN (WITH RECURSIVE followed (id) AS (SELECT id FROM gift_card WHERE replaces_id IS NULL"
    " AND created_at >= ? AND created_at < ? UNION ALL SELECT n.id FROM gift_card n"
    " JOIN followed f ON n.replaces_id = f.id) SELECT id FROM followed)"
)
"""Cards of a month, and those that follow them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """Which transfers: those of a figure's days and of its row.

    ``settled``: between two different campaigns, one of them this one, or any.
    ``movement`` is a column of a report; ``cohort`` a month of issue such as ``2027-01``.
    """

    currency: str = ""
    campaign_id: str = ""
    acceptor_id: str = ""
    settled: str = ""
    source: str = ""
    movement: str = ""
    cohort: str = ""
    transfer_id: str = ""
    first_on: date | None = None
    last_on: date | None = None
    zone: str = days.WORLD


@dataclass(frozen=True, slots=True)
class Line:
    """A transfer with its effect on what is owed; of one source, when that was asked for."""

    number: int
    id: str
    at: datetime
    kind: str
    effect: Money
    card_id: str
    last4: str
    order_number: int | None
    order_reference: str | None


@dataclass(frozen=True, slots=True)
class Lines:
    """A page of them; ``after``: where the next one begins, None on the last."""

    items: list[Line]
    after: int | None


def find(behind: Behind, *, after: int | None = None) -> Lines:
    """The newest of these transfers, or those before the number ``after``."""
    column = FUNDED[FUNDING.index(behind.source)] if behind.source else "amount_minor"
    terms, params = _terms(behind, column)
    if after is not None:
        terms.append(
            "(t.created_at, t.number) < (SELECT created_at, number FROM transfer WHERE number = ?)"
        )
        params.append(after)
    found = database.rows(
        f"SELECT t.number, t.id, t.created_at, t.kind, CASE WHEN t.to_account = t.card_id"
        f" THEN t.{column} ELSE -t.{column} END, t.currency, t.card_id, g.last4, o.number,"
        " o.reference FROM transfer t JOIN gift_card g ON g.id = t.card_id"
        f" LEFT JOIN orders o ON o.id = t.order_id WHERE {' AND '.join(terms)}"
        " ORDER BY t.created_at DESC, t.number DESC LIMIT ?",
        *params,
        PAGE + 1,
    )
    lines = [_line(*row) for row in found[:PAGE]]
    return Lines(lines, lines[-1].number if len(found) > PAGE else None)


def _terms(behind: Behind, column: str) -> tuple[list[str], list[object]]:
    terms: list[str] = ["NOT t.is_test", f"t.{column} > 0"]
    params: list[object] = []
    for term, values in (*_of_row(behind), *_of_cohort(behind), *_of_days(behind)):
        terms.append(term)
        params.extend(values)
    return terms, params


def _of_row(behind: Behind) -> Iterator[tuple[str, tuple[object, ...]]]:
    if behind.currency:
        yield "t.currency = ?", (behind.currency,)
    yield from _of_campaigns(behind)
    if kinds := _KINDS.get(behind.movement):
        yield f"t.kind IN ({database.placeholders(kinds)})", kinds
    if behind.movement == "ended":
        yield "t.balance_after_minor = 0", ()
    if behind.transfer_id:
        yield "t.id = ?", (behind.transfer_id,)


def _of_campaigns(behind: Behind) -> Iterator[tuple[str, tuple[object, ...]]]:
    for name, chosen in (("g", behind.campaign_id), ("o", behind.acceptor_id)):
        if chosen in _GROUPS:
            yield f"{name}.campaign_id {_GROUPS[chosen]}", ()
        elif chosen:
            yield f"{name}.campaign_id = ?", (chosen,)
    if behind.settled:
        yield "COALESCE(g.campaign_id, '') <> o.campaign_id", ()
    if behind.settled not in ("", ANY):
        yield "(g.campaign_id = ? OR o.campaign_id = ?)", (behind.settled, behind.settled)


def _of_cohort(behind: Behind) -> Iterator[tuple[str, tuple[object, ...]]]:
    if behind.cohort:
        first = date.fromisoformat(f"{behind.cohort}-01")
        after = days.later(first, 31).replace(day=1)
        bounds = (days.start_of(day, behind.zone) for day in (first, after))
        yield _FOLLOWED, tuple(map(clock.to_micros, bounds))


def _of_days(behind: Behind) -> Iterator[tuple[str, tuple[object, ...]]]:
    if behind.first_on:
        first = days.start_of(behind.first_on, behind.zone)
        yield "t.created_at >= ?", (clock.to_micros(first),)
    if behind.last_on:
        end = days.end_of(behind.last_on, behind.zone)
        yield "t.created_at < ?", (clock.to_micros(end),)


def is_month(text: str) -> bool:
    """Whether it is a month such as ``2027-01``."""
    return bool(_MONTH.fullmatch(text))


def zone_of(campaign_id: str) -> str:
    """Whose days the figure was of."""
    return of_campaign(None if campaign_id in ("", HOUSE) else campaign_id) or days.WORLD


def _line(
    number: int,
    transfer_id: str,
    at: int,
    kind: str,
    effect: int,
    currency: str,
    card_id: str,
    last4: str,
    order_number: int | None,
    reference: str | None,
) -> Line:
    amount = Money(effect, currency)
    instant = clock.from_micros(at)
    return Line(number, transfer_id, instant, kind, amount, card_id, last4, order_number, reference)
