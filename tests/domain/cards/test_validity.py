"""How long a card is valid: by days of its shop, from the day it is delivered (D25, E6, I36)."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import peewee
import pytest
from hypothesis import given
from hypothesis import strategies as st

from giftweb import clock, database, days
from giftweb.domain import campaigns, cards, desk, mail, outbox
from giftweb.domain.cards import validity
from giftweb.domain.cards.validity import Validity
from giftweb.domain.cards.values import Card
from giftweb.domain.mail import sent
from giftweb.domain.mail.letters import gather
from giftweb.errors import Invalid
from tests.factories import ADDRESS, ADMIN, AGENT, ROOT, goods, make_campaign, make_card
from tests.orders import gift_card_item, now, place, sheet

SIDES = ("Pacific/Kiritimati", "Europe/Berlin", "UTC", "America/New_York", "Pacific/Pago_Pago")


def at(text: str):
    """The clock at an instant in UTC."""
    return clock.moved(datetime.fromisoformat(text).replace(tzinfo=UTC) - clock.now())


def bought(campaign, **more) -> Card:
    return sheet(place(gift_card_item(**more), campaign_id=campaign.id)).purchased[0]


def deliver_mail(card: Card) -> Card:
    """Send the mail that carries the card, as the postman does."""
    (carrier,) = [each for each in outbox.mails.of_card(card.id) if each.state == "waiting"]
    (claimed,) = [each for each in outbox.sending.claim() if each.id == carrier.id]
    outbox.sending.hand_over(claimed)
    sent.mark_sent(claimed)
    return now(card)


def in_days(count: int) -> str:
    return (clock.now() + timedelta(days=count)).isoformat()


# The last day is a day of the shop


@pytest.mark.proves("D25")
@pytest.mark.parametrize(
    ("zone", "last_moment"),
    [
        ("Pacific/Kiritimati", "2027-03-14T09:59:59"),
        ("Europe/Berlin", "2027-03-14T22:59:59"),
        ("UTC", "2027-03-14T23:59:59"),
        # The day on which summer time begins there.
        ("America/New_York", "2027-03-15T03:59:59"),
        ("Pacific/Pago_Pago", "2027-03-15T10:59:59"),
    ],
)
def test_a_card_can_be_spent_to_the_end_of_its_last_day_where_the_shop_is(zone, last_moment):
    shop = make_campaign(time_zone=zone)
    with at("2027-03-01T12:00"):
        card = make_card(expires_on=date(2027, 3, 14), campaign_id=shop.id).card
    with at(last_moment):
        assert now(card).status == "active"
        assert cards.endings.due_to_expire() == []
        assert listed("active") == [card.id]
        with pytest.raises(Invalid, match="has not reached its date"):
            cards.endings.expire(card.id)
    with at(last_moment), clock.moved(timedelta(seconds=1)):
        assert now(card).status == "expired"
        assert listed("expired") == [card.id]
        assert cards.endings.due_to_expire() == [card.id]
        cards.endings.expire(card.id)
    assert now(card).state == "expired"


def listed(status: str) -> list[str]:
    found = cards.search.search(cards.search.Query(status=status))
    return [card.id for card in found.items]


@pytest.mark.proves("D25")
@pytest.mark.parametrize("zone", SIDES)
def test_today_is_the_earliest_last_day_where_the_shop_is(zone):
    shop = make_campaign(time_zone=zone)
    with at("2027-03-01T10:30"):
        today = days.today(zone)
        assert make_card(expires_on=today, campaign_id=shop.id).card.status == "active"
        with pytest.raises(Invalid, match="in the past") as refused:
            make_card(expires_on=days.later(today, -1), campaign_id=shop.id)
    assert refused.value.field == "expires_on"


@pytest.mark.proves("D25")
def test_a_card_of_no_shop_ends_with_the_day_that_all_shops_share():
    make_campaign(time_zone="Pacific/Pago_Pago")
    with at("2027-03-14T12:00"):
        card = make_card(expires_on=date(2027, 3, 14)).card
    with at("2027-03-15T10:59"):
        assert now(card).status == "active"
    with at("2027-03-15T11:00"):
        assert now(card).status == "expired"


@pytest.mark.proves("D25")
def test_the_ends_of_cards_follow_the_zone_of_their_shop_and_none_is_over_by_it():
    shop, other = make_campaign(), make_campaign()
    with at("2027-03-14T12:00"):
        day, until = date(2027, 3, 14), date(2027, 3, 20)
        today = make_card(expires_on=day, campaign_id=shop.id).card
        later = make_card(expires_on=until, campaign_id=shop.id).card
        elsewhere = make_card(expires_on=until, campaign_id=other.id).card
        of_house = make_card(expires_on=until).card
        change_zone(shop, "Pacific/Kiritimati")
        assert now(later).expires_at == days.end_of(until, "Pacific/Kiritimati")
        assert now(today) == today
        assert now(elsewhere) == elsewhere
        assert now(of_house) == of_house
        change_zone(other, "Pacific/Kiritimati")
        assert now(of_house).expires_at == days.end_of(until, "Pacific/Kiritimati")
        change_zone(shop, "Pacific/Pago_Pago")
        assert now(later).expires_at == days.end_of(until, "Pacific/Pago_Pago")
        assert now(of_house).expires_at == days.end_of(until, "UTC")


def change_zone(campaign, zone: str) -> None:
    found = campaigns.find(campaign.id)
    campaigns.change(campaign.id, settings=replace(found.settings, time_zone=zone), by=ROOT)


# A validity counts from the delivery


@pytest.mark.proves("D25", "E6", "I36")
@pytest.mark.parametrize("zone", SIDES)
def test_a_card_that_is_valid_for_30_days_and_sent_in_60_is_valid_for_30_days(zone):
    shop = make_campaign(card_valid_days=30, time_zone=zone)
    card = bought(shop, deliver_at=in_days(60))
    first = days.day_of(card.deliver_at, zone)
    assert (card.expires_on, card.expires_at) == (days.later(first, 30), None)
    with clock.moved(timedelta(days=59)):
        assert now(card).status == "active"
        assert cards.endings.due_to_expire() == mail.reminders.due() == []
    with clock.moved(timedelta(days=60, seconds=1)):
        arrived = deliver_mail(card)
        assert arrived.delivered_at == clock.now() or arrived.delivered_at > card.deliver_at
        assert arrived.expires_at == days.end_of(days.later(days.today(zone), 30), zone)
    with clock.moved(arrived.expires_at - clock.now() - timedelta(seconds=1)):
        assert now(card).status == "active"
    with clock.moved(arrived.expires_at - clock.now()):
        assert now(card).status == "expired"


@pytest.mark.proves("D25", "E6", "I36")
def test_a_bonus_that_waits_for_30_days_is_valid_for_14_days_after_them(mailbox):
    shop = make_campaign(
        issue_after_sales=True,
        relative_hundredths=1000,
        bonus_waiting_days=30,
        bonus_valid_days=14,
    )
    order = place(goods("91.00 USD"), campaign_id=shop.id)
    (card,) = [each for each in sheet(order).issued if each.origin == "campaign"]
    with clock.moved(timedelta(days=29)):
        assert cards.endings.due_to_expire() == []
    with clock.moved(timedelta(days=30, seconds=1)):
        arrived = deliver_mail(card)
        assert arrived.expires_on == clock.today() + timedelta(days=14)
    with clock.moved(timedelta(days=44)):
        assert now(card).status == "active"
        assert mail.reminders.due() == [card.id]


@pytest.mark.proves("D25", "E6", "I36")
def test_however_late_its_mail_goes_out_a_card_is_not_over_before():
    card = bought(make_campaign(card_valid_days=1))
    with clock.moved(timedelta(days=90)):
        assert now(card).status == "active"
        assert cards.endings.due_to_expire() == []
        (carrier,) = outbox.mails.of_card(card.id)
        assert gather(carrier).card.expires_on == clock.today() + timedelta(days=1)
        arrived = deliver_mail(card)
        assert arrived.expires_on == clock.today() + timedelta(days=1)


@pytest.mark.proves("D25", "E6")
def test_only_the_first_mail_counts():
    card = deliver_mail(bought(make_campaign(card_valid_days=30)))
    with clock.moved(timedelta(days=10)):
        cards.holder.resend(card.id, by=AGENT)
        again = deliver_mail(card)
    assert (again.delivered_at, again.expires_on) == (card.delivered_at, card.expires_on)


@pytest.mark.proves("D25", "E6", "I36")
def test_a_plastic_card_is_delivered_with_the_parcel():
    shop = make_campaign(card_valid_days=30)
    plastic = gift_card_item()._replace(type="physical", requires_shipping=True)
    order = place(plastic, campaign_id=shop.id, shipping_address=ADDRESS)
    (card,) = sheet(order).purchased
    with clock.moved(timedelta(days=60)):
        assert now(card).status == "active"
        desk.orders.ship(order.id, by=AGENT)
        assert now(card).expires_on == clock.today() + timedelta(days=30)
        shipped = now(card)
    with clock.moved(timedelta(days=70)):
        desk.orders.ship(order.id, by=AGENT, tracking="T-2")
    assert now(card) == shipped


@pytest.mark.proves("D25")
def test_a_card_that_nobody_sends_is_valid_from_its_issue():
    shop = make_campaign(card_valid_days=30)
    new = {"campaign_id": shop.id, "valid_days": 30, "send_email": False}
    card = make_card(**new).card
    assert (card.deliver_at, card.expires_on) == (None, clock.today() + timedelta(days=30))
    assert card.expires_at == days.end_of(card.expires_on, "UTC")
    cards.holder.resend(card.id, by=AGENT)
    with clock.moved(timedelta(days=3)):
        arrived = deliver_mail(card)
    assert arrived.delivered_at is not None
    assert arrived.expires_at == card.expires_at


@pytest.mark.proves("D25", "E6")
def test_a_last_day_before_the_delivery_is_refused():
    with pytest.raises(Invalid, match="the day on which the card is delivered") as no:
        make_card(expires_on=clock.today() + timedelta(days=4), deliver_at=later(5))
    assert no.value.field == "expires_on"
    card = make_card(expires_on=clock.today() + timedelta(days=5), deliver_at=later(5)).card
    assert card.expires_at == days.end_of(card.expires_on, "UTC")


def later(count: int) -> datetime:
    return clock.now() + timedelta(days=count)


# What takes its place


@pytest.mark.proves("D23", "D25", "E6")
def test_a_successor_waits_for_the_day_of_the_card_that_it_replaces(mailbox):
    card = bought(make_campaign(card_valid_days=30), deliver_at=in_days(60))
    new = cards.endings.replace_card(card.id, by=ADMIN).card
    assert (new.deliver_at, new.expires_on, new.expires_at) == (
        card.deliver_at,
        card.expires_on,
        None,
    )
    (carrier,) = outbox.mails.of_card(new.id)
    assert (carrier.kind, carrier.due_at) == ("card_issued", card.deliver_at)
    with clock.moved(timedelta(days=60, seconds=1)):
        for claimed in outbox.sending.claim():
            if claimed.id == carrier.id:
                outbox.sending.hand_over(claimed)
                sent.mark_sent(claimed)
        assert now(new).expires_on == clock.today() + timedelta(days=30)


@pytest.mark.proves("D23", "D25")
def test_a_successor_of_a_card_that_never_arrived_has_all_of_its_days():
    card = bought(make_campaign(card_valid_days=30))
    with clock.moved(timedelta(days=20)):
        new = cards.endings.replace_card(card.id, by=ADMIN).card
        assert (new.expires_on, new.expires_at) == (clock.today() + timedelta(days=30), None)
        shown = cards.endings.replace_card(new.id, by=ADMIN, send_email=False).card
        assert shown.expires_at == days.end_of(clock.today() + timedelta(days=30), "UTC")


@pytest.mark.proves("D23", "D25")
def test_a_successor_of_a_card_that_has_arrived_ends_with_it():
    card = deliver_mail(bought(make_campaign(card_valid_days=30)))
    with clock.moved(timedelta(days=20)):
        new = cards.endings.replace_card(card.id, by=ADMIN).card
        assert (new.expires_on, new.expires_at) == (card.expires_on, card.expires_at)
        assert deliver_mail(new).expires_at == card.expires_at


# Rules


INSTANTS = st.datetimes(datetime(2020, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))


class Terms:
    def __init__(self, valid_days: int):
        self.expires_on, self.valid_days = None, valid_days


class Waiting:
    """A card as validity sees it."""

    def __init__(self, ends: Validity, deliver_at: datetime, created_at: datetime):
        self.expires_on, self.expires_at = ends
        self.deliver_at, self.created_at = deliver_at, created_at


@pytest.mark.no_database
@pytest.mark.proves("D25", "E6", "I36")
@given(
    st.sampled_from(days.zones()),
    INSTANTS,
    st.timedeltas(timedelta(0), timedelta(days=400)),
    st.timedeltas(timedelta(0), timedelta(days=400)),
    st.timedeltas(timedelta(0), timedelta(days=400)),
    st.integers(1, 400),
)
def test_no_card_is_over_before_it_arrives_and_each_has_all_of_its_days(
    zone, issued_at, waits, moved_by, late, valid_days
):
    planned = issued_at + waits
    ends = validity.of_new(Terms(valid_days), issued_at=issued_at, deliver_at=planned, zone=zone)
    assert ends.expires_at is None
    card = Waiting(ends, planned, issued_at)
    moved_to = issued_at + moved_by
    ends = validity.moved(card, deliver_at=moved_to, now=issued_at, zone=zone)
    assert ends.expires_at is None
    arrives = moved_to + late
    ends = validity.delivered(Waiting(ends, moved_to, issued_at), at=arrives, zone=zone)
    assert ends.expires_at > arrives
    assert (ends.expires_on - days.day_of(arrives, zone)).days == valid_days
    assert ends.expires_at == days.end_of(ends.expires_on, zone)


@pytest.mark.tampers
@pytest.mark.proves("I36")
@pytest.mark.parametrize(
    "change",
    [
        "expires_at = delivered_at",
        "expires_at = NULL",
        "expires_on = NULL",
        "delivered_at = expires_at + 1",
    ],
)
def test_the_table_itself_refuses_a_card_that_is_over_before_it_arrives(change):
    card = deliver_mail(bought(make_campaign(card_valid_days=30)))
    with pytest.raises(peewee.IntegrityError):
        database.execute(f"UPDATE gift_card SET {change} WHERE id = ?", card.id)
