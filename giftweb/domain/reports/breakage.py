"""What is left of the cards of each month, and how much of it will never be spent (B11).

Expected breakage, by the experience of the same currency:

    rate     = (left + expired) of all cohorts of 24 months and more / what was issued in them
    expected = issued x rate - expired, at least 0 and at most what is left, rounded down

A cohort is the month in which a card, or the first card that it follows, was created. ``issued`` is
what came onto its cards, less what was withdrawn, clawed back or corrected; ``redeemed`` is what
was spent or paid out, less what was refunded: so issued - redeemed - expired = left. Without a
cohort of 24 months there is no experience yet, and nothing is expected.
"""

from collections import Counter, defaultdict
from fractions import Fraction

from giftweb.domain.reports.books import Books
from giftweb.domain.reports.values import Report, Row, Wanted, totals

MATURE_MONTHS = 24

_REDEEMED = ("capture", "refund", "cash_out")
_AMOUNTS = ("issued", "redeemed", "expired", "left", "expected")


def breakage(wanted: Wanted) -> Report:
    """Each month's cards: what was issued, redeemed, has expired, is left, is expected to stay."""
    books = Books(wanted.zone, campaign_id=wanted.campaign_id)
    cohorts: dict[tuple[str, ...], Row] = defaultdict(lambda: dict.fromkeys(_AMOUNTS, 0))
    sums = books.sums("currency", "cohort", "kind", last=wanted.as_of)
    for (currency, cohort, kind), (amount, _) in sorted(sums.items()):
        row = cohorts[currency, cohort]
        row["left"] += amount
        if kind in _REDEEMED:
            row["redeemed"] -= amount
        elif kind == "expire":
            row["expired"] -= amount
        else:
            row["issued"] += amount
    rates = _rates(cohorts, month=wanted.as_of.isoformat()[:7])
    rows = [
        {"currency": currency, "cohort": cohort}
        | row
        | {"expected": _expected(row, rates[currency])}
        for (currency, cohort), row in sorted(cohorts.items())
        if any(row.values())
    ]
    columns = ("currency", "cohort", *_AMOUNTS)
    return Report("breakage", wanted, False, columns, _AMOUNTS, rows, totals(rows, _AMOUNTS))


def curve(wanted: Wanted, currency: str) -> list[tuple[int, int]]:
    """(months since the month of issue, percent of what was issued that is redeemed by then), over
    all cohorts that are so old: what the expectation rests on.
    """
    books = Books(wanted.zone, campaign_id=wanted.campaign_id)
    month = wanted.as_of.isoformat()[:7]
    issued: Counter[str] = Counter()
    redeemed: dict[str, Counter[int]] = defaultdict(Counter)
    sums = books.sums("currency", "cohort", "kind", "month", last=wanted.as_of)
    for (money_of, cohort, kind, moved_in), (amount, _) in sums.items():
        if money_of != currency:
            continue
        if kind in _REDEEMED:
            redeemed[cohort][max(0, months_between(cohort, moved_in))] -= amount
        elif kind != "expire":
            issued[cohort] += amount
    ages = {cohort: months_between(cohort, month) for cohort in issued}
    points = []
    for age in range(max(ages.values(), default=-1) + 1):
        old = [cohort for cohort in issued if ages[cohort] >= age]
        total = sum(issued[cohort] for cohort in old)
        spent = sum(redeemed[cohort][past] for cohort in old for past in range(age + 1))
        points.append((age, 100 * spent // total if total > 0 else 0))
    return points


def months_between(cohort: str, month: str) -> int:
    """How many months a cohort is old in a month; both as ``2027-01``."""
    (year, first), (later, last) = (map(int, text.split("-")) for text in (cohort, month))
    return (later - year) * 12 + last - first


def _rates(cohorts: dict[tuple[str, ...], Row], *, month: str) -> dict[str, Fraction]:
    """The part of what was issued that was never redeemed, of cohorts of age, by currency."""
    issued: dict[str, int] = defaultdict(int)
    unspent: dict[str, int] = defaultdict(int)
    for (currency, cohort), row in cohorts.items():
        if months_between(cohort, month) >= MATURE_MONTHS:
            issued[currency] += row["issued"]
            unspent[currency] += row["left"] + row["expired"]
    return defaultdict(
        Fraction,
        {
            currency: Fraction(unspent[currency], total)
            for currency, total in issued.items()
            if total > 0
        },
    )


def _expected(row: Row, rate: Fraction) -> int:
    expected = int(row["issued"] * rate) - row["expired"]
    return max(0, min(row["left"], expected))
