"""How long cards live, and how old their money is, against tables written by hand and against the
transfers themselves."""

import random
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime, timedelta

import pytest

from giftweb import clock, database, days
from giftweb.domain import audit, cards, refunds, reports
from giftweb.errors import DomainError
from tests.domain.reports import reckoning
from tests.factories import ADMIN, AGENT, amount_of, goods, make_campaign, make_card
from tests.orders import paid_by, place

pytestmark = pytest.mark.proves("B10", "B11", "D29")


@contextmanager
def at(text: str):
    """The clock, at noon of this day."""
    there = datetime.fromisoformat(f"{text}T12:00:00").replace(tzinfo=UTC)
    with clock.moved(there - clock.now()):
        yield


def spend(card, amount: str):
    return place(goods(amount), cards=[card], campaign_id=SHOP[0], shipping="0.00 USD")


SHOP: list[str] = []


@pytest.fixture(autouse=True)
def shop():
    SHOP[:] = [make_campaign().id]


@pytest.fixture(params=["summed up", "not summed up"])
def count(request):
    """Let the worker add up what has happened, or not."""
    return audit.checkpoints_by_day.write_all if request.param == "summed up" else lambda: None


def lives(as_of: str) -> dict[str, tuple]:
    found = reports.find("life", reports.wanted(as_of=date.fromisoformat(as_of)))
    names = ("cards", "ended", "days_to_end", "used", "days_to_use")
    return {row["cohort"]: tuple(row[name] for name in names) for row in found.rows}


def test_a_card_lives_from_its_issue_until_it_is_empty(count):
    with at("2026-03-01"):
        first, second, _ = (make_card("50.00 USD") for _ in range(3))
    with at("2026-03-11"):
        spend(first, "50.00 USD")
    with at("2026-03-31"):
        spend(second, "20.00 USD")
    with at("2026-04-10"):
        order = spend(second, "30.00 USD")
        withdrawn = make_card("10.00 USD")
        cards.endings.cancel(withdrawn.card.id, by=ADMIN)
        count()
    assert lives("2026-03-10") == {"2026-03": (3, 0, None, 0, None)}
    assert lives("2026-03-31") == {"2026-03": (3, 1, 10, 2, 20)}
    assert lives("2026-04-10") == {"2026-03": (3, 2, 25, 2, 25)}
    with at("2026-04-20"):
        refunds.refund(paid_by(order, "gift_card").id, by=AGENT)
        count()
        # It has money again: its life is not over, and its last use was on the 40th day.
        assert lives("2026-04-20") == {"2026-03": (3, 1, 10, 2, 25)}
        (total,) = reports.find("life", reports.wanted()).totals
        assert total["cards"] == 3
        assert total["days_to_use"] == 25


def test_a_card_that_was_replaced_lives_on_in_the_next(count):
    with at("2026-03-01"):
        card = make_card("50.00 USD")
    with at("2026-03-06"):
        spend(card, "10.00 USD")
    with at("2026-03-09"):
        count()
        again = cards.endings.replace_card(card.card.id, by=AGENT)
        count()
        assert lives("2026-03-09") == {"2026-03": (1, 0, None, 1, 5)}
    with at("2026-05-01"):
        spend(again, "40.00 USD")
        count()
        assert lives("2026-05-01") == {"2026-03": (1, 1, 61, 1, 61)}


def test_a_card_that_was_empty_when_it_was_replaced_counts_once(count):
    with at("2026-03-01"):
        card = make_card("50.00 USD")
    with at("2026-03-06"):
        order = spend(card, "50.00 USD")
    with at("2026-03-09"):
        again = cards.endings.replace_card(card.card.id, by=AGENT)
        again = cards.endings.replace_card(again.card.id, by=AGENT)
        count()
        assert lives("2026-03-09") == {"2026-03": (1, 1, 5, 1, 5)}
    with at("2026-03-11"):
        refunds.refund(paid_by(order, "gift_card").id, by=AGENT)
        count()
        # It lives again, and was last used on the 5th day.
        assert lives("2026-03-11") == {"2026-03": (1, 0, None, 1, 5)}
    with at("2026-04-10"):
        spend(again, "50.00 USD")
        count()
        assert lives("2026-04-10") == {"2026-03": (1, 1, 40, 1, 40)}
        (total,) = reports.find("life", reports.wanted()).totals
        assert (total["cards"], total["ended"], total["used"]) == (1, 1, 1)
    assert list(audit.checkpoints_by_day.breaches()) == []


def test_a_card_that_was_withdrawn_after_it_was_replaced_does_not_count(count):
    with at("2026-03-01"):
        card = make_card("50.00 USD")
        make_card("20.00 USD")
    with at("2026-03-09"):
        again = cards.endings.replace_card(card.card.id, by=AGENT)
        count()
    with at("2026-03-11"):
        cards.endings.cancel(again.card.id, by=ADMIN)
        count()
        assert lives("2026-03-11") == {"2026-03": (1, 0, None, 0, None)}


def test_averages_are_rounded_and_test_cards_are_left_out(count):
    with at("2026-03-01"):
        made = [make_card("5.00 USD") for _ in range(2)]
        make_card("5.00 USD", is_test=True)
    for day, card in zip(("2026-03-02", "2026-03-05"), made, strict=True):
        with at(day):
            spend(card, "5.00 USD")
    with at("2026-03-06"):
        count()
        # 1 and 4 days: 2.5.
        assert lives("2026-03-06") == {"2026-03": (2, 2, 3, 2, 3)}


def _random_story(chance: random.Random) -> None:
    """What moves money, every ten days."""
    live, orders = [], []
    for number in range(40):
        what = chance.choice(("issue", "top_up", "spend", "spend", "replace", "merge", "refund"))
        source = chance.choice(("sales", "goodwill", "promotions"))
        with clock.moved(timedelta(days=number * 10 - 400)), suppress(DomainError):
            card = chance.choice(live) if live and what != "issue" else None
            if card is None:
                amount = f"{chance.randint(10, 90)}.00 USD"
                live.append(make_card(amount, source=source, campaign_id=SHOP[0]))
            elif what == "top_up":
                cards.top_up(card.card.id, amount=amount_of("7.00 USD"), source=source, by=AGENT)
            elif what == "spend":
                orders.append(spend(card, f"{chance.randint(1, 50)}.00 USD"))
            elif what == "replace":
                live[live.index(card)] = cards.endings.replace_card(card.card.id, by=AGENT)
            elif what == "merge":
                merged = cards.merging.merge([each.card.id for each in live[:2]], by=AGENT)
                live[:2] = [merged]
            elif orders:
                refunds.refund(paid_by(orders.pop(), "gift_card").id, by=AGENT)


@pytest.mark.parametrize("seed", range(6))
def test_the_ages_by_day_are_those_that_the_transfers_say(seed):
    _random_story(random.Random(seed))
    zone = "UTC"
    for ago in (0, 1, 15, 29, 40):
        asked = reports.wanted(as_of=days.later(days.today(zone), -ago))
        expected = sorted(reckoning.ages(asked))
        assert sorted(map(tuple, reports.ageing.ages(asked))) == expected
    audit.checkpoints_by_day.write_all()
    for ago in (0, 1, 15, 29, 40, 100, 200):
        asked = reports.wanted(as_of=days.later(days.today(zone), -ago))
        expected = sorted(reckoning.ages(asked))
        assert sorted(map(tuple, reports.ageing.ages(asked))) == expected, ago
    assert list(audit.checkpoints_by_day.breaches()) == []


@pytest.mark.tampers
@pytest.mark.parametrize(
    "change",
    [
        "UPDATE daily_age SET amount_minor = amount_minor + 1",
        "UPDATE monthly_age SET amount_minor = amount_minor + 1",
        "UPDATE daily_life SET issued = 7",
        "UPDATE monthly_life SET issued = 7",
    ],
)
def test_an_age_or_a_life_that_was_changed_is_named_by_the_audit(change):
    make_card("50.00 USD")
    audit.checkpoints_by_day.write_all()
    assert list(audit.checkpoints_by_day.breaches()) == []
    database.execute(change)
    (breach,) = audit.checkpoints_by_day.breaches()
    assert breach[0] == "B11 sums by day"
