"""One thing done with many cards: first in numbers, then once, and what cannot be done is named."""

import re
from datetime import date

import pytest

from giftweb.domain import cards, law
from giftweb.domain.cards.changes import Changes
from giftweb.domain.sheet_files import SheetFile
from giftweb.models import AuditEntry
from tests.factories import AGENT, make_campaign, make_card

pytestmark = pytest.mark.proves("B29", "D15")

PAGE = "/staff/gift-cards/together/"


@pytest.fixture
def desk(staff_client):
    return staff_client("customer_service")


@pytest.fixture
def three(app):
    """Two cards that live, and one that was cancelled."""
    found = [make_card("10.00 USD", holder="ann@example.com").card for _ in range(3)]
    cards.endings.cancel(found[2].id, by=AGENT)
    return [card.id for card in found]


def check(desk, action: str, ids) -> str:
    answer = desk.get(PAGE, query_string={"action": action, "card": ids})
    assert answer.status_code == 200, answer.text
    return answer.text


def do(desk, action: str, ids, **fields):
    key = re.search(r'name="key"[^>]*value="([^"]+)"', check(desk, action, ids))[1]
    data = {"action": action, "card": ids, "reason": "A mistake at the till", "key": key} | fields
    return desk.post(PAGE, data=data)


def test_what_will_be_done_is_stated_in_numbers(desk, three):
    shown = check(desk, "freeze", three)
    assert "$20.00" in shown
    assert "1 · This card cannot be used: it is cancelled." in shown
    assert shown.count('name="card"') == 2
    assert [cards.find(card_id).status for card_id in three[:2]] == ["active", "active"]


@pytest.mark.proves("X13")
def test_a_card_that_no_page_offers_is_refused(desk, three):
    answer = do(desk, "freeze", three, card=[*three, "a\x00b"])
    assert answer.status_code == 400
    assert {cards.find(card_id).status for card_id in three} == {"active", "cancelled"}


def test_cards_are_frozen_together_once(desk, three):
    answer = do(desk, "freeze", three)
    assert "Done with 2 gift cards." in answer.text
    assert [cards.find(card_id).status for card_id in three] == ["frozen", "frozen", "cancelled"]
    reasons = {
        entry.reason for entry in AuditEntry.select().where(AuditEntry.action == "gift_card.frozen")
    }
    assert reasons == {"A mistake at the till"}


def test_the_same_form_sent_twice_mails_once(desk, three, mailbox):
    mailbox.kinds()
    key = re.search(r'name="key"[^>]*value="([^"]+)"', check(desk, "resend", three))[1]
    data = {"action": "resend", "card": three, "reason": "They lost it", "key": key}
    for _ in range(2):
        assert "Done with 2 gift cards." in desk.post(PAGE, data=data).text
    assert mailbox.kinds().count("card_resent") == 2


def test_a_tag_joins_those_that_are_there(desk, three):
    cards.changes.change(three[0], changes=Changes(tags=["vip"]), by=AGENT)
    do(desk, "tag", three, tag="fair 2026")
    assert [cards.find(card_id).tags for card_id in three] == [
        ["fair 2026", "vip"],
        ["fair 2026"],
        ["fair 2026"],
    ]


def test_the_last_day_is_changed_for_a_reason(desk, three):
    assert do(desk, "extend", three, reason="").status_code == 422
    assert do(desk, "extend", three).status_code == 422
    do(desk, "extend", three, expires_on="2098-12-31")
    assert [cards.find(card_id).expires_on for card_id in three] == [
        date(2098, 12, 31),
        date(2098, 12, 31),
        None,
    ]


def test_all_of_a_search(desk, three):
    make_card("50.00 USD", holder="bob@example.com")
    shown = desk.get(f"{PAGE}?action=tag&all=1&q=ann@example.com").text
    assert shown.count('name="card"') == 3


@pytest.mark.parametrize("query", ["", "action=freeze", "action=shred&card=gc_1"])
def test_nothing_chosen_is_reported(desk, query):
    assert desk.get(f"{PAGE}?{query}").status_code == 422


def test_too_many_are_refused(desk):
    ids = [f"gc_{number}" for number in range(1001)]
    answer = desk.post(PAGE, data={"action": "freeze", "card": ids, "reason": "x", "key": "k"})
    assert answer.status_code == 422
    assert "at most 1000" in answer.text


def test_a_sold_card_gets_no_last_day_that_the_law_forbids(app):
    campaign = make_campaign(rules="ie")
    sold = make_card("10.00 USD", campaign_id=campaign.id, source="sales").card
    given = make_card("10.00 USD", campaign_id=campaign.id, source="goodwill").card
    soon = Changes(expires_on=date(2027, 12, 31))
    with pytest.raises(law.BrokenRule, match="five years"):
        cards.changes.change(sold.id, changes=soon, by=AGENT)
    assert cards.changes.change(given.id, changes=soon, by=AGENT).expires_on == date(2027, 12, 31)
    cards.changes.change(sold.id, changes=Changes(expires_on=date(2098, 1, 1)), by=AGENT)


def test_the_list_and_a_card_lead_there(desk, three):
    listed = desk.get("/staff/gift-cards/?q=ann@example.com").text
    assert f'value="{three[0]}" form="cards-chosen"' in listed
    assert "together/?q=ann@example.com&amp;action=tag&amp;all=1" in listed
    assert "action=extend" in desk.get(f"/staff/gift-cards/{three[0]}").text


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_chosen_cards_are_exported_and_no_others(desk, three, suffix):
    page = desk.get("/staff/gift-cards/").text
    assert f'formaction="/staff/gift-cards/gift-cards.{suffix}"' in page
    address = f"/staff/gift-cards/gift-cards.{suffix}"
    answer = desk.get(address, query_string={"card": three[:2]})
    assert answer.status_code == 200
    (_, header), *rows = SheetFile(answer.data).rows()
    assert [cells[header.index("id")] for _, cells in rows] == three[:2]
    entry = AuditEntry.get(AuditEntry.action == "gift_card.list_downloaded")
    assert entry.data == {"chosen": 2}


def take_back(desk, done) -> str:
    data = {
        name: re.search(rf'name="{name}"[^>]*value="([^"]+)"', done.text)[1]
        for name in ("key", "of")
    }
    answer = desk.post(f"{PAGE}withdrawal", data=data)
    assert answer.status_code == 200, answer.text
    assert desk.post(f"{PAGE}withdrawal", data=data).text.count("Taken back") == 1
    return answer.text


def test_a_tag_is_taken_back_from_those_alone_that_had_it_not(desk, three):
    cards.changes.change(three[0], changes=Changes(tags=["fair 2026", "vip"]), by=AGENT)
    done = do(desk, "tag", three, tag="fair 2026")
    assert "Taken back from 2 gift cards." in take_back(desk, done)
    assert [cards.find(card_id).tags for card_id in three] == [["fair 2026", "vip"], None, None]


def test_frozen_cards_are_unfrozen_again_but_not_what_was_changed_since(desk, three):
    done = do(desk, "freeze", three)
    cards.unfreeze(three[1], by=AGENT)
    text = take_back(desk, done)
    assert "Taken back from 1 gift card." in text
    assert "1 · It was changed since." in text
    assert [cards.find(card_id).status for card_id in three[:2]] == ["active", "active"]


def test_the_last_days_are_what_they_were(desk, three):
    before = date(2097, 6, 30)
    cards.changes.change(three[0], changes=Changes(expires_on=before), by=AGENT)
    done = do(desk, "extend", three, expires_on="2098-12-31")
    take_back(desk, done)
    found = [cards.find(card_id) for card_id in three[:2]]
    assert [card.expires_on for card in found] == [before, None]
    assert [card.expires_at is None for card in found] == [False, True]


def test_what_was_mailed_is_not_taken_back_nor_what_somebody_else_did(desk, three, staff_client):
    assert "withdrawal" not in do(desk, "resend", three).text
    done = do(desk, "freeze", three)
    data = {
        name: re.search(rf'name="{name}"[^>]*value="([^"]+)"', done.text)[1]
        for name in ("key", "of")
    }
    other = staff_client("customer_service_admin").post(f"{PAGE}withdrawal", data=data)
    assert other.status_code == 404
    assert cards.find(three[0]).status == "frozen"
