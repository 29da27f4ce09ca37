"""How far a new shop is set up: what is there, not what somebody has ticked."""

from dataclasses import dataclass

from giftweb.models import ApiKey, Campaign, Order, Product, Staff


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What there is; ``campaign_id`` is the newest campaign, ``shop_id`` the newest that sells."""

    campaign_id: str | None
    shop_id: str | None
    is_offering: bool
    takes_transfers: bool
    has_test_order: bool
    has_colleague: bool


def read() -> Progress:
    """What there is now."""
    active = Campaign.select(Campaign.id).where(Campaign.is_active)
    newest = active.order_by(Campaign.id.desc())
    selling = newest.join(Product).where(Product.is_active)
    shop_id = selling.limit(1).scalar()
    return Progress(
        campaign_id=newest.limit(1).scalar(),
        shop_id=shop_id,
        is_offering=bool(shop_id) or ApiKey.select().where(ApiKey.revoked_at.is_null()).exists(),
        takes_transfers=active.where(Campaign.bank_details != "").exists(),
        has_test_order=Order.select().where(Order.is_test).exists(),
        has_colleague=Staff.select().where(Staff.is_active).count() > 1,
    )
