"""A card's page at the desk: what it shows, and every deed that is legal in its state."""

import re
from datetime import timedelta

import pytest

from giftweb import clock, database
from giftweb.domain import cards, carts, checkout
from giftweb.domain.audit.log import SYSTEM
from giftweb.domain.desk import approvals, card_page
from giftweb.domain.payments.payments import Tender
from giftweb.models import GiftCard
from tests.factories import AGENT, PASSWORD, amount_of, goods, make_checkout

HTMX = {"HX-Request": "true"}
DEEDS = {
    "recharge": "recharge",
    "adjustment": "adjust",
    "freeze": "freeze",
    "unfreeze": "unfreeze",
    "cancellation": "cancel",
    "replacement": "replace",
    "emails": "resend",
    "holder": "correct",
    "code": "reveal",
}
"""The end of the address -> the deed."""


@pytest.fixture
def desk(staff_client):
    return staff_client("customer_service")


@pytest.fixture
def lead(staff_client):
    return staff_client("customer_service_admin")


@pytest.fixture
def card(make_card) -> cards.Card:
    return make_card("50.00 USD", holder_name="Ann Smith", note="Late parcel").card


def at(card, action: str = "") -> str:
    return f"/staff/gift-cards/{card.id}" + (f"/{action}" if action else "")


def balance(card) -> int:
    return cards.find(card.id).balance_minor


def do(client, card, action: str, **fields):
    """Do it without script; the page that it leads to."""
    answer = client.post(at(card, action), data=fields)
    assert answer.status_code == 303, answer.text
    return client.get(answer.location)


def key_on(page: str) -> str:
    return re.search(r'<input[^>]* name="key"[^>]* value="([^"]+)"', page)[1]


def hold(issued, reference: str) -> str:
    """Let an open order of 20.00 USD hold money of the card; its checkout."""
    opened = make_checkout(goods("20.00 USD"), shipping="0.00 USD", reference=reference)
    carts.apply(opened.id, code=issued.code)
    return checkout.authorise(opened.id, by=SYSTEM).id


@pytest.mark.proves("S13", "B15")
def test_the_page_shows_the_money_the_history_who_did_what_and_the_mails(desk, card):
    cards.top_up(card.id, amount=amount_of("25.00 USD"), note="Second complaint", by=AGENT)
    page = desk.get(at(card)).text
    for words in (
        *("$75.00", "Active", "Ann Smith", "ann@example.com", "Late parcel", card.last4),
        *("Issued", "Recharged", "+$25.00", "+$50.00", "Second complaint", "Card recharged"),
    ):
        assert words in page
    assert re.search(r"txn_\w{26}", page)
    assert 'class="test-bar"' not in page


def test_a_test_card_is_marked_across_the_page(desk, make_card):
    assert 'class="test-bar"' in desk.get(at(make_card(is_test=True).card)).text


def test_a_card_that_does_not_exist_is_not_found(desk):
    for address in ("gc_nothing", "gc_nothing/recharge"):
        assert desk.get(f"/staff/gift-cards/{address}").status_code == 404


def test_a_long_history_is_paged(desk, card):
    for _ in range(25):
        cards.top_up(card.id, amount=amount_of("1.00 USD"), by=AGENT)
    page = desk.get(at(card)).text
    assert page.count('class="id of-id"') == 20
    following = re.search(r'href="([^"]*after=\d+[^"]*)"[^>]*>Next page', page)[1]
    rest = desk.get(following, headers=HTMX).text
    assert rest.lstrip().startswith('<div id="statement">')
    assert rest.count('class="id of-id"') == 6


@pytest.mark.proves("S12", "I30")
def test_a_recharge_is_a_movement_a_mail_and_a_line(desk, card, mailbox):
    page = do(desk, card, "recharge", amount="25.00", reason="Sorry")
    assert "Recharged with $25.00." in page.text
    assert "$75.00" in page.text
    assert balance(card) == 7500
    assert mailbox.kinds() == ["card_issued", "card_recharged"]
    actor, reason = database.row(
        "SELECT actor_id, reason FROM audit_entry WHERE action = 'gift_card.recharged'"
    )
    assert (actor, reason) == (desk.person.id, "Sorry")


@pytest.mark.proves("D29", "E9", "B10")
def test_a_recharge_is_sold_or_given_and_the_page_says_what_is_left_of_each(desk, card):
    assert "Given</dd>" in re.sub(r"\s+<", "<", desk.get(at(card)).text)
    do(desk, card, "recharge", amount="25.00", source="sales")
    do(desk, card, "recharge", amount="5.00")
    found = cards.find(card.id).funding
    assert [(part.source, str(part.amount)) for part in found] == [
        ("sales", "25.00 USD"),
        ("goodwill", "55.00 USD"),
    ]
    page = desk.get(at(card)).text
    assert re.search(r"\$25\.00(</\w+>)* sold", page)
    assert re.search(r"\$55\.00(</\w+>)* given", page)


@pytest.mark.proves("D29")
@pytest.mark.parametrize("source", ["imports", "adjustments", "nothing"])
def test_a_recharge_of_another_source_is_refused(desk, card, source):
    answer = desk.post(at(card, "recharge"), data={"amount": "25", "source": source})
    assert answer.status_code == 422
    assert balance(card) == 5000


def test_htmx_gets_the_whole_card_in_its_new_state(desk, card):
    answer = desk.post(at(card, "recharge"), data={"amount": "25"}, headers=HTMX)
    assert answer.text.lstrip().startswith(f'<div id="card-{card.id}"')
    assert answer.headers["HX-Retarget"] == f"#card-{card.id}"
    assert "Recharged with $25.00." in answer.headers["HX-Trigger"]


@pytest.mark.proves("I27")
@pytest.mark.parametrize(
    ("action", "fields"),
    [("recharge", {}), ("adjustment", {"reason": "x", "direction": "add", "is_checked": "y"})],
)
def test_a_money_form_sent_twice_moves_money_once(lead, card, action, fields):
    data = fields | {"amount": "25.00", "key": key_on(lead.get(at(card, action)).text)}
    do(lead, card, action, **data)
    assert "not done twice" in do(lead, card, action, **data).text
    assert balance(card) == 7500
    again = lead.post(at(card, action), data=data | {"amount": "5.00"})
    assert again.status_code == 409
    assert "sent before with other figures" in again.text
    do(lead, card, action, **data | {"amount": "5.00", "key": key_on(again.text)})
    assert balance(card) == 8000


@pytest.mark.parametrize("amount", ["", "ten", "0", "-5", "1e3", "0.001", "99999999999999"])
def test_an_amount_that_cannot_be_is_reported_on_its_field(desk, card, amount):
    answer = desk.post(at(card, "recharge"), data={"amount": amount})
    assert answer.status_code == 422
    assert 'href="#amount">' in answer.text
    assert balance(card) == 5000


def test_staff_cannot_recharge_their_own_card(desk, make_card):
    mine = make_card(holder=desk.person.email).card
    answer = desk.post(at(mine, "recharge"), data={"amount": "5"})
    assert answer.status_code == 403
    assert "your own address" in answer.text


def test_an_adjustment_is_shown_in_numbers_before_it_is_made(lead, card):
    data = {"direction": "take", "amount": "30.00", "reason": "Sent twice"}
    page = lead.post(at(card, "adjustment"), data=data)
    assert "goes from $50.00 to $20.00" in page.text
    assert "Adjust by -$30.00" in page.text
    assert balance(card) == 5000
    assert "$20.00" in do(lead, card, "adjustment", **data, is_checked="y").text
    assert balance(card) == 2000


def test_an_adjustment_needs_a_reason_and_money_on_the_card(lead, card):
    data = {"direction": "take", "amount": "50.01", "reason": "Sent twice"}
    for checked in ({}, {"is_checked": "y"}):
        answer = lead.post(at(card, "adjustment"), data=data | checked)
        assert answer.status_code == 409
        assert "$50.00 left" in answer.text
    answer = lead.post(at(card, "adjustment"), data=data | {"reason": " ", "is_checked": "y"})
    assert answer.status_code == 422
    assert 'href="#reason">' in answer.text
    assert balance(card) == 5000


@pytest.mark.proves("D5", "D12")
def test_a_card_is_frozen_and_unfrozen(desk, card):
    page = do(desk, card, "freeze", reason="Stolen")
    for words in ("Frozen", "Stolen", "Unfreeze"):
        assert words in page.text
    assert cards.find(card.id).status == "frozen"
    assert desk.get(at(card, "freeze")).status_code == 409
    page = do(desk, card, "unfreeze")
    assert cards.find(card.id).status == "active"
    assert desk.get(at(card, "unfreeze")).status_code == 409


@pytest.mark.proves("D5", "I21")
def test_an_unused_card_is_cancelled_after_a_confirmation_in_numbers(desk, card):
    panel = desk.get(at(card, "cancellation")).text
    assert "$50.00 on it is withdrawn." in panel
    assert desk.post(at(card, "cancellation"), data={}).status_code == 422
    page = do(desk, card, "cancellation", reason="Wrong person")
    assert "Cancelled" in page.text
    assert cards.find(card.id).status == "cancelled"
    for over in ("recharge", "freeze", "replacement", "code", "cancellation"):
        assert at(card, over) not in page.text


@pytest.mark.proves("S44", "D6")
def test_a_cancelled_card_that_was_bought_gives_its_price_back(desk):
    item = goods("50.00 USD", kind="gift_card", type="virtual", requires_shipping=False)
    opened = make_checkout(item, shipping="0.00 USD")
    paid = Tender(
        method="credit_card", amount=amount_of("50.00 USD"), reference="Visa 4242", state="captured"
    )
    order = checkout.capture(opened.id, tenders=(paid,), by=SYSTEM)
    [card] = cards.of_orders([order.id])
    assert (
        "It was bought: $50.00 goes back to Visa 4242." in desk.get(at(card, "cancellation")).text
    )
    do(desk, card, "cancellation", reason="Changed their mind")
    assert cards.find(card.id).status == "cancelled"
    [amount] = database.row("SELECT amount_minor FROM refund WHERE order_id = ?", order.id)
    assert amount == 5000


@pytest.mark.proves("S44", "D5")
def test_a_used_card_is_not_cancelled_and_freezing_it_is_offered(desk, make_card):
    issued = make_card()
    card = issued.card
    order = checkout.capture(hold(issued, "R-7"), tenders=(), by=SYSTEM)
    page = desk.get(at(card)).text
    assert "It has been used, so it cannot be cancelled." in page
    assert "You can" in page
    assert f'href="{at(card, "cancellation")}"' not in page
    assert f">{order.number}</a>" in page or f">{order.number}</td>" in page
    for answer in (
        desk.get(at(card, "cancellation")),
        desk.post(at(card, "cancellation"), data={"reason": "Please"}),
    ):
        assert answer.status_code == 409
        assert "This card has been used, so it cannot be cancelled." in answer.text
        assert f'href="{at(card, "freeze")}"' in answer.text
    assert cards.find(card.id).status == "active"


@pytest.mark.proves("D19")
def test_what_open_orders_hold_is_shown_and_may_be_released_by_a_freeze(desk, make_card):
    issued = make_card()
    card = issued.card
    hold(issued, "R-1")
    page = desk.get(at(card)).text
    for words in ("Held by open orders", "R-1", "$20.00", "$30.00 of it can be spent"):
        assert words in page
    for action in ("cancellation", "replacement"):
        answer = desk.get(at(card, action))
        assert answer.status_code == 409
        assert "An open order holds money on this card." in answer.text
    assert "$20.00 for R-1." in desk.get(at(card, "freeze")).text
    do(desk, card, "freeze", holds="honour")
    assert cards.find(card.id).held_minor == 2000
    do(desk, card, "unfreeze")
    assert "free again" in do(desk, card, "freeze", holds="release").text
    assert cards.find(card.id).held_minor == 0


@pytest.mark.proves("D5")
def test_a_replaced_card_leads_to_its_successor_without_showing_the_code(desk, card, mailbox):
    page = do(desk, card, "replacement", reason="Lost")
    [successor] = cards.select().where(GiftCard.replaces_id == card.id)
    assert f'Gift card <span class="last4">•••• {successor.last4}' in page.text
    assert f'href="{at(card)}"' in page.text
    assert re.search(r"[0-9A-Z]{5}-[0-9A-Z]{5}-[0-9A-Z]{5}", page.text) is None
    old = desk.get(at(card)).text
    assert "Replaced by" in old
    assert mailbox.kinds()[-1] == "card_replaced"


def test_a_card_is_mailed_again(desk, card, mailbox):
    page = do(desk, card, "emails")
    assert "The card is kept in the outbox: no mail server is set." in page.text
    assert mailbox.kinds() == ["card_issued", "card_resent"]


def test_a_corrected_address_gets_the_card_unless_told_otherwise(desk, card, mailbox):
    do(desk, card, "holder", email="Anne@Example.com", name="Anne", send="y", reason="Misheard")
    changed = cards.find(card.id)
    assert (changed.holder_email, changed.holder_name) == ("anne@example.com", "Anne")
    assert [mail.to for mail in mailbox.all()] == ["anne@example.com"]
    page = do(desk, card, "holder", email="ann@example.com", reason="Put back")
    assert "Nothing was mailed now" in page.text
    assert len(mailbox.all()) == 1
    assert desk.post(at(card, "holder"), data={"email": "ann@"}).status_code == 422
    assert desk.post(at(card, "holder"), data={"email": desk.person.email}).status_code == 403


@pytest.mark.proves("X6")
def test_another_address_needs_a_reason_and_another_name_none(desk, card):
    page = desk.post(at(card, "holder"), data={"email": "bea@example.com", "name": "Bea"})
    assert page.status_code == 422
    assert "Say why the card gets another address." in page.text
    assert cards.find(card.id).holder_email == "ann@example.com"
    do(desk, card, "holder", email="ann@example.com", name="Ann Marie")
    assert cards.find(card.id).holder_name == "Ann Marie"


@pytest.mark.proves("X6", "X7")
def test_another_address_above_the_limit_waits_with_all_that_was_entered(desk, lead, make_card):
    card = make_card("150.00 USD").card
    form = {"email": "cs.private@example.com", "name": "Cara", "send": "y", "reason": "Asked"}
    page = do(desk, card, "holder", **form)
    assert "It waits for another person" in page.text
    assert cards.find(card.id).holder_email == "ann@example.com"
    (waiting,) = approvals.waiting()
    shown = lead.get(f"/staff/approvals/{waiting.id}").text
    for words in ("Another address for a card", "$150.00", "cs.private@example.com", "Asked"):
        assert words in shown, words
    assert lead.post(f"/staff/approvals/{waiting.id}/approval").status_code == 303
    changed = cards.find(card.id)
    assert (changed.holder_email, changed.holder_name) == ("cs.private@example.com", "Cara")


@pytest.mark.proves("X6", "X7")
def test_a_replacement_above_the_limit_waits(desk, lead, make_card):
    card = make_card("150.00 USD").card
    page = desk.post(at(card, "replacement"), data={"reason": "Lost"}, follow_redirects=True)
    assert "It waits for another person" in page.text
    (waiting,) = approvals.waiting()
    lead.post(f"/staff/approvals/{waiting.id}/approval")
    assert cards.find(card.id).status == cards.values.REPLACED


@pytest.mark.proves("X6", "X7")
def test_a_code_above_the_limit_is_not_shown(lead, make_card):
    issued = make_card("1000.01 USD")
    answer = lead.post(at(issued.card, "code"), data={"reason": "To write it on the card"})
    assert answer.status_code == 409
    assert "above your limit of $1,000.00 at a time" in answer.text
    assert issued.code[:5] not in answer.text


@pytest.mark.proves("I28", "I30")
def test_the_code_is_shown_for_a_reason_and_the_password(lead, make_card):
    issued = make_card()
    card = issued.card
    panel = lead.get(at(card, "code"))
    shown = "-".join((issued.code[:5], issued.code[5:10], issued.code[10:]))
    assert shown not in panel.text
    assert lead.post(at(card, "code"), data={"reason": ""}).status_code == 422
    answer = lead.post(at(card, "code"), data={"reason": "To write on the card"})
    assert shown in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    reason = database.scalar("SELECT reason FROM audit_entry WHERE action = 'gift_card.code_shown'")
    assert reason == "To write on the card"
    assert shown not in lead.get(at(card)).text
    with clock.moved(timedelta(minutes=6)):
        asked = lead.post(at(card, "code"), data={"reason": "Again"})
        assert asked.status_code == 303
        assert asked.location.startswith("/staff/confirm?next=")
        place = {"password": PASSWORD, "next": at(card, "code")}
        assert lead.post("/staff/confirm", data=place).location == at(card, "code")
        assert lead.get(at(card, "code")).status_code == 200


@pytest.mark.proves("D14")
@pytest.mark.parametrize(
    ("role", "refused"),
    [
        ("customer_service", {"adjust", "reveal"}),
        ("customer_service_admin", set()),
        ("root", set()),
        ("finance", set(DEEDS.values())),
    ],
)
def test_each_role_sees_and_may_do_its_own_actions(staff_client, card, role, refused):
    client = staff_client(role)
    page = client.get(at(card)).text
    for address, action in DEEDS.items():
        may = action not in refused
        assert (client.get(at(card, address)).status_code != 403) is may, action
        offered = f'href="{at(card, address)}"' in page
        assert offered is (may and action != "unfreeze"), action


def test_marketing_sees_no_cards(staff_client, card):
    assert staff_client("marketing").get(at(card)).status_code == 403


def test_what_a_cards_state_does_not_allow_is_not_offered_and_is_refused(lead, card, make_card):
    cancelled = cards.endings.cancel(make_card().card.id, by=AGENT)
    replaced = make_card().card
    cards.endings.replace_card(replaced.id, by=AGENT)
    with clock.moved(timedelta(days=-40)):
        expired = make_card(expires_on=clock.today() + timedelta(days=1)).card
    for ended, allowed in ((cancelled, set()), (replaced, set()), (expired, {"cancellation"})):
        record = card_page.read(ended.id)
        page = lead.get(at(ended)).text
        for address, action in DEEDS.items():
            assert record.may(action) is (address in allowed), (ended, action)
            assert (f'href="{at(ended, address)}"' in page) is (address in allowed)
            if action != "reveal" and address not in allowed:
                refused = lead.get(at(ended, address))
                assert refused.status_code == 409
                assert re.search(r'<h2 id="panel-title" tabindex="-1">\s*\w', refused.text), action
                assert lead.post(at(ended, address), data={"reason": "x"}).status_code == 409


def test_a_refusal_has_the_title_of_its_panel(desk, card):
    refused = desk.get(at(card, "delivery"))
    assert refused.status_code == 409
    assert "Send on another day</h2>" in refused.text


def test_a_card_without_an_address_cannot_be_mailed_until_it_has_one(desk, make_card):
    card = make_card(holder=None).card
    answer = desk.get(at(card, "emails"))
    assert answer.status_code == 409
    assert "Correct the address first" in answer.text
    assert f'href="{at(card, "holder")}"' in answer.text
    assert "Nobody is told" in desk.get(at(card, "recharge")).text


def test_a_panel_is_a_page_without_script_and_a_fragment_with_it(desk, card):
    page = desk.get(at(card, "recharge")).text
    assert "<!doctype html>" in page
    assert f'action="{at(card, "recharge")}"' in page
    fragment = desk.get(at(card, "recharge"), headers=HTMX).text
    assert "<html" not in fragment
    assert '<section class="panel" id="recharge">' in fragment


def test_every_panel_names_the_numbers_it_is_about(lead, card):
    for address in (
        "recharge",
        "freeze",
        "cancellation",
        "replacement",
        "emails",
        "holder",
        "code",
    ):
        panel = lead.get(at(card, address), headers=HTMX).text
        assert "$50.00" in panel, address
        assert card.last4 in panel, address
