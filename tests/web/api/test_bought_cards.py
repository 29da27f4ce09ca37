"""A bought gift card that its shop cancels over the API."""

import pytest

from tests.factories import make_campaign
from tests.orders import gift_card_item, now, paid_by, place, sheet


@pytest.mark.proves("S44", "D6")
def test_a_bought_card_that_the_shop_cancels_gives_its_price_back(api):
    campaign = make_campaign()
    order = place(
        gift_card_item("50.00 USD"), shipping="0.00 USD", gateway="shop", campaign_id=campaign.id
    )
    (card,) = sheet(order).purchased
    answer = api(campaign.id).post(f"/gift-cards/{card.id}/cancellation")
    assert (answer.status_code, answer.json["status"]) == (200, "cancelled")
    assert now(card).status == "cancelled"
    assert str(paid_by(order, "credit_card").refunded) == "50.00 USD"
