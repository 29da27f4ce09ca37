"""What of a gift card a shop's program changes: last day, note, tags, holder (docs/api.md)."""

import pytest

from giftweb import models
from giftweb.domain.cards import tags
from giftweb.errors import Invalid
from tests.web.api.shop import CARD, done, says


@pytest.mark.proves("E7")
def test_note_and_tags_are_kept_changed_and_found(shop):
    card = shop.issue(note="VIP", tags=["summer sale", "paper", "paper"])
    other = shop.issue(tags=["paper bag"])
    assert (card["note"], card["tags"]) == ("VIP", ["paper", "summer sale"])
    changed = done(shop.api.patch(f"/gift-cards/{card['id']}", {"tags": ["gold"]}))
    assert (changed["note"], changed["tags"]) == ("VIP", ["gold"])
    changed = done(shop.api.patch(f"/gift-cards/{card['id']}", {"note": "", "tags": []}))
    assert "note" not in changed
    assert changed["tags"] == []
    found = done(shop.api.get("/gift-cards", tag="paper bag"))["data"]
    assert [each["id"] for each in found] == [other["id"]]
    assert done(shop.api.get("/gift-cards", tag="paper"))["data"] == []


@pytest.mark.parametrize("wanted", [["x" * 41], ["a"] * 21, ["a\nb"], "paper", [1], [""]])
def test_odd_tags_are_says(shop, wanted):
    says(shop.api.post("/gift-cards", CARD | {"tags": wanted}), 422, "invalid")


@pytest.mark.no_database
def test_a_card_has_so_many_tags_and_no_more():
    assert tags.read(["b", " a ", "b", ""]) == ["a", "b"]
    assert tags.read([" "]) is None
    with pytest.raises(Invalid, match="at most 20"):
        tags.read([str(number) for number in range(21)])


@pytest.mark.proves("D25")
def test_the_last_day_moves_and_is_never_in_the_past(shop):
    card = shop.issue(expires_on="2199-01-01")
    changed = done(shop.api.patch(f"/gift-cards/{card['id']}", {"expires_on": "2199-06-30"}))
    assert changed["expires_on"] == "2199-06-30"
    says(shop.api.patch(f"/gift-cards/{card['id']}", {"expires_on": "2020-01-01"}), 422, "invalid")
    [*_, entry] = models.AuditEntry.select().where(models.AuditEntry.subject == card["id"])
    assert entry.data == {"changed": ["expires_on"], "expires_on": "2199-06-30"}


@pytest.mark.proves("D26")
def test_another_holder_is_named_and_everything_is_changed_or_nothing(shop):
    card = shop.issue()
    wanted = {"holder": {"email": "Ben@Example.com"}, "note": "moved"}
    changed = done(shop.api.patch(f"/gift-cards/{card['id']}", wanted))
    assert changed["holder"] == {"email": "ben@example.com", "name": "Ann"}
    wanted = {"note": "not kept", "expires_on": "2020-01-01"}
    says(shop.api.patch(f"/gift-cards/{card['id']}", wanted), 422, "invalid")
    assert shop.card(card["id"])["note"] == "moved"


def test_another_shop_sees_neither_note_nor_tags(shop, api):
    card = shop.issue(note="VIP", tags=["gold"])
    found = done(api().post("/gift-cards/lookup", {"code": card["code"]}))
    assert "note" not in found
    assert (found["tags"], found["holder"]) == ([], {"email": None})
