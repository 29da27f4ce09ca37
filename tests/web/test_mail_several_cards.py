"""Several cards in one mail: each says whom it is for and who gives it, where they differ (E18)."""

import pytest

from giftweb.domain import outbox
from giftweb.domain.mail.letters import gather
from giftweb.web.mail.letters import Written, write
from tests.orders import gift_card_item, place

pytestmark = pytest.mark.proves("E18", "S71", "D26")

BOX = "family@example.com"


def mail_of(app, *dedications: dict) -> Written:
    """The mail of an order that bought a card a dedication, all for one address."""
    place(*(gift_card_item(recipient_email=BOX, **each) for each in dedications))
    (mail,) = [each for each in outbox.mails.of_address(BOX) if each.kind == "cards_purchased"]
    with app.app_context():
        return write(gather(mail))


def test_two_people_behind_one_address_each_find_their_card(app):
    written = mail_of(
        app,
        {"recipient_name": "Lena", "sender_name": "Rita"},
        {"recipient_name": "Max", "sender_name": "Rita"},
    )
    assert written.subject == "Rita sent you 2 gift cards"
    assert "Hello" not in written.text
    assert [written.text.count(line) for line in ("For Lena", "For Max")] == [1, 1]
    assert "From Rita" not in written.text
    for name in ("Lena", "Max"):
        assert f"For <bdi>{name}</bdi>" in written.html


def test_two_givers_of_cards_for_one_person_are_both_named(app):
    written = mail_of(
        app,
        {"recipient_name": "Rita", "sender_name": "Sam", "message": "Well done"},
        {"recipient_name": "Rita", "sender_name": "Tom", "message": "Well done"},
    )
    assert written.subject.startswith("Your 2 gift cards")
    assert "Hello Rita" in written.text
    assert "For Rita" not in written.text
    for name in ("Sam", "Tom"):
        assert f"From {name}" in written.text
        assert f"From <bdi>{name}</bdi>" in written.html
        assert f"> - {name}" in written.text
    assert written.text.count("> Well done") == 2


def test_what_is_the_same_for_all_cards_is_stated_once(app):
    same = {"recipient_name": "Rita", "sender_name": "Sam", "message": "Well done"}
    written = mail_of(app, same, same)
    assert written.subject == "Sam sent you 2 gift cards"
    assert written.text.count("Hello Rita") == written.text.count("> Well done") == 1
    for line in ("For ", "From "):
        assert line not in written.text


def test_a_card_without_a_name_beside_one_with_a_name_is_nobodys(app):
    written = mail_of(app, {"recipient_name": "Lena", "sender_name": "Sam"}, {"sender_name": "Sam"})
    assert "Hello" not in written.text
    assert "For Lena" in written.text
