"""Everybody who acts in the log is known to it, and could do so then."""

from datetime import timedelta

import pytest

from giftweb import clock, database, models
from giftweb.domain import audit, campaigns, cards, staff
from giftweb.domain.audit import seals
from giftweb.domain.audit.log import SYSTEM, Actor
from tests.domain.audit.test_anchors import named
from tests.factories import ROOT, amount_of, make_campaign, make_card, make_staff
from tests.orders import signed_in
from tests.tampering import as_owner

pytestmark = [pytest.mark.proves("I43", "X18"), pytest.mark.tampers]

CHECK = "I43 known actors"
LATER = timedelta(hours=1)


def top_up(by: Actor) -> str:
    """Something that the actor does; the id of its entry."""
    cards.top_up(make_card("5.00 USD").card.id, amount=amount_of("1.00 USD"), by=by)
    return database.scalar("SELECT MAX(id) FROM audit_entry WHERE actor_id = ?", by.id)


def test_who_was_planted_and_taken_away_again_is_named_by_what_they_did():
    person = signed_in("finance")
    assert not {row for check, row in named() if check == CHECK}
    with as_owner():
        seals.insert(
            models.Staff,
            id="stf_01m8planted",
            email="eve@example.com",
            name="Eve",
            role="root",
            password_hash="",
            created_at=clock.now(),
        )
        entry = top_up(Actor("staff", "stf_01m8planted", "Eve", "root"))
        database.execute("DELETE FROM staff WHERE id = 'stf_01m8planted'")
        assert (CHECK, entry) in named()
        assert (CHECK, top_up(person)) not in named()
        assert (CHECK, top_up(Actor("api", "key_01m8planted", "Shop"))) in named()


def test_a_role_that_somebody_never_had_is_named():
    person = make_staff("customer_service")
    with as_owner():
        entry = top_up(Actor("staff", person.id, person.name, "root"))
        assert (CHECK, entry) in named()


def test_what_somebody_does_after_their_right_is_over_is_named():
    key = campaigns.api_keys.create(make_campaign().id, is_test=False, by=ROOT).key
    person = make_staff("customer_service")
    shop = Actor("api", key.id, "Shop")
    agent = Actor("staff", person.id, person.name, person.role)
    staff.change(person.id, name=person.name, role="finance", by=SYSTEM, reason="moved")
    campaigns.api_keys.revoke(key.id, by=ROOT)
    with as_owner():
        under_way = {(CHECK, top_up(shop)), (CHECK, top_up(agent))}
        assert not under_way & named()
        with clock.moved(LATER):
            assert {(CHECK, top_up(shop)), (CHECK, top_up(agent))} <= named()


def test_who_was_let_in_again_is_known():
    person = make_staff("customer_service")
    for verb in (staff.deactivate, staff.reactivate):
        verb(person.id, by=SYSTEM, reason="x")
    with clock.moved(LATER):
        entry = top_up(Actor("staff", person.id, person.name, person.role))
    assert (CHECK, entry) not in named()
    assert audit.checks.run() == []
