"""A card that waits for its day may be sent on another one (E28)."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from giftweb import clock, days
from giftweb.domain import cards, orders, outbox
from giftweb.errors import CardNotUsable, Invalid, NotFound, Refused
from tests.factories import AGENT, make_campaign, make_card
from tests.orders import gift_card_item, notes_of, now, place, sheet

pytestmark = pytest.mark.proves("E28", "D25")


def later(count: int) -> datetime:
    return clock.now() + timedelta(days=count)


def gift(zone: str = "UTC", *, quantity: int = 1, **settings):
    shop = make_campaign(time_zone=zone, **settings)
    item = gift_card_item(quantity=quantity, deliver_at=later(30).isoformat())
    return place(item, campaign_id=shop.id)


def waiting_mail(card):
    (found,) = outbox.mails.of_card(card.id)
    return found


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/New_York"])
def test_a_card_is_sent_in_the_morning_of_the_day_where_the_shop_is(zone):
    order = gift(zone, card_valid_days=30)
    (card,) = sheet(order).purchased
    day = days.later(days.today(zone), 60)
    (moved,) = cards.delivery.move_to_day(card.id, day=day, by=AGENT)
    at = moved.deliver_at
    assert days.local(at, zone).isoformat()[:16] == f"{day}T08:00"
    assert waiting_mail(card).due_at == at
    assert (moved.expires_on, moved.expires_at) == (days.later(day, 30), None)
    assert now(card) == moved
    when = f"{day} 08:00 ({zone})"
    note = f"Gift card •••• {card.last4} was set to be sent on {when} by Amy Agent."
    assert note in notes_of(order)


@pytest.mark.proves("B12")
def test_a_card_is_sent_at_the_hour_in_the_place_that_was_chosen_and_stays_there():
    (card,) = sheet(gift("Europe/Lisbon")).purchased
    day = days.later(days.today("Asia/Tokyo"), 20)
    chosen = {"hour": time(19), "zone": "Asia/Tokyo"}
    (moved,) = cards.delivery.move_to_day(card.id, day=day, by=AGENT, **chosen)
    assert moved.deliver_at == days.at(day, time(19), "Asia/Tokyo")
    (later_on,) = cards.delivery.move_to_day(card.id, day=days.later(day, 1), by=AGENT)
    assert later_on.deliver_at == days.at(days.later(day, 1), time(19), "Asia/Tokyo")
    assert later_on.deliver_zone == "Asia/Tokyo"


def test_what_is_in_the_same_mail_is_sent_with_it():
    order = gift(quantity=3)
    first, *others = sheet(order).purchased
    moved = cards.delivery.move_to_day(first.id, day=later(5).date(), by=AGENT)
    assert {card.id for card in moved} == {card.id for card in (first, *others)}
    assert len({now(card).deliver_at for card in (first, *others)}) == 1


def test_today_is_at_once():
    (card,) = sheet(gift()).purchased
    with clock.moved(datetime(2030, 1, 10, 12, tzinfo=UTC) - clock.now()):
        (other,) = sheet(gift()).purchased
        (moved,) = cards.delivery.move_to_day(other.id, day=date(2030, 1, 10), by=AGENT)
        assert moved.deliver_at <= clock.now()
        assert waiting_mail(other).status == "waiting"
        assert waiting_mail(other).id in [mail.id for mail in outbox.sending.claim()]
    assert now(card).is_scheduled


@pytest.mark.parametrize("ahead", [-1, -3000, 367, 27_000])
def test_a_day_gone_by_or_years_ahead_is_refused(ahead):
    (card,) = sheet(gift()).purchased
    day = clock.today() + timedelta(days=ahead)
    with pytest.raises(Invalid, match="from today to one year ahead") as refused:
        cards.delivery.move_to_day(card.id, day=day, by=AGENT)
    assert refused.value.field == "deliver_on"
    with pytest.raises(Invalid, match="from now to one year ahead") as refused:
        cards.delivery.move(card.id, at=later(ahead - 1 if ahead < 0 else ahead), by=AGENT)
    assert refused.value.field == "deliver_at"
    assert now(card) == card


def test_a_last_day_that_a_person_chose_is_not_passed():
    card = make_card(expires_on=later(20).date(), deliver_at=later(10)).card
    with pytest.raises(Invalid, match="choose a day before"):
        cards.delivery.move_to_day(card.id, day=later(21).date(), by=AGENT)
    (moved,) = cards.delivery.move_to_day(card.id, day=later(20).date(), by=AGENT)
    assert (moved.expires_on, moved.expires_at) == (card.expires_on, card.expires_at)


def test_a_card_that_does_not_wait_for_a_day_stays_as_it_is():
    at_once = make_card().card
    with pytest.raises(Refused, match="does not wait"):
        cards.delivery.move_to_day(at_once.id, day=later(5).date(), by=AGENT)
    (card,) = sheet(gift()).purchased
    cards.endings.cancel(card.id, by=AGENT)
    with pytest.raises(CardNotUsable):
        cards.delivery.move_to_day(card.id, day=later(5).date(), by=AGENT)


def test_a_mail_that_a_worker_has_taken_is_not_moved():
    (card,) = sheet(gift()).purchased
    mail = waiting_mail(card)
    with clock.moved(timedelta(days=31)):
        assert outbox.sending.claim()
    assert not outbox.scheduling.move(mail, to=later(5))
    with pytest.raises(Refused, match="does not wait"):
        cards.delivery.move_to_day(card.id, day=later(5).date(), by=AGENT)
    assert now(card) == card


def test_only_the_giver_finds_the_gift():
    order = gift("Asia/Tokyo")
    (found,) = orders.gifts.waiting(order.customer_id)
    assert found.delivery.day == days.day_of(found.card.deliver_at, "Asia/Tokyo")
    assert orders.gifts.find(found.card.id, customer_id=order.customer_id) == found
    assert orders.gifts.waiting("cus_other") == []
    with pytest.raises(NotFound):
        orders.gifts.find(found.card.id, customer_id="cus_other")
    with clock.moved(timedelta(days=31)):
        assert orders.gifts.waiting(order.customer_id) == []
