"""A key may do what it was made for: scopes, caps, until its last day, from its addresses (X5)."""

from datetime import timedelta

import pytest

from giftweb import clock, database
from giftweb.domain import campaigns, cards
from giftweb.domain.campaigns import api_keys
from giftweb.domain.campaigns.key_terms import KeyTerms
from giftweb.domain.limits import CapExceeded
from giftweb.errors import Invalid, NotAllowed, NotFound
from tests.factories import ROOT, amount_of, make_campaign, make_card

pytestmark = pytest.mark.proves("X5", "X7")


@pytest.fixture
def campaign():
    return make_campaign().id


def key_of(campaign_id: str, *, is_test: bool = False, waits: bool = False, **terms):
    return api_keys.create(
        campaign_id, is_test=is_test, terms=KeyTerms(**terms), waits=waits, by=ROOT
    )


def capped(campaign_id: str, card: str | None = None, day: str | None = None):
    terms = {"card_cap": card and amount_of(card), "day_cap": day and amount_of(day)}
    return api_keys.authenticate(key_of(campaign_id, **terms).secret).actor


def used() -> int:
    return database.scalar("SELECT COUNT(*) FROM daily_use")


def test_a_key_without_terms_does_everything_and_writes_nothing(campaign):
    caller = api_keys.authenticate(key_of(campaign).secret)
    assert all(caller.may(scope) for scope in campaigns.key_terms.SCOPES)
    assert caller.is_at("203.0.113.9")
    make_card("99999.00 USD", by=caller.actor)
    assert used() == 0


def test_a_scope_is_what_a_key_may_do(campaign):
    caller = api_keys.authenticate(key_of(campaign, scopes=("checkout", "read")).secret)
    assert caller.may("read")
    assert caller.may("issue", "checkout")
    assert not caller.may("issue", "refund")


def test_a_key_gives_no_more_on_a_card_and_in_a_day_than_its_caps(campaign):
    by = capped(campaign, "50.00 USD", "80.00 USD")
    with pytest.raises(CapExceeded, match=r"at most \$50\.00 on a card"):
        make_card("50.01 USD", by=by)
    card = make_card("50.00 USD", by=by).card
    with pytest.raises(CapExceeded, match=r"at most \$80\.00 in a day"):
        cards.top_up(card.id, amount=amount_of("30.01 USD"), by=by)
    cards.top_up(card.id, amount=amount_of("30.00 USD"), by=by)
    for verb in (
        lambda: make_card("0.01 USD", by=by),
        lambda: make_card("0.01 USD", by=by, source="sales", origin="purchase"),
        lambda: cards.adjust(card.id, change=amount_of("0.01 USD"), reason="x", by=by),
        lambda: cards.endings.replace_card(card.id, by=by),
        lambda: cards.holder.resend(card.id, email="bob@example.com", by=by),
    ):
        with pytest.raises(CapExceeded):
            verb()
    with clock.moved(timedelta(days=1)):
        make_card("50.00 USD", by=by)


def test_a_cap_is_in_the_campaigns_currency_and_other_keys_have_their_own(campaign):
    by = capped(campaign, day="10.00 USD")
    with pytest.raises(NotAllowed, match="in USD only"):
        make_card("1.00 EUR", by=by)
    make_card("10.00 USD", by=by)
    make_card("10.00 USD", by=capped(campaign, day="10.00 USD"))


def test_test_money_of_a_capped_key_is_not_counted(campaign):
    key = key_of(campaign, is_test=True, card_cap=amount_of("1.00 USD"))
    make_card("500.00 USD", by=api_keys.authenticate(key.secret).actor, is_test=True)
    assert used() == 0


def test_a_key_ends_with_its_last_instant_and_leaves_room_for_another(campaign):
    ends = clock.now() + timedelta(days=1)
    first, second = (key_of(campaign, expires_at=ends).secret for _ in range(2))
    assert api_keys.authenticate(first)
    with pytest.raises(api_keys.TooManyKeys):
        key_of(campaign)
    with clock.moved(timedelta(days=1)):
        assert api_keys.authenticate(first) is None
        assert api_keys.authenticate(second) is None
        assert api_keys.authenticate(key_of(campaign).secret)


def test_a_key_that_waits_opens_nothing_until_it_is_approved(campaign):
    created = key_of(campaign, waits=True)
    assert api_keys.authenticate(created.secret) is None
    api_keys.approve(created.key.id, by=ROOT)
    assert api_keys.authenticate(created.secret)
    with pytest.raises(NotFound):
        api_keys.approve(created.key.id, by=ROOT)
    revoked = key_of(campaign, waits=True)
    api_keys.revoke(revoked.key.id, by=ROOT)
    with pytest.raises(NotFound):
        api_keys.approve(revoked.key.id, by=ROOT)


@pytest.mark.parametrize(
    ("listed", "inside", "outside"),
    [
        (("203.0.113.7",), "203.0.113.7", "203.0.113.8"),
        (("203.0.113.9/24",), "203.0.113.200", "203.0.114.1"),
        (("2001:db8::/32", "10.0.0.1"), "2001:db8::5", "2001:db9::5"),
        (("10.0.0.1",), "10.0.0.1", "unknown"),
    ],
)
def test_a_key_with_addresses_is_used_from_there_alone(campaign, listed, inside, outside):
    caller = api_keys.authenticate(key_of(campaign, addresses=listed).secret)
    assert caller.is_at(inside)
    assert not caller.is_at(outside)


@pytest.mark.parametrize(
    ("field", "terms"),
    [
        ("scopes", {"scopes": ()}),
        ("scopes", {"scopes": ("checkout", "everything")}),
        ("card_cap", {"card_cap": amount_of("1.00 EUR")}),
        ("day_cap", {"day_cap": amount_of("1.00 EUR")}),
        ("expires_at", {"expires_at": clock.EPOCH}),
        ("addresses", {"addresses": ("shop.example",)}),
        ("addresses", {"addresses": ("10.0.0.1",) * 21}),
    ],
)
def test_what_makes_no_sense_is_refused_on_its_field(campaign, field, terms):
    with pytest.raises(Invalid) as refused:
        key_of(campaign, **terms)
    assert refused.value.field == field


def test_an_approval_of_a_key_is_in_the_log(campaign):
    created = key_of(campaign, waits=True)
    api_keys.approve(created.key.id, by=ROOT)
    found = database.rows(
        "SELECT action, actor_id FROM audit_entry WHERE subject = ? ORDER BY id", created.key.id
    )
    assert [tuple(row) for row in found] == [
        ("api_key.created", ROOT.id),
        ("api_key.approved", ROOT.id),
    ]
