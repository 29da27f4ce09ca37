"""How long cards live: from their issue until they are empty, and until their last use (B11)."""

from collections import defaultdict

from giftweb.domain.audit.check_histories import Life
from giftweb.domain.reports.books import Books
from giftweb.domain.reports.values import Report, Row, Wanted

_COLUMNS = ("currency", "cohort", "cards", "ended", "days_to_end", "used", "days_to_use")


def life(wanted: Wanted) -> Report:
    """Each month's cards at the end of a day: how many were issued, are empty, were ever used, and
    the average of days from the issue until a card was empty, and until its last use; rounded.

    A card that was replaced lives on in the next one; one that was withdrawn before its first use
    is not counted. An average of no card is null.
    """
    cohorts: dict[tuple[str, ...], list[int]] = defaultdict(lambda: [0] * len(Life._fields))
    by_currency: dict[tuple[str, ...], list[int]] = defaultdict(lambda: [0] * len(Life._fields))
    lives = Books(wanted.zone, campaign_id=wanted.campaign_id).lives(wanted.as_of)
    for (currency, _, cohort), values in lives.items():
        for sums in (cohorts[currency, cohort], by_currency[currency,]):
            for place, value in enumerate(values):
                sums[place] += value
    rows = [
        {"currency": currency, "cohort": cohort} | _row(Life(*values))
        for (currency, cohort), values in sorted(cohorts.items())
        if values[0] or values[1]
    ]
    totals = [
        {"currency": currency} | _row(Life(*values))
        for (currency,), values in sorted(by_currency.items())
        if any(values)
    ]
    return Report("life", wanted, False, _COLUMNS, (), rows, totals)


def _row(sums: Life) -> Row:
    return {
        "cards": sums.issued,
        "ended": sums.ended,
        "days_to_end": _average(sums.days_to_end, sums.ended),
        "used": sums.used,
        "days_to_use": _average(sums.days_to_use, sums.used),
    }


def _average(days: int, cards: int) -> int | None:
    return (2 * days + cards) // (2 * cards) if cards > 0 else None
