"""A bonus above the limits is left out; the order is placed all the same, and people look (X5)."""

from functools import partial

import pytest

from giftweb import database
from giftweb.domain import limits, outbox
from giftweb.domain.limits import BONUS, Terms
from giftweb.domain.mail import letters
from giftweb.web.mail.letters import write
from tests.factories import ROOT, goods, make_campaign, make_staff
from tests.orders import notes_of, place, sheet
from tests.races import at_once

pytestmark = pytest.mark.proves("X5", "X7")

FIXED = {"issue_after_sales": True, "absolute_on": True}


@pytest.fixture
def campaign():
    """A campaign with a bonus of 60.00 USD."""
    return make_campaign(absolute_minor=6000, **FIXED).id


def buy(campaign_id: str, **more):
    return place(goods("20.00 USD"), shipping="0.00 USD", campaign_id=campaign_id, **more)


def bonuses(order) -> list[str]:
    return [str(card.balance) for card in sheet(order).issued if card.origin == "campaign"]


def limit(single: int | None, day: int | None) -> None:
    limits.terms.put(BONUS, currency="USD", terms=Terms(single, None, day), by=ROOT)


def test_from_the_first_run_one_bonus_is_at_most_a_hundred(mailbox):
    make_staff("root", email="rita@example.com")
    order = buy(make_campaign(absolute_minor=10_001, **FIXED).id)
    assert order.status == "placed"
    assert bonuses(order) == []
    assert "The bonus gift card of $100.01 is above a limit and was not issued." in notes_of(order)
    assert [mail.kind for mail in mailbox.to("rita@example.com")] == ["house_notice"]
    assert bonuses(buy(make_campaign(absolute_minor=10_000, **FIXED).id)) == ["100.00 USD"]


def test_a_campaigns_day_ends_with_its_limit_and_a_smaller_order_still_fits(campaign):
    limit(None, 15_000)
    assert [bonuses(buy(campaign)) for _ in range(4)] == [["60.00 USD"], ["60.00 USD"], [], []]
    used = database.scalar(
        "SELECT amount FROM daily_use WHERE counter = ?", f"bonus {campaign} USD"
    )
    assert used == 12_000
    other = make_campaign(absolute_minor=6000, **FIXED).id
    assert bonuses(buy(other)) == ["60.00 USD"]


def test_every_root_is_mailed_once_a_day_for_a_campaign(campaign, mailbox):
    limit(1, None)
    for email in ("rita@example.com", "rob@example.com"):
        make_staff("root", email=email)
    make_staff("marketing", email="mo@example.com")
    for _ in range(3):
        buy(campaign)
    notices = [mail.to for mail in mailbox.all() if mail.kind == "house_notice"]
    assert notices == ["rita@example.com", "rob@example.com"]
    buy(make_campaign(absolute_minor=6000, **FIXED).id)
    assert len([mail for mail in mailbox.all() if mail.kind == "house_notice"]) == 4


def test_without_a_limit_of_the_day_and_with_test_money_nothing_is_written(campaign):
    buy(campaign, is_test=True)
    limit(None, None)
    buy(campaign)
    assert database.scalar("SELECT COUNT(*) FROM daily_use") == 0


def test_orders_at_once_never_pass_the_day_together(campaign):
    limit(None, 15_000)
    placed = at_once(*[partial(buy, campaign) for _ in range(5)])
    assert sorted(len(bonuses(order)) for order in placed) == [0, 0, 0, 1, 1]


def test_the_mail_names_the_order_and_leads_to_it(app, campaign):
    make_staff("root")
    limit(1, None)
    order = buy(campaign)
    mail = next(
        each for each in outbox.mails.LISTING.page(limit=9).items if each.kind == "house_notice"
    )
    with app.app_context():
        written = write(letters.gather(mail))
    assert written.subject == "A bonus was above a limit and not issued"
    for text in (written.text, written.html):
        for words in (str(order.number), "60.00", f"/staff/orders/{order.number}"):
            assert words in text, words
