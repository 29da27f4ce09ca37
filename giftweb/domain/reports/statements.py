"""A shop's statement of settlement: whose cards it took, who took its own, who owes whom (B19)."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from giftweb import clock, database, days
from giftweb.domain.reports.books import Books
from giftweb.domain.reports.values import Wanted
from giftweb.money import Money

KINDS = ("capture", "refund")


@dataclass(frozen=True, slots=True)
class Line:
    """A day: what cards paid, less what was refunded onto them."""

    on: date
    redeemed: Money
    refunded: Money

    @property
    def owed(self) -> Money:
        """What the shop of the cards owes for it."""
        return self.redeemed - self.refunded


@dataclass(frozen=True, slots=True)
class Section:
    """Cards of one shop that another took. An issuer of None: cards of no campaign."""

    issuer_id: str | None
    acceptor_id: str | None
    lines: list[Line]

    @property
    def total(self) -> Line:
        """The sum of the days, as of the last."""
        first = self.lines[0]
        redeemed, refunded = first.redeemed, first.refunded
        for line in self.lines[1:]:
            redeemed, refunded = redeemed + line.redeemed, refunded + line.refunded
        return Line(self.lines[-1].on, redeemed, refunded)


@dataclass(frozen=True, slots=True)
class Balance:
    """What another shop owes to this one after both sections; below zero: it is owed."""

    other_id: str | None
    amount: Money


@dataclass(frozen=True, slots=True)
class Statement:
    """All of a shop's settlement in a period; days are days in the zone of ``wanted``."""

    shop_id: str
    wanted: Wanted
    sections: list[Section] = field(default_factory=list)

    @property
    def balances(self) -> list[Balance]:
        """One for each other shop and currency."""
        sums: dict[tuple[str, str], Money] = {}
        for section in self.sections:
            is_ours = section.issuer_id == self.shop_id
            other = section.acceptor_id if is_ours else section.issuer_id
            owed = section.total.owed
            key = (other or "", owed.currency)
            before = sums.get(key, Money(0, owed.currency))
            sums[key] = before - owed if is_ours else before + owed
        return [Balance(other or None, amount) for (other, _), amount in sorted(sums.items())]


def find(shop_id: str, wanted: Wanted) -> Statement:
    """The statement of a shop; each of its sums is one of the report on settlement."""
    with database.snapshot():
        sums = Books(wanted.zone).sums(
            *("currency", "campaign_id", "acceptor_id", "day", "kind"),
            first=wanted.first_on,
            last=wanted.last_on,
            kinds=KINDS,
        )
    pairs: dict[tuple[str, str, str], dict[str, list[int]]] = defaultdict(
        lambda: defaultdict(lambda: [0, 0])
    )
    for (currency, issuer, acceptor, day, kind), (amount, _) in sums.items():
        if issuer != acceptor and shop_id in (issuer, acceptor):
            pairs[issuer, acceptor, currency][day][KINDS.index(kind)] += abs(amount)
    sections = [
        Section(issuer or None, acceptor or None, list(_lines(by_day, currency)))
        for (issuer, acceptor, currency), by_day in sorted(pairs.items())
    ]
    # What the shop is owed stands before what it owes.
    sections.sort(key=lambda section: section.issuer_id == shop_id)
    return Statement(shop_id, wanted, sections)


def _lines(by_day: dict[str, list[int]], currency: str) -> Iterator[Line]:
    for day, (redeemed, refunded) in sorted(by_day.items()):
        yield Line(date.fromisoformat(day), Money(redeemed, currency), Money(refunded, currency))


@dataclass(frozen=True, slots=True)
class Entry:
    """A transfer behind a statement; the amount is signed by what the acceptor is owed."""

    at: datetime
    issuer_id: str | None
    acceptor_id: str
    kind: str
    last4: str
    order_reference: str
    amount: Money
    transaction_id: str


_ENTRIES = (
    "SELECT t.created_at, g.campaign_id, o.campaign_id, t.kind, g.last4, o.reference,"
    " CASE WHEN t.kind = 'capture' THEN t.amount_minor ELSE -t.amount_minor END, t.currency, t.id"
    " FROM transfer t JOIN gift_card g ON g.id = t.card_id JOIN orders o ON o.id = t.order_id"
    " WHERE t.created_at >= ? AND t.created_at < ? AND NOT t.is_test"
    " AND t.kind IN ('capture', 'refund') AND (g.campaign_id = ? OR o.campaign_id = ?)"
    " AND COALESCE(g.campaign_id, '') <> o.campaign_id ORDER BY t.created_at, t.number"
)


def entries(shop_id: str, wanted: Wanted) -> Iterator[Entry]:
    """Every transfer of the statement, in order."""
    first, end = (
        days.start_of(wanted.first_on, wanted.zone),
        days.end_of(wanted.last_on, wanted.zone),
    )
    between = (clock.to_micros(first), clock.to_micros(end))
    for at, issuer, acceptor, kind, last4, reference, minor, currency, transfer_id in database.rows(
        _ENTRIES, *between, shop_id, shop_id
    ):
        amount = Money(minor, currency)
        instant = clock.from_micros(at)
        yield Entry(instant, issuer, acceptor, kind, last4, reference, amount, transfer_id)
