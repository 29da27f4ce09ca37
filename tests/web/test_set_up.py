"""**Set up your shop**: the steps of a new shop tick themselves."""

import re
from dataclasses import replace

import pytest

from giftweb.domain import campaigns, catalogue
from tests.domain.staff.test_passkeys import phone_of
from tests.factories import ROOT, make_campaign, make_staff
from tests.orders import gift_card_product, place

pytestmark = pytest.mark.proves("E34", "E35")
BOX = 'id="set-up"'


def box(client) -> str:
    page = client.get("/staff/").text
    return page.partition(BOX)[2].partition("</section>")[0]


def done(client) -> list[str]:
    """The steps that are ticked."""
    return re.findall(r"step-done.*?<strong>([^<]+)", box(client), re.DOTALL)


def test_each_step_is_ticked_by_what_is_there(staff_client):
    root = staff_client("root")
    assert done(root) == []
    assert "/staff/campaigns/new" in box(root)
    assert "/products/" not in box(root)
    made = make_campaign()
    assert done(root) == ["Campaign"]
    assert f"/staff/products/{made.id}/new" in box(root)
    assert "test=1" not in box(root)
    gift_card_product(made.id)
    assert done(root) == ["Campaign", "Product or key"]
    assert f"/shop/{made.id}/?test=1" in box(root)
    terms = replace(made.settings, bank_details="Account 12")
    campaigns.change(made.id, settings=terms, by=ROOT)
    place(campaign_id=made.id, is_test=True)
    assert done(root)[2:] == ["Bank account or Stripe", "Test purchase"]
    make_staff()
    assert done(root)[4:] == ["First colleague"]
    phone_of(root.person)
    assert done(root)[:1] == ["Second factor"]


def test_the_box_goes_when_all_is_done_and_comes_back_when_something_is_undone(
    staff_client, with_mail_server
):
    root, made = staff_client("root"), make_campaign(bank_details="Account 12")
    product = gift_card_product(made.id)
    place(campaign_id=made.id, is_test=True)
    make_staff()
    phone_of(root.person)
    assert len(done(root)) == 6
    with_mail_server()
    assert BOX not in root.get("/staff/").text
    sold = {name: getattr(product, name) for name in ("sku", "name", "kind", "card_type")}
    amounts = {"amounts_minor": (2500,), "requires_shipping": False}
    off = catalogue.products.NewProduct(**sold, **amounts, is_active=False)
    catalogue.change(made.id, sku=product.sku, new=off, by=ROOT)
    assert "Product or key" not in done(root)
    assert BOX in root.get("/staff/").text


def test_a_live_purchase_a_revoked_key_and_a_campaign_that_is_off_tick_nothing(staff_client):
    root = staff_client("root")
    made = make_campaign(is_active=False, bank_details="Account 12")
    key = campaigns.api_keys.create(made.id, is_test=True, by=ROOT).key
    assert done(root) == ["Product or key"]
    campaigns.api_keys.revoke(key.id, by=ROOT)
    place()
    assert done(root) == ["Campaign"]


@pytest.mark.parametrize("role", ["customer_service", "marketing", "finance"])
def test_only_root_is_asked_to_set_the_shop_up(staff_client, role):
    assert BOX not in staff_client(role).get("/staff/").text
