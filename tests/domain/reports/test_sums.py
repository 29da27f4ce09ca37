"""A period is read as whole months and the days beside them: it comes to the sum of its days."""

from collections import Counter
from datetime import date, timedelta

import pytest

from giftweb import clock, database, days
from giftweb.domain import audit
from giftweb.domain.reports.books import Books
from tests.factories import goods, make_campaign, make_card
from tests.orders import place

pytestmark = pytest.mark.proves("B11", "D25")

ZONE = "America/New_York"


@pytest.fixture
def year():
    """A card is sold every nine days of a year, and spent in part at once."""
    shop = make_campaign(time_zone=ZONE)
    for ago in range(0, 366, 9):
        with clock.moved(-timedelta(days=ago)):
            card = make_card(f"{20 + ago % 5}.00 USD", source="sales", campaign_id=shop.id)
            place(goods("7.00 USD"), cards=[card], campaign_id=shop.id, shipping="0.00 USD")
    audit.checkpoints_by_day.write_all()


def by_days(books: Books, first: date | None, last: date | None) -> dict:
    """The same, added up from the sums of days."""
    found: Counter = Counter()
    for (kind, source, _), (amount, _) in books.sums(
        "kind", "source", "day", first=first, last=last
    ).items():
        found[kind, source] += amount
    return dict(found)


def test_any_period_comes_to_the_sum_of_its_days(year):
    books, today = Books(ZONE), days.today(ZONE)
    month = today.replace(day=1)
    before = days.later(month, -1)
    ends = [today, month, before, days.later(before, -1), days.later(month, -45), None]
    for last in ends:
        for length in (0, 1, 27, 28, 30, 31, 59, 60, 61, 364, None):
            first = None if length is None else days.later(last or today, -length)
            read = books.sums("kind", "source", first=first, last=last)
            sums = {key: amount for key, (amount, _) in read.items()}
            assert sums == by_days(books, first, last), (first, last)


@pytest.mark.tampers
def test_a_whole_month_reads_no_day(year):
    last = days.later(days.today(ZONE).replace(day=1), -1)
    books = Books(ZONE)
    wanted = books.sums("kind", first=last.replace(day=1), last=last)
    assert wanted
    database.execute("DELETE FROM daily_sum")
    assert Books(ZONE).sums("kind", first=last.replace(day=1), last=last) == wanted


@pytest.mark.tampers
def test_a_sum_of_a_month_that_was_changed_is_named_by_the_audit(year):
    assert list(audit.checkpoints_by_day.breaches()) == []
    database.execute(
        "UPDATE monthly_sum SET amount_minor = amount_minor + 1 WHERE kind = 'capture'"
        " AND source = 'sales'"
    )
    found = list(audit.checkpoints_by_day.breaches())
    assert {breach[0] for breach in found} == {"B11 sums by day"}
    assert "monthly_sum says" in found[0][2]
