"""Words without an end: no page of the desk or the shop is wider than a phone for them (E22)."""

import pytest

from giftweb.domain import notes
from tests import factories
from tests.browser.server import enter
from tests.factories import goods, make_campaign
from tests.orders import gift_card_item, place, sheet

pytestmark = pytest.mark.proves("E22")

WORD = "Wolfeschlegelsteinhausenbergerdorff" * 5
"""175 letters without a place to break."""


@pytest.fixture
def order(site):
    """An order in which every text is one long word."""
    campaign = make_campaign(WORD[:100])
    bought = gift_card_item(
        recipient_name=WORD, recipient_email=f"{WORD[:60]}@example.com", sender_name=WORD
    )
    bought = bought._replace(message=WORD)
    placed = place(
        goods("20.00 USD", name=WORD, sku=WORD[:60]),
        bought,
        campaign_id=campaign.id,
        reference=WORD,
        customer_email=f"{WORD[:60].lower()}@example.com",
        customer_name=WORD,
        paid_as=WORD,
        method="bank_transfer",
        state="pending",
    )
    notes.add(placed.id, WORD)
    return placed


def test_no_page_of_the_desk_is_wider_than_a_phone(page, order):
    enter(page, factories.make_staff("root"))
    page.set_viewport_size({"width": 320, "height": 700})
    customer_id = order.customer_id
    payment = sheet(order).payments[0]
    wide = []
    for address in (
        "/staff/",
        "/staff/orders/",
        f"/staff/orders/{order.number}",
        f"/staff/orders/{order.number}/payments/{payment.id}",
        f"/staff/orders/{order.number}/payments/{payment.id}/receipt",
        f"/staff/orders/{order.number}/packing",
        "/staff/awaited-payments/",
        "/staff/customers/",
        f"/staff/customers/{customer_id}",
        "/staff/campaigns/",
        "/staff/outbox",
        "/staff/audit",
    ):
        page.goto(address)
        width = page.evaluate("document.documentElement.scrollWidth")
        wide += [(address, width)] if width > 320 else []
    assert wide == []
