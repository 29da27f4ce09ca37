"""Nine days of a gift card shop: every report of each day, to the cent, against a table written by
hand; whether the worker has summed up the days before or not."""

from collections import Counter
from datetime import date, timedelta

import pytest

from giftweb import clock, days
from giftweb.domain import audit, cards, refunds, reports
from giftweb.domain.cards import locking
from giftweb.domain.ledger.transfers import CARD, Movement
from tests.factories import AGENT, amount_of, goods, make_campaign, make_card
from tests.orders import paid_by, place

pytestmark = pytest.mark.proves("B10", "B11", "B19", "B30", "D25", "D29", "I33")

ZONE = "Europe/Berlin"

OWED = {
    1: {"sales": (1, 50_00)},
    2: {"sales": (1, 50_00), "goodwill": (1, 20_00)},
    3: {"sales": (1, 50_00), "goodwill": (1, 20_00), "promotions": (1, 10_00)},
    4: {"sales": (1, 20_00), "goodwill": (1, 20_00), "promotions": (1, 10_00)},
    5: {"sales": (1, 20_00), "goodwill": (1, 20_00), "promotions": (1, 10_00)},
    6: {"sales": (2, 45_00), "goodwill": (1, 20_00), "promotions": (1, 10_00)},
    7: {"sales": (2, 57_00), "goodwill": (1, 20_00), "promotions": (1, 10_00)},
    8: {"sales": (2, 57_00), "goodwill": (1, 20_00)},
    9: {"sales": (1, 25_00), "goodwill": (1, 20_00)},
}
"""Day -> what is owed at its end of each source: cards and cents. All of it is the first shop's."""

MOVED = {
    1: {"sales": {"issued": 50_00}},
    2: {"goodwill": {"issued": 20_00}},
    3: {"promotions": {"issued": 10_00}},
    4: {"sales": {"redeemed": -30_00}},
    5: {},
    6: {"sales": {"recharged": 25_00}},
    7: {"sales": {"refunded": 12_00}},
    8: {"promotions": {"expired": -10_00}},
    9: {"sales": {"cashed_out": -32_00}},
}

CARDS_IN_ALL = {1: 1, 2: 2, 3: 3, 4: 3, 5: 3, 6: 3, 7: 3, 8: 2, 9: 1}

AGED = {
    4: {("sales", "0-30"): 20_00, ("goodwill", "0-30"): 20_00, ("promotions", "0-30"): 10_00},
    7: {("sales", "0-30"): 57_00, ("goodwill", "0-30"): 20_00, ("promotions", "0-30"): 10_00},
    # The 32.00 of the first sale came 31 days before.
    32: {("sales", "0-30"): 25_00, ("goodwill", "0-30"): 20_00},
    33: {("sales", "0-30"): 25_00, ("goodwill", "31-90"): 20_00},
    37: {("sales", "31-90"): 25_00, ("goodwill", "31-90"): 20_00},
}

JOURNAL = [
    (1, "sales", "gift_cards", 50_00),
    (2, "goodwill", "gift_cards", 20_00),
    (3, "promotions", "gift_cards", 10_00),
    (4, "gift_cards", "redemptions", 30_00),
    (5, "gift_cards", "replacements", 20_00),
    (5, "replacements", "gift_cards", 20_00),
    (6, "sales", "gift_cards", 25_00),
    (7, "redemptions", "gift_cards", 12_00),
    (8, "gift_cards", "breakage", 10_00),
    (9, "gift_cards", "cash_out", 32_00),
]

AGO = 60


def day(number: int) -> date:
    """The day of the story there; day 1 is sixty days ago."""
    return days.later(days.today(ZONE), number - AGO - 1)


@pytest.fixture(params=["summed up", "not summed up"])
def shops(request):
    """The story has happened: the ids of the shop that issued and of the one that accepts."""
    issuer = make_campaign("Issuer", time_zone=ZONE)
    acceptor = make_campaign("Acceptor", time_zone=ZONE)
    tell(issuer.id, acceptor.id)
    if request.param == "summed up":
        audit.checkpoints_by_day.write_all()
        assert audit.checkpoints_by_day.counted_to(ZONE) == audit.check_days.last_number()
    return issuer.id, acceptor.id


def tell(issuer: str, acceptor: str) -> None:
    """Each thing happens at noon of its day there, whichever hour it is now."""
    last_day = day(7)
    with on(1):
        sold = make_card("50.00 USD", source="sales", origin="purchase", campaign_id=issuer)
    with on(2):
        given = make_card("20.00 USD", source="goodwill", campaign_id=issuer)
    with on(3):
        bonus = make_card("10.00 USD", source="promotions", campaign_id=issuer, expires_on=last_day)
    with on(4):
        order = place(goods("30.00 USD"), cards=[sold], campaign_id=acceptor, shipping="0.00 USD")
    with on(5):
        again = cards.endings.replace_card(sold.card.id, by=AGENT).card
    with on(6):
        cards.top_up(given.card.id, amount=amount_of("25.00 USD"), source="sales", by=AGENT)
    with on(7):
        refunds.refund(paid_by(order, "gift_card").id, amount=amount_of("12.00 USD"), by=AGENT)
    with on(8):
        cards.endings.expire(bonus.card.id)
    with on(9):
        pay_out(again.id)


def on(number: int):
    """The clock, on a day of the story."""
    noon = days.start_of(day(number), ZONE) + timedelta(hours=12)
    return clock.moved(noon - clock.now())


def pay_out(card_id: str) -> None:
    """Pay the rest of a card out."""
    from giftweb.database import transactional

    @transactional
    def run() -> None:
        locked = locking.lock_one(card_id)
        entry = audit.record(by=AGENT, action="gift_card.cashed_out", subject=card_id)
        rest = locked.position.balance_minor
        locked, _ = locking.move(locked, Movement("cash_out", CARD, "cash_out", rest, entry))
        locking.set_state(locked, locked.card.state)

    run()


def report(name: str, **asked):
    return reports.find(name, reports.wanted(**asked))


def test_what_is_owed_at_the_end_of_each_day(shops):
    for number, expected in OWED.items():
        found = report("liability", as_of=day(number))
        assert {
            (row["campaign_id"], row["source"]): (row["cards"], row["amount"]) for row in found.rows
        } == {(shops[0], source): sums for source, sums in expected.items()}, number
        total = sum(amount for _, amount in expected.values())
        assert found.totals == [
            {"currency": "USD", "cards": CARDS_IN_ALL[number], "amount": total}
        ], number
    assert report("liability", as_of=day(0)).rows == []


def test_the_movements_of_each_day_lead_from_one_liability_to_the_next(shops):
    for number, expected in MOVED.items():
        found = report("movements", first_on=day(number), last_on=day(number))
        opening, closing = OWED.get(number - 1, {}), OWED[number]
        for row in found.rows:
            source = row["source"]
            assert row["opening"] == opening.get(source, (0, 0))[1]
            assert row["closing"] == closing.get(source, (0, 0))[1]
            moved = {name: row[name] for name in reports.movements.MOVEMENTS if row[name]}
            assert moved == expected.get(source, {}), (number, source)
            assert row["opening"] + sum(moved.values()) == row["closing"]
        assert {row["source"] for row in found.rows} == {*opening, *closing}


def test_the_movements_of_the_whole_period_are_those_of_its_days(shops):
    found = report("movements", first_on=day(1), last_on=day(9))
    total = Counter()
    for by_source in MOVED.values():
        for moved in by_source.values():
            total.update(moved)
    (sums,) = found.totals
    assert sums == {
        "currency": "USD",
        "opening": 0,
        "adjusted": 0,
        "cancelled": 0,
        "clawed_back": 0,
        "closing": 45_00,
        **total,
    }
    (closing,) = report("liability", as_of=day(9)).totals
    assert sums["closing"] == closing["amount"]


def test_how_long_the_money_has_been_there(shops):
    for number, expected in AGED.items():
        found = report("ageing", as_of=day(number))
        assert {(row["source"], row["age"]): row["amount"] for row in found.rows} == expected
        assert {row["campaign_id"] for row in found.rows} == {shops[0]}


def test_the_acceptor_is_owed_what_was_redeemed_there(shops):
    issuer, acceptor = shops
    pair = {"currency": "USD", "issuer_campaign_id": issuer, "acceptor_campaign_id": acceptor}
    found = report("settlement", first_on=day(1), last_on=day(6))
    assert found.rows == [pair | {"redeemed": 30_00, "refunded": 0, "owed": 30_00}]
    after = report("settlement", first_on=day(1), last_on=day(9))
    assert after.rows == [pair | {"redeemed": 30_00, "refunded": 12_00, "owed": 18_00}]
    assert report("settlement", first_on=day(5), last_on=day(6)).rows == []
    for campaign in shops:
        asked = {"first_on": day(1), "last_on": day(6), "campaign_id": campaign}
        assert report("settlement", **asked).rows == found.rows


def test_the_journal_has_each_transfer_as_a_debit_and_a_credit(shops):
    found = report("journal", first_on=day(1), last_on=day(9))
    numbers = [row["number"] for row in found.rows]
    assert numbers == sorted(set(numbers))
    (sums,) = found.totals
    assert sums == {"currency": "USD", "debit": 229_00, "credit": 229_00}
    for number in range(1, 10):
        of_day = report("journal", first_on=day(number), last_on=day(number))
        wanted = [entry[1:] for entry in JOURNAL if entry[0] == number]
        # The two transfers of a replacement are written together, in either order.
        booked = [(row["debit"], row["credit"], row["amount"]) for row in of_day.rows]
        assert sorted(booked) == sorted(wanted)


def test_the_breakage_of_a_cohort_ties_to_what_is_owed(shops):
    found = report("breakage", as_of=day(9))
    for row in found.rows:
        assert row["issued"] - row["redeemed"] - row["expired"] == row["left"]
        assert row["expected"] == 0
    (sums,) = found.totals
    assert (sums["issued"], sums["redeemed"], sums["expired"], sums["left"]) == (
        105_00,
        50_00,
        10_00,
        45_00,
    )


def test_test_money_is_in_no_report(shops):
    before = {name: report(name, as_of=day(61)).rows for name in reports.NAMES}
    card = make_card("99.00 USD", is_test=True, campaign_id=shops[0])
    place(goods("30.00 USD"), cards=[card], campaign_id=shops[1], is_test=True)
    assert {name: report(name, as_of=day(61)).rows for name in reports.NAMES} == before


@pytest.mark.tampers
def test_a_sum_that_was_changed_is_named_by_the_audit(shops):
    from giftweb import database

    audit.checkpoints_by_day.write_all()
    assert list(audit.checkpoints_by_day.breaches()) == []
    database.execute(
        "UPDATE daily_sum SET amount_minor = amount_minor + 1 WHERE kind = 'capture'"
        " AND source = 'sales'"
    )
    (breach,) = audit.checkpoints_by_day.breaches()
    assert breach[0] == "B11 sums by day"
    assert day(4).isoformat() in breach[1]
