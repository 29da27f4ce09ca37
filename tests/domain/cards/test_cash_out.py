"""A small rest is paid out where the law says so, and nowhere else."""

import pytest

from giftweb.domain import cards
from giftweb.domain.cards.cash_out import NoCashOut
from giftweb.errors import CardAlreadyUsed, CardNotUsable, NotAllowed
from giftweb.models import AuditEntry, Transfer
from tests.factories import AGENT, amount_of, make_campaign, make_card

pytestmark = pytest.mark.proves("B27", "D15")


@pytest.fixture
def california():
    return make_campaign(rules="us-ca").id


def test_the_rest_leaves_the_card_and_stands_in_its_history(california):
    card = make_card("14.99 USD", campaign_id=california, source="sales").card
    line = cards.cash_out.cash_out(card.id, by=AGENT, reason="Asked for it")
    after = cards.find(card.id)
    assert (line.amount, line.type) == (-amount_of("14.99 USD"), "adjusted")
    assert (after.balance, after.status, after.funding) == (amount_of("0.00 USD"), "used_up", ())
    moved = Transfer.get(Transfer.kind == "cash_out")
    assert (moved.from_account, moved.to_account) == (card.id, "cash_out")
    assert (moved.amount_minor, moved.sales_minor) == (1499, 1499)
    entry = AuditEntry.get(AuditEntry.action == "gift_card.cashed_out")
    assert entry.reason == "Asked for it"
    assert "1749.5" in entry.data["rule"]


@pytest.mark.parametrize(
    ("amount", "rules", "source"),
    [
        ("15.00 USD", "us-ca", "sales"),
        ("10.00 USD", "us", "sales"),
        ("10.00 USD", "none", "sales"),
        ("10.00 USD", "us-ca", "promotions"),
        ("10.00 USD", "us-ca", "goodwill"),
    ],
)
def test_what_no_rule_pays_out_stays_on_the_card(amount, rules, source):
    card = make_card(amount, campaign_id=make_campaign(rules=rules).id, source=source).card
    with pytest.raises(NoCashOut):
        cards.cash_out.cash_out(card.id, by=AGENT)
    assert cards.find(card.id).balance == amount_of(amount)


def test_a_card_of_no_campaign_keeps_what_all_campaigns_keep_alike():
    card = make_card("10.00 USD", source="sales").card
    make_campaign(rules="us-ca")
    assert cards.cash_out.rule_for(card)
    make_campaign(rules="us")
    assert not cards.cash_out.rule_for(card)


def test_a_frozen_card_pays_nothing_out(california):
    card = make_card("10.00 USD", campaign_id=california, source="sales").card
    cards.freeze(card.id, by=AGENT)
    with pytest.raises(CardNotUsable):
        cards.cash_out.cash_out(card.id, by=AGENT)


def test_nobody_pays_their_own_card_out(california):
    card = make_card("10.00 USD", campaign_id=california, source="sales", holder=AGENT.email).card
    with pytest.raises(NotAllowed):
        cards.cash_out.cash_out(card.id, by=AGENT)


def test_what_was_paid_out_is_used_and_is_not_withdrawn_once_more(california):
    card = make_card("10.00 USD", campaign_id=california, source="sales").card
    cards.cash_out.cash_out(card.id, by=AGENT)
    with pytest.raises(CardAlreadyUsed):
        cards.endings.cancel(card.id, by=AGENT)


def test_paying_out_twice_pays_once(california):
    card = make_card("10.00 USD", campaign_id=california, source="sales").card
    cards.cash_out.cash_out(card.id, by=AGENT)
    with pytest.raises(CardNotUsable):
        cards.cash_out.cash_out(card.id, by=AGENT)
    assert Transfer.select().where(Transfer.kind == "cash_out").count() == 1
