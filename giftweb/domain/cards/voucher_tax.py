"""The tax on a card that is sold as a single-purpose voucher (docs/vouchers.md)."""

from collections.abc import Sequence
from dataclasses import dataclass

from peewee import Case, ModelSelect, fn

from giftweb import models, money
from giftweb.domain import law
from giftweb.money import Money


def rate_for(campaign_id: str | None, *, source: str) -> int | None:
    """The rate in hundredths of a percent that is due for a new card of this campaign and source;
    None when it is no single-purpose voucher, or nobody pays for it.

    The card keeps it: what the campaign is set to later is for other cards.
    """
    if campaign_id is None or source != law.rules.SOLD:
        return None
    table = models.Campaign
    return table.select(table.voucher_tax_hundredths).where(table.id == campaign_id).scalar()


@dataclass(frozen=True, slots=True)
class Moved:
    """The tax in what a transfer moved of the money that a single-purpose voucher was sold for.

    ``rate``: in hundredths of a percent. It was due with the sale, and is not due again.
    """

    rate: int
    sold: Money
    tax: Money


def of_transfers(transfer_ids: Sequence[str] | ModelSelect) -> dict[str, Moved]:
    """By the transfer's id, for those that moved such money."""
    card, transfer = models.GiftCard, models.Transfer
    found = (
        transfer.select(
            transfer.id,
            transfer.sales_minor,
            transfer.to_account == transfer.card_id,
            _left_after(transfer),
            transfer.currency,
            card.voucher_tax_hundredths,
        )
        .join(card, on=transfer.card_id == card.id)
        .where(
            transfer.id.in_(transfer_ids),
            card.voucher_tax_hundredths.is_null(False),
            transfer.sales_minor > 0,
        )
    )
    return {row[0]: _moved(*row[1:]) for row in found.tuples()}


def _left_after(transfer: type[models.Transfer]) -> ModelSelect:
    """What is left on the card after a transfer of the money that it was sold for."""
    earlier = transfer.alias()
    back = Case(
        None,
        [(earlier.to_account == earlier.card_id, earlier.sales_minor)],
        earlier.sales_minor * -1,
    )
    same_card = (earlier.card_id == transfer.card_id) & (earlier.version <= transfer.version)
    return earlier.select(fn.SUM(back).cast("BIGINT")).where(same_card)


def _moved(sold_minor: int, is_credit: bool, left: int, currency: str, rate: int) -> Moved:
    """Rounded so that the taxes of all transfers of a card add up to that of the whole."""
    before = left - sold_minor if is_credit else left + sold_minor
    tax = abs(money.included_tax(left, rate) - money.included_tax(before, rate))
    return Moved(rate, Money(sold_minor, currency), Money(tax, currency))
