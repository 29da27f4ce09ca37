"""The tax on a card that is sold as a single-purpose voucher (docs/vouchers.md)."""

from giftweb import models
from giftweb.domain import law


def rate_for(campaign_id: str | None, *, source: str) -> int | None:
    """The rate in hundredths of a percent that is due for a new card of this campaign and source;
    None when it is no single-purpose voucher, or nobody pays for it.

    The card keeps it: what the campaign is set to later is for other cards.
    """
    if campaign_id is None or source != law.rules.SOLD:
        return None
    table = models.Campaign
    return table.select(table.voucher_tax_hundredths).where(table.id == campaign_id).scalar()
