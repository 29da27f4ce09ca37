"""A live key made at the desk waits for a second person, and one of the two is Root (X5)."""

import pytest

from giftweb.domain import desk, limits
from giftweb.domain.campaigns import api_keys
from giftweb.domain.campaigns.key_terms import KeyTerms
from giftweb.errors import Invalid, NotAllowed
from tests.factories import ROOT, amount_of, make_campaign, no_limits
from tests.orders import signed_in

pytestmark = pytest.mark.proves("X5")

TERMS = {
    "scopes": ("checkout", "read"),
    "card_cap": amount_of("100.00 USD"),
    "day_cap": amount_of("1000.00 USD"),
}


def ask(by, *, is_test: bool = False, reason: str = "The new shop", **terms):
    return desk.live_keys.create(
        make_campaign().id, is_test=is_test, terms=KeyTerms(**TERMS | terms), reason=reason, by=by
    )


def test_it_opens_nothing_until_root_has_approved_what_marketing_asked_for(mailbox):
    by, root = signed_in("marketing"), signed_in("root")
    created = ask(by)
    assert api_keys.authenticate(created.secret) is None
    assert [mail.to for mail in mailbox.all()] == [root.email]
    (waiting,) = desk.approvals.waiting()
    assert (
        dict(waiting.details)["May do"]
        == "Checkout: carts, payments, orders; Read: cards, orders, events"
    )
    assert dict(waiting.details)["Most in a day"] == "$1,000.00"
    with pytest.raises(NotAllowed, match="has to have the role Root"):
        desk.approvals.approve(waiting.id, by=signed_in("customer_service_admin"))
    desk.approvals.approve(waiting.id, by=root)
    assert api_keys.authenticate(created.secret).may("read")


def test_what_root_asks_for_another_person_approves():
    root = signed_in("root")
    created = ask(root)
    (waiting,) = desk.approvals.waiting()
    with pytest.raises(NotAllowed, match="Nobody approves their own"):
        desk.approvals.approve(waiting.id, by=root)
    desk.approvals.approve(waiting.id, by=signed_in("customer_service_admin"))
    assert api_keys.authenticate(created.secret)


@pytest.mark.parametrize("is_own", [True, False])
def test_a_declined_key_is_revoked(is_own):
    by = signed_in("marketing")
    created = ask(by)
    (waiting,) = desk.approvals.waiting()
    desk.approvals.decline(waiting.id, by=by if is_own else signed_in("root"))
    assert api_keys.authenticate(created.secret) is None
    (key,) = api_keys.all_of(created.key.campaign_id)
    assert key.revoked_at


def test_a_key_that_was_revoked_while_it_waited_can_still_be_declined():
    by = signed_in("marketing")
    created = ask(by)
    api_keys.revoke(created.key.id, by=by)
    (waiting,) = desk.approvals.waiting()
    assert desk.approvals.decline(waiting.id, by=by).status == "declined"


@pytest.mark.parametrize(("field", "cap"), [("card_cap", "500.01 USD"), ("day_cap", "5000.01 USD")])
def test_its_caps_are_within_the_limit_that_root_has_set(field, cap):
    by = signed_in("marketing")
    for wanted in (amount_of(cap), None):
        with pytest.raises(Invalid) as refused:
            ask(by, **{field: wanted})
        assert refused.value.field == field
    no_limits()
    limits.terms.put(limits.API_KEY, currency="USD", terms=limits.Terms(None, None, None), by=ROOT)
    ask(by, **{field: None})


def test_a_test_key_waits_for_nobody_and_has_no_limit():
    created = ask(signed_in("marketing"), is_test=True, card_cap=None, day_cap=None, reason="")
    assert api_keys.authenticate(created.secret).is_test
    assert desk.approvals.waiting() == []


def test_a_live_key_needs_a_reason():
    with pytest.raises(Invalid, match="what the key is for"):
        ask(signed_in("root"), reason=" ")
