"""What is older than is set goes by itself; nothing goes before a number is set."""

from datetime import timedelta

import pytest

from giftweb import clock
from giftweb.domain import audit, cards, customers, privacy
from giftweb.domain.privacy.retention import Terms
from giftweb.errors import Invalid, NotAllowed
from giftweb.models import AuditEntry, Event, Mail
from tests.factories import AGENT, ROOT, make_campaign, make_card

pytestmark = pytest.mark.proves("D18", "B29")

YEARS = timedelta(days=3 * 366)


def set_months(**months: int) -> None:
    privacy.retention.put(Terms(**months), by=ROOT)


def test_nothing_goes_before_a_number_is_set(app):
    make_card(holder="ann@example.com", campaign_id=make_campaign().id)
    with clock.moved(YEARS):
        assert privacy.retention.apply() == 0
    assert Mail.select().count() == 1


def test_only_root_sets_it_and_in_bounds(app):
    with pytest.raises(NotAllowed):
        privacy.retention.put(Terms(mails=1), by=AGENT)
    with pytest.raises(Invalid):
        set_months(mails=0)
    set_months(mails=12)
    assert privacy.retention.terms() == Terms(mails=12)


def test_sent_mails_go_and_others_stay(app):
    make_card(holder="ann@example.com")
    Mail.update(state="sent").execute()
    make_card(holder="bob@example.com")
    set_months(mails=24)
    with clock.moved(timedelta(days=300)):
        assert privacy.retention.apply() == 0
    with clock.moved(YEARS):
        assert privacy.retention.apply() == 1
    assert [mail.to_email for mail in Mail.select()] == ["bob@example.com"]
    assert AuditEntry.get(AuditEntry.action == "retention.applied").data == {"mails": 1}


def test_names_go_out_of_events_and_the_events_stay(app):
    make_card(holder="ann@example.com", holder_name="Ann", campaign_id=make_campaign().id)
    set_months(events=24)
    with clock.moved(YEARS):
        assert privacy.retention.apply() == 1
        assert privacy.retention.apply() == 0
    (event,) = Event.select()
    assert event.payload["holder"] is None
    assert event.payload["balance"] == 5000
    assert audit.checks.run() == []


def test_customers_who_hold_nothing_are_forgotten_and_others_are_not(app):
    for name in ("ann", "bob"):
        customers.register(email=f"{name}@example.com", name=name.title(), by=AGENT)
    make_card(holder="bob@example.com")
    gone = make_card(holder="ann@example.com").card
    cards.endings.cancel(gone.id, by=ROOT)
    set_months(people=24)
    with clock.moved(YEARS):
        assert privacy.retention.apply() == 1
        assert privacy.retention.apply() == 0
    found = customers.find_by_emails(["ann@example.com", "bob@example.com"])
    assert list(found) == ["bob@example.com"]
    assert cards.find(gone.id).holder_email is None


def test_root_sets_it_on_a_page(staff_client):
    root = staff_client("root")
    assert root.post("/staff/retention/", data={"mails": "24", "people": "x"}).status_code == 422
    assert root.post("/staff/retention/", data={"mails": "24"}).status_code == 303
    assert privacy.retention.terms() == Terms(mails=24)
    assert 'value="24"' in root.get("/staff/retention/").text
    assert staff_client("customer_service_admin").get("/staff/retention/").status_code == 403
