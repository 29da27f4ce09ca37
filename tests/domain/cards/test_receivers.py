"""Staff give nothing to themselves and nothing to one another, however the address is written."""

import pytest

from giftweb.domain import cards, desk, staff
from giftweb.domain.desk.batches import Draft, Row
from giftweb.errors import Invalid, NotAllowed
from tests.factories import AGENT, ROOT, amount_of, make_card, make_staff

pytestmark = pytest.mark.proves("X6", "I30")

OWN = [
    "amy@giftweb.test",
    "AMY@GiftWeb.test",
    "amy+x@giftweb.test",
    "ａmy@giftweb.test",
    "amy@gıftweb.test",
]


@pytest.mark.parametrize("typed", OWN)
def test_ones_own_address_is_known_in_every_spelling(typed):
    with pytest.raises(NotAllowed, match="your own address"):
        make_card(holder=typed, by=AGENT)


def test_a_colleagues_address_is_refused_until_they_have_left():
    other = make_staff(email="carl.private@gmail.com")
    with pytest.raises(NotAllowed, match="colleague"):
        make_card(holder="carlprivate+gift@gmail.com", by=AGENT)
    card = make_card(holder="carl.private@gmail.com").card
    for verb in (
        lambda: cards.top_up(card.id, amount=amount_of("1.00 USD"), by=AGENT),
        lambda: cards.adjust(card.id, change=amount_of("1.00 USD"), reason="x", by=AGENT),
        lambda: cards.holder.resend(card.id, by=AGENT),
        lambda: cards.holder.correct_holder(card.id, email=other.email, name=None, by=AGENT),
    ):
        with pytest.raises(NotAllowed, match="colleague"):
            verb()
    cards.adjust(card.id, change=-amount_of("1.00 USD"), reason="Too much", by=AGENT)
    staff.deactivate(other.id, by=ROOT, reason="Left")
    make_card(holder=other.email, by=AGENT)


def test_a_colleague_in_a_batch_is_named_by_the_row():
    other = make_staff()
    rows = (Row("ann@example.com"), Row(other.email))
    draft = Draft(
        is_customer=False,
        is_batch=True,
        is_test=False,
        rows=rows,
        amount=amount_of("5.00 USD"),
    )
    with pytest.raises(Invalid) as refused:
        desk.batches.check(draft, by=AGENT)
    assert refused.value.errors == [("rows", f"Row 2, {other.email}: {cards.receivers.COLLEAGUE}")]


def test_what_a_colleague_has_bought_is_theirs():
    other = make_staff()
    make_card(holder=other.email, by=AGENT, source="sales", origin="purchase")


@pytest.mark.parametrize("typed", OWN)
def test_a_sold_card_does_not_go_to_whoever_issues_it(typed):
    with pytest.raises(NotAllowed, match="your own address"):
        make_card(holder=typed, by=AGENT, source="sales", origin="purchase")
