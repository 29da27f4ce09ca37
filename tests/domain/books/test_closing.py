"""A month is closed: its sums stay, nothing is dated into it, and a changed row is named (B30)."""

from datetime import UTC, datetime

import pytest

from giftweb import clock, database
from giftweb.database import guards
from giftweb.domain import audit, books, cards, reports
from tests.domain.reports.test_story import day, tell
from tests.factories import ADMIN, ROOT, amount_of, make_campaign, make_card

pytestmark = pytest.mark.proves("B30", "I42", "D25")

BERLIN = "Europe/Berlin"


def at(text: str):
    """The clock, at this instant in UTC."""
    return clock.moved(datetime.fromisoformat(text).replace(tzinfo=UTC) - clock.now())


def closing_of(month: str):
    return next(each for each in books.closing.closed() if each.month == month)


def test_a_month_is_closed_when_it_is_over_in_the_shop_and_not_before():
    make_campaign(time_zone=BERLIN)
    with at("2027-01-31T22:59:00"):
        make_card("50.00 USD")
        assert books.closing.next_month() is None
        with pytest.raises(books.closing.NothingToClose, match="is over"):
            books.closing.close_next(by=ROOT)
    with at("2027-01-31T23:06:00"):
        assert books.closing.next_month() == "2027-01"
        closed = books.closing.close_next(by=ROOT)
        assert closed.month == "2027-01"
        assert closed.time_zone == BERLIN
        assert closed.ends_at == datetime(2027, 1, 31, 23, tzinfo=UTC)
        assert closed.sums == {"transfers": 1, "USD - issue goodwill": 50_00}
        assert books.closing.next_month() is None


def test_months_are_closed_one_after_the_other_from_the_first_transfer():
    make_campaign(time_zone=BERLIN)
    with at("2026-12-31T23:30:00"):
        make_card("50.00 USD")
    with at("2027-03-15T12:00:00"):
        make_card("7.00 USD")
        assert [books.closing.close_next(by=ROOT).month for _ in range(2)] == ["2027-01", "2027-02"]
        assert books.closing.next_month() is None
        assert closing_of("2027-02").sums == {"transfers": 0}
        assert closing_of("2027-02").starts_at == closing_of("2027-01").ends_at


def test_an_empty_house_has_nothing_to_close():
    make_card(is_test=True)
    assert books.closing.next_month() is None


def test_a_correction_goes_into_the_books_of_today_and_the_sums_stay():
    make_campaign(time_zone=BERLIN)
    with at("2027-01-20T12:00:00"):
        card = make_card("50.00 USD").card
    with at("2027-02-03T12:00:00"):
        before = books.closing.close_next(by=ROOT).sums
        cards.adjust(card.id, change=-amount_of("5.00 USD"), reason="too much", by=ADMIN)
        assert closing_of("2027-01").sums == before
        assert list(audit.check_months.breaches()) == []
        january = reports.find("liability", reports.wanted(as_of=closing_of("2027-01").last_on))
        assert january.totals[0]["amount"] == 50_00
        assert reports.find("liability", reports.wanted()).totals[0]["amount"] == 45_00


def test_nothing_can_be_dated_into_a_closed_month():
    make_campaign(time_zone=BERLIN)
    with at("2027-01-20T12:00:00"):
        card = make_card("50.00 USD").card
    with at("2027-02-03T12:00:00"):
        books.closing.close_next(by=ROOT)
    with at("2027-01-25T12:00:00"):
        with pytest.raises(books.closing.MonthClosed, match="This month is closed"):
            cards.top_up(card.id, amount=amount_of("5.00 USD"), by=ROOT)
        assert str(cards.find(card.id).balance) == "50.00 USD"
        make_card(is_test=True)


@pytest.mark.tampers
def test_a_changed_row_of_a_closed_month_is_named_with_the_month():
    with at("2027-01-20T12:00:00"):
        first, second = make_card("50.00 USD").card, make_card("20.00 USD").card
    with at("2027-02-03T12:00:00"):
        books.closing.close_next(by=ROOT)
        assert audit.checks.run() == []
        on = " ON transfer" if database.is_postgres() else ""
        database.execute(f"DROP TRIGGER transfer_is_append_only{on}")
        database.execute(
            "UPDATE transfer SET amount_minor = 6000, balance_after_minor = 6000,"
            " goodwill_minor = 6000 WHERE card_id = ?",
            first.id,
        )
        changed = database.scalar("SELECT id FROM transfer WHERE card_id = ?", first.id)
        guards.install()
        found = {(breach.check, breach.row): breach.text for breach in audit.checks.run()}
        text = found["I42 closed months", "2027-01"]
        assert text == "closed with USD - issue goodwill 7000, now 8000"
        assert ("I7 seals", changed) in found
        assert second.id not in str(found)


@pytest.mark.tampers
def test_a_transfer_that_is_moved_into_a_closed_month_is_named():
    with at("2027-01-20T12:00:00"):
        make_card("50.00 USD")
    with at("2027-02-03T12:00:00"):
        books.closing.close_next(by=ROOT)
        late = make_card("20.00 USD").card
        on = " ON transfer" if database.is_postgres() else ""
        database.execute(f"DROP TRIGGER transfer_is_append_only{on}")
        moved = clock.to_micros(datetime(2027, 1, 21, tzinfo=UTC))
        database.execute("UPDATE transfer SET created_at = ? WHERE card_id = ?", moved, late.id)
        guards.install()
        transfer = database.scalar("SELECT id FROM transfer WHERE card_id = ?", late.id)
        found = {breach[1]: breach[2] for breach in audit.check_months.breaches()}
        assert found == {transfer: "it was dated into 2027-01, which is closed"}


def test_the_age_of_the_money_at_the_end_of_a_month_is_sealed_with_it():
    issuer = make_campaign("Issuer", time_zone=BERLIN).id
    tell(issuer, make_campaign("Acceptor", time_zone=BERLIN).id)
    wanted = reports.wanted(as_of=day(40).replace(day=1), campaign_id=issuer)
    while books.closing.next_month():
        books.closing.close_next(by=ROOT)
    last = closing_of(books.closing.closed()[0].month).last_on
    wanted = reports.wanted(as_of=last, campaign_id=issuer)
    sealed = reports.find("ageing", wanted)
    again = [
        (currency, campaign, source, age, cards, amount)
        for currency, campaign, source, age, cards, amount in reports.ageing.ages(wanted)
    ]
    assert [
        (
            row["currency"],
            row["campaign_id"],
            row["source"],
            row["age"],
            row["cards"],
            row["amount"],
        )
        for row in sealed.rows
    ] == sorted(again, key=lambda row: (row[:3], reports.ageing.AGES.index(row[3])))
    assert sealed.totals[0]["amount"] == 45_00
